"""The effect of a guide: who is in which arm, what became of them, and what may be said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import effects as oracle
import pyarrow as pa
import pytest
from effects import Happening
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dsl.project import load
from dsl.values import DAY, Duration, Instant
from engine.analytics import arms
from engine.analytics.arms import Cell, Followed, Sign, Watched, decided_table
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.history import History, open_history
from engine.analytics.wheres import StepEvent
from engine.storage.lake import Lake
from engine.storage.lake_rows import event_schema
from tests.engine.lakes import known_as
from tests.profiles import examples

RULES = load({"r.way": 'survey s "S" { ask effort ease "How easy was it?" }'})
STEPS = tuple((StepEvent(name),) for name in oracle.STEPS)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


def lake_of(folder: Path, events: Sequence[Happening]) -> Lake:
    """A lake with just these events, received in this order."""
    rows = {name: [None] * len(events) for name in event_schema().names}
    columns: dict[str, list[object]] = {
        **rows,
        "seq": list(range(1, len(events) + 1)),
        "person_id": [each.person for each in events],
        "kind": ["group" if each.name == "$group" else "track" for each in events],
        "group_id": [each.about if each.name == "$group" else None for each in events],
        "name": [each.name for each in events],
        "time": [each.time for each in events],
        "properties": [_properties(each) for each in events],
        "from_browser": [True] * len(events),
        "simulated": [False] * len(events),
        "bot": [False] * len(events),
    }
    lake = Lake(folder)
    lake.append(pa.table(columns, schema=event_schema()), known_as(each.person for each in events))
    return lake


def _properties(event: Happening) -> str | None:
    if event.about is None:
        return None if event.score is None else f'{{"amount":{event.score}}}'
    score = "" if event.score is None else f',"question":"ease","value":{event.score}'
    return f'{{"guide":"{event.about}"{score}}}'


def counted(cells: Sequence[Cell]) -> oracle.Counts:
    """The cells in the words of the oracle."""
    found: dict[tuple[str, int], dict[str, tuple[int, int]]] = {}
    for cell in cells:
        told = {sign.value: (cell.signs[sign].n, cell.signs[sign].count) for sign in Sign}
        told |= {"people": (cell.people, cell.people), "goal": (cell.goal.n, cell.goal.count)}
        told["step"] = (cell.steps["j", 1].n, cell.steps["j", 1].count)
        if cell.feelings.n:
            told["felt"] = (cell.feelings.n, round(cell.feelings.total * 10_000))
        found[cell.arm, cell.day] = told
    return found


days = st.integers(0, 6).map(lambda half: half * DAY // 2)
people = st.integers(1, 6)
plain = st.sampled_from(["a", "b", "c", "goal", "$rage_click", "$page"])
lives = st.sampled_from(["$shown", "$held_out", "$started", "$dismissed"])
happenings = st.lists(
    st.tuples(people, plain, days, st.none(), st.none()).map(lambda each: Happening(*each))
    | st.tuples(people, lives, days, st.sampled_from("ggh"), st.none()).map(lambda each: Happening(*each))
    | st.tuples(people, st.just("$answered"), days, st.sampled_from("gs"), st.sampled_from([1, 3, 7, None])).map(
        lambda each: Happening(*each)
    ),
    min_size=1,
    max_size=40,
)
"""Six people, half days, and the instants equal more often than not."""


@settings(
    max_examples=examples(8, 160),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    events=happenings,
    decided=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4).map(lambda day: day * DAY // 2)), max_size=3),
    has_goal=st.booleans(),
)
def test_arms_and_what_became_of_them_agree_with_the_oracle(
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
    events: list[Happening],
    decided: list[tuple[int, int]],
    has_goal: bool,
) -> None:
    asked = Followed(
        guide="g",
        goal=(StepEvent("goal"),) if has_goal else (),
        within=Duration(DAY),
        journeys=(Watched("j", STEPS, (1,), Duration(2 * DAY)),),
        now=Instant(3 * DAY),
    )
    with open_history(lake_of(tmp_path_factory.mktemp("lake"), events), engine) as history:
        table = decided_table([(person, time, number, None) for number, (person, time) in enumerate(decided)])
        cells = arms.followed(history, arms.entered(history, "g", table), asked, RULES)
    expected = oracle.counts(events, decided, within=DAY, gives_up=2 * DAY, now=3 * DAY, goal=has_goal)
    assert counted(cells) == {key: dict(cell) for key, cell in expected.items()}


def entered(
    history: History, decided: Sequence[tuple[int, int, str]] = (), **more: object
) -> dict[int, tuple[str, str | None, int]]:
    table = decided_table([(person, time, number, variant) for number, (person, time, variant) in enumerate(decided)])
    rows = history.engine.rows(arms.entered(history, "g", table))
    return {row["person"]: (row["arm"], row["variant"], row["at"]) for row in rows}


def test_who_was_to_see_it_counts_whether_the_browser_showed_it_or_not(engine: Engine, tmp_path: Path) -> None:
    events = [Happening(1, "a", 0), Happening(2, "a", 0), Happening(2, "$shown", 9, "g")]
    with open_history(lake_of(tmp_path, events), engine) as history:
        assert entered(history, [(1, 5, "x"), (2, 5, "x")]) == {1: ("shown", "x", 5), 2: ("shown", "x", 5)}


def test_who_is_found_in_both_arms_is_in_neither(engine: Engine, tmp_path: Path) -> None:
    events = [Happening(1, "a", 0), Happening(1, "$held_out", 3, "g"), Happening(1, "$shown", 9, "g")]
    with open_history(lake_of(tmp_path, events), engine) as history:
        assert entered(history) == {1: ("both", None, 3)}


def test_who_came_before_the_shares_were_changed_is_told_apart(engine: Engine, tmp_path: Path) -> None:
    events = [
        Happening(1, "a", 0),
        Happening(1, "$shown", 3, "g"),
        Happening(2, "a", 0),
        Happening(2, "$shown", 4, "g"),
    ]
    with open_history(lake_of(tmp_path, events), engine) as history:
        table = arms.entered(history, "g", decided_table([]), since=Instant(4))
        found = {row["person"]: row["arm"] for row in history.engine.rows(table)}
    assert found == {1: "earlier", 2: "shown"}
