"""The same questions on DuckDB and on a Spark cluster, over the same files: identical rows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import funnel as oracle
import ibis
import pytest
from backward import Asked

from dsl.values import DAY, Duration, Instant
from engine.analytics import groups
from engine.analytics.asked import plan_of
from engine.analytics.backward import Wording, backward, last_steps
from engine.analytics.conversion import Question, Who, conversion, grouped, people_behind, reached
from engine.analytics.designs import Walked, design, people_on_design
from engine.analytics.engines import DuckDB, Engine, NoSpark, Spark, engine_at
from engine.analytics.funnel_answer import Manner
from engine.analytics.funnels import Between, Funnel, Order, Unit
from engine.analytics.history import History, open_history
from engine.analytics.path_answer import PathsAnswer
from engine.analytics.paths import PathQuestion
from engine.analytics.wheres import StepEvent
from engine.storage.lake import Lake
from tests.engine import backwards
from tests.engine.backwards import FAR, crowd, disagreements
from tests.engine.lakes import START, random_lake
from tests.engine.questions import QUESTIONS, rules
from tests.engine.spark_cluster import SETTINGS, Cluster
from tests.engine.test_funnels import by_engine

EVENTS, PEOPLE = 1_000_000, 30_000
LATER = Instant(START + 60 * DAY)
"""When nobody may still go on."""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A million events of thirty thousand people, of whom every tenth is somebody else, with many equal instants."""
    return random_lake(tmp_path_factory.mktemp("million"), events=EVENTS, people=PEOPLE, seed=7)


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


def question_on(history: History, name: str) -> Question:
    plan = plan_of(QUESTIONS[name], rules())
    by_trait = plan.split is not None and plan.split.kind == "trait"
    return plan.question(groups.by_trait(history, "plan") if by_trait else None)


def rows_of(engine: Engine, lake: Lake, name: str) -> list[dict[str, object]]:
    """Every unit of a question with its group and its times, in one order."""
    with open_history(lake, engine) as history:
        question = question_on(history, name)
        units = grouped(reached(history, question), question)
        order = [(column, "ascending") for column in units.columns]
        found: list[dict[str, object]] = engine.arrow(units).sort_by(order).to_pylist()
    return found


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_cluster_gives_the_rows_that_one_machine_gives(lake: Lake, spark: Engine, name: str) -> None:
    here = rows_of(DuckDB(), lake, name)
    assert len(here) > 400
    assert rows_of(spark, lake, name) == here


PATHS: dict[str, PathQuestion] = {
    "left": PathQuestion(((StepEvent("add"),), (StepEvent("cart"),)), (StepEvent("pay"),), now=LATER),
    "left, window": PathQuestion(
        ((StepEvent("add"),), (StepEvent("cart"), StepEvent("help"))),
        (StepEvent("buy"),),
        now=LATER,
        window=Duration(2 * DAY),
        since=Instant(START + 5 * DAY),
    ),
    "repeated": PathQuestion(((StepEvent("add"),), (StepEvent("add"),)), (StepEvent("buy"),), now=LATER, back=12),
    "before": PathQuestion((), (StepEvent("buy"),), now=LATER, wants_goal=True),
    "sessions": PathQuestion(((StepEvent("visit"),),), (StepEvent("add"),), now=LATER, unit=Unit.SESSION),
}
"""Backward paths of every kind; the names of the lake's events are in `tests.engine.lakes`."""


def paths_on(engine: Engine, lake: Lake, question: PathQuestion) -> tuple[list[dict[str, object]], PathsAnswer]:
    """Every step of every unit in one order, and the whole answer."""
    wording = Wording("goal", "left", "went on", (), None, "directly ".join, "then ".join)
    with open_history(lake, engine) as history:
        with last_steps(history, question) as found:
            order = [(column, "ascending") for column in found.rows.columns]
            rows: list[dict[str, object]] = engine.arrow(found.rows).sort_by(order).to_pylist()
        return rows, backward(history, question, wording)


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("name", PATHS)
def test_a_cluster_finds_the_last_steps_that_one_machine_finds(lake: Lake, spark: Engine, name: str) -> None:
    here = paths_on(DuckDB(), lake, PATHS[name])
    assert len(here[0]) > 400
    assert len({row["came"] for row in here[0]}) == 2
    assert paths_on(spark, lake, PATHS[name]) == here


