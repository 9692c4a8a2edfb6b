"""The compiled evaluator over bounded state agrees with the oracle over the raw history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from plain import Truth
from stories import ZONES, conditions, histories, instants, renumbered, sayings, world
from truth import Person

from dsl.compiler import compile_condition
from dsl.nodes import Condition
from dsl.parser import parse_condition
from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.accounts import account_of
from engine.events import Event, in_history_order
from engine.facts import facts_of
from engine.plan import plan_for
from engine.state import UserState, fold, replay

PROJECTS = {zone: world(zone) for zone in ZONES}
PROJECT = PROJECTS["UTC"]
EXAMPLES = 1_400
"""State rules of the everyday run; half as many edge rules."""
PARTS, PART = 20, 5_000
"""The slow profile asks PARTS times PART state rules, and a quarter as many edge rules: parts may run side by side."""
CONTEXTS: Sequence[Mapping[str, JsonValue]] = (
    {},
    {"page": {"path": "/two/x"}, "device": {"type": "mobile", "ip": "10.1.2.3"}},
    {"page": {"path": "/one"}, "device": {"type": "desktop", "ip": "192.168.0.1"}, "locale": "de-CH"},
)


def parsed(text: str) -> Condition:
    found = parse_condition(text)
    assert found.condition is not None, (text, found.diagnostics)
    return found.condition


def compiled_truth(
    condition: Condition,
    project: RuleProject,
    history: Sequence[Event],
    *,
    now: Instant,
    context: Mapping[str, JsonValue],
    others: Sequence[Sequence[Event]] = (),
    edge: bool = False,
) -> Truth:
    compiled = compile_condition(condition, project, edge=edge, triggers=("A",) if edge else ())
    plan = plan_for(project, compiled.needs)
    past = in_history_order(event for event in in_history_order(history) if event.time <= now)
    folded = fold(plan, None, past)
    woken = next((each for each in reversed(folded.woken) if each.event.name == "A"), None) if edge else None
    # Of two messages with one id the first received counts, even if it is later than now: so duplicates go first.
    known = [[event for event in in_history_order(each) if event.time <= now] for each in others]
    members = [replay(plan, each).slots for each in known]
    facts = facts_of(plan, folded.state, now=now, context=context, woken=woken, others=lambda: members)
    return truth_of(compiled.holds(facts), compiled.fails(facts))


def truth_of(holds: bool, fails: bool) -> Truth:
    assert not (holds and fails), "true and false at once"
    return True if holds else False if fails else None


def last_trigger(history: Sequence[Event], now: Instant) -> Event | None:
    past = [event for event in in_history_order(history) if event.time <= now and event.name == "A"]
    return past[-1] if past else None


@dataclass(frozen=True)
class Asked:
    """A rule, the history of whom it is asked, and the instant; others: of the same account."""

    text: str
    history: list[Event]
    now: Instant
    zone: str
    context: Mapping[str, JsonValue] | None = None
    others: Sequence[list[Event]] = ()

    def check_as_state_rule(self) -> None:
        """The evaluator says what the oracle says."""
        condition, project, context = parsed(self.text), PROJECTS[self.zone], self.context or {}
        person = Person(project, self.history, self.now, context, others=self.others)
        expected = person.truth(condition)
        note(f"{self.text} → {expected}")
        found = compiled_truth(condition, project, self.history, now=self.now, context=context, others=self.others)
        assert found is expected

    def check_as_edge_rule(self) -> None:
        """The same of a rule that the latest event of its trigger woke; without one nothing is asked."""
        trigger = last_trigger(self.history, self.now)
        if trigger is None:
            return
        condition, project = parsed(self.text), PROJECTS[self.zone]
        expected = Person(project, self.history, self.now, trigger=trigger).truth(condition)
        note(f"{self.text} → {expected}")
        assert compiled_truth(condition, project, self.history, now=self.now, context={}, edge=True) is expected


state_rules = st.builds(
    Asked,
    conditions(),
    histories,
    instants(),
    st.sampled_from(ZONES),
    st.sampled_from(CONTEXTS),
    st.lists(histories, max_size=1),
)
edge_rules = st.builds(Asked, conditions(edge=True), histories, instants(), st.sampled_from(ZONES))


@settings(max_examples=EXAMPLES)
@given(state_rules)
def test_a_state_rule_means_what_the_history_says(asked: Asked) -> None:
    asked.check_as_state_rule()


@settings(max_examples=EXAMPLES // 2)
@given(edge_rules)
def test_an_edge_rule_means_what_the_history_says(asked: Asked) -> None:
    asked.check_as_edge_rule()


@settings(max_examples=EXAMPLES // 2)
@given(sayings)
def test_attributes_are_what_the_operations_made_of_them(history: list[Event]) -> None:
    person = Person(PROJECT, history, Instant(max(event.time for event in history)))
    state = replay(plan_for(PROJECT, compile_condition(parsed("true"), PROJECT).needs), history)
    state.unpack(("traits",))
    assert state.traits == person.traits
    assert state.account == person.account == account_of(in_history_order(history)).traits


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@settings(max_examples=PART, derandomize=False)
@given(asked=state_rules)
def test_a_hundred_thousand_state_rules_mean_what_the_history_says(part: int, asked: Asked) -> None:
    asked.check_as_state_rule()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS // 4))
@settings(max_examples=PART, derandomize=False)
@given(asked=edge_rules)
def test_thousands_of_edge_rules_mean_what_the_history_says(part: int, asked: Asked) -> None:
    asked.check_as_edge_rule()


@dataclass(frozen=True)
class Kept:
    """What is to be kept for some rules, a history, and how it comes in."""

    texts: list[str]
    history: list[Event]
    sizes: list[int]
    chance: Random

    def check(self) -> None:
        """Batches, duplicates and the order of receipt among different times change not a byte of the state."""
        needs = {need for text in self.texts for need in compile_condition(parsed(text), PROJECT).needs}
        plan = plan_for(PROJECT, needs)
        whole = replay(plan, self.history)
        expected = whole.to_json()

        rest, state = in_history_order(self.history), None
        for size in [*self.sizes, len(rest)]:
            if rest[:size]:
                # What is stored between two requests is all that there is.
                stored = None if state is None else UserState.from_json(state.to_json())
                state = fold(plan, stored, rest[:size]).state
            rest = rest[size:]
        assert state is None or state.to_json() == expected

        assert replay(plan, [*self.history, *self.history]).to_json() == expected

        distinct = in_history_order(self.history)
        shuffled = renumbered(distinct, self._as_received_otherwise(distinct))
        before = replay(plan, renumbered(distinct, list(range(len(distinct)))))
        # The position names the latest event by its number of receipt, which is another now.
        assert _without_position(replay(plan, shuffled)) == _without_position(before)

    def _as_received_otherwise(self, events: Sequence[Event]) -> list[int]:
        """Another order of receipt: any, but that events of one time stay in theirs."""
        times = sorted({event.time for event in events})
        places = {time: [place for place, event in enumerate(events) if event.time == time] for time in times}
        turns = [event.time for event in events]
        self.chance.shuffle(turns)
        return [places[time].pop(0) for time in turns]


def _without_position(state: UserState) -> bytes:
    return replace(state, position=None).to_json()


kept_histories = st.builds(
    Kept,
    st.lists(conditions(), min_size=1, max_size=4),
    histories,
    st.lists(st.integers(1, 6), max_size=6),
    st.randoms(use_true_random=False),
)


@settings(max_examples=300)
@given(kept_histories)
def test_batching_and_duplicates_and_the_order_of_receipt_change_nothing(kept: Kept) -> None:
    kept.check()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS // 4))
@settings(max_examples=PART, derandomize=False)
@given(kept=kept_histories)
def test_batching_changes_nothing_of_many_histories(part: int, kept: Kept) -> None:
    kept.check()
