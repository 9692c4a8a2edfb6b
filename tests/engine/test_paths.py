"""Backward paths against plain Python (`tests/oracle/backward.py`), and their conditions against the language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import backward as oracle
import pytest
from backward import Asked, Happening
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.nodes import DidDirectly, DidSequence
from dsl.parser import parse_condition
from dsl.project import load
from dsl.values import SECOND, Duration, Instant
from engine.analytics.backward import backward, chain_counts, last_steps
from engine.analytics.conversion import Question, reached
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.funnels import Order
from engine.analytics.history import History
from engine.analytics.path_answer import BEGAN
from engine.analytics.paths import PathQuestion, ends, stretches
from engine.analytics.paths_asked import PathsAsked, PathsPlan, chain_condition, paths_plan
from engine.analytics.wheres import StepEvent
from tests.engine.backwards import FAR, FUNNEL, history_of, planted, whom
from tests.profiles import examples


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
        session=st.none(),
    )
    | st.builds(
        Happening,
        st.integers(1, 2),
        st.sampled_from(["/a", "/b"]),
        st.sampled_from(MINUTES).map(lambda minutes: 60 * minutes),
        is_page=st.just(True),
        session=st.none(),
    ),
    max_size=16,
)
"""Two people, few instants (so that ties are everywhere) around the half hour that ends a session."""


@st.composite
def sessions_told(draw: st.DrawFn) -> list[Happening]:
    """The same; in some histories events bring a session of their own."""
    ids = draw(st.just([None]) | st.just([None, "s", "t"]))
    return [each._replace(session=draw(st.sampled_from(ids))) for each in draw(happenings)]


@settings(max_examples=examples(15, 300), deadline=None)
@given(
    events=sessions_told(),
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
@settings(max_examples=examples(10, 200), deadline=None)
@given(events=happenings, names=st.lists(st.sampled_from("ABxy"), min_size=2, max_size=3))
def test_a_chain_as_a_funnel_counts_whom_the_rule_reaches(
    engine: Engine, order: Order, condition: str, events: list[Happening], names: list[str]
) -> None:
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
@settings(max_examples=examples(4, 80), deadline=None)
@given(events=happenings)
def test_a_rule_knows_those_the_paths_are_of(engine: Engine, asked: PathsAsked, events: list[Happening]) -> None:
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


def test_time_in_between_runs_from_the_end_of_a_step_to_the_beginning_of_the_next(
    told: tuple[History, PathsPlan],
) -> None:
    history, plan = told
    links = {(link.name, link.to): link for link in backward(history, plan.question, plan.wording).links}
    # Five of those who left went from A to B, a minute each but one, who met the error in between.
    assert links["A", "B"].count == 4
    assert links["A", "B"].took is None, "four are too few to tell"


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
