"""Alerts: a target that is suddenly missing, shows that collapse; and nothing where it may be chance."""

from __future__ import annotations

import pytest

from dsl.values import HOUR, Instant
from engine.alerts import AlertKind, alerts_of
from tests.engine.stories import ruleset
from tests.engine.test_audience import guide

NOW = Instant(500_000 * HOUR)
USUAL = [40] * 7


def counts(days: list[int]) -> dict[str, dict[int, int]]:
    """One figure a day: today first, then the seven days before, each at its own hour of the day."""
    return {"help": {500_000 - 24 * age - age % 24: number for age, number in enumerate(days) if number}}


def kinds(*clauses: str, shown: list[int], missing: list[int], is_stopped: bool = False) -> list[AlertKind]:
    rules = ruleset(guide('on "Export Failed"', *clauses)).switched(is_stopped=is_stopped)
    return [each.kind for each in alerts_of(rules, shown=counts(shown), missing=counts(missing), now=NOW)]


GONE, FALLEN = AlertKind.TARGET_MISSING, AlertKind.SHOWS_COLLAPSED

CASES = [
    # what, shows (today first), missing targets (today first), alerts
    ("all as usual", [38, *USUAL], [1, *[1] * 7], []),
    ("the target is gone since today", [0, *USUAL], [40, *[0] * 7], [GONE, FALLEN]),
    ("half of the tries find nothing", [20, *USUAL], [20, *[1] * 7], [GONE]),
    ("it was missing just as often before", [20, *[20] * 7], [20, *[20] * 7], []),
    ("too few tries to say", [1, *[2] * 7], [6, *[0] * 7], []),
    ("a new guide that never finds its target", [0], [30], [GONE]),
    ("a new guide that mostly finds its target", [25], [5], []),
    ("shows fall to nothing", [0, *USUAL], [0], [FALLEN]),
    ("shows fall to a quarter", [10, *[80] * 7], [0], [FALLEN]),
    ("shows halve", [40, *[80] * 7], [0], []),
    ("a quiet weekend is no collapse", [6, 80, 80, 80, 80, 80, 12, 10], [0], []),
    ("few shows a day may be none by chance", [0, *[9] * 7], [0], []),
    ("a young guide has no week before", [0, 80, 80, 0, 0, 0, 0, 0], [0], []),
    ("nothing at all", [0] * 8, [0] * 8, []),
]


@pytest.mark.parametrize(("what", "shown", "missing", "expected"), CASES, ids=[case[0] for case in CASES])
def test_what_is_worth_a_look(what: str, shown: list[int], missing: list[int], expected: list[AlertKind]) -> None:
    assert kinds(shown=shown, missing=missing) == expected


@pytest.mark.parametrize(
    "clause",
    ["paused", "draft", "from 2099-01-01"],
)
def test_a_guide_that_is_not_meant_to_be_shown_is_no_alert(clause: str) -> None:
    assert kinds(clause, shown=[0, *USUAL], missing=[40]) == []


def test_nothing_is_an_alert_while_all_guides_are_stopped() -> None:
    assert kinds(shown=[0, *USUAL], missing=[40], is_stopped=True) == []


def test_the_message_says_what_how_much_and_what_to_do() -> None:
    rules = ruleset(guide('on "Export Failed"'))
    (alert,) = alerts_of(rules, shown=counts([20, *USUAL]), missing=counts([20, *[1] * 7]), now=NOW)
    assert (alert.guide, alert.recent, round(alert.before or 0, 3)) == ("help", 0.5, 0.024)
    assert alert.message == (
        "the target of `help` was not found 20 of 40 times in the last 24 hours (50%), 2% in the week before: "
        "the page has changed, or the selector never fitted; choose the element again"
    )


def test_an_hour_belongs_to_one_day_only() -> None:
    rules = ruleset(guide('on "Export Failed"'))
    ours = {"help": {500_000: 5, 500_000 - 23: 5, 500_000 - 24: 100}}
    found = alerts_of(rules, shown={}, missing=ours, now=NOW)
    assert found == ()
