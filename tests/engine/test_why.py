"""Why, or why not, by tables: what is known of the user, the gate that stops it, the nearest change, what blocks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsl.project import load
from engine.reasons import Reason
from engine.ruleset import RuleSet
from engine.why import GateName, Truth, write
from tests.engine.asking import asked, asked_of, gate, leaf, nearest

ROOT = Path(__file__).parents[2]
FAILED = "DNS Check Failed"
SEEN: list[tuple[Any, ...]] = [
    (
        "3 days",
        "$identify",
        {"plan": "trial", "seats": 4, "tags": ["a"], "signed_up_at": "2026-06-12T12:00:00Z", "role": " "},
    ),
    ("3 days", "Signed Up"),
    ("2 days", "Domain Added", {"domain": "x"}),
    ("20 minutes", FAILED, {"reason": "NXDOMAIN"}),
    ("3 minutes", FAILED),
    ("2 days", "Purchase", {"amount": 20, "currency": "EUR"}),
    ("1 hour", "Purchase", {"amount": 5, "currency": "USD"}),
    ("2 minutes", "$rage_click", {"path": "/domains/1"}),
    ("10 minutes", "$answered", {"guide": "verify_effort", "question": "ease", "value": 2}),
    ("9 minutes", "$answered", {"guide": "verify_effort", "question": "cause", "value": "unclear"}),
    ("8 minutes", "$shown", {"guide": "verify_help"}),
]
"""The instant is 2026-06-15T12:00:00Z."""

TOLD = [
    ('plan is "trial"', "true", "“trial”"),
    ('plan is "pro"', "false", "“trial”"),
    ("seats >= 5", "false", "4"),
    ("role is set", "false", "not set"),
    ("seats_used >= 80% of seats", "unknown", "not set"),
    ("signed_up_at within last 14 days", "true", "2026-06-12 12:00 UTC"),
    ('tags include "b"', "false", "“a”"),
    ('account.industry contains "health"', "unknown", "not set"),
    (f'did "{FAILED}" at least 3 times in last 10 minutes', "false", "1 so far, the last at 2026-06-15 11:57 UTC"),
    (f'did "{FAILED}" at least 3 times', "false", "2 so far, the last at 2026-06-15 11:57 UTC"),
    ('did "Report Exported"', "false", "never"),
    ('did "Signed Up" in last 1 day', "false", "none of those; the last at 2026-06-12 12:00 UTC"),
    (
        f'did "{FAILED}" since "Domain Verified"',
        "unknown",
        "“Domain Verified” never happened, so there is nothing to count from",
    ),
    (f'did "{FAILED}" on at least 2 days in last 14 days', "false", "1 day; did so last at 2026-06-15 11:57 UTC"),
    ('first did "Signed Up" more than 30 days ago', "false", "at 2026-06-12 12:00 UTC"),
    ('last did "Purchase" within last 10 minutes', "false", "at 2026-06-15 11:00 UTC"),
    ('last did "Report Exported" within last 10 minutes', "unknown", "never"),
    ('sum of amount in "Purchase" > 500', "false", "25"),
    ('highest of amount in "Purchase" where currency is "GBP" > 5', "unknown", "no value yet"),
    ('number of different currency in "Purchase" >= 3', "false", "2"),
    ("days active in last 14 days >= 5", "false", "3 days"),
    ('anyone in account did "Domain Verified"', "false", "the user: never"),
    ("at activation.first_campaign", "false", "at “Verify” since 2026-06-13 12:00 UTC"),
    ("reached activation.connect_domain", "true", "reached at 2026-06-13 12:00 UTC"),
    ("reached activation.verify_domain", "false", "not reached"),
    ("completed activation", "false", "not completed"),
    ("stuck at activation.verify_domain for 5 days", "false", "at “Verify” since 2026-06-13 12:00 UTC"),
    ("returned to activation.connect_domain", "false", "0 returns so far"),
    ("friction at activation.verify_domain >= 0.5", "false", "0.35 (1 × rage click)"),
    ("answered verify_effort", "true", "answered at 2026-06-15 11:50 UTC"),
    ("answered verify_effort.ease >= 5", "false", "answered 2 at 2026-06-15 11:50 UTC"),
    ("answered verify_effort.cause is other", "false", "answered “unclear” at 2026-06-15 11:51 UTC"),
    ("saw verify_help at least 2 times in last 2 days", "false", "1 so far, the last at 2026-06-15 11:52 UTC"),
    ("dismissed verify_help", "false", "never dismissed"),
]


@pytest.mark.parametrize(("condition", "truth", "found"), TOLD)
def test_each_condition_tells_its_truth_and_what_is_known_of_the_user(condition: str, truth: str, found: str) -> None:
    told = leaf(asked(f"when {condition}", SEEN))
    assert (told.truth.value, told.found) == (truth, found)


def test_a_value_that_cannot_be_read_is_told_as_it_came() -> None:
    told = leaf(asked("when seats > 3", [("1 day", "$identify", {"seats": "many"})]))
    assert (told.truth, told.found) == (Truth.UNKNOWN, "“many”, which cannot be read as number")


def test_times_are_told_in_the_time_zone_of_the_project() -> None:
    told = leaf(asked(f'when did "{FAILED}" at least 9 times', SEEN, zone="Europe/Berlin"))
    assert told.found == "2 so far, the last at 2026-06-15 13:57 CEST"


CHANGES = [
    ('plan is "pro"', "`plan` would have to be `pro`"),
    ("seats >= 5", "`seats` would have to be `5`"),
    ("seats_used >= 80% of seats", "`seats_used` would have to be `4`"),
    ('account.industry contains "health"', "`account.industry` would have to be `health`"),
    ('page.path matches "/domains/*"', "`page.path` of the request would have to be `/domains/x`"),
    (f'did "{FAILED}" at least 3 times in last 10 minutes', f"2 more `{FAILED}` within the next 7 minutes"),
    (f'did "{FAILED}" at least 2 times in last 10 minutes', f"one more `{FAILED}` within the next 7 minutes"),
    (f'did "{FAILED}" at least 3 times', f"one more `{FAILED}`"),
    ('did "Report Exported" at least 2 times', "2 times `Report Exported`"),
    (
        f'did not "{FAILED}" in last 1 day',
        f"after 2026-06-16 11:57 UTC, when they did not do “{FAILED}” in the last day",
    ),
    (f'did "{FAILED}" since "Domain Verified"', f"`Domain Verified`, then one more `{FAILED}`"),
    (
        f'did "{FAILED}" on at least 2 days in last 14 days',
        f"after 2026-06-16 12:00 UTC, when another day has come, then one more `{FAILED}`, before 2026-06-29 11:57 UTC",
    ),
    (
        'did "Domain Added" and not "Domain Verified" within 3 days',
        (
            "after 2026-06-16 12:00 UTC, when after the latest “Domain Added”, “Domain Verified” did not follow within "
            "3 days"
        ),
    ),
    (
        'first did "Signed Up" more than 30 days ago',
        "after 2026-07-12 12:00 UTC, when their first “Signed Up” lies more than 30 days ago",
    ),
    (
        'did "Purchase" where amount > 100 and currency is "EUR"',
        "one more `Purchase` with `amount` `101` and `currency` `EUR`",
    ),
    ('sum of amount in "Purchase" > 500', "one more `Purchase` with `amount` `476`"),
    ("at activation.first_campaign", "`Domain Verified`"),
    (
        "stuck at activation.verify_domain for 5 days",
        "after 2026-06-18 12:00 UTC, when they have been at Verify for 5 days",
    ),
    ("returned to activation.connect_domain", "one more `Domain Added`"),
    ("friction at activation.verify_domain >= 0.5", "one more `$rage_click` on `/domains/x`"),
    ("answered verify_effort.ease >= 5", "`verify_effort` is answered with `5` (`ease`)"),
    ("dismissed verify_help", "`verify_help` is closed"),
    ("in enterprise", "`plan` would have to be `pro`, then `seats` would have to be `50`"),
    ('plan is "pro" or did "Report Exported"', "`Report Exported`"),
]


@pytest.mark.parametrize(("condition", "text"), CHANGES)
def test_the_nearest_change_is_named(condition: str, text: str) -> None:
    assert nearest(asked(f"when {condition}", SEEN)) == text


SHOWN = ("3 days", "$shown", {"guide": "asked"})
STANDING: list[tuple[Any, ...]] = [("3 days", "Signed Up"), ("2 days", "Domain Added")]
FIRST = 'guide first { show modal { title "F" } priority 95 holdout 0% once every 1 day }\n'
BETWEEN = "limits { at least 2 hours between guides }\n"

STOPPED = [
    ('on "DNS Check Failed"', [("6 minutes", FAILED)], "trigger", f"one more `{FAILED}`"),
    ('on page "/domains/*"', [], "trigger", "a view of the page `/domains/x`"),
    (
        "on session start",
        [("10 minutes", "Signed Up")],
        "trigger",
        "after 2026-06-15 12:20 UTC, when the session is over, then a view of the page `/`",
    ),
    ("from 2026-07-01", [], "schedule", "after 2026-07-01 00:00 UTC, when its schedule is open"),
    (
        "only on saturday",
        [],
        "schedule",
        "after 2026-06-20 00:00 UTC, when its schedule is open, before 2026-06-21 00:00 UTC",
    ),
    (
        "only between 13:00 and 14:00",
        [],
        "schedule",
        "after 2026-06-15 13:00 UTC, when its schedule is open, before 2026-06-15 14:00 UTC",
    ),
    ("at activation.verify_domain", STANDING[:1], "step", "`Domain Added`"),
    ("for enterprise", [], "audience", "`plan` would have to be `pro`, then `seats` would have to be `50`"),
    ("testers stuck_on_dns", [("1 minute", FAILED)], "audience", f"one more `{FAILED}` within the next 59 minutes"),
    (
        "once every 7 days",
        [SHOWN],
        "frequency",
        "after 2026-06-19 12:00 UTC, when the cap of once every 7 days is free again",
    ),
    (
        "once every 7 days",
        [SHOWN, ("2 days", "$snoozed", {"guide": "asked", "seconds": 259_200})],
        "frequency",
        "after 2026-06-16 12:00 UTC, when the snooze has ended",
    ),
    (
        "not with verify_help",
        [("10 minutes", "Signed Up"), ("5 minutes", "$shown", {"guide": "verify_help"})],
        "limits",
        "after 2026-06-15 12:25 UTC, when limits across guides leave room again",
    ),
]


@pytest.mark.parametrize(("clauses", "rows", "name", "text"), STOPPED)
def test_the_gate_that_stops_it_is_named_with_what_opens_it(
    clauses: str, rows: list[tuple[Any, ...]], name: str, text: str
) -> None:
    found = asked(clauses, rows)
    assert found.stopped_by is not None
    assert (found.stopped_by.name.value, nearest(found)) == (name, text)


def test_a_guide_of_a_higher_rank_leaves_the_place_once_it_was_shown() -> None:
    found = asked("priority 10", more=FIRST)
    assert (found.reason, found.stopped_by and found.stopped_by.found) == (Reason.OUTRANKED, "“first” has it")
    assert nearest(found) == "`first` is shown"


def test_limits_across_guides_are_waited_for() -> None:
    found = asked("priority 99", [("1 hour", "$shown", {"guide": "verify_help"})], more=BETWEEN)
    assert found.reason is Reason.GLOBAL_LIMIT
    assert nearest(found) == "after 2026-06-15 13:00 UTC, when limits across guides leave room again"


def test_a_condition_about_the_event_is_met_by_another_such_event() -> None:
    clauses = 'on "DNS Check Failed" where attempt >= 3\nwhen event.reason is "NXDOMAIN"'
    found = asked(clauses, [("1 minute", FAILED, {"attempt": 3, "reason": "other"})])
    assert nearest(found) == f"one more `{FAILED}` with `reason` `NXDOMAIN` and `attempt` `3`"


def test_of_a_user_who_refused_guidance_agreeing_comes_first() -> None:
    found = asked("when seats > 3", context={"consent": {"guidance": False}})
    assert found.stopped_by is gate(found, GateName.CONSENT)
    assert nearest(found) == "the user would have to agree to guidance, then `seats` would have to be `4`"


BLOCKED = [
    ("paused", [], "it says `paused`; nothing that the user does changes that"),
    ("draft", [], "it says `draft`; nothing that the user does changes that"),
    ("rollout 1%", [], "this user comes in from 23.3978 % on; nothing that the user does changes that"),
    ("at activation.signup\nholdout 99%", [], "the user is held out; nothing that the user does changes that"),
    (
        "expires 2026-06-01",
        [],
        (
            "no change was found after which its schedule is open "
            "(it is 2026-06-15 12:00 UTC, and it ended at 2026-06-02 00:00 UTC)"
        ),
    ),
    (
        "once",
        [SHOWN],
        (
            "no change was found after which the cap of once, ever leaves room "
            "(shown once, the last at 2026-06-12 12:00 UTC)"
        ),
    ),
    (
        'unless did "Domain Verified"',
        [("1 hour", "Domain Verified")],
        "no change was found after which they never did “Domain Verified” (1 so far, the last at 2026-06-15 11:00 UTC)",
    ),
    (
        "at activation.verify_domain",
        [*STANDING, ("1 day", "Domain Verified")],
        "no change was found after which the user is at Verify (at “Send” since 2026-06-14 12:00 UTC)",
    ),
    ("unless true", [], "the rule itself says that this is never so"),
]


@pytest.mark.parametrize(("clauses", "rows", "text"), BLOCKED)
def test_where_nothing_helps_it_says_what_blocks(clauses: str, rows: list[tuple[Any, ...]], text: str) -> None:
    found = asked(clauses, rows)
    assert (found.changes, found.blocked) == ((), text)


def test_a_survey_that_has_its_responses_is_blocked() -> None:
    rows = [("1 day", "$answered", {"guide": "asked", "question": "ease", "value": 3})]
    found = asked("stop after 1 responses", rows, kind="survey", content='ask effort ease "E?"')
    assert (found.reason, found.blocked) == (
        Reason.QUOTA_REACHED,
        "it has 1; nothing that the user does changes that",
    )


def test_a_guide_that_is_shown_needs_no_change() -> None:
    found = asked('on "DNS Check Failed"', [("5 minutes", FAILED)])
    assert (found.is_shown, found.stopped_by, found.changes, found.blocked) == (True, None, (), None)


def test_a_launcher_is_explained_too() -> None:
    found = asked("when seats > 3", kind="feedback", content="")
    assert (found.reason, nearest(found)) == (Reason.CONDITION_UNKNOWN, "`seats` would have to be `4`")


def test_segments_and_negations_are_told_part_by_part() -> None:
    found = asked("unless in enterprise or in stuck_on_dns", SEEN)
    (nothing,) = gate(found, GateName.CONDITIONS).parts
    assert (nothing.text, nothing.truth) == ("none of these is so:", Truth.FALSE)
    enterprise, stuck = nothing.below
    assert (enterprise.truth, [each.truth for each in enterprise.below[0].below]) == (
        Truth.FALSE,
        [Truth.FALSE, Truth.FALSE],
    )
    assert (stuck.truth, stuck.below[0].found) == (Truth.TRUE, "2 so far, the last at 2026-06-15 11:57 UTC")


def test_the_text_reads_from_the_answer_to_the_way_out() -> None:
    clauses = f'on "{FAILED}"\nwhen did "{FAILED}" at least 2 times in last 10 minutes\nwhen plan is "trial"'
    lines = list(write(asked(clauses, [("1 day", "$identify", {"plan": "trial"}), ("3 minutes", FAILED)])))
    assert lines == [
        "asked is not shown to u1 at 2026-06-15 12:00 UTC: CONDITION_FALSE",
        "A `when` is false, or an `unless` is true.",
        f"  ✓ trigger: “{FAILED}” happens, not longer than 5 minutes ago (“{FAILED}” at 2026-06-15 11:57 UTC)",
        "  ✗ conditions: all of this is so  ← this stops it",
        (
            f"      ✗ they did “{FAILED}” at least twice in the last 10 minutes — not so "
            "(1 so far, the last at 2026-06-15 11:57 UTC)"
        ),
        "      ✓ plan is “trial” — so (“trial”)",
        "  ✓ frequency: the cap of once every second leaves room (not shown yet)",
        "  ✓ place: no guide of a higher rank has the place (not asked: it did not come so far)",
        f"nearest change: one more `{FAILED}` within the next 7 minutes",
    ]


def test_the_example_of_the_reference_is_what_is_printed() -> None:
    page = (ROOT / "docs" / "reference" / "why.md").read_text()
    printed = page.split("```text\n")[1].split("```")[0].splitlines()
    project = load({"onboarding.way": (ROOT / "tests" / "corpus" / "onboarding.way").read_text()})
    rows: list[tuple[Any, ...]] = [
        ("3 days", "$identify", {"plan": "trial"}),
        ("3 days", "Signed Up"),
        ("2 days", "Domain Added"),
        ("3 minutes", FAILED),
    ]
    assert list(write(asked_of(RuleSet.build(project), "verify_help", rows))) == printed
