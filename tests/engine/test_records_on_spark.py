"""Records of steps, transitions and silence on DuckDB and on a Spark cluster, over the same files: the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from walks import Happening

from dsl.values import SECOND, Instant
from engine.analytics.engines import DuckDB, Engine, Spark
from engine.analytics.history import History, open_history
from engine.analytics.kpi_figures import Period
from engine.analytics.silence import reach, silent_users
from engine.analytics.standings import DAYS, standings
from engine.analytics.step_counts import step_counts
from engine.analytics.transitions import transitions
from engine.storage.lake import Lake
from engine.storage.lake_rows import event_schema, people_schema
from tests.engine.spark_cluster import SETTINGS, Cluster
from tests.engine.walking import random_history, walk_at

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


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A random history in which every seventh event is one of a survey's life, and some signs of friction are none."""
    events = random_history(5)
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
    people = sorted({each.person for each in events})
    known = {
        "id": people,
        "person": people,
        "user": [f"u{number}" for number in people],
        "is_known": [True] * len(people),
        "simulated": [False] * len(people),
        "created": [0] * len(people),
    }
    made = Lake(Path(tmp_path_factory.mktemp("walks")))
    made.append(pa.table(columns, schema=event_schema()), pa.table(known, schema=people_schema()))
    return made


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
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_spark_gives_the_same_records(lake: Lake, spark: Engine, answer: Callable[[History], object]) -> None:
    with open_history(lake, spark) as history:
        on_spark = answer(history)
    duckdb = DuckDB()
    try:
        with open_history(lake, duckdb) as history:
            assert answer(history) == on_spark
    finally:
        duckdb.close()
