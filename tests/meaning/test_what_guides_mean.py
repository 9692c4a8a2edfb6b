"""What the language says of triggers, of choosing and of schedules: each statement with guides that pin it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dsl.diagnostics import Severity
from dsl.feelings import FEELINGS
from dsl.formatter import format_condition
from dsl.parser import parse_condition
from dsl.project import load
from dsl.values import MINUTE, SECOND, Instant, read_instant
from engine.decisions import Reservation, Surroundings, confirm, decide
from engine.reasons import Reason
from engine.rollout import is_held_out, is_in_rollout, variant_of
from tests.engine.deciding import decided, folded, guide, reason, reasons, rules
from tests.engine.histories import NOW
from tests.meaning.asking import FAILED, parsed
from tests.meaning.statements import says, statement

Rows = Sequence[tuple[Any, ...]]

SHOWN = "TARGETING_MATCH"
GOAL = 'goal "Domain Verified" within 1 day'
TRIAL, PRO = (("1 hour", "$identify", {"plan": plan}) for plan in ("trial", "pro"))
PEOPLE = [f"person-{number}" for number in range(1000)]


def saw(ago: str, name: str = "help") -> tuple[Any, ...]:
    """A guide was shown."""
    return (ago, "$shown", {"guide": name})


def became(ago: str, what: str, **more: Any) -> tuple[Any, ...]:
    """What became of the guide."""
    return (ago, what, {"guide": "help", **more})


# Clauses, a history, the reason given for the guide, whose last event woke it: by the statement that they pin.
TRIGGERED: dict[str, list[tuple[str, Rows, str | None]]] = {
    'After `on "E"`, `reached by`, `outcome` and `goal`': [
        (f'on "{FAILED}" where attempt > 1 or reason is "x"', [("0", FAILED, {"reason": "x"})], SHOWN),
        (
            f'on "{FAILED}" where not attempt > 1 and reason is "x"',
            [("0", FAILED, {"attempt": 1, "reason": "x"})],
            SHOWN,
        ),
        (f'on "{FAILED}" where not attempt > 1 and reason is "x"', [("0", FAILED, {"reason": "x"})], None),
    ],
    "In a rule with `on`, `at S` holds": [
        ('on "Domain Added"\nat activation.connect_domain', [("1 day", "Signed Up"), ("0", "Domain Added")], SHOWN),
        ('on "Domain Added"\nat activation.verify_domain', [("1 day", "Signed Up"), ("0", "Domain Added")], SHOWN),
        ('on "Domain Added"\nat activation.signup', [("1 day", "Signed Up"), ("0", "Domain Added")], "NOT_AT_STEP"),
    ],
    "replays, imports and duplicates never trigger": [
        (f'on "{FAILED}"', [("0", FAILED, {}, {"live": False})], None),
        (f'on "{FAILED}"', [("0", FAILED)], SHOWN),
    ],
}

# The same, of a plain request.
REQUESTED: dict[str, list[tuple[str, Rows, str | None]]] = {
    "a guide is shown only if the whole condition is true": [
        ('when plan is "trial"', [TRIAL], SHOWN),
        ('when plan is "trial"', [PRO], "CONDITION_FALSE"),
        ('when plan is "trial"', [], "CONDITION_UNKNOWN"),
        ('when plan is "trial" and seats > 3', [TRIAL], "CONDITION_UNKNOWN"),
    ],
    '`not (plan is "pro")` does not show': [
        ('when not (plan is "pro")', [], "CONDITION_UNKNOWN"),
        ('when not (plan is "pro")', [TRIAL], SHOWN),
    ],
    "`unless C` must be known to be false": [
        ('unless plan is "pro"', [], "CONDITION_UNKNOWN"),
        ('unless plan is "pro"', [TRIAL], SHOWN),
        ('unless plan is "pro"', [PRO], "CONDITION_FALSE"),
        ('unless did "Report Exported"', [], SHOWN),
    ],
    "`only on` and `only between` are two clauses": [
        ("only on monday\nonly between 09:00 and 17:00", [], SHOWN),
        ("only on tuesday\nonly between 09:00 and 17:00", [], "OUT_OF_SCHEDULE"),
        ("only on monday\nonly between 13:00 and 17:00", [], "OUT_OF_SCHEDULE"),
    ],
    "A state rule is woken by every request": [("", [], SHOWN), (f'on "{FAILED}"', [("1 minute", FAILED)], None)],
    "`once every D` allows again": [
        ("once every 1 day", [saw("86399 seconds")], "FREQUENCY_CAPPED"),
        ("once every 1 day", [saw("1 day")], SHOWN),
    ],
    "`until dismissed` ends with the close control": [
        ("until dismissed", [became("1 day", "$dismissed", how="close")], "FREQUENCY_CAPPED"),
        ("until dismissed", [became("1 day", "$dismissed", how="escape")], "FREQUENCY_CAPPED"),
        ("until dismissed", [became("1 day", "$dismissed", how="button")], "FREQUENCY_CAPPED"),
        ("until dismissed", [became("1 day", "$dismissed", how="outside")], SHOWN),
        ("until dismissed", [became("1 day", "$snoozed", seconds=60)], SHOWN),
    ],
    "Completing ends a guide for that user": [
        ("once every 1 day", [saw("9 days"), became("9 days", "$completed")], "FREQUENCY_CAPPED"),
        ("until dismissed", [saw("9 days"), became("9 days", "$completed")], "FREQUENCY_CAPPED"),
    ],
    "a snooze blocks until its end": [
        ("once", [saw("2 hours"), became("59 minutes", "$snoozed", seconds=3600)], "SNOOZED"),
        ("until dismissed", [became("59 minutes", "$snoozed", seconds=3600)], "SNOOZED"),
        ("once", [saw("2 hours"), became("1 hour", "$snoozed", seconds=3600)], SHOWN),
        (
            "once",
            [saw("3 hours"), became("2 hours", "$snoozed", seconds=3600), saw("30 minutes")],
            "FREQUENCY_CAPPED",
        ),
        # The trigger was long ago; the end of the snooze needs none.
        (f'on "{FAILED}"\nonce', [("1 day", FAILED), saw("1 day"), became("1 hour", "$snoozed", seconds=3600)], SHOWN),
    ],
    "At exactly the end of a period": [
        ("once every 2 hours", [saw("2 hours")], SHOWN),
        ("shown at most 1 time per 2 hours", [saw("2 hours")], SHOWN),
        ("shown at most 1 time per 2 hours", [saw("7199 seconds")], "FREQUENCY_CAPPED"),
        ("once", [saw("1 day"), became("3600 seconds", "$snoozed", seconds=3600)], SHOWN),
    ],
}

# Limits, a history; whether the guide `help` (a modal) and the survey `ask` (a slideout) may be shown.
OTHERS = (
    guide("paused", name="other", show='show tooltip beside "#a" { title "A" }')
    + guide("paused", name="window")
    + guide("paused", name="asked", kind="survey")
)
LIMITED: dict[str, list[tuple[str, Rows, tuple[bool, bool]]]] = {
    "At exactly the end of a period": [
        ("at most 1 guide per 2 days", [saw("2 days", "other")], (True, True)),
        ("at least 2 days between guides", [saw("2 days", "other")], (True, True)),
        ("at least 2 days between guides", [saw("172799 seconds", "other")], (False, True)),
    ],
    "In `limits` shows are counted": [
        ("at most 2 guides per 2 days", [saw("1 day", "other")], (True, True)),
        ("at most 2 guides per 2 days", [saw("1 day", "other"), saw("1 hour", "other")], (False, True)),
        ("at most 1 guide per 2 days", [("1 day", "$completed", {"guide": "other"})], (True, True)),
    ],
    "`guide` means guides without questions": [
        ("at most 1 guide per 2 days", [saw("1 day", "asked")], (True, True)),
        ("at most 1 survey per 2 days", [saw("1 day", "other")], (True, True)),
        ("at most 1 survey per 2 days", [saw("1 day", "asked")], (True, False)),
        ("at most 1 modal per 2 days", [saw("1 day", "window")], (False, True)),
        ("at most 1 modal per 2 days", [saw("1 day", "other")], (True, True)),
        ("at most 1 slideout per 2 days", [saw("1 day", "asked")], (True, False)),
    ],
    "a snooze blocks until its end": [
        (
            "at most 1 guide per 7 days",
            [saw("2 days"), became("1 day", "$snoozed", seconds=3600), saw("1 hour", "other")],
            (False, True),
        ),
    ],
}


def rows_of(table: dict[str, list[tuple[Any, ...]]]) -> list[Any]:
    """The cases of a table, each named after its statement."""
    return [
        pytest.param(*case, id=f"{beginning} · {number}")
        for beginning, cases in table.items()
        for number, case in enumerate(cases, 1)
    ]


@pytest.mark.parametrize(("clauses", "rows", "expected"), rows_of(TRIGGERED))
def test_a_trigger_does_what_is_said(clauses, rows, expected):
    assert reason(clauses, rows) == expected


@pytest.mark.parametrize(("clauses", "rows", "expected"), rows_of(REQUESTED))
def test_a_request_is_answered_as_is_said(clauses, rows, expected):
    assert reason(clauses, rows, triggered=False) == expected


@pytest.mark.parametrize(("limit", "rows", "expected"), rows_of(LIMITED))
def test_limits_do_what_is_said(limit, rows, expected):
    frequency = "once every 1 minute" if "$snoozed" not in str(rows) else "once"
    text = f"limits {{ {limit} }}\n" + OTHERS
    for (name, kind), is_free in zip((("help", "guide"), ("ask", "survey")), expected, strict=True):
        found = reasons(text + guide(frequency, name=name, kind=kind), rows, triggered=False)[name]
        assert found == (SHOWN if is_free else "GLOBAL_LIMIT"), name


STATED = [*TRIGGERED, *REQUESTED, *LIMITED]


@pytest.mark.parametrize("beginning", STATED)
def test_a_table_speaks_of_one_statement(beginning):
    assert statement(beginning)


# --- words of a `where`, as the parser and the formatter take them ---


@says('After `on "E"`, `reached by`, `outcome` and `goal`', "`or` and `not` there need parentheses")
def test_or_and_not_stand_free_where_the_event_ends_the_clause_and_nowhere_else():
    free = 'where attempt > 1 and not reason is "x" or attempt is 0'
    text = f"""
