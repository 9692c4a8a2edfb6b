"""The figures of a product, against sums done by hand; survival against statsmodels 0.15."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pytest

from dsl.values import DAY, HOUR, MINUTE, Instant
from engine.analyst import Analyst
from engine.analytics.engines import DuckDB
from engine.analytics.kpi_journeys import least
from engine.analytics.kpis import KPIS, NOBODY, NOT_CAUSE, Figure, Name
from engine.analytics.survival import Watched, median
from engine.errors import UnknownJourney
from engine.product_figures import BadPeriod, BadRevenue, Figures, FiguresAsked, figures
from engine.replies import Published
from engine.service import Service
from tests.engine.clock import STARTED, Clock
from tests.engine.serving import track

RULES = """
event "Exported"
event "Paid" { amount: number }
attribute plan: text
persona pro "Pro" where plan is "pro"

journey way "The way" {
  stage early "Early" {
    step begin "Begin" reached by "Begun"
    step connect "Connect" reached by "Connected" attempted by "Failed" expect within 1 hour
  }
  stage late "Late" { step send "Send" reached by "Sent" }
  outcome "Sent"
  gives up after 7 days
}

feature exports used by "Exported"
feature billing used by "Paid" for pro

survey score "Score" { at way.send ask nps likely "How likely?" ask effort ease "How easy?" expires 2099-12-31 }
survey pleased "Pleased" { on "Sent" ask csat happy "How satisfied are you?" expires 2099-12-31 }
"""
START = Instant(STARTED - 60 * DAY)
"""60 days before the clock, at nine in the morning."""


class Shop:
    """Ten people: what each did, so many days after the start."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.service = Service.open(f"sqlite:///{folder / 'w.db'}", clock=self.clock, lakes=folder / "lake")
        self.project = self.service.ensure_project().id
        self.analyst = Analyst(self.service.database, folder / "lake")
        found = self.service.publish(self.project, {"rules.way": RULES})
        assert isinstance(found, Published), found

    def did(self, user: str, name: str, after: int, **properties: Any) -> None:
        message = track(name, user=user, at=Instant(START + after), properties=properties)
        self.service.receive(self.project, [message], received=self.clock.now)

    def figures(self, **asked: Any) -> Figures:
        rules = self.service.rules_now(self.project)
        return figures(self.analyst, self.project, FiguresAsked(**asked), rules)

    def figure(self, name: Name, of: str, mark: str | None = None, **asked: Any) -> Figure:
        found = self.figures(**asked).figures
        return next(each for each in found if (each.name, each.of, each.mark) == (name, of, mark))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    for number in range(10):
        user = f"u{number}"
        shop.did(user, "Begun", 0)
        if number < 8:
            # Eight try; of these two fail for good, one is slow, one was shown a guide in between.
            shop.did(user, "Failed", 10 * MINUTE)
        else:
            shop.did(user, "$retry", 11 * MINUTE)
        if number >= 5:
            shop.did(user, "$error_click", 12 * MINUTE)
        if number == 5:
            shop.did(user, "$shown", 15 * MINUTE, guide="help")
        if number == 4:
            # A survey asks and helps nobody.
            shop.did(user, "$shown", 15 * MINUTE, guide="score")
        if number < 6:
            shop.did(user, "Connected", 2 * HOUR if number == 0 else 20 * MINUTE)
        if number < 5:
            # One after the other on days 1 to 5, the last of them after the week.
            shop.did(user, "Sent", (number + 1) * DAY if number < 4 else 9 * DAY)
        if number < 4:
            shop.did(user, "Paid", 8 * DAY, amount=10 * (number + 1))
    shop.did("u0", "Exported", 30 * DAY)
    for number, (score, ease) in enumerate([(10, 7), (9, 6), (9, 5), (8, 4), (3, 1)]):
        answer = {"guide": "score", "submission": f"s{number}"}
        shop.did(f"u{number}", "$shown", 10 * DAY, guide="score")
        shop.did(f"u{number}", "$answered", 10 * DAY + 1, question="likely", value=0, **answer)
        shop.did(f"u{number}", "$answered", 10 * DAY + 2, question="likely", value=score, **answer)
        shop.did(f"u{number}", "$answered", 10 * DAY + 3, question="ease", value=ease, **answer)
    for number in range(5, 8):
        shop.did(f"u{number}", "$shown", 10 * DAY, guide="score")
    shop.did("u0", "$completed", 10 * DAY + 4, guide="score")
    for number, happy in enumerate([1, 4, 4, 3, 1, 5]):
        answer = {"guide": "pleased", "question": "happy", "submission": f"h{number}"}
        shop.did(f"u{number}", "$shown", 11 * DAY, guide="pleased")
        shop.did(f"u{number}", "$answered", 11 * DAY + 1, value=happy, **answer)
        if number == 0:
            # A slip, put right a second later.
            shop.did("u0", "$answered", 11 * DAY + 2, value=5, **answer)
    message: Any = {"type": "identify", "userId": "u9", "traits": {"plan": "pro"}}
    shop.service.receive(shop.project, [message], received=shop.clock.now)
    yield shop
    shop.service.close()


