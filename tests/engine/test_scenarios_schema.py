"""The JSON Schema that editors use agrees with the reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import referencing

from engine.scenarios import SUFFIX
from engine.scenarios.schema import schema_document, schema_text
from engine.scenarios.tree import parse_tree
from engine.scenarios.values import as_sent
from tests.engine.stories import read
from tests.engine.test_scenarios_messages import GUIDES

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests").rglob(f"*{SUFFIX}"))


def validator() -> Any:
    document = schema_document()
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document, registry=referencing.Registry())


def as_json(text: str) -> Any:
    tree = parse_tree(text, file="x").tree
    assert tree is not None
    return as_sent(tree)


def test_the_committed_schema_is_the_one_that_the_tables_give() -> None:
    assert (ROOT / "docs/reference/scenario.schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_own_scenarios_fit_it(path: Path) -> None:
    found = list(validator().iter_errors(as_json(path.read_text(encoding="utf-8"))))
    assert [each.message for each in found] == []


def test_there_are_scenarios_of_our_own() -> None:
    assert len(FILES) >= 2


SCENARIOS = [
    # a scenario, whether it is well formed: the schema and the reader say the same
    ("expect: nothing", True),
    ("expect: [not shown help, shown asks]", True),
    ("expect: shown help because SPLIT", True),
    ("steps: [{ when: { at: 1 day later }, expect: nothing }]", True),
    ("when: [{ event: Signed Up }, { visits: /x }]\n    expect: nothing", True),
    ("when: { answered: asks, answers: { why: { other: x } } }\n    expect: nothing", True),
    ("when: { snoozed: help, for: 1 day 2 hours }\n    expect: nothing", True),
    ("given: { page: { path: /x }, device: { type: mobile }, consent: no }\n    expect: nothing", True),
    ("given: { colleagues: [{ events: [{ event: Signed Up, at: 2026-01-01 }] }] }\n    expect: nothing", True),
    ("expect: shows help", False),
    ("expcet: nothing", False),
    ("when: { evnt: Signed Up }\n    expect: nothing", False),
    ("when: { event: Signed Up, visits: /x }\n    expect: nothing", False),
    ("when: { visits: /x, with: { a: b } }\n    expect: nothing", False),
    ("when: { snoozed: help }\n    expect: nothing", False),
    ("when: { answered: asks }\n    expect: nothing", False),
    ("when: { at: yesterday }\n    expect: nothing", False),
    ("when: { friction: rageclick }\n    expect: nothing", False),
    ("given: { evnts: [] }\n    expect: nothing", False),
    ("given: { device: { typ: mobile } }\n    expect: nothing", False),
    ("given: { colleagues: [{}] }\n    expect: nothing", False),
    ("seen: perhaps\n    expect: nothing", False),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "is_well_formed"), SCENARIOS)
def test_it_allows_what_the_reader_allows(scenario: str, is_well_formed: bool) -> None:
    text = f"scenarios:\n  - name: x\n    {scenario}\n"
    assert validator().is_valid(as_json(text)) is is_well_formed
    assert (read(text, GUIDES).diagnostics == ()) is is_well_formed
