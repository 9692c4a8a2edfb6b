"""What may be typed into a map, and which steps a release touches: tables of what is said and what comes of it."""

from __future__ import annotations

import re

import orjson
import pytest

from dsl.project import load
from engine.analytics.releases import read_release
from engine.errors import UnknownStep, WaypostError
from engine.mapping.cells import BadCell, CellDraft, checked
from engine.mapping.releases import touched_steps
from engine.mapping.rows import ROWS, TYPED, Row
from engine.roadmap.metrics import UnknownStage
from tests.engine.workshops import RULES, START

REFUSED = [
    ({"row": Row.EMOTION, "text": "bad", "step": "connect"}, BadCell, "which is measured"),
    ({"row": Row.FUTURE, "text": "80 %", "step": "connect"}, BadCell, "which is measured"),
    ({"row": Row.OWNER, "text": "Ada", "step": "nowhere"}, UnknownStep, "nowhere"),
    ({"row": Row.OWNER, "text": "Ada", "stage": "nowhere"}, UnknownStage, "nowhere"),
    ({"row": Row.OWNER, "text": "Ada", "stage": "early", "step": "begin"}, BadCell, "leave one of them out"),
    ({"row": Row.OWNER, "text": "Ada", "step": "begin", "persona": "x"}, BadCell, "there are: `pro`, `small`"),
    ({"row": Row.OWNER, "text": "x" * 2_001, "step": "begin"}, BadCell, "2,000 characters"),
    ({"row": Row.OWNER, "text": "a\x00b", "step": "begin"}, BadCell, "zero character"),
    ({"row": Row.OWNER, "text": "a", "step": "connect", "touchpoint": "/connect/*"}, BadCell, "`touchpoints`"),
    ({"row": Row.SYSTEMS, "text": "a", "step": "connect", "touchpoint": "/x"}, BadCell, "it has `/connect/*`"),
    ({"row": Row.OWNER, "text": "a", "step": "begin", "evidence": ("because",)}, BadCell, "links nothing"),
    ({"row": Row.OWNER, "text": "a", "step": "begin", "evidence": ("javascript:alert(1)",)}, BadCell, "links nothing"),
    ({"row": Row.OWNER, "text": "a", "step": "begin", "evidence": ("response:ease",)}, BadCell, "links nothing"),
]


@pytest.mark.parametrize(("said", "error", "why"), REFUSED, ids=[why for _, _, why in REFUSED])
def test_what_cannot_be_a_cell_is_refused_with_what_could(
    said: dict[str, object], error: type[WaypostError], why: str
) -> None:
    with pytest.raises(error, match=re.escape(why)):
        checked(CellDraft(**said), load({"a.way": RULES}).journeys["way"], ["pro", "small"])  # type: ignore[arg-type]


def test_every_row_is_filled_or_typed() -> None:
    assert set(ROWS) == set(Row)
    assert all(spec.filled or spec.typed for spec in ROWS.values())
    assert set(Row) - set(TYPED) == {Row.EMOTION, Row.FUTURE}


TOUCHED = [
    ("nothing said: everything", {}, {"begin", "connect", "send"}),
    ("a step", {"steps": ["way.connect"]}, {"connect"}),
    ("a stage, as a text", {"steps": "way.early"}, {"begin", "connect"}),
    ("the journey", {"steps": ["way"]}, {"begin", "connect", "send"}),
    ("a step of another journey", {"steps": ["other.connect"]}, set()),
    ("a page of a touchpoint", {"pages": ["/connect/dns"]}, {"connect"}),
    ("a pattern around touchpoints", {"pages": ["/s*"]}, {"send"}),
    ("a page of no touchpoint", {"pages": ["/pricing"]}, set()),
    ("a touchpoint by its name", {"touchpoints": ["Welcome mail"]}, {"connect"}),
    ("several", {"steps": ["way.begin"], "pages": ["/send"]}, {"begin", "send"}),
    ("rubbish: as if nothing were said", {"steps": 7, "pages": None}, {"begin", "connect", "send"}),
]


@pytest.mark.parametrize(("what", "said", "touched"), TOUCHED, ids=[what for what, _, _ in TOUCHED])
def test_a_release_touches_what_it_names(what: str, said: dict[str, object], touched: set[str]) -> None:
    release = read_release(orjson.dumps({"version": "2.1", **said}), START)
    assert release.version == "2.1"
    assert touched_steps(release, load({"a.way": RULES}).journeys["way"]) == touched
