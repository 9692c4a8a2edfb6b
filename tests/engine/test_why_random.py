"""Random guides over random histories: why agrees with the decision, and every change that it proposes works.

A proposed change is tried as a customer would: its events are added to the history, everything is folded again from
the beginning, and the decision is asked once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from stories import WORLD, conditions, histories, instants

from dsl.project import load
from dsl.values import Instant
from engine.context import read_context
from engine.decisions import Decision, decide
from engine.events import Event
from engine.past import Past
from engine.people import people_of
from engine.reasons import Reason
from engine.ruleset import RuleSet
from engine.why import Change, Situation, Truth, Why, why

RIVALS = """
guide rival "Rival" {
  when seats >= 2
  show banner top { title "Rival" }
  once every 1 hour
  priority 70
  holdout 0%
}
"""

CLAUSES = (
    "once",
    "once every 1 hour",
    "once every 1 day, at most 2 times",
    "shown at most 2 times per 1 hour",
    "until dismissed",
    "only between 00:10 and 00:40",
    "only on monday, friday",
    "from 2026-01-01T00:20:00Z",
    "expires 2026-01-02",
    "for seg",
    "for per, seg",
    "at j.two",
    "at j.s",
    "not with rival",
    "rollout 50%",
    "testers seg",
    "draft",
    "holdout 50%",
    "wait 5 seconds",
)
TRIGGERS = ("", "", 'on "A"', 'on "A" where x >= 1', 'on first "A"', 'on page "/two*"', "on session start")
LIMITS = ("", "limits { at most 1 guide per session }", "limits { at least 30 minutes between guides }")


def kinds_of(clauses: Sequence[str]) -> list[str]:
    return ["once" if clause.startswith(("once", "shown", "until")) else clause.split()[0] for clause in clauses]


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    """A guide `tried` with random clauses, over the world of the stories."""
    trigger = draw(st.sampled_from(TRIGGERS))
    clauses = draw(st.lists(st.sampled_from(CLAUSES), max_size=3, unique=True))
    kinds = kinds_of(clauses)
    assume(len(set(kinds)) == len([kind for kind in kinds if kind != "only"]) + ("only" in kinds))
    edge = trigger.startswith('on "A"')
    whens = draw(st.lists(conditions(edge=edge), max_size=2))
    unless = draw(st.lists(conditions(edge=edge), max_size=1))
    lines = [trigger, *(f"when {each}" for each in whens), *(f"unless {each}" for each in unless), *clauses]
    guide = "\n  ".join(line for line in lines if line)
    limits = draw(st.sampled_from(LIMITS))
    holdout = "" if any(clause.startswith("holdout") for clause in clauses) else "holdout 0%"
    if draw(st.booleans()) and "rollout 50%" not in clauses:
        sample = draw(st.sampled_from(("", "sample 50%", "stop after 1 responses")))
        return f'{limits}\nsurvey tried "Tried" {{\n  {guide}\n  {sample}\n  ask effort ease2 "?"\n  {holdout}\n}}\n'
    return f'{limits}\nguide tried "Tried" {{\n  {guide}\n  show modal {{ title "T" }}\n  {holdout}\n}}\n'


@lru_cache(maxsize=64)
def rules(text: str, zone: str = "UTC") -> RuleSet | None:
    project = load({"world.way": WORLD + RIVALS + text}, zone=zone)
    return RuleSet.build(project) if project.ok else None


CONTEXTS: Sequence[Mapping[str, Any]] = (
    {},
    {},
    {"page": {"path": "/two/x"}, "device": {"type": "mobile", "ip": "10.1.2.3"}, "timezone": "America/New_York"},
    {"page": {"path": "/one"}, "consent": {"guidance": False}},
)


def of_another(history: Sequence[Event]) -> list[Event]:
    """The history of somebody else, who may be of the same account."""
    return [replace(each, user_id="v", message_id=f"v {each.message_id}", seq=each.seq + 100) for each in history]


def situation(
    ruleset: RuleSet, history: Sequence[Event], now: Instant, context: Mapping[str, Any] | None = None
) -> Situation:
    past = Past.of(ruleset, people_of(each for each in history if each.time <= now))
    known = past.person("u")
    return Situation(
        ruleset,
        known.state,
        now,
        known.person.first_id,
        known.person.name,
        known.woken,
        context=read_context(context),
        around=past.around(known),
    )


def decision_about(ruleset: RuleSet, history: Sequence[Event], now: Instant, context: Mapping[str, Any]) -> Decision:
    asked = situation(ruleset, history, now, context)
    return decide(
        ruleset, asked.state, asked.woken, now=now, person=asked.person, context=asked.context, around=asked.around
    )


def reason_in(decision: Decision) -> Reason | None:
    return next((each.reason for each in decision.considered if each.guide == "tried"), None)


def tried(
    ruleset: RuleSet, history: Sequence[Event], change: Change, *, later: int = 0, by_browser: bool = False
) -> Reason:
    """What the decision says once the change is made.

    later: what follows its last wait is done so much later. by_browser: all events come from the user's browser.
    """
    at = Instant(change.at + later)
    # What comes is received after all that is known, whoever told it.
    events = [replace(each, seq=each.seq + 1_000) for each in change.events]
    events = [replace(each, time=at, received=at) if each.time == change.at else each for each in events]
    if by_browser:
        events = [replace(each, from_browser=True) for each in events]
    decision = decision_about(ruleset, [*history, *events], at, dict(change.context))
    return reason_in(decision) or Reason.NOT_TRIGGERED


def past_of(history: Sequence[Event], now: Instant) -> list[Event]:
    return [each for each in history if each.time <= now]


def assert_agrees(asked: Why, decided: Reason | None) -> None:
    if decided is None:
        assert asked.reason in (Reason.NOT_TRIGGERED, Reason.NO_CONSENT)
    else:
        assert asked.reason is decided
    stopped = asked.stopped_by
    if asked.is_shown:
        assert stopped is None
    else:
        assert stopped is not None
        assert stopped.reason is asked.reason
    for gate in asked.gates:
        if gate.parts and gate.is_open:
            assert all(part.truth is Truth.TRUE for part in gate.parts)


PATIENT: dict[str, Any] = {
    "suppress_health_check": [HealthCheck.filter_too_much, HealthCheck.too_slow],
    "deadline": None,
}


WORLDS = (
    rule_texts(),
    histories,
    st.lists(histories, max_size=1),
    instants(),
    st.sampled_from(CONTEXTS),
    st.sampled_from(("UTC", "UTC", "Asia/Kathmandu")),
)


@settings(max_examples=120, **PATIENT)
@given(*WORLDS)
def test_why_agrees_with_the_decision_and_every_proposed_change_shows_the_guide(
    text: str, own: list[Event], others: list[list[Event]], now: Instant, context: Mapping[str, Any], zone: str
) -> None:
    check(text, [*own, *(each for other in others for each in of_another(other))], now, context, zone)


@pytest.mark.slow
@settings(max_examples=5_000, **PATIENT)
@given(*WORLDS)
def test_thousands_of_proposed_changes_show_the_guide(
    text: str, own: list[Event], others: list[list[Event]], now: Instant, context: Mapping[str, Any], zone: str
) -> None:
    check(text, [*own, *(each for other in others for each in of_another(other))], now, context, zone)


def check(text: str, history: list[Event], now: Instant, context: Mapping[str, Any], zone: str) -> None:
    ruleset = rules(text, zone)
    assume(ruleset is not None)
    assert ruleset is not None
    known = past_of(history, now)
    asked = why(situation(ruleset, known, now, context), "tried")
    note(text)
    assert_agrees(asked, reason_in(decision_about(ruleset, known, now, context)))
    assert asked.is_shown or asked.changes or asked.blocked
    for change in asked.changes:
        note(change.text)
        assert tried(ruleset, known, change).shows
        left = 0 if change.until is None else change.until - change.at
        for later in (left // 3, left // 2, left - 1):
            assert left == 0 or tried(ruleset, known, change, later=later).shows, f"{later} too late"
        assert tried(ruleset, known, change, by_browser=True).shows, "not from the browser"