SHARES = [
    # figure, of, how many of how many
    (Name.RESPONSE_RATE, "score", 5, 8),
    (Name.RESPONSE_RATE, "pleased", 6, 6),
    (Name.COMPLETION_RATE, "score", 1, 5),
    (Name.ADOPTION, "exports", 1, 10),
    (Name.TASK_SUCCESS, "way.begin", 10, 10),
    (Name.TASK_SUCCESS, "way.connect", 6, 8),
    (Name.TASK_SUCCESS, "way.send", 5, 5),
    (Name.UNASSISTED, "way.connect", 5, 8),
    (Name.ACTIVATION, "way", 4, 10),
    (Name.RETENTION_DAY, "day 1", 1, 10),
    (Name.RETENTION_DAY, "day 7", 0, 10),
    (Name.RETENTION_DAY, "day 30", 1, 10),
    (Name.RETENTION_BRACKET, "days 1 to 6", 4, 10),
    (Name.RETENTION_BRACKET, "days 7 to 13", 5, 10),
    (Name.RETENTION_BRACKET, "days 30 to 59", 1, 10),
    (Name.CHURN, "way.early", 5, 10),
    (Name.CHURN, "way.late", 1, 6),
]


@pytest.mark.parametrize(("name", "of", "count", "n"), SHARES, ids=str)
def test_a_share_is_what_its_definition_says(shop: Shop, name: Name, of: str, count: int, n: int) -> None:
    found = shop.figure(name, of)
    assert (found.count, found.n, found.value) == (count, n, count / n)
    assert found.interval is not None
    assert found.interval.low <= count / n <= found.interval.high


def test_the_latest_answer_of_a_submission_counts(shop: Shop) -> None:
    nps, ces, easy = (
        shop.figure(name, of)
        for name, of in ((Name.NPS, "score.likely"), (Name.CES, "score.ease"), (Name.EASY, "score.ease"))
    )
    assert (nps.value, nps.n) == (40.0, 5)
    assert (ces.value, easy.value) == (4.6, 0.6)
    assert nps.interval is not None
    # By hand: (3.75 − 1.75) ÷ 8 ± 1.96 · √((3.75 + 1.75) ÷ 8 − 0.25²) ÷ √8
    assert (nps.interval.low, nps.interval.high) == pytest.approx((-29.784, 79.784), abs=1e-2)


def test_satisfied_are_those_who_answer_four_or_five(shop: Shop) -> None:
    # 5 (at first a 1), 4, 4, 3, 1 and 5: four of six.
    found = shop.figure(Name.CSAT, "pleased.happy")
    assert (found.value, found.count, found.n) == (pytest.approx(4 / 6), 4, 6)
    # Wilson, by hand: z² = 3.8415; (⅔ + z² ÷ 12 ± z · √(⅔ · ⅓ ÷ 6 + z² ÷ 144)) ÷ (1 + z² ÷ 6)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((0.3000, 0.9032), abs=1e-4)
    easy = shop.figure(Name.EASY, "score.ease")
    assert (easy.count, easy.n) == (3, 5)


def test_time_to_value_counts_those_who_never_came(shop: Shop) -> None:
    found = shop.figure(Name.TIME_TO_VALUE, "way")
    assert (found.n, found.count) == (10, 5)
    # The fifth of ten came after nine days: a half.
    assert found.value == 9 * DAY / 1_000_000


def test_revenue_is_of_everybody_who_was_active(shop: Shop) -> None:
    found = shop.figure(Name.REVENUE, "Paid.amount", revenue="Paid.amount")
    assert (found.value, found.n) == (10.0, 10)
    # By hand: of 10, 20, 30, 40 and six zeros the variance is 2000 ÷ 9; t of 9 at 97.5 % is 2.2622.
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((-0.6639, 20.6639), abs=1e-3)


