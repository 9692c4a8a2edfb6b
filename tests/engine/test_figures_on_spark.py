"""Effects, figures and account health on DuckDB and on a Spark cluster, over the same files: the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest
from effects import Happening

from dsl.values import DAY, Duration, Instant
from engine.analytics import arms, before_after, health, kpi_figures, kpi_journeys
from engine.analytics.engines import Engine, Spark, engine_at
from engine.analytics.heard import Heard
from engine.analytics.history import History, open_history
from engine.analytics.kpi_experience import experience
from engine.analytics.kpi_figures import JourneyAsked, Period, Revenue
from engine.analytics.records import AnswerGiven
from engine.analytics.standings import Walk, standings
from engine.analytics.wheres import StepEvent
from engine.storage.lake import Lake
from tests.engine.lakes import owner_of
from tests.engine.spark_cluster import SETTINGS, Cluster
from tests.engine.test_effect import RULES, STEPS, lake_of

PERIOD = Period(Instant(0), Instant(40 * DAY))
ENDS = [StepEvent("c")]
GUIDE = arms.Followed(
    guide="g",
    goal=(StepEvent("goal"),),
    within=Duration(DAY),
    journeys=(arms.Watched("j", STEPS, (1,), Duration(2 * DAY)),),
    now=PERIOD.until,
)
JOURNEY = JourneyAsked(
    name="j",
    steps=("a", "b", "c"),
    reached=STEPS,
    attempted=((), (StepEvent("goal"),), ()),
    expected=(None, Duration(DAY), None),
    stages=(("s", 0, 1), ("t", 2, 2)),
    outcome=(StepEvent("c"),),
    gives_up=Duration(7 * DAY),
)
REVENUE = Revenue("goal", "amount")


def effect(history: History) -> object:
    decided = arms.decided_table([(owner_of(n), 5 * n, n, None if n % 3 else "x") for n in range(1, 600, 4)])
    entries = arms.entered(history, "g", decided, since=Instant(3 * DAY))
    return sorted(map(str, arms.followed(history, entries, GUIDE, RULES)))


def before_and_after(history: History) -> object:
    when = before_after.periods(first_event=Instant(0), begins=Instant(20 * DAY), within=GUIDE.within, now=PERIOD.until)
    assert when is not None
    moments = before_after.moments(history, STEPS[0], when)
    return sorted(map(str, arms.followed(history, moments, GUIDE, RULES)))


def surveys(history: History) -> object:
    scores = list(kpi_figures.survey_figures(history, PERIOD, {("s", "ease"): "effort"}))
    return scores, list(kpi_figures.rate_figures(history, PERIOD, ["g", "s"]))


def features(history: History) -> object:
    used = {"one": [StepEvent("b")], "two": ENDS}
    audiences = {"one": None, "two": frozenset({1, 2, 3, 4, 5, 6})}
    return list(kpi_figures.adoption_figures(history, PERIOD, used, audiences))


def coming_back(history: History) -> object:
    with history.engine.kept(kpi_figures.newcomers(history, PERIOD, REVENUE)) as people:
        kept = list(kpi_figures.retention_figures(history, people, PERIOD))
        return kept, list(kpi_figures.revenue_figures(history, people, REVENUE))


def journey(history: History) -> object:
    engine, newcomers = history.engine, kpi_figures.newcomers(history, PERIOD, REVENUE)
    with (
        engine.kept(newcomers) as new,
        engine.kept(kpi_journeys.people_of(history, new, JOURNEY, PERIOD)) as people,
    ):
        return (
            list(kpi_figures.value_figures(history, people, JOURNEY, PERIOD)),
            list(kpi_journeys.step_figures(history, people, JOURNEY, PERIOD)),
            list(kpi_journeys.churn_figures(history, people, JOURNEY, PERIOD)),
            list(kpi_journeys.associations(history, people, JOURNEY, PERIOD, has_revenue=True)),
        )


def what_it_was_like(history: History) -> object:
    newcomers = kpi_figures.newcomers(history, PERIOD, REVENUE)
    people = kpi_journeys.people_of(history, newcomers, JOURNEY, PERIOD)
    people_heard = {owner_of(number) for number in range(1, 3_000, 3)}
    told = [heard_from(person, step) for person in sorted(people_heard) for step in "abc" if person % 2 or step != "b"]
    walk = Walk(asked=JOURNEY, pages=(), now=PERIOD.until, period=PERIOD)
    with standings(history, walk) as found:
        felt = experience(found, told)
        return list(
            kpi_journeys.associations(history, people, JOURNEY, PERIOD, has_revenue=True, experience=felt),
        )


def heard_from(person: int, step: str) -> Heard:
    """An answer of somebody at a step, bad or good."""
    valence = (person % 5 - 2) / 2
    given = AnswerGiven(person, "s", "ease", "1", 1, None, None, valence, False, None, Instant(DAY))
    return Heard(step, person, person, str(person), None, given)


def accounts(history: History) -> object:
    found = health.accounts(history, PERIOD, ENDS)
    return found, health.people_of(history, PERIOD, ENDS, [each.account for each in found])


HALF_DAYS = (0, 1, 4, 5, 9, 16, 17, 31, 39, 50, 65)
"""When anything happens: few days, because each is a file of its own."""
ANSWERS = [effect, before_and_after, surveys, features, coming_back, journey, what_it_was_like, accounts]


def happenings() -> list[Happening]:
    """Forty thousand events of three thousand people, of whom each tenth turns out to be the one before, on half days,
    so that many instants are equal."""
    random, events = Random(5), []  # noqa: S311  (a history, no secret)
    for _ in range(40_000):
        person, time, draw = random.randint(1, 3_000), random.choice(HALF_DAYS) * DAY // 2, random.random()
        if draw < 0.5:
            events.append(Happening(person, random.choice(["a", "b", "c", "$rage_click"]), time))
        elif draw < 0.6:
            events.append(Happening(person, "goal", time, None, random.choice([None, 5, 12.5, 20])))
        elif draw < 0.65:
            events.append(Happening(person, "$group", time, f"account {person % 20}"))
        elif draw < 0.8:
            life = random.choice(["$shown", "$held_out", "$dismissed"])
            events.append(Happening(person, life, time, random.choice("ggh")))
        else:
            events.append(Happening(person, "$answered", time, random.choice("gs"), random.choice([1, 3, 7])))
    return events


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Events filed under the numbers of those who turned out to be somebody else."""
    return lake_of(tmp_path_factory.mktemp("figures"), happenings())


@pytest.fixture(scope="module")
def told_apart(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The same events, filed from the beginning under those whose they are."""
    events = [event._replace(person=owner_of(event.person)) for event in happenings()]
    return lake_of(tmp_path_factory.mktemp("resolved"), events)


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
def test_spark_gives_the_same_answers(
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
