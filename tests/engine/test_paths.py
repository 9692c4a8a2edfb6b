"""Backward paths against plain Python (`tests/oracle/backward.py`), and their conditions against the language."""

from __future__ import annotations

from collections.abc import Iterator

import backward as oracle
import pytest
from backward import Asked, Happening
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.values import SECOND, Duration, Instant
from engine.analytics.conversion import Question, reached
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.funnels import Order
from engine.analytics.paths import PathQuestion, ends, stretches
from engine.analytics.wheres import StepEvent
from tests.engine.backwards import FAR, history_of, whom


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


MINUTES = (0, 0, 0, 1, 5, 29, 30, 31, 61)
happenings = st.lists(
    st.builds(
        Happening,
        st.integers(1, 2),
        st.sampled_from("ABCCxyy") | st.sampled_from(["$rage_click", "$shown"]),
        st.sampled_from(MINUTES).map(lambda minutes: 60 * minutes),
        st.booleans() | st.just(True),
        is_page=st.just(False),
    )
    | st.builds(
        Happening,
        st.integers(1, 2),
        st.sampled_from(["/a", "/b"]),
        st.sampled_from(MINUTES).map(lambda minutes: 60 * minutes),
        is_page=st.just(True),
    ),
    max_size=16,
)
"""Two people, few instants (so that ties are everywhere) around the half hour that ends a session."""


@settings(max_examples=15, deadline=None)
@given(
    events=happenings,
    steps=st.sampled_from([(), ("A",), ("A", "B"), ("A", "A")]),
    window=st.none() | st.sampled_from([0, 300, 1800, 3600]),
    back=st.integers(1, 4),
    gives_up=st.sampled_from([0, 600]),
    now=st.sampled_from([1800, FAR]),
)
def test_the_last_steps_are_those_of_the_oracle(
    engine: Engine,
    events: list[Happening],
    steps: tuple[str, ...],
    window: int | None,
    back: int,
    gives_up: int,
    now: int,
) -> None:
    window = window if steps else None
    expected, waiting = oracle.stretch(events, Asked(steps, "C", window, back, now, gives_up))
    question = PathQuestion(
        tuple((StepEvent(name),) for name in steps),
        (StepEvent("C"),),
        now=Instant(now * SECOND),
        window=None if window is None else Duration(window * SECOND),
        back=back,
        gives_up=Duration(gives_up * SECOND),
    )
    history = history_of(engine, events)
    with engine.kept(ends(history, question)) as ended:
        rows = engine.rows(stretches(history, question, ended))
        waits = {row["unit"] for row in engine.rows(ended) if row["is_open"]}
    assert {(row["unit"], row["came"], row["place"], row["kind"], row["name"]) for row in rows} == expected
    assert waits == waiting
    places = [(row["unit"], row["place"]) for row in rows if row["kind"] == "event"]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("order", "condition"),
    [(Order.DIRECTLY, "did {} in one session"), (Order.THEN, "did {}")],
    ids=["directly", "then"],
)
@settings(max_examples=15, deadline=None)
@given(events=happenings, names=st.lists(st.sampled_from("ABxy"), min_size=2, max_size=3))
def test_a_chain_as_a_funnel_counts_whom_the_rule_reaches(
    engine: Engine, order: Order, condition: str, events: list[Happening], names: list[str]
) -> None:
    word = " directly then " if order is Order.DIRECTLY else " then "
    text = condition.format(word.join(f'"{name}"' for name in names))
    question = Question(tuple(names), tuple((StepEvent(name),) for name in names), order=order)
    units = engine.rows(reached(history_of(engine, events), question))
    assert {row["unit"] for row in units if row[f"at_{len(names) - 1}"] is not None} == whom(text, events)