def test_a_step_is_set_against_retention_and_revenue_and_called_an_association(shop: Shop) -> None:
    retention = shop.figure(Name.STEP_RETENTION, "way.connect", "tried and failed", revenue="Paid.amount")
    # Of the two who failed none came back on days 7 to 13, of the other eight five did: too few to say.
    assert (retention.value, retention.note) == (None, NOT_CAUSE)
    reached = shop.figure(Name.STEP_RETENTION, "way.send", "reached", revenue="Paid.amount")
    assert reached.n == 6
    revenue = shop.figure(Name.STEP_REVENUE, "way.begin", "reached", revenue="Paid.amount")
    assert revenue.note == NOT_CAUSE


def test_friction_and_feelings_at_a_step_are_set_against_retention_and_revenue_too(shop: Shop) -> None:
    met = shop.figure(Name.STEP_RETENTION, "way.connect", "met friction", revenue="Paid.amount")
    # Five had errors there, and none of them came back on days 7 to 13; the five others all did.
    assert (met.value, met.n, met.count, met.note) == (-1.0, 10, 5, NOT_CAUSE)
    assert met.interval is not None
    assert met.interval.high < 0
    paid = shop.figure(Name.STEP_REVENUE, "way.connect", "met friction", revenue="Paid.amount")
    assert (paid.value, paid.n) == (-20.0, 10)
    felt = shop.figure(Name.STEP_RETENTION, "way.send", "felt bad")
    # Five said how it was; too few on either side to compare.
    assert (felt.value, felt.n, felt.count) == (None, 5, 5)
    # Nobody was asked at the others.
    assert [each.of for each in shop.figures().figures if each.mark == "felt bad"] == ["way.send"]


def test_where_nobody_came_back_it_is_said_and_no_difference_of_nothing(shop: Shop) -> None:
    found = shop.figure(Name.STEP_RETENTION, "way.connect", "met friction", where='did not "Sent"')
    assert (found.n, found.count, found.note) == (5, 0, NOBODY)


def test_a_feature_for_a_persona_is_measured_on_it_alone(shop: Shop) -> None:
    found = shop.figure(Name.ADOPTION, "billing")
    assert (found.n, found.count, found.value, found.note) == (1, 0, None, "not enough answers")


def test_only_who_meets_a_condition(shop: Shop) -> None:
    assert shop.figure(Name.RETENTION_DAY, "day 1", where='plan is "pro"').n == 1


def test_a_period_cuts_on_both_sides(shop: Shop) -> None:
    early = shop.figure(Name.ACTIVATION, "way", until=Instant(START + 3 * DAY))
    assert early.n == 0
    later = shop.figure(Name.RETENTION_DAY, "day 1", since=Instant(START + DAY))
    assert later.n == 0


def test_what_cannot_be_asked_is_refused(shop: Shop) -> None:
    with pytest.raises(UnknownJourney):
        shop.figures(journey="wayy")
    with pytest.raises(BadRevenue, match="write `EVENT"):
        shop.figures(revenue="Paid")
    with pytest.raises(BadPeriod):
        shop.figures(since=STARTED, until=START)


def test_every_figure_of_the_registry_is_computed(shop: Shop) -> None:
    found = {each.name for each in shop.figures(revenue="Paid.amount").figures}
    assert found == set(KPIS)


def test_a_median_of_survival_is_kaplan_and_meiers() -> None:
    # Freireich et al., Blood 21 (1963): weeks of remission under 6-MP; statsmodels SurvfuncRight.quantile_ci("cloglog")
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    found = median([Watched(week, end, 1 - end) for week, end in zip(weeks, ended, strict=True)])
    assert (found.value, found.low, found.high, found.n, found.came) == (23, 13, None, 21, 9)


def test_a_median_that_is_not_reached_is_none() -> None:
    found = median([Watched(5, 2, 0), Watched(60, 0, 8)])
    assert (found.value, found.n, found.came) == (None, 10, 2)
    assert median([Watched(1, 4, 0)]).value is None


def test_the_earliest_of_many_times_leaves_out_those_that_are_not_there() -> None:
    # As many as a journey of ten steps has; written out by pairs, a statement of them would fill the memory.
    names = [f"time_{number}" for number in range(20)]
    people: list[list[int | None]] = [
        [number + 5 for number in range(20)],
        [*[None] * 19, 7],
        [None] * 20,
        [9, None, 3, *[None] * 17],
    ]
    rows = [{"person": who, **dict(zip(names, times, strict=True))} for who, times in enumerate(people)]
    table = ibis.memtable(rows, schema={"person": "int64", **dict.fromkeys(names, "int64")})
    engine = DuckDB()
    found = engine.rows(table.select("person", first=least([table[name] for name in names])).order_by("person"))
    engine.close()
    assert [row["first"] for row in found] == [5, 7, None, 3]
