"""The map on the command line: drawn, compared, typed into, aimed at, confirmed, kept, exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from dsl.values import HOUR
from engine.mapping.rows import Row
from tests.engine.workshops import Workshop


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("data")
    made = Workshop(f"sqlite:///{folder / 'waypost.sqlite'}", folder)
    made.live()
    made.type(Row.MOTIVATION, "wants to send today")
    made.released("2.1", pages=["/connect/dns"])
    yield made
    made.service.close()


@pytest.fixture(autouse=True)
def _now(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.serving.system_clock", workshop.clock)


def waypost(workshop: Workshop, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--data", str(workshop.lakes.parent)])


def said(workshop: Workshop, *arguments: str) -> str:
    answer = waypost(workshop, *arguments)
    assert answer.exit_code == 0, (answer.output, answer.exception)
    return answer.stdout


def test_a_map_is_drawn_with_what_is_assumed_marked_and_what_is_stale_named(workshop: Workshop) -> None:
    shown = said(workshop, "map", "way")
    for text in (
        "The way: everyone",
        "A2  Connect",
        "stale since 2026-11-02: 2.1",
        "▒ wants to send today",
        "“which record?”",
    ):
        assert text in shown, text


@pytest.mark.thorough
def test_a_map_is_had_for_a_persona_beside_another_one_and_in_every_form(workshop: Workshop, tmp_path: Path) -> None:
    document = orjson.loads(said(workshop, "map", "way", "--persona", "pro", "--compare", "persona:small", "--json"))
    assert (document["persona"], document["compared"]["beside"]) == ("pro", "Small")
    assert "beside Small" in said(workshop, "map", "--persona", "pro", "way", "--compare", "persona:small")
    assert said(workshop, "map", "way", "--format", "csv").startswith("letter,stage,name,step,label,row,kind,text")
    file = tmp_path / "map.pdf"
    said(workshop, "map", "way", "--format", "pdf", "--output", str(file))
    assert file.read_bytes().startswith(b"%PDF-")
    assert said(workshop, "export", "svg", "way").startswith("<svg ")
    assert "      A2 Connect: 3: everyone" in said(workshop, "export", "mermaid", "way")


def test_what_is_said_on_the_command_line_is_kept_and_shown(workshop: Workshop) -> None:
    typed = ("map", "type", "way", "systems", "DNS prober", "--step", "connect", "--touchpoint", "/connect/*")
    assert said(workshop, *typed) == "kept, revision 1: assumed, no evidence linked\n"
    again = ("--evidence", "https://wiki.example/prober", "--name", "Ada")
    assert said(workshop, *typed, *again) == "kept, revision 2\n"
    assert "systems of connect, /connect/*, revision 2 by Ada: https://wiki.example/prober" in said(
        workshop, "map", "cells", "way"
    )
    # Without --evidence the links stay; from an older revision nothing is changed.
    assert said(workshop, *typed) == "kept, revision 3\n"
    refused = waypost(workshop, *typed, "--revision", "1")
    assert (refused.exit_code, getattr(refused.exception, "code", "")) == (1, "stale_item")

    assert said(workshop, "map", "target", "way", "connect", "completion", "0.8", "--due", "2026-Q4") == (
        "connect completion: 80.0% by 2026-Q4, revision 1\n"
    )
    assert said(workshop, "map", "target", "way", "connect", "completion", "-").endswith("taken back, revision 2\n")
    assert said(workshop, "map", "target", "way").startswith("no targets yet")
    assert waypost(workshop, "map", "target", "way", "connect", "completion", "much").exit_code == 2

    workshop.clock.pass_(HOUR)
    assert "connect: looked at 2026-11-02T10:00 by Ada" in said(
        workshop, "map", "confirm", "way", "connect", "--name", "Ada"
    )
    assert "stale since" not in said(workshop, "map", "way")


def test_a_snapshot_is_taken_listed_shown_and_compared_with(workshop: Workshop) -> None:
    number = said(workshop, "map", "snapshot", "way", "--note", "before").removeprefix("snapshot ").strip()
    assert "everyone, 2026-11-02 by command line: before" in said(workshop, "map", "snapshots", "way")
    assert f"snapshot {number}" in said(workshop, "map", "way", "--snapshot", number)
    assert f"beside snapshot {number}" in said(workshop, "map", "way", "--compare", f"snapshot:{number}")
    assert waypost(workshop, "map", "way", "--snapshot", number, "--persona", "pro").exit_code == 2


WRONG = [
    (("map", "nowhere"), "there is no journey `nowhere`"),
    (("map", "way", "--persona", "x"), "there is no persona `x`; there are: `pro`, `small`"),
    (("map", "way", "--compare", "yesterday"), "nothing to compare with"),
    (("map", "way", "--period", "2026-Q9"), "no timebox"),
    (("map", "way", "--period", "2026-Q4", "--days", "7"), "not both"),
    (("map", "type", "way", "owner", "Ada", "--step", "nowhere"), "nowhere"),
]


@pytest.mark.parametrize(("arguments", "why"), WRONG, ids=[why for _, why in WRONG])
def test_what_cannot_be_done_is_said(workshop: Workshop, arguments: tuple[str, ...], why: str) -> None:
    answer = waypost(workshop, *arguments)
    assert answer.exit_code != 0
    assert why in answer.output + str(answer.exception)
