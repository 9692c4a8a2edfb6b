"""Records of steps, transitions and silence on DuckDB and on a Spark cluster, over the same files: the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from walks import Happening

from dsl.values import SECOND, Instant
from engine.analytics.engines import Engine, Spark, engine_at
from engine.analytics.history import History, open_history
from engine.analytics.kpi_figures import Period
from engine.analytics.silence import reach, silent_users
from engine.analytics.standings import DAYS, standings
from engine.analytics.step_counts import step_counts
from engine.analytics.transitions import transitions
from engine.storage.lake import Lake
from engine.storage.lake_rows import event_schema
from tests.engine.lakes import known_as, owner_of
from tests.engine.spark_cluster import SETTINGS, Cluster
from tests.engine.walking import PEOPLE, random_history, walk_at

ALWAYS = Period(Instant(0), Instant(10**18))


def records(history: History) -> object:
    with standings(history, walk_at(1300, span=DAYS)) as found:
        return step_counts(found)


def between(history: History) -> object:
    with standings(history, walk_at(1300), with_others=True) as found:
        return transitions(found)


def silence(history: History) -> object:
    return reach(history, ["q"], ALWAYS, span=DAYS), silent_users(history, ["q"], ALWAYS)


ANSWERS = [records, between, silence]


def happenings() -> list[Happening]:
    """Three thousand people, of whom each tenth turns out to be the one before, at few instants full of ties."""
    return [
        event._replace(person=event.person + PEOPLE * crowd)
        for crowd in range(20)
        for event in random_history(100 + crowd)
    ]


def lake_of(folder: Path, events: Sequence[Happening]) -> Lake:
    """A history in which every seventh event is one of a survey's life, and some signs of friction are none."""
    columns: dict[str, list[object]] = {name: [None] * len(events) for name in event_schema().names}
    columns |= {
        "seq": list(range(len(events))),
        "person_id": [each.person for each in events],
        "kind": ["page" if each.name == "$page" else "track" for each in events],
        "name": [each.name for each in events],
        "path": [each.page for each in events],
        "time": [each.time * SECOND for each in events],
        "properties": [told_with(place, each) for place, each in enumerate(events)],
        "from_browser": [True] * len(events),
        "simulated": [False] * len(events),
        "bot": [False] * len(events),
    }
    for place in range(0, len(events), 7):
        columns["name"][place] = "$shown" if place % 2 else "$answered"
        columns["kind"][place] = "track"
    made = Lake(folder)
    made.append(pa.table(columns, schema=event_schema()), known_as(each.person for each in events))
    return made


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Events filed under the numbers of those who turned out to be somebody else."""
    return lake_of(tmp_path_factory.mktemp("walks"), happenings())


@pytest.fixture(scope="module")
def told_apart(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The same events, filed from the beginning under those whose they are."""
    events = [event._replace(person=owner_of(event.person)) for event in happenings()]
    return lake_of(tmp_path_factory.mktemp("resolved"), events)


def told_with(place: int, event: Happening) -> str | None:
    if place % 7 == 0:
        return '{"guide":"q"}'
    # One click is no rage, whatever the browser that sent it was built with.
    return '{"evidence":{"clicks":1}}' if event.name == "$rage_click" and place % 3 == 0 else None


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    cluster = Cluster()
    cluster.start()
    engine = Spark(cluster.master, **SETTINGS)
    try:
        yield engine
    finally:
        engine.close()
        cluster.stop()


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_spark_gives_the_same_records(
    lake: Lake, told_apart: Lake, spark: Engine, answer: Callable[[History], object]
) -> None:
    with open_history(lake, spark) as history:
        on_spark = answer(history)
    assert answer_here(lake, answer) == on_spark
    assert answer_here(told_apart, answer) == on_spark


def answer_here(lake: Lake, answer: Callable[[History], object]) -> object:
    """What one machine says."""
    with engine_at(None) as duckdb, open_history(lake, duckdb) as history:
        return answer(history)
