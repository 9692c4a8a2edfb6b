"""Funnels against plain Python that says the same slowly (`tests/oracle/funnel.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

import funnel as oracle
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dsl.values import Duration
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.funnel_answer import Manner, Times, count_steps, design_of, manner_of, sharpest_drop
from engine.analytics.funnels import (
    BadExclusion,
    Between,
    Funnel,
    FunnelTooLong,
    FunnelTooShort,
    Order,
    RepeatedStep,
    furthest,
)
from tests.engine.crowds import differences
from tests.profiles import examples

Event = tuple[str, str, int]
"""Who, what, when; the place in the list is the order of receipt."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


def by_engine(engine: Engine, history: Sequence[Event], funnel: Funnel, excluded: Sequence[str] = ()) -> oracle.Reached:
    """What the engine says, in the words of the oracle."""
    import ibis
    import pyarrow as pa

    columns: dict[str, pa.Array] = {
        "unit": pa.array([unit for unit, _, _ in history], pa.string()),
        "time": pa.array([time for _, _, time in history], pa.int64()),
        "seq": pa.array(range(len(history)), pa.int64()),
    }
    for number, step in enumerate(funnel.steps):
        columns[f"step_{number}"] = pa.array([name == step for _, name, _ in history], pa.bool_())
    for number, other in enumerate(excluded):
        columns[f"exclusion_{number}"] = pa.array([name == other for _, name, _ in history], pa.bool_())
    found = furthest(ibis.memtable(pa.table(columns)), funnel)
    steps = range(len(funnel.steps))
    return {
        row["unit"]: [(row[f"at_{step}"], row[f"took_{step}"]) for step in steps if row[f"at_{step}"] is not None]
        for row in engine.rows(found)
    }


UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]
"""A smaller seed is no simpler history; the shortest one that differs is told anyway."""
seeds = st.integers(0, 2**32)


def crowd(seed: int) -> list[Event]:
    """Three hundred users, three names and two that are none, and few instants, so that ties are everywhere."""
    draw = Random(seed)  # noqa: S311  (histories, not secrets)
    sizes = [(f"u{number}", draw.randint(0, 9)) for number in range(300)]
    return [(unit, draw.choice("ABCxy"), draw.randint(0, 6)) for unit, size in sizes for _ in range(size)]


exclusions = st.lists(
    st.tuples(st.sampled_from("xyC"), st.sampled_from([Between(0, 2), Between(0, 1), Between(1, 2)])), max_size=2
)


@pytest.mark.parametrize("order", oracle.ORACLES)
@settings(max_examples=examples(6, 150), deadline=None, phases=UNSHRUNK)
@given(
    seed=seeds,
    steps=st.permutations("ABC").map(tuple) | st.just(("A", "A", "B")) | st.just(("A", "B", "A")),
    window=st.none() | st.integers(0, 6).map(Duration),
    excluded=exclusions,
)
def test_every_order_agrees_with_the_oracle(
    engine: Engine,
    order: Order,
    seed: int,
    steps: tuple[str, ...],
    window: Duration | None,
    excluded: list[tuple[str, Between]],
) -> None:
    match order:
        case Order.ANY:
            steps, excluded = ("A", "B", "z"), [(name, Between(0, 2)) for name, _ in excluded]
        case Order.STRICT | Order.THEN:
            excluded = []
        case _:
            pass
    names = [name for name, _ in excluded]
    distinct = len({*steps, *names}) == len(steps) + len(names)
    funnel = Funnel(steps, window, order, tuple(between for _, between in excluded), distinct=distinct)
    history = crowd(seed)
    found, said = by_engine(engine, history, funnel, names), oracle.reached(history, funnel, names)
    assert differences(found, said, ((unit, event) for unit, *event in history)) == []


@settings(max_examples=examples(3, 150), deadline=None, phases=UNSHRUNK)
@given(seed=seeds, window=st.none() | st.integers(0, 6).map(Duration))
def test_events_of_one_step_only_are_counted_the_same_in_a_simpler_way(
    engine: Engine, seed: int, window: Duration | None
) -> None:
    quick, plain = (Funnel(("A", "B", "C"), window, distinct=distinct) for distinct in (True, False))
    history = crowd(seed)
    assert by_engine(engine, history, quick) == by_engine(engine, history, plain)


