"""The compiled evaluator over bounded state agrees with the oracle over the raw history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from plain import Truth
from stories import conditions, histories, instants, renumbered, world
from truth import Person

from dsl.compiler import compile_condition
from dsl.nodes import Condition
from dsl.parser import parse_condition
from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.events import Event, in_history_order
from engine.facts import facts_of
from engine.plan import plan_for
from engine.state import Woken, fold, replay

PROJECT = world()
EXAMPLES = 1_400
"""Of the everyday run, for each kind of rule; the slow profile has its own number."""
CONTEXTS: Sequence[Mapping[str, JsonValue]] = (
    {},
    {"page": {"path": "/two/x"}, "device": {"type": "mobile", "ip": "10.1.2.3"}},
    {"page": {"path": "/one"}, "device": {"type": "desktop", "ip": "192.168.0.1"}},
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
    members = [replay(plan, [event for event in each if event.time <= now]).slots for each in others]
    facts = facts_of(plan, folded.state, now=now, context=context, woken=woken, others=lambda: members)
    return truth_of(compiled.holds(facts), compiled.fails(facts))


def truth_of(holds: bool, fails: bool) -> Truth:
    assert not (holds and fails), "true and false at once"
    return True if holds else False if fails else None


def last_trigger(history: Sequence[Event], now: Instant) -> Event | None:
    past = [event for event in in_history_order(history) if event.time <= now and event.name == "A"]
    return past[-1] if past else None


@settings(max_examples=EXAMPLES)
@given(conditions(), histories, instants(), st.sampled_from(CONTEXTS), st.lists(histories, max_size=1))
def test_a_state_rule_means_what_the_history_says(
    text: str, history: list[Event], now: Instant, context: Mapping[str, JsonValue], others: list[list[Event]]
) -> None:
    condition = parsed(text)
    expected = Person(PROJECT, history, now, context, others=others).truth(condition)
    note(f"{text} → {expected}")
    assert compiled_truth(condition, PROJECT, history, now=now, context=context, others=others) is expected


@settings(max_examples=EXAMPLES // 2)
@given(conditions(edge=True), histories, instants())
def test_an_edge_rule_means_what_the_history_says(text: str, history: list[Event], now: Instant) -> None:
    condition = parsed(text)
    trigger = last_trigger(history, now)
    if trigger is None:
        return
    expected = Person(PROJECT, history, now, trigger=trigger).truth(condition)
    note(f"{text} → {expected}")
    assert compiled_truth(condition, PROJECT, history, now=now, context={}, edge=True) is expected


@settings(max_examples=300)
@given(st.lists(conditions(), min_size=1, max_size=4), histories, st.data())
def test_batching_and_duplicates_and_the_order_of_receipt_change_nothing(
    texts: list[str], history: list[Event], data: st.DataObject
) -> None:
    needs = {need for text in texts for need in compile_condition(parsed(text), PROJECT).needs}
    plan = plan_for(PROJECT, needs)
    whole = replay(plan, history).to_json()

    ordered = in_history_order(history)
    state = None
    while ordered:
        size = data.draw(st.integers(1, len(ordered)))
        state = fold(plan, state, ordered[:size]).state
        ordered = ordered[size:]
    if state is not None:
        assert state.to_json() == whole

    assert replay(plan, [*history, *history]).to_json() == whole

    # Any order of receipt that keeps the order among equal times and equal messages.
    distinct = in_history_order(history)
    order = data.draw(st.permutations(range(len(distinct))))
    stable = sorted(order, key=lambda place: (order.index(_first_of_time(distinct, place, order)), place))
    shuffled = renumbered(distinct, stable)
    before = replay(plan, renumbered(distinct, list(range(len(distinct)))))
    assert _without_position(replay(plan, shuffled).to_json()) == _without_position(before.to_json())


def _first_of_time(events: Sequence[Event], place: int, order: Sequence[int]) -> int:
    return min((each for each in order if events[each].time == events[place].time), key=order.index)


def _without_position(state: bytes) -> dict[str, object]:
    import orjson

    read: dict[str, object] = orjson.loads(state)
    read.pop("position", None)
    return read


@pytest.mark.slow
@settings(max_examples=100_000)
@given(conditions(), histories, instants(), st.sampled_from(CONTEXTS))
def test_a_hundred_thousand_rules_mean_what_the_history_says(
    text: str, history: list[Event], now: Instant, context: Mapping[str, JsonValue]
) -> None:
    condition = parsed(text)
    expected = Person(PROJECT, history, now, context).truth(condition)
    assert compiled_truth(condition, PROJECT, history, now=now, context=context) is expected


def test_the_state_of_nobody_is_the_state_of_a_new_person() -> None:
    plan = plan_for(PROJECT, ())
    assert replay(plan, ()).to_json() == replay(plan, ()).to_json()
    assert Woken.__doc__
