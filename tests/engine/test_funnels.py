"""Funnels against twelve lines of plain Python that say the same thing slowly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.values import Duration
from engine.analytics.funnels import (
    Funnel,
    FunnelTooShort,
    Order,
    RepeatedStep,
    count_steps,
    furthest,
)

Event = tuple[str, str, int]
"""Who, what, when; the place in the list is the order of receipt."""


def oracle(history: Sequence[Event], funnel: Funnel) -> dict[str, int]:
    """The furthest step of each unit, straight from the rules."""
    units: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for seq, (unit, name, time) in enumerate(history):
        units[unit].append((time, seq, name))
    best = {unit: ORACLES[funnel.order](events, funnel) for unit, events in units.items()}
    return {unit: level for unit, level in best.items() if level}


def ordered(events: list[tuple[int, int, str]], funnel: Funnel) -> int:
    entry: dict[int, int] = {}
    wanted = [event for event in events if event[2] in funnel.steps]
    for time, _seq, name in sorted(wanted, key=lambda event: (event[0], funnel.steps.index(event[2]), event[1])):
        for step in reversed(range(len(funnel.steps))):
            if name != funnel.steps[step]:
                continue
            if step == 0:
                entry[0] = time
            elif step - 1 in entry and is_within(time - entry[step - 1], funnel):
                entry[step] = max(entry.get(step, entry[step - 1]), entry[step - 1])
    return max(entry, default=-1) + 1


def strict(events: list[tuple[int, int, str]], funnel: Funnel) -> int:
    names = sorted(events)
    best = 0
    for start, (entered, _, _) in enumerate(names):
        for length, (time, _, name) in enumerate(names[start : start + len(funnel.steps)], 1):
            if name != funnel.steps[length - 1] or not is_within(time - entered, funnel):
                break
            best = max(best, length)
    return best


def any_order(events: list[tuple[int, int, str]], funnel: Funnel) -> int:
    best = 0
    for start in {time for time, _, name in events if name in funnel.steps}:
        near = {name for time, _, name in events if time >= start and is_within(time - start, funnel)}
        best = max(best, len(near & set(funnel.steps)))
    return best


def is_within(length: int, funnel: Funnel) -> bool:
    return funnel.window is None or length <= funnel.window


ORACLES = {Order.ORDERED: ordered, Order.STRICT: strict, Order.ANY: any_order}


def by_engine(history: Sequence[Event], funnel: Funnel) -> dict[str, int]:
    import ibis
    import pyarrow as pa

    columns: dict[str, pa.Array] = {
        "unit": pa.array([unit for unit, _, _ in history], pa.string()),
        "time": pa.array([time for _, _, time in history], pa.int64()),
        "seq": pa.array(range(len(history)), pa.int64()),
    }
    for number, step in enumerate(funnel.steps):
        columns[f"step_{number}"] = pa.array([name == step for _, name, _ in history], pa.bool_())
    rows = ibis.duckdb.connect().to_pyarrow(furthest(ibis.memtable(pa.table(columns)), funnel)).to_pylist()
    return {row["unit"]: row["furthest"] for row in rows}


histories = st.lists(
    st.tuples(st.sampled_from("uv"), st.sampled_from("ABCx"), st.integers(0, 6)),
    max_size=14,
)
"""Two users, three names and one that does not matter, and few instants, so that ties are everywhere."""


@pytest.mark.parametrize("order", list(Order))
@settings(max_examples=60)
@given(
    history=histories,
    steps=st.permutations("ABC").map(tuple) | st.just(("A", "A", "B")) | st.just(("A", "B", "A")),
    window=st.none() | st.integers(0, 6).map(Duration),
)
def test_every_order_agrees_with_the_oracle(
    order: Order, history: list[Event], steps: tuple[str, ...], window: Duration | None
) -> None:
    if order is Order.ANY:
        steps = ("A", "B", "C")
    funnel = Funnel(steps, window, order)
    assert by_engine(history, funnel) == oracle(history, funnel)


CASES = [
    # what happened, steps, window, order, furthest step
    ("the window includes its end", [("A", 0), ("B", 5)], "AB", 5, Order.ORDERED, 2),
    ("one instant later is too late", [("A", 0), ("B", 6)], "AB", 5, Order.ORDERED, 1),
    ("a later entry takes the place of an earlier one", [("A", 0), ("A", 4), ("B", 9)], "AB", 5, Order.ORDERED, 2),
    ("at the same instant the earlier step goes first", [("B", 3), ("A", 3)], "AB", None, Order.ORDERED, 2),
    ("one event fills one step", [("A", 0), ("B", 1)], "AA", None, Order.ORDERED, 1),
    ("two events fill two steps", [("A", 0), ("A", 1)], "AA", None, Order.ORDERED, 2),
    ("others in between are allowed", [("A", 0), ("x", 1), ("B", 2)], "AB", None, Order.ORDERED, 2),
    ("but not in a strict funnel", [("A", 0), ("x", 1), ("B", 2)], "AB", None, Order.STRICT, 1),
    ("backwards is not forwards", [("B", 0), ("A", 1)], "AB", None, Order.ORDERED, 1),
    ("backwards is fine in any order", [("B", 0), ("A", 1)], "AB", None, Order.ANY, 2),
    ("who never entered is not counted", [("B", 0)], "AB", None, Order.ORDERED, None),
]


@pytest.mark.parametrize(("_fact", "events", "steps", "window", "order", "expected"), CASES, ids=lambda v: str(v)[:40])
def test_the_rules_of_a_funnel(
    _fact: str, events: list[tuple[str, int]], steps: str, window: int | None, order: Order, expected: int | None
) -> None:
    history = [("u", name, time) for name, time in events]
    funnel = Funnel(tuple(steps), None if window is None else Duration(window), order)
    assert by_engine(history, funnel).get("u") == expected
    assert oracle(history, funnel).get("u") == expected


def test_a_funnel_counts_everyone_who_came_at_least_this_far() -> None:
    counted = count_steps([60, 30, 10], ["a", "b", "c"])
    assert [(step.count, step.rate) for step in counted] == [(100, 1.0), (40, 0.4), (10, 0.1)]
    assert counted[1].interval is not None
    assert (round(counted[1].interval.low, 4), round(counted[1].interval.high, 4)) == (0.3094, 0.498)


def test_a_funnel_that_nobody_entered_has_no_rate() -> None:
    assert [(step.count, step.rate, step.interval) for step in count_steps([0, 0], ["a", "b"])] == [
        (0, None, None),
        (0, None, None),
    ]


def test_impossible_funnels_say_what_to_do() -> None:
    with pytest.raises(FunnelTooShort, match="at least two steps"):
        by_engine([], Funnel(("A",)))
    with pytest.raises(RepeatedStep, match="stands twice"):
        by_engine([], Funnel(("A", "A"), order=Order.ANY))
