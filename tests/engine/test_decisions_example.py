"""The whole file of the language's own documentation, decided: help after two failures, then a survey of the effort."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dsl.project import load
from dsl.values import DAY, HOUR, MINUTE, Duration, Instant, read_instant
from engine.decisions import Decision, Surroundings, confirm, decide
from engine.reasons import Reason
from engine.rendering import render
from engine.rollout import is_held_out, is_in_sample
from engine.ruleset import Happened, Reached, RuleSet
from engine.state import Folded
from tests.engine.deciding import folded
from tests.engine.histories import NOW
from widgets.schemas import validator

Rows = Sequence[tuple[Any, ...]]

FILE = Path(__file__).parents[1] / "corpus" / "onboarding.way"

TRIAL = ("2 hours", "$identify", {"plan": "trial", "first_name": "Zoë"})
PRO = ("2 hours", "$identify", {"plan": "pro", "seats": 80})
AT_VERIFY = [("1 hour", "Signed Up"), ("50 minutes", "Domain Added", {"domain": "zoe.example"})]
FAILED_ONCE = [*AT_VERIFY, ("0", "DNS Check Failed", {"reason": "NXDOMAIN"})]
FAILED_TWICE = [*AT_VERIFY, ("5 minutes", "DNS Check Failed"), ("0", "DNS Check Failed")]
VERIFIED = [*AT_VERIFY, ("0", "Domain Verified")]


@cache
def ruleset() -> RuleSet:
    project = load({FILE.name: FILE.read_text()})
    assert project.ok
    return RuleSet.build(project)


def somebody(*, held_out: bool = False, sampled: bool = True) -> str:
    """A person by what the shares say of them."""
    return next(
        person
        for person in (f"user-{number}" for number in range(1_000))
        if is_held_out("verify_help", person, 10) is held_out
        and is_in_sample("verify_effort", person, 50, every=Duration(90 * DAY), now=NOW) is sampled
    )


def decided(past: Folded, person: str, *, triggered: bool = True, now: Instant = NOW, responses: int = 0) -> Decision:
    triggers = past.woken[-1:] if triggered else ()
    around = Surroundings(responses={"verify_effort": responses})
    return decide(ruleset(), past.state, triggers, now=now, person=person, around=around)


def reasons(rows: Rows, **more: Any) -> dict[str, str]:
    found = decided(folded(ruleset(), rows), more.pop("person", somebody()), **more)
    return {each.guide: each.reason.value for each in found.considered}


@pytest.mark.parametrize(
    ("rows", "help_", "effort"),
    [
        pytest.param([TRIAL, *FAILED_ONCE], "CONDITION_FALSE", "NOT_TRIGGERED", id="one failure is not enough"),
        pytest.param([TRIAL, *FAILED_TWICE], "WAITING_FOR_BROWSER", "NOT_TRIGGERED", id="two failures are"),
        pytest.param(
            [TRIAL, *AT_VERIFY, ("11 minutes", "DNS Check Failed"), ("0", "DNS Check Failed")],
            "CONDITION_FALSE",
            "NOT_TRIGGERED",
            id="two within ten minutes",
        ),
        pytest.param(
            [
                TRIAL,
                *AT_VERIFY,
                ("3 minutes", "$rage_click", {"page": {"path": "/domains/7"}}),
                ("2 minutes", "$form_abandoned", {"page": {"path": "/domains/7"}}),
                ("0", "DNS Check Failed"),
            ],
            "WAITING_FOR_BROWSER",
            "NOT_TRIGGERED",
            id="or one failure after a hard time",
        ),
        pytest.param(FAILED_TWICE, "NOT_IN_AUDIENCE", "NOT_TRIGGERED", id="a user whose plan is not known"),
        pytest.param([PRO, *FAILED_TWICE], "NOT_IN_AUDIENCE", "NOT_TRIGGERED", id="a user of another plan"),
        pytest.param(
            [("2 hours", "$identify", {"plan": "trial", "sales_assisted": True}), *FAILED_TWICE],
            "NOT_IN_AUDIENCE",
            "NOT_TRIGGERED",
            id="a user with a salesperson",
        ),
        pytest.param(
            [TRIAL, *FAILED_TWICE[:-1], ("2 minutes", "$shown", {"guide": "verify_help"}), FAILED_TWICE[-1]],
            "FREQUENCY_CAPPED",
            "NOT_TRIGGERED",
            id="a user who saw it two minutes ago",
        ),
        pytest.param(
            [("3 days", "$shown", {"guide": "verify_help"}), TRIAL, *FAILED_TWICE],
            "FREQUENCY_CAPPED",
            "NOT_TRIGGERED",
            id="a user who saw it three days ago",
        ),
        pytest.param(
            [("7 days", "$shown", {"guide": "verify_help"}), TRIAL, *FAILED_TWICE],
            "WAITING_FOR_BROWSER",
            "NOT_TRIGGERED",
            id="a user who saw it seven days ago",
        ),
        pytest.param([TRIAL, *VERIFIED], None, "SPLIT", id="who verifies is asked how it was"),
        pytest.param(
            [("80 days", "$shown", {"guide": "verify_effort"}), TRIAL, *VERIFIED],
            None,
            "FREQUENCY_CAPPED",
            id="who was asked 80 days ago is not",
        ),
        pytest.param(
            [("13 days", "Domain Verified"), *VERIFIED],
            None,
            "NOT_AT_STEP",
            id="who had verified before stands elsewhere",
        ),
    ],
)
def test_who_is_shown_what(rows: Rows, help_: str | None, effort: str | None) -> None:
    expected = {"verify_help": help_, "verify_effort": effort}
    assert reasons(rows) == {name: reason for name, reason in expected.items() if reason is not None}


def test_the_tooltip_travels_with_its_words_and_what_the_browser_waits_for() -> None:
    past = folded(ruleset(), [TRIAL, *FAILED_TWICE])
    found = decided(past, somebody()).winner
    assert found is not None
    assert (found.guide, found.kind, found.variant, found.priority) == ("verify_help", "tooltip", None, 80)
    assert found.wait == {"until": "idle", "seconds": 5}
    content: Any = render(ruleset(), found, past.state, now=NOW)
    assert validator("tooltip/schema.json").is_valid(content)
    assert content["target"] == {"selector": "#dns-records"}
    assert content["body"][0]["children"][0]["text"].startswith("Copy both records to your DNS host, Zoë.")
    assert [each["action"]["type"] for each in content["buttons"]] == ["open", "complete", "snooze"]


def test_a_tenth_is_held_out_and_nothing_else_is_shown_to_them() -> None:
    past = folded(ruleset(), [TRIAL, *FAILED_TWICE])
    found = decided(past, somebody(held_out=True))
    assert (found.winner, found.held_out) == (None, "verify_help")
    everybody = [f"user-{number}" for number in range(5_000)]
    held = sum(decided(past, person).held_out == "verify_help" for person in everybody)
    assert 430 <= held <= 570


def test_half_are_asked() -> None:
    rows = [TRIAL, *VERIFIED]
    assert reasons(rows, person=somebody(sampled=False))["verify_effort"] == "NOT_IN_ROLLOUT"
    assert reasons(rows, person=somebody())["verify_effort"] == "SPLIT"


def test_the_survey_stops_after_its_responses() -> None:
    assert reasons([TRIAL, *VERIFIED], responses=499)["verify_effort"] == "SPLIT"
    assert reasons([TRIAL, *VERIFIED], responses=500)["verify_effort"] == "QUOTA_REACHED"


def test_limits_hold_across_the_two() -> None:
    surveyed = [("13 days", "$shown", {"guide": "verify_effort"}), TRIAL, *FAILED_TWICE]
    assert reasons(surveyed)["verify_help"] == "WAITING_FOR_BROWSER"
    shown = [TRIAL, *AT_VERIFY, ("30 minutes", "$shown", {"guide": "verify_help"}), ("0", "Domain Verified")]
    assert reasons(shown)["verify_effort"] == "SPLIT"


@pytest.mark.parametrize(("instant", "is_open"), [("2027-06-30T23:59:59Z", True), ("2027-07-01T00:00:00Z", False)])
def test_both_end_with_their_last_day(instant: str, is_open: bool) -> None:
    now = read_instant(instant)
    assert now is not None
    assert {guide.schedule.is_open(now, "UTC") for guide in ruleset().guides} == {is_open}


def test_later_comes_back_after_a_day_without_another_failure() -> None:
    rows = [
        TRIAL,
        *AT_VERIFY,
        ("40 minutes", "DNS Check Failed"),
        ("39 minutes", "DNS Check Failed"),
        ("38 minutes", "$shown", {"guide": "verify_help"}),
        ("37 minutes", "$snoozed", {"guide": "verify_help", "seconds": 86_400}),
        ("0", "DNS Check Failed"),
    ]
    past = folded(ruleset(), rows)
    assert reasons(rows)["verify_help"] == "CONDITION_FALSE"
    hard = [*rows[:-1], ("1 minute", "DNS Check Failed"), ("0", "DNS Check Failed")]
    assert reasons(hard)["verify_help"] == "SNOOZED"
    back = Instant(NOW - 37 * MINUTE + DAY)
    due = decided(past, somebody(), triggered=False, now=back)
    # It is decided again, though nothing has just happened; its condition looks at the last ten minutes only.
    assert {each.guide: each.reason for each in due.considered}["verify_help"] is Reason.CONDITION_FALSE


def test_it_is_not_confirmed_once_the_user_has_verified() -> None:
    rows = [TRIAL, *AT_VERIFY, ("20 seconds", "DNS Check Failed"), ("10 seconds", "DNS Check Failed")]
    before = folded(ruleset(), rows)
    trigger = before.woken[-1]
    person = somebody()
    assert confirm(ruleset(), before.state, "verify_help", now=NOW, person=person, trigger=trigger).shows
    after = folded(ruleset(), [*rows, ("5 seconds", "Domain Verified")])
    late = confirm(ruleset(), after.state, "verify_help", now=NOW, person=person, trigger=trigger)
    assert late is Reason.CONDITION_FALSE


def test_what_the_effect_is_measured_on() -> None:
    goal = ruleset().by_name["verify_help"].goal
    assert isinstance(goal, Happened)
    assert (goal.event.name.value, goal.within) == ("Domain Verified", DAY)
    default = ruleset().by_name["verify_effort"].goal
    assert default == Reached((("activation", "verify_domain"),), Duration(7 * DAY))


def test_an_hour_later_nothing_is_triggered_any_more() -> None:
    past = folded(ruleset(), [TRIAL, *FAILED_TWICE])
    found = decided(past, somebody(), now=Instant(NOW + HOUR))
    assert {each.reason for each in found.considered} == {Reason.NOT_TRIGGERED}
