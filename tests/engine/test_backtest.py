"""A rule set over a recorded history: shows a day, who is reached, what each gate kept away, and who is in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dsl.values import HOUR, Instant
from engine.backtest import Backtest, Delay, GuideBacktest, Overlap, Removed, backtest
from engine.people import people_of
from engine.reasons import Reason
from tests.engine.stories import ruleset
from tests.engine.test_audience import START, guide, history

DAY_ONE = date(2026, 2, 2)
"""The day of START, 02:40 UTC."""


def run(rules: str, *rows: tuple[Any, ...], **window: Any) -> Backtest:
    return backtest(ruleset(rules), people_of(history(*rows)), **window)


def one(found: Backtest, name: str = "help") -> GuideBacktest:
    return next(each for each in found.guides if each.guide == name)


def at(hour: float) -> Instant:
    return Instant(START + int(hour * HOUR))


FAILED = "Export Failed"
OFTEN = [(0, "u1", FAILED), (1, "u1", FAILED), (30, "u1", FAILED), (31, "u2", FAILED)]


def test_shows_are_counted_by_day_with_the_cap_running() -> None:
    found = one(run(guide(f'on "{FAILED}"', "once every 1 day"), *OFTEN))
    assert (found.shows, found.people, found.considered) == (3, 2, 4)
    assert found.by_day == {DAY_ONE: 1, date(2026, 2, 3): 2}
    assert found.removed == {Reason.FREQUENCY_CAPPED: Removed(moments=1, people=1)}


def test_what_was_brought_in_later_wakes_what_it_would_have_woken_then() -> None:
    rules, events = guide(f'on "{FAILED}"', "once every 1 day"), history(*OFTEN)
    imported = people_of([replace(event, live=False) for event in events])
    assert one(backtest(ruleset(rules), imported)) == one(run(rules, *OFTEN))


def test_people_whose_past_was_imported_count_beside_those_with_a_browser() -> None:
    rules = guide(f'on "{FAILED}"', "once every 1 day")
    imported = [replace(each, from_browser=each.user_id != "u1") for each in history(*OFTEN)]
    assert one(backtest(ruleset(rules), people_of(imported))) == one(run(rules, *OFTEN))


def test_a_day_without_shows_is_a_day_with_none() -> None:
    found = one(run(guide(f'on "{FAILED}"', "until dismissed"), (0, "u1", FAILED), (49, "u1", FAILED)))
    assert list(found.by_day.values()) == [1, 0, 1]


def test_each_gate_says_how_many_it_removed() -> None:
    rules = guide(f'on "{FAILED}"', 'when plan is "trial"', "once")
    found = one(
        run(
            rules,
            (0, "u1", "$identify", {"plan": "trial"}),
            (0, "u2", "$identify", {"plan": "pro"}),
            (1, "u1", FAILED),
            (2, "u2", FAILED),
            (3, "u2", FAILED),
            (4, "u3", FAILED),
            (5, "u1", FAILED),
        )
    )
    assert (found.shows, found.people) == (1, 1)
    assert found.removed == {
        Reason.CONDITION_FALSE: Removed(moments=2, people=1),
        Reason.CONDITION_UNKNOWN: Removed(moments=1, people=1),
        Reason.FREQUENCY_CAPPED: Removed(moments=1, people=1),
    }


def test_the_first_delay_runs_from_when_a_guide_first_came_into_question() -> None:
    rules = guide(f'on "{FAILED}"', f'when did "{FAILED}" at least 2 times in last 1 day', "once")
    found = one(run(rules, (0, "u1", FAILED), (2, "u1", FAILED), (10, "u2", FAILED), (14, "u2", FAILED)))
    assert found.first_delay == Delay(median=3 * HOUR, p90=pytest.approx(3.8 * HOUR))
    assert one(run(rules, (0, "u1", FAILED))).first_delay is None


def test_what_was_shown_before_the_window_counts_for_the_cap_and_within_it_only_the_rules_show() -> None:
    shown = ("$shown", {"guide": "help"})
    rows = [(0, "u1", FAILED), (0.1, "u1", *shown), (20, "u1", FAILED), (20.1, "u1", *shown), (40, "u1", FAILED)]
    rules = guide(f'on "{FAILED}"', "once every 1 day")
    within = run(rules, *rows, begin=at(10))
    assert one(within).removed == {Reason.FREQUENCY_CAPPED: Removed(moments=1, people=1)}
    assert one(within).shows == 1
    assert (within.moments, within.begin) == (2, at(10))


def test_after_the_window_nothing_counts() -> None:
    found = run(guide(f'on "{FAILED}"', "until dismissed"), *OFTEN, end=at(1))
    assert (one(found).shows, found.events, found.end) == (2, 2, at(1))


def test_guides_that_are_in_each_others_way_are_told() -> None:
    rules = guide(f'on "{FAILED}"', "when plan is not set", "until dismissed", "priority 80") + guide(
        f'on "{FAILED}"', "until dismissed", "priority 20", name="other"
    )
    paid = (1, "u1", "$identify", {"plan": "pro"})
    found = run(rules, (0, "u1", FAILED), paid, (2, "u1", FAILED), (3, "u2", FAILED))
    assert one(found).overlaps == (Overlap("other", both=1, won=2, lost=0),)
    assert one(found, "other").overlaps == (Overlap("help", both=1, won=0, lost=2),)


def test_the_held_out_are_counted_apart() -> None:
    rows = [(hour, f"u{hour}", FAILED) for hour in range(200)]
    found = one(run(guide(f'on "{FAILED}"', "once", "holdout 50%", 'goal "Export Done" within 7 days'), *rows))
    assert found.people + found.held_out == 200
    assert found.removed[Reason.HELD_OUT] == Removed(found.held_out, found.held_out)
    assert 60 < found.held_out < 140


def test_only_the_guides_that_were_asked_for_are_reported() -> None:
    rules = guide(f'on "{FAILED}"') + guide(f'on "{FAILED}"', name="other")
    assert [each.guide for each in run(rules, *OFTEN, guides=["other"]).guides] == ["other"]


def test_an_empty_history_has_no_shows() -> None:
    found = run(guide(f'on "{FAILED}"'))
    assert (one(found).shows, one(found).by_day, found.people, found.moments) == (0, {}, 0, 0)
