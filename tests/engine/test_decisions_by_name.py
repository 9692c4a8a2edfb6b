"""A guide that the user asks for by its name, with a button or by a call of the page: which gates are still asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dsl.values import SECOND, Instant
from engine.context import read_context
from engine.decisions import Reservation, Surroundings, confirm, decide
from engine.keeping import keep_of
from engine.rollout import is_held_out, is_in_rollout
from tests.engine.deciding import decided, folded, guide, rules
from tests.engine.histories import NOW

SHOWN = "TARGETING_MATCH"
PEOPLE = [f"person-{number}" for number in range(400)]
SEEN = ("1 minute", "$shown", {"guide": "help"})
DONE = ("1 minute", "$completed", {"guide": "help"})
LATER = ("1 minute", "$snoozed", {"guide": "help", "seconds": 3600})
TRIAL = ("2 hours", "$identify", {"plan": "trial"})
FREE = ("2 hours", "$identify", {"plan": "free"})


def asked(
    text: str,
    rows: Any = (),
    *,
    name: str = "help",
    person: str = "u1",
    context: Mapping[str, Any] | None = None,
    around: Surroundings | None = None,
) -> Any:
    ruleset = rules(text)
    past = folded(ruleset, rows)
    return decide(
        ruleset,
        past.state,
        past.woken,
        now=NOW,
        person=person,
        context=read_context(context, asked_for=name),
        around=around or Surroundings(),
    )


def reason_of(clauses: str, rows: Any = (), *, kind: str = "guide", **more: Any) -> str:
    (only,) = asked(guide(clauses, kind=kind), rows, **more).considered
    return str(only.reason.value)


@pytest.mark.parametrize(
    ("clauses", "rows", "why"),
    [
        ('on "Domain Verified"', (), "its event did not come"),
        ("at activation.verify_domain", (), "the user stands at another step"),
        ("once", (SEEN,), "it was shown once already"),
        ("once every 7 days", (SEEN,), "it was shown a minute ago"),
        ("", (SEEN, DONE), "it was completed: a tour can be taken again"),
        ("", (SEEN, LATER), "it was put off, and is wanted sooner"),
        ("wait until idle for 1 minute", (), "the user is not idle, having pressed a button"),
    ],
)
def test_what_chooses_the_moment_is_not_asked(clauses: str, rows: Any, why: str) -> None:
    found = asked(guide(clauses), rows)
    assert [(each.guide, each.reason.value) for each in found.considered] == [("help", SHOWN)], why
    assert found.winner is not None
    assert (found.winner.guide, found.winner.wait, found.winner.trigger) == ("help", None, None)


@pytest.mark.parametrize(
    ("clauses", "rows", "reason"),
    [
        ("paused", (), "PAUSED"),
        ("draft", (), "DRAFT"),
        ("expires 2020-01-01", (), "OUT_OF_SCHEDULE"),
        ("for trial", (FREE,), "NOT_IN_AUDIENCE"),
        ("for trial", (), "NOT_IN_AUDIENCE"),
        ("for trial", (TRIAL,), SHOWN),
        ("testers trial", (FREE,), "NOT_IN_AUDIENCE"),
        ('when plan is "trial"', (FREE,), "CONDITION_FALSE"),
        ('when plan is "trial"', (), "CONDITION_UNKNOWN"),
        ('unless did "Domain Verified"', (("1 hour", "Domain Verified"),), "CONDITION_FALSE"),
        ('on "DNS Check Failed"\nwhen event.reason is "x"', (), "CONDITION_UNKNOWN"),
    ],
)
def test_what_says_whether_and_for_whom_holds(clauses: str, rows: Any, reason: str) -> None:
    assert reason_of(clauses, rows) == reason


def test_consent_and_the_switch_hold() -> None:
    assert reason_of("", context={"consent": {"guidance": False}}) == "NO_CONSENT"
    stopped = rules(guide("")).switched(is_stopped=True)
    found = decide(stopped, None, (), now=NOW, person="u1", context=read_context(None, asked_for="help"))
    assert [each.reason.value for each in found.considered] == ["DISABLED"]


def test_a_survey_that_has_its_answers_is_over() -> None:
    full = Surroundings(responses={"help": 3})
    assert reason_of("stop after 3 responses", kind="survey", around=full) == "QUOTA_REACHED"


def test_shares_hold_so_that_an_effect_can_be_measured() -> None:
    outside = next(person for person in PEOPLE if not is_in_rollout("help", person, 50))
    assert reason_of("rollout 50%", person=outside) == "NOT_IN_ROLLOUT"
    held = next(person for person in PEOPLE if is_held_out("help", person, 20))
    found = asked(guide('holdout 20%\ngoal "Domain Verified" within 1 day'), person=held)
    assert (found.winner, found.held_out) == (None, "help")


def test_limits_do_not_stand_in_the_way_of_what_is_wanted_and_not_with_does() -> None:
    other = guide("not with help", name="other")
    limits = "limits { at most 1 guide per session }\n"
    assert [each.reason.value for each in asked(limits + guide("") + other, (SEEN,), name="help").considered] == [SHOWN]
    refused = asked(limits + guide("") + other, (SEEN,), name="other")
    assert [(each.guide, each.reason.value) for each in refused.considered] == [("other", "GLOBAL_LIMIT")]


def test_no_other_guide_is_considered_whatever_its_priority() -> None:
    found = asked(guide("priority 10") + guide("priority 90", name="louder"))
    assert [each.guide for each in found.considered] == ["help"]
    assert found.winner is not None


def test_a_name_that_no_guide_has_shows_nothing() -> None:
    found = asked(guide(""), name="nobody")
    assert (found.winner, found.held_out, found.considered) == (None, None, ())


def test_a_confirmation_asks_the_same_gates() -> None:
    ruleset = rules(guide("at activation.verify_domain\nonce"))
    state = folded(ruleset, (SEEN,)).state
    wanted = read_context(None, asked_for="help")
    assert confirm(ruleset, state, "help", now=NOW, person="u1", context=wanted).value == SHOWN
    assert confirm(ruleset, state, "help", now=NOW, person="u1").value == "NOT_AT_STEP"
    taken = Surroundings(reservations=(Reservation("other", NOW, Instant(NOW + 30 * SECOND)),))
    assert confirm(ruleset, state, "help", now=NOW, person="u1", context=wanted, around=taken).value == "OUTRANKED"


NEVER_TWICE = {"page": False, "every": None, "times": 1, "per": None, "ends": ["completed"]}


@pytest.mark.parametrize(
    ("clauses", "kind", "keep"),
    [
        ("", "guide", NEVER_TWICE),
        ("once every 7 days, at most 3 times", "guide", {**NEVER_TWICE, "every": 604800.0, "times": 3}),
        ("shown at most 2 times per 1 day", "guide", {**NEVER_TWICE, "times": 2, "per": 86400.0}),
        ("until dismissed", "guide", {**NEVER_TWICE, "times": None, "ends": ["completed", "dismissed"]}),
        ('when page.path matches "/a/*"', "guide", {**NEVER_TWICE, "page": True}),
        ('when device.type is "mobile"', "guide", None),
        ("once every 90 days", "survey", {**NEVER_TWICE, "every": 7776000.0, "times": None, "ends": []}),
    ],
)
def test_a_browser_may_keep_what_needs_no_event(clauses: str, kind: str, keep: Any) -> None:
    found = decided(
        guide(clauses, kind=kind),
        context={"page": {"path": "/a/b"}, "device": {"type": "desktop"}},
    )
    ruleset = rules(guide(clauses, kind=kind))
    kept = None if found.winner is None else keep_of(ruleset.by_name["help"], found.winner, is_asked_for=False)
    assert kept == keep


def test_it_may_not_keep_what_an_event_woke_or_what_was_wanted_once() -> None:
    text = guide('on "Domain Verified"')
    found = decided(text, (("0 seconds", "Domain Verified"),))
    assert found.winner is not None
    assert keep_of(rules(text).by_name["help"], found.winner, is_asked_for=False) is None
    plain = decided(guide(""))
    assert plain.winner is not None
    assert keep_of(rules(guide("")).by_name["help"], plain.winner, is_asked_for=True) is None