event "{FAILED}" {{ reason: text, attempt: number }}
journey j "J" {{
  stage s "S" {{ step a "A" reached by "{FAILED}" {free} }}
  outcome "{FAILED}" {free}
}}
guide g "G" {{ on "{FAILED}" {free}  show modal {{ title "G" }}  goal "{FAILED}" {free} within 1 day }}
"""
    assert [each.message for each in load({"a.way": text}).diagnostics if each.severity is Severity.ERROR] == []
    # Inside a condition the `or` ends the `where`: what follows is asked of the user.
    ended = f'segment s where did "{FAILED}" where attempt > 1 or reason is "x"\n'
    assert not load({"a.way": f'event "{FAILED}" {{ reason: text, attempt: number }}\n{ended}'}).ok


@says("The formatter writes")
def test_an_open_where_that_an_and_does_not_continue_is_put_in_parentheses():
    for text in (
        f'(did "{FAILED}" where attempt > 1) and plan is "free"',
        f'(did not "{FAILED}" where attempt > 1) and plan is "free"',
        f'(did "Signed Up" then "{FAILED}" where attempt > 1) and plan is "free"',
    ):
        found = parse_condition(text).condition
        assert found is not None
        assert format_condition(found) == text
        assert format_condition(parsed(format_condition(found))) == text
    belongs = f'did "{FAILED}" where attempt > 1 and reason is "x"'
    assert format_condition(parsed(belongs)) == belongs


# --- schedules ---


@says("A date alone is 00:00 in the project's time zone", "`from` and `expires` use the project's zone")
@pytest.mark.parametrize(
    ("clause", "zone", "now", "expected"),
    [
        # Midnight in Berlin is 22:00 of the day before in UTC.
        ("from 2026-06-16", "Europe/Berlin", "2026-06-15T21:59:59Z", "OUT_OF_SCHEDULE"),
        ("from 2026-06-16", "Europe/Berlin", "2026-06-15T22:00:00Z", SHOWN),
        ("from 2026-06-16", "UTC", "2026-06-15T23:59:59Z", "OUT_OF_SCHEDULE"),
        ("expires 2026-06-16", "Europe/Berlin", "2026-06-16T21:59:59Z", SHOWN),
        ("expires 2026-06-16", "Europe/Berlin", "2026-06-16T22:00:00Z", "OUT_OF_SCHEDULE"),
        ("when not true or signed_up before 2026-06-16", "Europe/Berlin", "2026-06-20T00:00:00Z", "CONDITION_FALSE"),
        ("when signed_up before 2026-06-17", "Europe/Berlin", "2026-06-20T00:00:00Z", SHOWN),
        ("when signed_up after 2026-06-15", "Europe/Berlin", "2026-06-20T00:00:00Z", SHOWN),
        ("when signed_up after 2026-06-16", "Europe/Berlin", "2026-06-20T00:00:00Z", "CONDITION_FALSE"),
        ("when signed_up after 2026-06-15", "UTC", "2026-06-20T00:00:00Z", "CONDITION_FALSE"),
        ('when did "Signed Up" since 2026-06-16', "Europe/Berlin", "2026-06-20T00:00:00Z", SHOWN),
        ('when did "Signed Up" since 2026-06-16', "UTC", "2026-06-20T00:00:00Z", "CONDITION_FALSE"),
    ],
)
def test_a_day_begins_at_midnight_of_the_project(clause, zone, now, expected):
    instant = read_instant(now)
    assert instant is not None
    signed_up = read_instant("2026-06-15T22:00:00Z")
    assert signed_up is not None
    rows = [
        ("0", "$identify", {"signed_up": "2026-06-15T22:00:00Z"}, {"time": signed_up}),
        ("0", "Signed Up", {}, {"time": signed_up}),
    ]
    text = "attribute signed_up: time\n" + guide(clause)
    assert reasons(text, rows if "when" in clause else (), now=instant, zone=zone, triggered=False) == {
        "help": expected
    }


@says("`from` and `expires` use the project's zone")
@pytest.mark.parametrize(
    ("traits", "zone", "expected"),
    [
        ({}, "UTC", SHOWN),
        ({}, "Asia/Tokyo", "OUT_OF_SCHEDULE"),
        ({"timezone": "Asia/Tokyo"}, "UTC", "OUT_OF_SCHEDULE"),
        ({"timezone": "Europe/Berlin"}, "Asia/Tokyo", SHOWN),
    ],
)
def test_only_between_is_the_users_own_time_where_it_is_known(traits, zone, expected):
    rows = [("1 hour", "$identify", traits)]
    assert reason("only between 09:00 and 17:00", rows, zone=zone, triggered=False) == expected


# --- triggers ---


@says("All events of a request are folded first", "then each edge rule is decided once")
def test_a_request_is_folded_whole_before_a_rule_is_decided_once():
    ruleset = rules(guide(f'on "{FAILED}"\nwhen event.attempt is 2\nunless did "Domain Verified"'))
    failed = [("3 seconds", FAILED, {"attempt": 2}), ("4 seconds", FAILED, {"attempt": 1})]
    past = folded(ruleset, failed)
    found = decide(ruleset, past.state, past.woken, now=NOW, person="u1")
    assert [(each.guide, each.reason.value) for each in found.considered] == [("help", SHOWN)]
    cured = folded(ruleset, [*failed, ("1 second", "Domain Verified")])
    found = decide(ruleset, cured.state, cured.woken, now=NOW, person="u1")
    assert [(each.guide, each.reason) for each in found.considered] == [("help", Reason.CONDITION_FALSE)]


@says("An event triggers within 5 minutes of its time")
@pytest.mark.parametrize(("later", "expected"), [(0, SHOWN), (5 * MINUTE, SHOWN), (5 * MINUTE + 1, None)])
def test_an_event_triggers_for_five_minutes(later, expected):
    assert reason(f'on "{FAILED}"', [("0", FAILED)], now=Instant(NOW + later)) == expected


# --- choosing ---

GATES = {
    Reason.OUT_OF_SCHEDULE: "expires 2026-01-01",
    Reason.NOT_AT_STEP: "at activation.verify_domain",
    Reason.NOT_IN_AUDIENCE: "for large",
    Reason.CONDITION_FALSE: "when not true",
    Reason.FREQUENCY_CAPPED: "once",
    Reason.NOT_IN_ROLLOUT: "rollout 0%",
    Reason.GLOBAL_LIMIT: "not with other",
}
"""A clause that closes each gate, in the order of the reasons, for a user who has just seen this guide and another."""


@says("Gates may run in any order; the reason given is the first failing one")
@pytest.mark.parametrize("first", GATES)
def test_of_all_gates_that_are_closed_the_first_gives_the_reason(first):
    order = list(GATES)
    clauses = [GATES[each] for each in reversed(order[order.index(first) :])]
    rows = [saw("2 minutes"), saw("1 minute", "other")]
    if Reason.FREQUENCY_CAPPED not in order[order.index(first) :]:
        clauses.append("shown at most 9 times")
    better = guide("priority 100", name="better")
    text = guide("\n".join(clauses)) + guide("paused", name="other") + better
    assert reasons(text, rows, triggered=False)["help"] == first.value


@says("Gates may run in any order; the reason given is the first failing one", "One guide per decision")
def test_priority_comes_after_the_gates_and_one_guide_is_chosen():
    found = decided(guide("priority 60", name="a") + guide("priority 70", name="b") + guide("", name="c"))
    assert found.winner is not None
    assert found.winner.guide == "b"
    assert {each.guide: each.reason.value for each in found.considered} == {
        "a": "OUTRANKED",
        "b": SHOWN,
        "c": "OUTRANKED",
    }


@says("the winner's holdout comes last")
def test_a_held_out_guide_keeps_its_place_and_counts_as_shown():
    text = guide(f"priority 80\nholdout 100%\n{GOAL}", name="a") + guide("", name="b")
    found = decided(text)
    assert (found.winner, found.held_out) == (None, "a")
    assert {each.guide: each.reason.value for each in found.considered} == {"a": "HELD_OUT", "b": "OUTRANKED"}
    # Who would not have seen it is not held out.
    assert decided(guide(f"holdout 100%\nrollout 0%\n{GOAL}")).held_out is None
    held = [("1 day", "$held_out", {"guide": "help"})]
    assert reason("once", held, triggered=False) == "FREQUENCY_CAPPED"
    limited = "limits { at most 1 guide per 2 days }\n" + guide("", name="other") + guide("priority 1")
    assert reasons(limited, held, triggered=False)["other"] == "GLOBAL_LIMIT"


@says("Rollout, variant and holdout use independent hashes of the person's first id")
def test_shares_are_independent_of_one_another_and_stable_for_a_first_id():
    half = [person for person in PEOPLE if is_in_rollout("help", person, 50)]
    assert 430 < len(half) < 570
    for chosen in (
        [person for person in half if is_held_out("help", person, 50)],
        [person for person in half if variant_of("help", person, [("a", 50), ("b", 50)]) == "a"],
        [person for person in half if is_in_rollout("other", person, 50)],
    ):
        assert 0.4 < len(chosen) / len(half) < 0.6
    assert all(reason("rollout 50%", person=person) == "SPLIT" for person in half[:20])


@says("Completing ends a guide for that user")
def test_a_completed_survey_with_once_every_returns():
    rows = [saw("9 days"), became("9 days", "$completed")]
    assert reason("once every 7 days", rows, kind="survey", triggered=False) == SHOWN
    assert reason("until dismissed", rows, kind="survey", triggered=False) == "FREQUENCY_CAPPED"


@says("The confirmation before showing reserves the place for 30 s")
@pytest.mark.parametrize(
    ("ago", "expected"),
    [(0, Reason.OUTRANKED), (29 * SECOND, Reason.OUTRANKED), (30 * SECOND, Reason.TARGETING_MATCH)],
)
def test_a_reserved_place_is_taken_for_thirty_seconds(ago, expected):
    begun = Instant(NOW - ago)
    around = Surroundings(reservations=(Reservation("other", begun, Instant(begun + 30 * SECOND)),))
    assert confirm(rules(guide("")), None, "help", now=NOW, person="u1", around=around) is expected


@says("Six words with a valence")
def test_there_are_six_feelings():
    assert FEELINGS == {
        "delighted": 1,
        "confident": 0.5,
        "neutral": 0,
        "confused": -0.5,
        "doubtful": -0.6,
        "frustrated": -0.9,
    }


@says("`stop after N` counts accepted submissions")
@pytest.mark.parametrize(("responses", "expected"), [(2, SHOWN), (3, "QUOTA_REACHED")])
def test_a_survey_stops(responses, expected):
    around = Surroundings(responses={"help": responses})
    assert reason("stop after 3 responses", kind="survey", around=around, triggered=False) == expected
