"""The figures of a product, asked of a project: what the rules declare decides which there are.

The door of `engine.analytics.kpis`. Reads the lake; from the database only who is in a feature's audience now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from dsl.clauses import every
from dsl.compiler import Compiler
from dsl.nodes import GuideKind, InSegment, Journey, Or, Question
from dsl.values import DAY, Duration, Instant
from engine.analyst import Analyst
from engine.analytics import kpi_figures, kpi_journeys
from engine.analytics.asked import PeopleWhere, read_condition, step_event
from engine.analytics.heard import heard
from engine.analytics.history import History
from engine.analytics.kpi_experience import experience
from engine.analytics.kpi_figures import JourneyAsked, Period, Revenue
from engine.analytics.kpis import ASSOCIATIONS, Figure, Name
from engine.analytics.population import Kind
from engine.analytics.standings import Walk, standings
from engine.errors import UnknownJourney, WaypostError
from engine.membership import RulesNow, members
from engine.storage.records import answers_of_journey

if TYPE_CHECKING:
    import ibis

GIVES_UP_AFTER: Final = Duration(7 * DAY)

_OF_EVENTS: Final = frozenset(
    {Name.NPS, Name.CSAT, Name.CES, Name.EASY, Name.RESPONSE_RATE, Name.COMPLETION_RATE, Name.ADOPTION}
)
"""Figures that are counted from events alone; all others ask what became of each person."""
_OF_JOURNEYS: Final = (
    *(Name.TIME_TO_VALUE, Name.ACTIVATION, Name.TASK_SUCCESS, Name.UNASSISTED, Name.CHURN),
    *sorted(ASSOCIATIONS),
)


class BadRevenue(WaypostError):
    """What pays is not named as an event and a number of it."""

    code = "bad_revenue"

    def __init__(self, text: str) -> None:
        super().__init__(f"`{text}` names no number of an event: write `EVENT.PROPERTY`, such as `Purchase.amount`")


class BadPeriod(WaypostError):
    """A period that ends before it begins."""

    code = "bad_period"

    def __init__(self) -> None:
        super().__init__("the period has to begin before it ends, and before now")


@dataclass(frozen=True, slots=True)
class FiguresAsked:
    """What is asked. journey: only this one. where: a condition on who counts, as of now. revenue: `EVENT.PROPERTY`.

    only: some of the figures, which takes less.
    """

    journey: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    where: str | None = None
    revenue: str | None = None
    everyone: bool = False
    with_simulated: bool = False
    only: frozenset[Name] | None = None

    def wants(self, *names: Name) -> bool:
        """True where any of these is asked for."""
        return self.only is None or not self.only.isdisjoint(names)


@dataclass(frozen=True, slots=True)
class Figures:
    """The answer: the figures, in the order of the registry, of what period, and who was left out."""

    figures: tuple[Figure, ...]
    period: Period
    left_out: tuple[Kind, ...]
    version: int


def figures(analyst: Analyst, project_id: int, asked: FiguresAsked, rules: RulesNow) -> Figures:
    """All figures that the rules give something for.

    Raises UnknownJourney, BadRevenue, BadPeriod, BadCondition, NothingRecorded.
    """
    if asked.journey is not None and asked.journey not in rules.project.journeys:
        raise UnknownJourney(asked.journey, list(rules.project.journeys))
    revenue = read_revenue(asked.revenue)
    until = rules.now if asked.until is None else Instant(min(asked.until, rules.now))
    period = Period(Instant(0) if asked.since is None else asked.since, until)
    if period.since >= period.until:
        raise BadPeriod
    where = None if asked.where is None else PeopleWhere(read_condition(asked.where, rules.project))

    def answer(history: History) -> Figures:
        every_one = _figures(analyst, project_id, history, asked, period, revenue, rules)
        found = [each for each in every_one if asked.wants(each.name)]
        order = {name: place for place, name in enumerate(Name)}
        found.sort(key=lambda each: order[each.name])
        return Figures(tuple(found), period, history.left_out, history.version)

    return analyst.answer(
        project_id,
        ("figures", asked),
        rules,
        answer,
        everyone=asked.everyone,
        with_simulated=asked.with_simulated,
        where=where,
        asks_now=True,
    )


def read_revenue(text: str | None) -> Revenue | None:
    """`EVENT.PROPERTY`; the property is what stands after the last dot. Raises BadRevenue."""
    if text is None:
        return None
    event, dot, number = text.rpartition(".")
    if not (dot and event.strip() and number.isidentifier()):
        raise BadRevenue(text)
    return Revenue(event.strip(), number)


def _figures(
    analyst: Analyst,
    project_id: int,
    history: History,
    asked: FiguresAsked,
    period: Period,
    revenue: Revenue | None,
    rules: RulesNow,
) -> Iterator[Figure]:
    project, compiler = rules.project, Compiler(rules.project)
    questions = {
        (name, question.id.text): question.type
        for name, guide in project.guides.items()
        for question in every(guide, Question)
    }
    if asked.wants(Name.NPS, Name.CSAT, Name.CES, Name.EASY):
        yield from kpi_figures.survey_figures(history, period, questions)
    if asked.wants(Name.RESPONSE_RATE, Name.COMPLETION_RATE):
        yield from kpi_figures.rate_figures(history, period, sorted({survey for survey, _ in questions}))
    used = {name: [step_event(ref, compiler) for ref in each.used_by] for name, each in project.features.items()}
    if used and asked.wants(Name.ADOPTION):
        yield from kpi_figures.adoption_figures(history, period, used, _audiences(analyst, project_id, rules))
    if asked.only is not None and asked.only <= _OF_EVENTS:
        return
    asking = frozenset(name for name, guide in project.guides.items() if guide.kind is not GuideKind.GUIDE)
    # Each figure asks them again, and each time anew would be as long as all the rest.
    with history.engine.kept(kpi_figures.newcomers(history, period, revenue)) as people:
        if asked.wants(Name.RETENTION_DAY, Name.RETENTION_BRACKET):
            yield from kpi_figures.retention_figures(history, people, period)
        if revenue is not None and asked.wants(Name.REVENUE):
            yield from kpi_figures.revenue_figures(history, people, revenue)
        for name, journey in project.journeys.items():
            if asked.journey in (None, name) and asked.wants(*_OF_JOURNEYS):
                told = journey_asked(name, journey, compiler, asking)
                with history.engine.kept(kpi_journeys.people_of(history, people, told, period)) as own:
                    yield from _of_journey(analyst, project_id, history, own, asked, told, period, rules)


def _of_journey(
    analyst: Analyst,
    project_id: int,
    history: History,
    own: ibis.Table,
    asked: FiguresAsked,
    told: JourneyAsked,
    period: Period,
    rules: RulesNow,
) -> Iterator[Figure]:
    """own: of `engine.analytics.kpi_journeys.people_of`."""
    if asked.wants(Name.TIME_TO_VALUE, Name.ACTIVATION):
        yield from kpi_figures.value_figures(history, own, told, period)
    if asked.wants(Name.TASK_SUCCESS, Name.UNASSISTED):
        yield from kpi_journeys.step_figures(history, own, told, period)
    if asked.wants(Name.CHURN):
        yield from kpi_journeys.churn_figures(history, own, told, period)
    if asked.wants(*ASSOCIATIONS):
        has_revenue = asked.revenue is not None
        yield from _associations(analyst, project_id, history, own, told, period, rules, has_revenue)


def _associations(
    analyst: Analyst,
    project_id: int,
    history: History,
    people: ibis.Table,
    asked: JourneyAsked,
    period: Period,
    rules: RulesNow,
    has_revenue: bool,
) -> Iterator[Figure]:
    """What people did and met at the steps of a journey until the end of the period, beside retention and revenue."""
    past = replace(history, events=history.events.filter(history.events.time < period.until))
    pages = rules.ruleset.plan.journeys[asked.name].pages
    with analyst.database.reading() as connection:
        told = heard(past, answers_of_journey(connection, project_id, asked.name))
    walk = Walk(asked=asked, pages=pages, now=period.until, period=Period(Instant(0), period.until))
    with standings(past, walk) as found:
        yield from kpi_journeys.associations(
            history, people, asked, period, has_revenue=has_revenue, experience=experience(found, told)
        )


def journey_asked(
    name: str, journey: Journey, compiler: Compiler, asking: frozenset[str] = frozenset()
) -> JourneyAsked:
    """A journey of the rules as figures ask it. asking: guides that ask and help nobody."""
    reached = tuple(tuple(step_event(ref, compiler) for ref in step.reached_by) for step in journey.steps)
    stages, first = [], 0
    for stage in journey.stages:
        if stage.steps:
            stages.append((stage.name.text, first, first + len(stage.steps) - 1))
            first += len(stage.steps)
    outcome = tuple(step_event(ref, compiler) for ref in journey.outcomes)
    return JourneyAsked(
        name=name,
        steps=tuple(step.name.text for step in journey.steps),
        reached=reached,
        attempted=tuple(tuple(step_event(ref, compiler) for ref in step.attempted_by) for step in journey.steps),
        expected=tuple(None if each.expect_within is None else each.expect_within.length for each in journey.steps),
        stages=tuple(stages),
        outcome=outcome or reached[-1],
        gives_up=GIVES_UP_AFTER if journey.gives_up_after is None else journey.gives_up_after.length,
        asking=asking,
    )


def _audiences(analyst: Analyst, project_id: int, rules: RulesNow) -> dict[str, frozenset[int] | None]:
    """For whom each feature is, by number; None for everybody."""
    conditions = {}
    for name, feature in rules.project.features.items():
        terms = tuple(InSegment(segment, span=segment.span) for segment in feature.audience)
        if terms:
            conditions[name] = terms[0] if len(terms) == 1 else Or(terms, span=terms[0].span)
    found: dict[str, frozenset[int]] = {}
    if conditions:
        with analyst.database.reading() as connection:
            found = members(connection, project_id, rules, conditions)
    return {name: found.get(name) if name in conditions else None for name in rules.project.features}