CASES = [
    # what happened, steps, window, order, furthest step
    ("the window includes its end", [("A", 0), ("B", 5)], "AB", 5, Order.ORDERED, 2),
    ("one instant later is too late", [("A", 0), ("B", 6)], "AB", 5, Order.ORDERED, 1),
    ("a later entry takes the place of an earlier one", [("A", 0), ("A", 4), ("B", 9)], "AB", 5, Order.ORDERED, 2),
    ("at the same instant the earlier step goes first", [("B", 3), ("A", 3)], "AB", None, Order.ORDERED, 2),
    ("one event fills one step", [("A", 0), ("B", 1)], "AA", None, Order.ORDERED, 1),
    ("two events fill two steps", [("A", 0), ("A", 1)], "AA", None, Order.ORDERED, 2),
    (
        "of a strict chain's ends at one instant the first received counts",
        [("A", 2), ("A", 2), ("A", 1)],
        "AA",
        None,
        Order.STRICT,
        2,
    ),
    ("others in between are allowed", [("A", 0), ("x", 1), ("B", 2)], "AB", None, Order.ORDERED, 2),
    ("but not in a strict funnel", [("A", 0), ("x", 1), ("B", 2)], "AB", None, Order.STRICT, 1),
    ("at the same instant others go last", [("A", 0), ("x", 0), ("B", 0)], "AB", None, Order.STRICT, 2),
    ("backwards is not forwards", [("B", 0), ("A", 1)], "AB", None, Order.ORDERED, 1),
    ("backwards is fine in any order", [("B", 0), ("A", 1)], "AB", None, Order.ANY, 2),
    ("who never entered is not counted", [("B", 0)], "AB", None, Order.ORDERED, None),
]


@pytest.mark.parametrize(("_fact", "events", "steps", "window", "order", "expected"), CASES, ids=lambda v: str(v)[:40])
def test_the_rules_of_a_funnel(
    engine: Engine,
    _fact: str,
    events: list[tuple[str, int]],
    steps: str,
    window: int | None,
    order: Order,
    expected: int | None,
) -> None:
    history = [("u", name, time) for name, time in events]
    funnel = Funnel(tuple(steps), None if window is None else Duration(window), order)
    found, said = by_engine(engine, history, funnel), oracle.reached(history, funnel)
    assert (len(found["u"]) if "u" in found else None, found) == (expected, said)


EXCLUDED = [
    # what happened, between which steps of A B C nothing may come, furthest step
    ("an exclusion ends the chain", "A0 x1 B2 C3", Between(0, 2), 1),
    ("a new entry begins another", "A0 x1 A2 B3 C4", Between(0, 2), 3),
    ("before the entry it means nothing", "x0 A1 B2 C3", Between(0, 2), 3),
    ("after the last step it means nothing", "A1 B2 C3 x4", Between(0, 2), 3),
    ("between two steps it leaves the others alone", "A0 x1 B2 C3", Between(1, 2), 3),
    ("and breaks what lies between these", "A0 B1 x2 C3", Between(1, 2), 2),
    ("an older chain goes on where a newer one was broken", "A0 A1 B2 x3 B4 C5", Between(1, 2), 3),
    ("at the same instant steps go first", "A0 B1 x1 C1", Between(0, 2), 3),
]


@pytest.mark.parametrize(("_fact", "text", "between", "expected"), EXCLUDED, ids=lambda v: str(v)[:40])
def test_what_must_not_come_in_between(engine: Engine, _fact: str, text: str, between: Between, expected: int) -> None:
    history = [("u", word[0], int(word[1:])) for word in text.split()]
    funnel = Funnel(tuple("ABC"), exclusions=(between,), distinct=True)
    assert len(by_engine(engine, history, funnel, ["x"])["u"]) == expected
    assert len(oracle.reached(history, funnel, ["x"])["u"]) == expected


def test_what_is_a_step_and_excluded_as_well_breaks_what_comes_after_its_instant(engine: Engine) -> None:
    funnel = Funnel(tuple("AB"), exclusions=(Between(0, 1),))
    for text, expected in (("A1 B1", 2), ("A1 B2", 1)):
        history = [("u", word[0], int(word[1:])) for word in text.split()]
        assert len(by_engine(engine, history, funnel, ["A"])["u"]) == expected
        assert len(oracle.reached(history, funnel, ["A"])["u"]) == expected


def test_the_time_to_a_step_is_that_of_the_first_chain_there_from_its_latest_entry(engine: Engine) -> None:
    history = [("u", "A", 0), ("u", "A", 3), ("u", "B", 5), ("u", "A", 6), ("u", "B", 7), ("u", "C", 9)]
    assert by_engine(engine, history, Funnel(tuple("ABC"), distinct=True))["u"] == [(0, 0), (5, 2), (9, 3)]