@pytest.mark.slow
@pytest.mark.spark
def test_a_cluster_gives_the_answer_that_one_machine_gives(lake: Lake, spark: Engine) -> None:
    answers = []
    for engine in (DuckDB(), spark):
        with open_history(lake, engine) as history:
            question = question_on(history, "by trait")
            people = people_behind(history, question, Who(1, dropped=True), after="u2", limit=50)
            found = design(history, question)
            common = found.paths[2]
            walked = [Walked(manner) for manner in Manner] + [Walked(path=common.numbers), Walked(completed=True)]
            on_design = [people_on_design(history, question, each, limit=100_000) for each in walked]
            assert [len(each) for each in on_design] == [*found.manners.values(), common.count, found.completed]
            answers.append((conversion(history, question), found, people, on_design))
    assert answers[0] == answers[1]


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("order", oracle.ORACLES)
def test_a_cluster_agrees_with_the_oracle_on_histories_full_of_ties(spark: Engine, order: Order) -> None:
    draw = random.Random(11)  # noqa: S311
    names = [f"u{number}" for number in range(1_500)]
    history = [(draw.choice(names), draw.choice("ABCx"), draw.randrange(8)) for _ in range(15_000)]
    exclusions = (Between(0, 2),) if order not in {Order.STRICT, Order.THEN} else ()
    funnel = Funnel(("A", "B", "C"), Duration(3), order, exclusions, distinct=True)
    excluded = ["x"] * len(exclusions)
    assert by_engine(spark, history, funnel, excluded) == oracle.reached(history, funnel, excluded)


ASKED = {
    "left": Asked(("A", "B"), "C", None, 5, FAR, 0),
    "left, window": Asked(("A", "B"), "C", 1800, 5, 3700, 0),
    "repeated, some still wait": Asked(("A", "A"), "C", None, 3, 1800, 600),
    "before": Asked((), "C", None, 4, FAR, 0),
    "sessions": Asked(("A", "B"), "C", None, 5, 3700, 0, by_session=True),
    "sessions, window": Asked(("A",), "C", 300, 2, 3540, 0, by_session=True),
}
"""Backward paths as the oracle takes them; times in seconds."""


@pytest.mark.slow
@pytest.mark.spark
@pytest.mark.parametrize("name", ASKED)
def test_a_cluster_agrees_with_the_oracle_on_last_steps_full_of_ties(spark: Engine, name: str) -> None:
    events = crowd(17, 2_000, told=True)
    rows, waits = backwards.by_engine(spark, events, ASKED[name])
    assert len(rows) > 200
    assert disagreements(rows, waits, events, ASKED[name]) == []


def test_what_is_no_master_is_said_to_be_none() -> None:
    with pytest.raises(NoSpark, match="is not the address of a Spark master"):
        Spark("spark//nowhere")


def test_what_does_not_fit_in_the_memory_of_duckdb_is_written_to_its_folder_meanwhile(tmp_path: Path) -> None:
    numbers = ibis.range(600_000).unnest().name("number").as_table()
    turned = numbers.mutate(place=ibis.row_number().over(order_by=(numbers.number * 7_919) % 600_011))
    with engine_at(None, memory="24MB", spill=tmp_path / "spill") as engine, engine.kept(turned) as kept:
        assert list((tmp_path / "spill").iterdir())
        (told,) = engine.rows(kept.agg(rows=kept.place.nunique(), last=kept.place.max()))
    assert told == {"rows": 600_000, "last": 599_999}
    assert not list((tmp_path / "spill").glob("*"))
