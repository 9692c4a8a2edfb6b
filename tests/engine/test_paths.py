"""Backward paths against plain Python (`tests/oracle/backward.py`), and their conditions against the language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import backward as oracle
import pytest
from backward import Asked, Happening
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dsl.nodes import DidDirectly, DidSequence
from dsl.parser import parse_condition
from dsl.project import load
from dsl.values import SECOND, Duration, Instant
from engine.analytics.backward import backward, chain_counts, last_steps
from engine.analytics.conversion import Question, reached
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.funnel_answer import Times
from engine.analytics.funnels import Order
from engine.analytics.history import History
from engine.analytics.path_answer import BEGAN
from engine.analytics.paths import ends
from engine.analytics.paths_asked import PathsAsked, PathsPlan, chain_condition, paths_plan
from engine.analytics.wheres import StepEvent
from tests.engine.backwards import FAR, FUNNEL, by_engine, crowd, disagreements, history_of, planted, whom
from tests.profiles import examples


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


UNSHRUNK = [Phase.explicit, Phase.reuse, Phase.generate]
"""A smaller seed is no simpler history; the shortest ones that differ are told anyway."""
seeds = st.integers(0, 2**32)


@settings(max_examples=examples(8, 150), deadline=None, phases=UNSHRUNK)
@given(
    seed=seeds,
    told=st.booleans(),
    asked=st.builds(
        Asked,
        st.sampled_from([("A",), ("A", "B"), ("A", "A")]),
        st.just("C"),
        window=st.none() | st.sampled_from([0, 300, 1800, 3600]),
        back=st.integers(1, 4),
        gives_up=st.sampled_from([0, 600]),
        now=st.sampled_from([1800, 3540, 3700, FAR]),
        by_session=st.booleans(),
    ),
    only_before=st.booleans(),
)
def test_the_last_steps_are_those_of_the_oracle(
    engine: Engine, seed: int, told: bool, asked: Asked, only_before: bool
) -> None:
    if only_before:
        asked = replace(asked, steps=(), window=None)
    events = crowd(seed, 100, told=told)
    rows, waits = by_engine(engine, events, asked)
    assert disagreements(rows, waits, events, asked) == []
    places = [(row["unit"], row["place"]) for row in rows if row["kind"] == "event"]
    assert len(places) == len(set(places))


SESSIONS = [
    # name and minute; half an hour without an event ends a session. Now is minute 100.
    ("A1 C2", None, {"n:1": [(True, 1, "A")]}, set()),
    ("A1 x2", None, {"n:1": [(False, 2, "A"), (False, 1, "x")]}, set()),
    # The goal in another session is not come to from here.
    ("A1 x2 C40", None, {"n:1": [(False, 2, "A"), (False, 1, "x")]}, set()),
    # Each session is a unit of its own, with its own end.
    ("A1 C2 A40 x41", None, {"n:1": [(True, 1, "A")], "n:2": [(False, 2, "A"), (False, 1, "x")]}, set()),
    # An event at minute 80 keeps the session open, though the step is 45 minutes old.
    ("A55 x80", None, {}, {"n:1"}),
    # Open as long as the window and the session are, both.
    ("A55 x80", 44, {"n:1": [(False, 2, "A"), (False, 1, "x")]}, set()),
    ("A55 x80", 46, {}, {"n:1"}),
    ("A55", 46, {"n:1": [(False, 1, "A")]}, set()),
]


@pytest.mark.parametrize(
    ("text", "window", "expected", "open_"), SESSIONS, ids=[f"{t} in {w}" for t, w, *_ in SESSIONS]
)
def test_a_session_has_a_path_of_its_own_and_an_end(
    engine: Engine,
    text: str,
    window: int | None,
    expected: dict[str, list[tuple[bool, int, str]]],
    open_: set[str],
) -> None:
    events = [Happening(1, word[0], 60 * int(word[1:])) for word in text.split()]
    asked = Asked(("A",), "C", window and 60 * window, 5, 60 * 100, 0, by_session=True)
    rows, waits = by_engine(engine, events, asked)
    found: dict[str, list[tuple[bool, int, str]]] = {}
    for row in sorted(rows, key=lambda row: (row["unit"], -row["place"])):
        found.setdefault(row["unit"].removeprefix("1/"), []).append((row["came"], row["place"], row["name"]))
    assert (found, waits) == (expected, {f"1/{each}" for each in open_})


@pytest.mark.parametrize(
    ("order", "condition"),
    [(Order.DIRECTLY, "did {} in one session"), (Order.THEN, "did {}")],
    ids=["directly", "then"],
)
@settings(max_examples=examples(4, 60), deadline=None, phases=UNSHRUNK)
@given(seed=seeds, names=st.lists(st.sampled_from("ABxy"), min_size=2, max_size=3))
def test_a_chain_as_a_funnel_counts_whom_the_rule_reaches(
    engine: Engine, order: Order, condition: str, seed: int, names: list[str]
) -> None:
    events = crowd(seed, 60)
    word = " directly then " if order is Order.DIRECTLY else " then "
    text = condition.format(word.join(f'"{name}"' for name in names))
    question = Question(tuple(names), tuple((StepEvent(name),) for name in names), order=order)
    units = engine.rows(reached(history_of(engine, events), question))
    assert {row["unit"] for row in units if row[f"at_{len(names) - 1}"] is not None} == whom(text, events)


RULES = """
event "A"
event "B" { amount: number }
journey way "Way" {
  stage s "S" {
    step first "First" reached by "A", "x"
    step second "Second" reached by "B"
    step third "Third" reached by "C"
  }
}
"""
ASKED = [
    PathsAsked(journey="way", at="first"),
    PathsAsked(journey="way", at="second"),
    PathsAsked(journey="way", at="third", window=Duration(30 * 60 * SECOND)),
    PathsAsked(steps=("A", "B", "A")),
    PathsAsked(before="C"),
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.at or asked.before or "steps")
@settings(max_examples=examples(2, 40), deadline=None, phases=UNSHRUNK)
@given(seed=seeds)
def test_a_rule_knows_those_the_paths_are_of(engine: Engine, asked: PathsAsked, seed: int) -> None:
    events = crowd(seed, 60)
    plan = paths_plan(asked, load({"way.way": RULES}), now=Instant(FAR * SECOND))
    rows = engine.rows(ends(history_of(engine, events), plan.question))
    assert plan.wording.cohort_where is not None
    known = {row["unit"] for row in rows if row["came"] is plan.question.wants_goal}
    # Who only ever sent what Waypost itself sends took no step at all.
    active = {each.person for each in events if oracle.kind(each)}
    assert known == whom(plan.wording.cohort_where, events) & active


STORY = [
    ("A", "B", "x", "B", "help", "C"),
    ("A", "B", "x", "B", "C"),
    ("A", "B", "error", "B"),
    ("A", "error", "B", "error", "error"),
    ("A", "B", "error", "help"),
    ("A", "B", "error"),
    ("A", "B", "A", "B"),
    ("A", "B", "C"),
]


@pytest.fixture(scope="module")
def told(engine: Engine) -> tuple[History, PathsPlan]:
    """Eight people, a minute between two events; three went on from B to C."""
    events = [
        Happening(person, name, 60 * minute) for person, story in enumerate(STORY) for minute, name in enumerate(story)
    ]
    plan = paths_plan(PathsAsked(steps=("B", "C")), load({"way.way": RULES}), now=Instant(FAR * SECOND))
    return history_of(engine, events), plan


def test_what_few_met_and_the_steps_themselves_are_not_compared(told: tuple[History, PathsPlan]) -> None:
    history, plan = told
    answer = backward(history, plan.question, plan.wording)
    assert (answer.cohort.units, answer.cohort.other_units, answer.cohort.straight) == (5, 3, 0)
    # `x`, `help` and `error` were met by fewer than five of both groups; B and C are the steps themselves.
    assert [(one.name, one.met, one.others_met) for one in answer.contrast] == [("A", 5, 3)]
    assert answer.left_aside == ("B", "C")
    assert answer.cohort_where == 'did "B" and not did "B" then "C"'


def test_every_column_of_the_matrix_and_every_node_of_the_flows_adds_up(told: tuple[History, PathsPlan]) -> None:
    history, plan = told
    answer = backward(history, plan.question, plan.wording)
    for place in range(answer.steps_back):
        assert sum(row.counts[place] for row in answer.matrix) == answer.cohort.units
    out: Counter[tuple[int, str]] = Counter()
    into: Counter[tuple[int, str]] = Counter()
    for flow in answer.flows:
        out[flow.place, flow.name] += flow.count
        into[flow.place - 1, flow.to] += flow.count
    assert {node: count for node, count in into.items() if node[0] > 0} == {
        node: count for node, count in out.items() if node[1] != BEGAN
    }
    assert into[0, "left before C"] == answer.cohort.units


def test_a_link_becomes_a_funnel_with_the_same_count(told: tuple[History, PathsPlan]) -> None:
    history, plan = told
    with last_steps(history, plan.question) as found:
        answer = backward(history, plan.question, plan.wording)
        for link in answer.links:
            mine, others = chain_counts(found, (link.name, link.to), Order.DIRECTLY)
            assert (mine[-1], others[-1]) == (link.count, link.others)
            # And the same in the other way of counting: no other step lies between.
            loosely, _ = chain_counts(found, (link.name, link.to), Order.THEN)
            assert loosely[-1] >= link.count
        assert chain_counts(found, ("A", "B", "error"), Order.DIRECTLY) == ([5, 4, 3], [3, 3, 0])


def test_times_of_fewer_than_five_are_not_told(told: tuple[History, PathsPlan]) -> None:
    history, plan = told
    links = {(link.name, link.to): link for link in backward(history, plan.question, plan.wording).links}
    # Five of those who left went from A to B, but one of them met the error in between.
    assert (links["A", "B"].count, links["A", "B"].took) == (4, None)


def test_time_in_between_runs_from_the_end_of_a_step_to_the_beginning_of_the_next(engine: Engine) -> None:
    events = []
    for person, minutes in enumerate((1, 2, 3, 4, 9)):
        # B again and again is one step; a page between two steps is none.
        told = [("B", 0), ("B", 5), ("/a", 5.5), ("x", 5 + minutes), ("x", 15), ("y", 15 + 2 * minutes)]
        events += [Happening(person, name, int(60 * at), is_page=name == "/a") for name, at in told]
    # Those who went on took longer, and do not count.
    for person in range(5, 15):
        events += [Happening(person, name, 60 * at) for name, at in (("B", 0), ("x", 20), ("C", 21))]
    plan = paths_plan(PathsAsked(steps=("B", "C")), load({"way.way": RULES}), now=Instant(FAR * SECOND))
    answer = backward(history_of(engine, events), plan.question, plan.wording)
    took = {(link.name, link.to): link.took for link in answer.links}
    assert took == {("B", "x"): minutes_of(2, 3, 4), ("x", "y"): minutes_of(4, 6, 8)}
    # From the first of the last steps to the end of the last: a quarter of an hour and twice as long as before.
    assert answer.took == minutes_of(19, 21, 23)


def minutes_of(*quartiles: int) -> Times:
    return Times(*(Duration(each * 60 * SECOND) for each in quartiles))


LOOPS = [
    (("a", "b", "a"), ["a ⇄ b"]),
    (("a", "b", "b", "a"), ["a ⇄ b"]),
    (("a", "b", "c", "a"), ["a → b → c → a"]),
    (("a", "b", "c", "d", "a"), ["a → b → c → d → a"]),
    (("a", "b", "c", "b"), ["b ⇄ c"]),
    (("a", "b", "c", "b", "a"), ["b ⇄ c"]),
    (("a", "b", "c", "d"), []),
]


@pytest.mark.parametrize(("steps", "names"), LOOPS, ids=[" ".join(steps) for steps, _ in LOOPS])
def test_going_round_has_a_name(engine: Engine, steps: tuple[str, ...], names: list[str]) -> None:
    lost = [Happening(p, name, 60 * m) for p in range(6) for m, name in enumerate(("S", *steps))]
    kept = [Happening(p, name, 60 * m) for p in range(6, 9) for m, name in enumerate(("S", "z", "G"))]
    asked = PathsAsked(steps=("S", "G"), back=6)
    plan = paths_plan(asked, load({"way.way": RULES}), now=Instant(FAR * SECOND))
    answer = backward(history_of(engine, lost + kept), plan.question, plan.wording)
    assert [(one.name, one.met) for one in answer.loops] == [(name, 6) for name in names]


@pytest.mark.parametrize(
    ("names", "order", "text"),
    [
        (("A", "B"), Order.DIRECTLY, 'did "A" directly then "B" in one session'),
        (("A", "B", "C"), Order.THEN, 'did "A" then "B" then "C"'),
        (('say "hi"', "50 %"), Order.THEN, 'did "say \\"hi\\"" then "50 %"'),
    ],
    ids=["directly", "then", "any name"],
)
def test_a_chain_is_a_condition_that_reads_back(names: tuple[str, ...], order: Order, text: str) -> None:
    assert chain_condition(names, order) == text
    parsed = parse_condition(text)
    assert isinstance(parsed.condition, DidDirectly | DidSequence)
    assert tuple(ref.name.value for ref in parsed.condition.events) == names


@pytest.mark.parametrize("place", range(2))
def test_a_planted_cause_is_among_the_first_three(engine: Engine, place: int) -> None:
    """Two logs here; twenty, by the whole method, are in `test_planted_causes.py`."""
    events, cause = planted(place)
    answers = []
    for step in range(1, len(FUNNEL)):
        plan = paths_plan(PathsAsked(steps=FUNNEL[: step + 1]), load({"way.way": RULES}), now=Instant(FAR * SECOND))
        answers.append(backward(history_of(engine, events), plan.question, plan.wording))
    lost = max(answers, key=lambda answer: max((one.interval.low for one in answer.contrast), default=0.0))
    assert cause in [one.name for one in lost.contrast[:3]]