def test_a_funnel_counts_everyone_who_came_at_least_this_far() -> None:
    counted = count_steps(["a", "b", "c"], [100, 40, 10])
    assert [(step.count, step.rate, step.of_previous, step.dropped) for step in counted] == [
        (100, 1.0, None, None),
        (40, 0.4, 0.4, 60),
        (10, 0.1, 0.25, 30),
    ]
    assert counted[1].interval is not None
    assert (round(counted[1].interval.low, 4), round(counted[1].interval.high, 4)) == (0.3094, 0.498)


def test_a_funnel_that_nobody_entered_has_no_rate() -> None:
    assert [(step.count, step.rate, step.interval) for step in count_steps(["a", "b"], [0, 0])] == [
        (0, None, None),
        (0, None, None),
    ]


def test_times_of_fewer_than_five_are_not_shown() -> None:
    times = Times(Duration(1), Duration(2), Duration(3))
    few, enough = (count_steps(["a", "b"], [9, count], [None, times])[1].took for count in (4, 5))
    assert (few, enough) == (None, times)


def test_the_sharpest_drop_is_named_with_its_interval_against_the_others() -> None:
    drop = sharpest_drop(count_steps(["a", "b", "c", "d"], [1000, 900, 450, 400]))
    assert drop is not None
    assert (drop.step, drop.after, drop.lost, drop.entered, drop.share) == ("c", "b", 450, 900, 0.5)
    # The others: 100 of 1000 and 50 of 450 lost, 150 of 1450.
    assert drop.difference == pytest.approx(0.5 - 150 / 1450)
    assert drop.difference_interval is not None
    assert drop.difference_interval.low == pytest.approx(0.3602, abs=5e-4)
    assert (drop.runner_up, drop.is_clear) == ("d", True)


def test_a_drop_that_chance_may_have_made_is_not_called_clear() -> None:
    drop = sharpest_drop(count_steps(["a", "b", "c"], [20, 12, 7]))
    assert drop is not None
    assert (drop.step, drop.runner_up, drop.is_clear) == ("c", "b", False)


@pytest.mark.parametrize("counts", [[10, 10], [0, 0, 0]])
def test_where_nobody_is_lost_no_drop_is_named(counts: list[int]) -> None:
    assert sharpest_drop(count_steps([str(step) for step in range(len(counts))], counts)) is None


MANNERS = [
    ((1, 2, 3), Manner.DESIGNED),
    ((1, 2, 0), Manner.DESIGNED),
    ((1, 0, 0), Manner.DESIGNED),
    ((1, 0, 2), Manner.SKIPPED),
    ((0, 1, 2), Manner.SKIPPED),
    ((2, 1, 0), Manner.OUT_OF_ORDER),
    ((0, 2, 1), Manner.OUT_OF_ORDER),
]


@pytest.mark.parametrize(("ranks", "manner"), MANNERS)
def test_a_path_follows_the_design_or_does_not(ranks: tuple[int, ...], manner: Manner) -> None:
    assert manner_of(ranks) is manner


def test_the_design_stands_beside_what_people_did() -> None:
    found = design_of("abc", {(1, 2, 3): 5, (1, 0, 2): 9, (2, 1, 3): 1, (1, 0, 0): 5})
    assert (found.units, found.completed, found.direct) == (20, 15, 5)
    assert found.manners == {Manner.DESIGNED: 10, Manner.SKIPPED: 9, Manner.OUT_OF_ORDER: 1}
    assert found.most_common is not None
    assert (found.most_common.steps, found.most_common.share) == (("a", "c"), 0.45)


IMPOSSIBLE = [
    (Funnel(("A",)), FunnelTooShort, "at least two steps"),
    (Funnel(tuple(map(str, range(31)))), FunnelTooLong, "at most 30 steps, this one 31"),
    (Funnel(("A", "A"), order=Order.ANY), RepeatedStep, "stands twice"),
    (Funnel(("A", "B"), order=Order.STRICT, exclusions=(Between(0, 1),)), BadExclusion, "nothing between its steps"),
    (Funnel(("A", "B"), exclusions=(Between(1, 1),)), BadExclusion, "a step and a later one"),
    (Funnel(("A", "B", "C"), order=Order.ANY, exclusions=(Between(0, 1),)), BadExclusion, "no `between`"),
]


@pytest.mark.parametrize(("funnel", "error", "says"), IMPOSSIBLE, ids=lambda value: str(value)[:30])
def test_impossible_funnels_say_what_to_do(engine: Engine, funnel: Funnel, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        by_engine(engine, [], funnel, "x" * len(funnel.exclusions))
