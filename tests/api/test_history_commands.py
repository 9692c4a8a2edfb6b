"""`waypost import csv`, `funnel` and `records` as a newcomer meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli

EVENTS = """user_id,event,timestamp,plan
ada,Signed Up,2026-03-01 09:00:00,pro
ada,Purchase,2026-03-01 10:00:00,pro
bob,Signed Up,2026-03-01 09:00:00,free
bob,Signed Up,someday,free
cyd,Signed Up,2026-03-02 09:00:00,free
cyd,Purchase,2026-03-09 09:00:01,free
"""


def waypost(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "events.csv"
    file.write_text(EVENTS)
    ran = waypost("import", "csv", file, "--map", "plan=trait", "--data", tmp_path / "data")
    assert ran.exit_code == 0, ran.output
    assert "line 5: `someday` is not a time" in ran.stderr
    assert "5 rows kept, 1 skipped, 6 in all" in ran.stdout
    return tmp_path / "data"


FUNNELS = [
    # options, counts
    ((), [3, 2]),
    (("--window", "7d"), [3, 1]),
    (("--order", "any"), [3, 2]),
    (("--order", "strict"), [3, 2]),
]


@pytest.mark.parametrize(("options", "counts"), FUNNELS, ids=str)
def test_a_funnel_counts_who_came_how_far(data: Path, options: tuple[str, ...], counts: list[int]) -> None:
    ran = waypost("funnel", "--steps", "Signed Up, Purchase", "--json", "--data", data, *options)
    assert [step["count"] for step in json.loads(ran.stdout)["steps"]] == counts


def test_a_breakdown_has_a_funnel_for_each_value(data: Path) -> None:
    ran = waypost("funnel", "--steps", "Signed Up,Purchase", "--breakdown", "plan", "--json", "--data", data)
    groups = json.loads(ran.stdout)["groups"]
    assert {name: [step["count"] for step in group["steps"]] for name, group in groups.items()} == {
        "free": [2, 1],
        "pro": [1, 1],
    }


def test_a_funnel_reads_well(data: Path) -> None:
    shown = waypost("funnel", "--steps", "Signed Up,Purchase", "--data", data).stdout
    assert shown.splitlines()[0].split() == ["step", "users", "rate", "95", "%", "interval", "of", "step", "before"]
    assert "Purchase" in shown
    assert "66.7%" in shown


MISTAKES = [
    (("funnel",), "name a journey, or the events with `--steps a,b,c`"),
    (("funnel", "activation", "--steps", "a,b"), "name a journey, or the events with `--steps a,b,c`"),
    (("funnel", "activation"), "there is no journey `activation` in the rules in force; declared: none"),
    (("funnel", "--steps", "a"), "a funnel needs at least two steps"),
    (("funnel", "--steps", "a,b", "--window", "soon"), "`soon` is not a length"),
    (("records", "activation"), "there is no journey `activation` in the rules in force; declared: none"),
]


@pytest.mark.parametrize(("words", "says"), MISTAKES, ids=str)
def test_a_wrong_question_is_told_what_to_ask(data: Path, words: tuple[str, ...], says: str) -> None:
    ran = waypost(*words, "--data", data)
    assert ran.exit_code != 0
    assert says in ran.output + str(ran.exception)


def test_an_empty_project_says_how_to_fill_it(tmp_path: Path) -> None:
    waypost("db", "upgrade", "--data", tmp_path)
    ran = waypost("funnel", "--steps", "a,b", "--data", tmp_path)
    assert "nothing is recorded yet" in ran.output + str(ran.exception)
