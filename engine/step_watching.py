"""What a watched figure is now: the numbers of both periods, from the lake and from what was answered.

The door of `engine.analytics.step_measures`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from dsl.clauses import every
from dsl.compiler import Compiler
from dsl.nodes import Journey, Question
from dsl.values import Duration, Instant
from engine.analyst import Analyst
from engine.analytics import step_measures
from engine.analytics.asked import PeopleWhere, personas_of
from engine.analytics.heard import heard
from engine.analytics.history import History
from engine.analytics.kpi_figures import Period
from engine.analytics.records import GIVES_UP_AFTER, AnswerGiven
from engine.analytics.standings import Walk, standings
from engine.analytics.step_measures import Samples
from engine.errors import UnknownJourney, UnknownStep
from engine.membership import RulesNow
from engine.product_figures import journey_asked
from engine.step_alerts import BadStepAlert, Metric, Watch, Windows, windows_of
from engine.storage.records import answers_of_journey

_SAID: Final[Mapping[Metric, tuple[str, Callable[[float], float]]]] = {
    Metric.EFFORT: ("effort", lambda value: value),
    Metric.SATISFACTION: ("csat", lambda value: float(value >= 4)),
    Metric.RECOMMENDATION: ("nps", lambda value: 100.0 * ((value >= 9) - (value <= 6))),
}
"""Of scores: the type of question, and what an answer adds to the figure, as `engine.analytics.scores` makes it."""


def refuse_unknown(watch: Watch, rules: RulesNow) -> None:
    """Raises UnknownJourney, UnknownStep, BadStepAlert for what the rules in force do not have."""
    _step_of(watch, _journey_of(watch, rules))
    _where(watch, rules)


def windows_now(watch: Watch, rules: RulesNow) -> Windows:
    """The periods that are compared now. Raises UnknownJourney."""
    return windows_of(watch, _gives_up(_journey_of(watch, rules)), rules.now)


def numbers_of(analyst: Analyst, project_id: int, watch: Watch, windows: Windows, rules: RulesNow) -> Samples:
    """The numbers of the people of both periods; of real people who are not your own.

    Raises UnknownJourney, UnknownStep, BadStepAlert, NothingRecorded.
    """
    journey = _journey_of(watch, rules)
    step = _step_of(watch, journey)
    where = _where(watch, rules)

    def answer(history: History) -> Samples:
        if watch.metric in {Metric.FEELING, *_SAID}:
            return _said(analyst, project_id, watch, history, (windows.before, windows.since, windows.until), rules)
        return _done(watch, step, journey, history, windows, rules)

    return analyst.answer(
        project_id, ("step alert", watch, windows), rules, answer, where=where, asks_now=where is not None
    )


def _done(watch: Watch, step: int, journey: Journey, history: History, windows: Windows, rules: RulesNow) -> Samples:
    """What people did."""
    walk = Walk(
        asked=journey_asked(watch.journey, journey, Compiler(rules.project)),
        pages=rules.ruleset.plan.journeys[watch.journey].pages,
        now=rules.now,
        period=Period(windows.before, windows.until),
    )
    within = watch.within or _gives_up(journey)
    periods = (windows.before, windows.since, windows.until)
    with standings(history, walk) as found:
        match watch.metric:
            case Metric.DROP:
                return step_measures.lost(found, step, within, periods)
            case Metric.CONVERSION:
                return step_measures.converted(found, within, periods)
            case Metric.FRICTION:
                return step_measures.frictions(found, step, within, periods)
            case _:
                return step_measures.times(found, step, within, periods)


def _said(
    analyst: Analyst,
    project_id: int,
    watch: Watch,
    history: History,
    periods: tuple[Instant, Instant, Instant],
    rules: RulesNow,
) -> Samples:
    """What people said."""
    with analyst.database.reading() as connection:
        stored = answers_of_journey(connection, project_id, watch.journey)
    wanted = [each for each in stored if each.step == watch.step and periods[0] <= each.given.time < periods[2]]
    if watch.metric is Metric.FEELING:
        return step_measures.said(heard(history, wanted), lambda given: given.valence, periods)
    kind, worth = _SAID[watch.metric]
    asking = {
        (guide.name.text, question.id.text)
        for guide in rules.project.guides.values()
        for question in every(guide, Question)
        if question.type == kind
    }

    def number(given: AnswerGiven) -> float | None:
        value = given.value
        is_score = isinstance(value, int | float) and not isinstance(value, bool)
        return worth(float(value)) if is_score and (given.guide, given.question) in asking else None  # type: ignore[arg-type]

    return step_measures.said(heard(history, wanted), number, periods)


def _journey_of(watch: Watch, rules: RulesNow) -> Journey:
    found = rules.project.journeys.get(watch.journey)
    if found is None:
        raise UnknownJourney(watch.journey, list(rules.project.journeys))
    return found


def _step_of(watch: Watch, journey: Journey) -> int:
    names = [each.name.text for each in journey.steps]
    if watch.step is None:
        return 0
    if watch.step not in names:
        raise UnknownStep(watch.journey, watch.step, names)
    return names.index(watch.step)


def _where(watch: Watch, rules: RulesNow) -> PeopleWhere | None:
    if watch.persona is None:
        return None
    personas = personas_of(rules.project)
    if watch.persona not in personas:
        known = ", ".join(f"`{name}`" for name in personas) or "none"
        raise BadStepAlert(f"there is no persona `{watch.persona[:80]}` in the rules in force; declared: {known}")
    return PeopleWhere(personas[watch.persona])


def _gives_up(journey: Journey) -> Duration:
    return GIVES_UP_AFTER if journey.gives_up_after is None else journey.gives_up_after.length
