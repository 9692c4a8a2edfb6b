"""One gate after the other: for each, a history that it lets through and one that it stops, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dsl.values import MINUTE, SECOND, Instant
from engine.decisions import Surroundings
from engine.reasons import RANK, Reason
from tests.engine.deciding import decided, guide, reason, reasons
from tests.engine.histories import NOW

Rows = Sequence[tuple[Any, ...]]

SIGNED_UP: Rows = [("20 minutes", "Signed Up")]
AT_VERIFY: Rows = [*SIGNED_UP, ("10 minutes", "Domain Added")]
FAILED: Rows = [*AT_VERIFY, ("0", "DNS Check Failed", {"reason": "NXDOMAIN", "attempt": 1})]
TRIAL = ("1 hour", "$identify", {"plan": "trial"})
PRO = ("1 hour", "$identify", {"plan": "pro"})

SHOWN = "TARGETING_MATCH"


@pytest.mark.parametrize(
    ("clauses", "rows", "expected"),
    [
        pytest.param("", [], SHOWN, id="a guide without clauses is shown to everybody"),
        # schedule
        pytest.param("from 2026-06-16", [], "OUT_OF_SCHEDULE", id="from: tomorrow"),
        pytest.param("from 2026-06-15", [], SHOWN, id="from: today"),
        pytest.param("expires 2026-06-14", [], "OUT_OF_SCHEDULE", id="expires: yesterday"),
        pytest.param("expires 2026-06-15", [], SHOWN, id="expires: at the end of today"),
        pytest.param("only on monday", [], SHOWN, id="only on: a Monday"),
        pytest.param("only on weekdays", [], SHOWN, id="only on: a weekday"),
        pytest.param("only on saturday, sunday", [], "OUT_OF_SCHEDULE", id="only on: not today"),
        pytest.param("only between 12:00 and 17:00", [], SHOWN, id="only between: noon is in"),
        pytest.param("only between 09:00 and 12:00", [], "OUT_OF_SCHEDULE", id="only between: noon is out"),
        # at
        pytest.param("at activation.signup", [], SHOWN, id="at: the first step if none is reached"),
        pytest.param("at activation.verify_domain", AT_VERIFY, SHOWN, id="at: there"),
        pytest.param("at activation.verify_domain", SIGNED_UP, "NOT_AT_STEP", id="at: a step earlier"),
        pytest.param(
            "at activation.verify_domain",
            [*AT_VERIFY, ("5 minutes", "Domain Verified")],
            "NOT_AT_STEP",
            id="at: none after the last",
        ),
        pytest.param("at activation.onboarding", SIGNED_UP, SHOWN, id="at: any step of the stage"),
        pytest.param("at activation.signup, activation.connect_domain", SIGNED_UP, SHOWN, id="at: one of several"),
        # audience
        pytest.param("for trial", [TRIAL], SHOWN, id="for: in it"),
        pytest.param("for trial", [PRO], "NOT_IN_AUDIENCE", id="for: not in it"),
        pytest.param("for trial", [], "NOT_IN_AUDIENCE", id="for: not known"),
        pytest.param("for large, trial", [TRIAL], SHOWN, id="for: in any of them"),
        pytest.param("testers trial", [TRIAL], SHOWN, id="testers: one of them"),
        pytest.param("testers trial", [PRO], "NOT_IN_AUDIENCE", id="testers: not one of them"),
        pytest.param("testers trial", [], "NOT_IN_AUDIENCE", id="testers: not known"),
        # conditions
        pytest.param('when plan is "trial"', [TRIAL], SHOWN, id="when: true"),
        pytest.param('when plan is "trial"', [PRO], "CONDITION_FALSE", id="when: false"),
        pytest.param('when plan is "trial"', [], "CONDITION_UNKNOWN", id="when: unknown is not true"),
        pytest.param('when not (plan is "pro")', [], "CONDITION_UNKNOWN", id="when: nor is its opposite"),
        pytest.param(
            'when plan is "trial"\nwhen seats > 3', [TRIAL], "CONDITION_UNKNOWN", id="when: all of several, one unknown"
        ),
        pytest.param(
            'when plan is "trial"\nwhen seats > 3', [PRO], "CONDITION_FALSE", id="when: false whatever the other is"
        ),
        pytest.param('unless plan is "pro"', [TRIAL], SHOWN, id="unless: known to be false"),
        pytest.param('unless plan is "pro"', [PRO], "CONDITION_FALSE", id="unless: true"),
        pytest.param('unless plan is "pro"', [], "CONDITION_UNKNOWN", id="unless: unknown is not false"),
        pytest.param('unless did "Report Exported"', [], SHOWN, id="unless: no history is known to be none"),
        # frequency
        pytest.param("once", [], SHOWN, id="once: never seen"),
        pytest.param("once", [("3 days", "$shown", {"guide": "help"})], "FREQUENCY_CAPPED", id="once: seen"),
        pytest.param("once", [("3 days", "$shown", {"guide": "other"})], SHOWN, id="once: another guide was seen"),
        pytest.param("once", [("3 days", "$held_out", {"guide": "help"})], "FREQUENCY_CAPPED", id="once: held out"),
        pytest.param(
            "once every 3 days", [("3 days", "$shown", {"guide": "help"})], SHOWN, id="once every: free at its end"
        ),
        pytest.param(
            "once every 4 days",
            [("3 days", "$shown", {"guide": "help"})],
            "FREQUENCY_CAPPED",
            id="once every: seen in between",
        ),
        pytest.param(
            "once every 1 day",
            [("3 days", "$shown", {"guide": "help"}), ("2 days", "$completed", {"guide": "help"})],
            "FREQUENCY_CAPPED",
            id="completing ends a guide",
        ),
        pytest.param(
            "shown at most 2 times",
            [("3 days", "$shown", {"guide": "help"}), ("1 day", "$shown", {"guide": "help"})],
            "FREQUENCY_CAPPED",
            id="shown at most: used up",
        ),
        pytest.param(
            "until dismissed",
            [("3 days", "$dismissed", {"guide": "help", "how": "close"})],
            "FREQUENCY_CAPPED",
            id="until dismissed: closed",
        ),
        pytest.param(
            "until dismissed",
            [("3 days", "$dismissed", {"guide": "help", "how": "button"})],
            "FREQUENCY_CAPPED",
            id="until dismissed: by its button",
        ),
        pytest.param(
            "until dismissed",
            [("3 days", "$dismissed", {"guide": "help", "how": "outside"})],
            SHOWN,
            id="until dismissed: a click outside does not end it",
        ),
        pytest.param(
            "",
            [("20 minutes", "Signed Up"), ("10 minutes", "$shown", {"guide": "help"})],
            "FREQUENCY_CAPPED",
            id="without a frequency: once per session",
        ),
        pytest.param(
            "",
            [
                ("70 minutes", "Signed Up"),
                ("69 minutes", "$shown", {"guide": "help"}),
                ("1 minute", "Report Exported"),
            ],
            SHOWN,
            id="without a frequency: again in the next session",
        ),
        pytest.param(
            "once every 7 days",
            [("3 hours", "$shown", {"guide": "help"}), ("2 hours", "$snoozed", {"guide": "help", "seconds": 86400})],
            "SNOOZED",
            id="snoozed",
        ),
        # rollout
        pytest.param("rollout 0%", [], "NOT_IN_ROLLOUT", id="rollout: outside"),
        pytest.param("rollout 100%", [], SHOWN, id="rollout: everybody"),
        # holdout and what becomes of the winner
        pytest.param('holdout 100%\ngoal "Domain Verified" within 1 day', [], "HELD_OUT", id="holdout: held out"),
        pytest.param("wait 5 seconds", [], "WAITING_FOR_BROWSER", id="wait"),
        pytest.param("draft", [], "DRAFT", id="draft"),
        pytest.param("paused", [], "PAUSED", id="paused"),
    ],
)
def test_a_gate(clauses: str, rows: Rows, expected: str) -> None:
    assert reason(clauses, rows, triggered=False) == expected


@pytest.mark.parametrize(
    ("clauses", "rows", "expected"),
    [
        pytest.param('on "DNS Check Failed"', FAILED, SHOWN, id="the event"),
        pytest.param('on "DNS Check Failed"', AT_VERIFY, None, id="another event: not considered"),
        pytest.param('on "DNS Check Failed" where reason is "NXDOMAIN"', FAILED, SHOWN, id="where: true"),
        pytest.param('on "DNS Check Failed" where attempt > 1', FAILED, None, id="where: false"),
        pytest.param('on "DNS Check Failed" where attempt > 1 or reason is "NXDOMAIN"', FAILED, SHOWN, id="where: or"),
        pytest.param('on "Domain Added"\non "DNS Check Failed"', FAILED, SHOWN, id="any of several"),
        pytest.param('on first "DNS Check Failed"', FAILED, SHOWN, id="first: it is"),
        pytest.param(
            'on first "DNS Check Failed"', [("1 day", "DNS Check Failed"), *FAILED], None, id="first: it is not"
        ),
        pytest.param('on page "/domains/*"', [("0", "$page", {"path": "/domains/7"})], SHOWN, id="page: fits"),
        pytest.param('on page "/domains/*"', [("0", "$page", {"path": "/domains"})], None, id="page: does not"),
        pytest.param("on session start", [("1 hour", "Signed Up"), ("0", "Report Exported")], SHOWN, id="start"),
        pytest.param("on session start", [("10 minutes", "Signed Up"), ("0", "Report Exported")], None, id="no start"),
        pytest.param(
            'on "DNS Check Failed"\nwhen event.reason is "NXDOMAIN"', FAILED, SHOWN, id="the event's own property"
        ),
        pytest.param(
            'on "DNS Check Failed"\nwhen event.attempt > 1', FAILED, "CONDITION_FALSE", id="a property that differs"
        ),
        pytest.param(
            'on "DNS Check Failed"\nat activation.verify_domain',
            AT_VERIFY,
            "NOT_TRIGGERED",
            id="at its step, but not triggered",
        ),
        pytest.param(
            'on "Domain Verified"\nat activation.verify_domain',
            [*AT_VERIFY, ("0", "Domain Verified")],
            SHOWN,
            id="at the step just before the event",
        ),
        pytest.param(
            'on "Domain Added"\nat activation.verify_domain',
            [*SIGNED_UP, ("0", "Domain Added")],
            SHOWN,
            id="at the step just after the event",
        ),
        pytest.param(
            'on "Domain Added"\nat activation.signup',
            [*SIGNED_UP, ("0", "Domain Added")],
            "NOT_AT_STEP",
            id="at the step neither before nor after",
        ),
        pytest.param(
            'on "Domain Verified"\nwhen at activation.verify_domain',
            [*AT_VERIFY, ("0", "Domain Verified")],
            SHOWN,
            id="at inside when means the same",
        ),
    ],
)
def test_a_trigger(clauses: str, rows: Rows, expected: str | None) -> None:
    assert reason(clauses, rows) == expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [(0, SHOWN), (5 * MINUTE, SHOWN), (5 * MINUTE + 1, None), (-SECOND, SHOWN)],
    ids=["at once", "exactly five minutes", "a moment more", "a clock that was put back"],
)
def test_an_event_triggers_within_five_minutes(later: int, expected: str | None) -> None:
    rows = [("0", "DNS Check Failed")]
    assert reason('on "DNS Check Failed"', rows, now=Instant(NOW + later)) == expected


def test_imports_and_replays_trigger_nothing() -> None:
    rows = [("0", "DNS Check Failed", None, {"live": False})]
    assert reason('on "DNS Check Failed"', rows) is None


def test_a_state_rule_is_woken_by_every_request() -> None:
    assert reason("", FAILED, triggered=False) == SHOWN
    assert reason("", FAILED, triggered=True) == SHOWN


def test_a_plain_request_wakes_no_rule_with_on() -> None:
    assert reason('on "DNS Check Failed"', FAILED, triggered=False) is None


CLOSED = {
    Reason.PAUSED: "paused",
    Reason.OUT_OF_SCHEDULE: "expires 2026-01-01",
    Reason.QUOTA_REACHED: "stop after 3 responses",
    Reason.NOT_AT_STEP: "at activation.verify_domain",
    Reason.NOT_IN_AUDIENCE: "for large",
    Reason.CONDITION_FALSE: "when not true",
    Reason.FREQUENCY_CAPPED: "once",
    Reason.NOT_IN_ROLLOUT: "sample 0%",
    Reason.GLOBAL_LIMIT: "not with other",
}
"""By reason: a clause that closes its gate for a user who has just seen the survey and another guide."""


@pytest.mark.parametrize(("first", "later"), [(a, b) for a in CLOSED for b in CLOSED if RANK[a] < RANK[b]])
def test_of_two_closed_gates_the_earlier_gives_the_reason(first: Reason, later: Reason) -> None:
    clauses = f"{CLOSED[later]}\n{CLOSED[first]}"
    if Reason.FREQUENCY_CAPPED not in (first, later):
        clauses += "\nshown at most 9 times"
    rows = [("2 minutes", "$shown", {"guide": "help"}), ("1 minute", "$shown", {"guide": "other"})]
    text = guide(clauses, kind="survey") + guide("paused", name="other")
    found = decided(text, rows, triggered=False, around=Surroundings(responses={"help": 3}))
    assert {each.guide: each.reason for each in found.considered}["help"] is first


@pytest.mark.parametrize(
    ("responses", "expected"), [(0, SHOWN), (2, SHOWN), (3, "QUOTA_REACHED"), (4, "QUOTA_REACHED")]
)
def test_a_survey_stops_after_its_responses(responses: int, expected: str) -> None:
    around = Surroundings(responses={"help": responses})
    assert reason("stop after 3 responses", [], kind="survey", triggered=False, around=around) == expected


@pytest.mark.parametrize(
    ("traits", "context", "zone", "expected"),
    [
        ({}, {}, "UTC", SHOWN),  # noon
        ({}, {}, "America/New_York", "OUT_OF_SCHEDULE"),  # 08:00 there
        ({"timezone": "America/New_York"}, {}, "UTC", "OUT_OF_SCHEDULE"),
        ({}, {"timezone": "America/New_York"}, "UTC", "OUT_OF_SCHEDULE"),
        ({"timezone": "Europe/Berlin"}, {"timezone": "America/New_York"}, "UTC", SHOWN),
        ({"timezone": "Nowhere/Land"}, {}, "UTC", SHOWN),
    ],
)
def test_only_between_is_in_the_users_zone_where_known(
    traits: dict[str, str], context: dict[str, str], zone: str, expected: str
) -> None:
    rows = [("1 hour", "$identify", traits)]
    assert reason("only between 09:00 and 17:00", rows, triggered=False, context=context, zone=zone) == expected


def test_a_user_who_refused_guidance_is_shown_nothing() -> None:
    assert reason("", [], triggered=False, context={"consent": {"guidance": False}}) == "NO_CONSENT"
    assert reason("", [], triggered=False, context={"consent": {"guidance": True}}) == SHOWN


def test_the_reasons_stand_in_the_order_that_the_language_gives() -> None:
    order = ["OUT_OF_SCHEDULE", "NOT_AT_STEP", "NOT_IN_AUDIENCE", "CONDITION_FALSE", "FREQUENCY_CAPPED"]
    order += ["NOT_IN_ROLLOUT", "GLOBAL_LIMIT", "OUTRANKED", "HELD_OUT"]
    assert [each.value for each in Reason if each.value in order] == order


def test_somebody_of_whom_nothing_is_known_is_decided_too() -> None:
    assert reasons(guide("")) == {"help": SHOWN}
    assert reason("when seats > 3") == "CONDITION_UNKNOWN"
