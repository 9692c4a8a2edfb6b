"""The records of a journey's steps over everybody: what happened at them and between them, and what was felt.

The door of `engine.analytics.step_counts`, `transitions` and `curve`; that of what was said is `engine.step_answers`.
Reads the lake for what people did; from the
database what they answered, who is a persona now, and when rules were published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

from dsl.compiler import Compiler
from dsl.labels import label_of
from dsl.nodes import Journey
from dsl.values import Instant
from engine.analyst import Analyst
from engine.analytics.asked import BadBreakdown, PeopleWhere, personas_of, read_condition
from engine.analytics.comparing import Share
from engine.analytics.curve import CurveMark, CurveStep, EmotionCurve, MarkKind, emotion_curve
from engine.analytics.groups import UNSET_GROUP, by_membership
from engine.analytics.heard import Heard, by_step, heard, in_groups
from engine.analytics.history import History
from engine.analytics.kpi_figures import Period
from engine.analytics.population import Kind
from engine.analytics.records import AnswerGiven, EmotionRecord, emotion_record
from engine.analytics.releases import each_version, releases_of
from engine.analytics.standings import DAYS, SEPARATOR, WEEKS, Span, Walk, group_of, standings
from engine.analytics.step_counts import FeelingShare, StepCounts, mix, no_counts, step_counts
from engine.analytics.transitions import Transition
from engine.analytics.transitions import transitions as counted_transitions
from engine.errors import UnknownJourney, UnknownStep
from engine.membership import RulesNow, members
from engine.product_figures import BadPeriod, journey_asked
from engine.stages import StageMark, step_marks
from engine.storage import versions
from engine.storage.records import answers_of_journey

Found = TypeVar("Found")

_PUBLICATIONS: Final = 10_000
"""More publications than any project has."""


class By(StrEnum):
    """What records are broken down by."""

    PERSONA = "persona"
    DAY = "day"
    WEEK = "week"
    PERSONA_AND_DAY = "persona,day"
    PERSONA_AND_WEEK = "persona,week"

    @property
    def is_by_persona(self) -> bool:
        """True where there is a group for each persona, or several."""
        return self.value.startswith(By.PERSONA.value)

    @property
    def span(self) -> Span | None:
        """The days or weeks that there is a group for each of."""
        return SPANS.get(self.value.rpartition(",")[2])


SPANS: Final[Mapping[str, Span]] = {By.DAY.value: DAYS, By.WEEK.value: WEEKS}


@dataclass(frozen=True, slots=True)
class RecordsAsked:
    """What is asked of a journey. since, until: when people came to a step, or said something; until now if not said.

    where: a condition on who counts, as of now.
    """

    journey: str
    by: By | None = None
    since: Instant | None = None
    until: Instant | None = None
    where: str | None = None
    everyone: bool = False
    with_simulated: bool = False


@dataclass(frozen=True, slots=True)
class StepFigures:
    """The record of a step, of everybody or of a group. label, stage: of the step.

    emotion: of what the same people said at the step within the period; of a day or week, what was said in it. mix: the
    six feelings of it.
    """

    label: str
    stage: StageMark
    counts: StepCounts
    emotion: EmotionRecord
    mix: tuple[FeelingShare, ...]

    @property
    def done(self) -> Share:
        """Who reached it, of those who entered and of whom it is known what became."""
        return self.counts.share(self.counts.done)

    @property
    def tried_and_failed(self) -> Share:
        """The same of those who tried in vain."""
        return self.counts.share(self.counts.tried_and_failed)

    @property
    def never_tried(self) -> Share:
        """The same of those who left without a try."""
        return self.counts.share(self.counts.never_tried)


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a journey's steps, of each group, in the order of the journey."""

    records: tuple[StepFigures, ...]
    period: Period
    left_out: tuple[Kind, ...]
    version: int


def of_step(found: Records, journey: str, step: str, rules: RulesNow) -> Records:
    """Those of one step of the journey that they are of. Raises UnknownStep."""
    names = [each.name.text for each in rules.project.journeys[journey].steps]
    if step not in names:
        raise UnknownStep(journey, step, names)
    return replace(found, records=tuple(each for each in found.records if each.counts.step == step))


@dataclass(frozen=True, slots=True)
class Transitions:
    """The transitions of a journey, of each group, in the order of the journey; of what period; who was left out."""

    transitions: tuple[Transition, ...]
    period: Period
    left_out: tuple[Kind, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Curves:
    """The curve of everybody, or one for each group in which anybody said anything."""

    curves: tuple[EmotionCurve, ...]
    period: Period
    left_out: tuple[Kind, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the rules in force understand it."""

    analyst: Analyst
    project_id: int
    asked: RecordsAsked
    rules: RulesNow
    journey: Journey
    period: Period
    where: PeopleWhere | None

    @property
    def steps(self) -> tuple[CurveStep, ...]:
        """The steps as a curve goes through them."""
        marks = step_marks(self.rules.project, self.asked.journey)
        return tuple(
            CurveStep(
                step=step.name.text,
                label=label_of(step),
                stage=marks[step.name.text],
            )
            for step in self.journey.steps
        )

    def personas(self) -> Mapping[str, frozenset[int]]:
        """Who is each persona now, by its name. Raises BadBreakdown where there is none."""
        conditions = personas_of(self.rules.project)
        if not conditions:
            raise BadBreakdown('no persona is declared in the rules in force: `persona NAME "Label" where …`')
        with self.analyst.database.reading() as connection:
            return members(connection, self.project_id, self.rules, conditions)

    def walk(self) -> Walk:
        """The journey to be looked for in a history."""
        name = self.asked.journey
        return Walk(
            asked=journey_asked(name, self.journey, Compiler(self.rules.project)),
            pages=self.rules.ruleset.plan.journeys[name].pages,
            now=self.rules.now,
            period=self.period,
            span=self.span,
            grouping=by_membership(self.personas()) if self.is_by_persona else None,
        )

    def heard(self, history: History) -> tuple[Heard, ...]:
        """What was said at the steps within the period, by those who count."""
        with self.analyst.database.reading() as connection:
            stored = answers_of_journey(connection, self.project_id, self.asked.journey)
        period = self.period
        return heard(history, [each for each in stored if period.since <= each.given.time < period.until])

    @property
    def span(self) -> Span | None:
        """The days or weeks that there is a group for each of."""
        return None if self.asked.by is None else self.asked.by.span

    @property
    def is_by_persona(self) -> bool:
        """True where there is a group for each persona, or several."""
        return self.asked.by is not None and self.asked.by.is_by_persona

    def groups(self, told: Iterable[Heard]) -> Mapping[str | None, list[Heard]]:
        """What was said, by the groups asked for, in their order; None for everybody."""
        span, personas = self.span, self.personas() if self.is_by_persona else {}
        if self.asked.by is None:
            return {None: list(told)}

        def those_of(each: Heard) -> Iterable[str]:
            number = "" if span is None else str(span.number_of(each.given.time))
            named = [name for name, people in personas.items() if each.person in people]
            labels = (named or [UNSET_GROUP]) if self.is_by_persona else [""]
            return [label + SEPARATOR + number for label in labels]

        found = {group_of(key, span): said for key, said in in_groups(told, those_of).items()}
        return {name: found[name] for name in sorted(found, key=lambda name: name or "")}


def question_of(analyst: Analyst, project_id: int, asked: RecordsAsked, rules: RulesNow) -> Question:
    """A question under the rules in force. Raises UnknownJourney, BadPeriod, BadCondition."""
    journey = rules.project.journeys.get(asked.journey)
    if journey is None:
        raise UnknownJourney(asked.journey, list(rules.project.journeys))
    until = rules.now + 1 if asked.until is None else min(asked.until, rules.now + 1)
    period = Period(Instant(0) if asked.since is None else asked.since, Instant(until))
    if period.since >= period.until:
        raise BadPeriod
    where = None
    if asked.where is not None:
        # Nobody has to declare a trait to ask about it.
        rules = analyst.knowing_names(project_id, rules)
        where = PeopleWhere(read_condition(asked.where, rules.project))
    return Question(analyst, project_id, asked, rules, journey, period, where)


def records(analyst: Analyst, project_id: int, asked: RecordsAsked, rules: RulesNow) -> Records:
    """What became of those who came to each step of a journey within the period, and what they said there.

    Raises UnknownJourney, BadPeriod, BadCondition, BadBreakdown, NothingRecorded.
    """
    question = question_of(analyst, project_id, asked, rules)

    def answer(history: History) -> Records:
        walk = question.walk()
        with standings(history, walk) as found:
            counts = {(each.group, each.step): each for each in step_counts(found)}
        said = {group: by_step(told) for group, told in question.groups(question.heard(history)).items()}
        made = tuple(_figures(question, walk, counts, said))
        return Records(made, question.period, history.left_out, history.version)

    return kept("records", question, answer)


def transitions(analyst: Analyst, project_id: int, asked: RecordsAsked, rules: RulesNow) -> Transitions:
    """What happened between the steps of a journey, to those who came to a step within the period.

    Raises UnknownJourney, BadPeriod, BadCondition, BadBreakdown, NothingRecorded.
    """
    question = question_of(analyst, project_id, asked, rules)

    def answer(history: History) -> Transitions:
        with standings(history, question.walk(), with_others=True) as found:
            told = counted_transitions(found)
        marks = step_marks(rules.project, asked.journey)
        told = tuple(replace(each, stage=marks[each.step], to_stage=marks[each.to]) for each in told)
        return Transitions(told, question.period, history.left_out, history.version)

    return kept("transitions", question, answer)


def curves(analyst: Analyst, project_id: int, asked: RecordsAsked, rules: RulesNow) -> Curves:
    """What was felt along a journey within the period, with releases and publications. Raises what `transitions` does.

    By day or week each curve is of what was said then, and has its marks only.
    """
    question = question_of(analyst, project_id, asked, rules)

    def answer(history: History) -> Curves:
        groups = question.groups(question.heard(history))
        made = tuple(_curve(question, group, told) for group, told in groups.items())
        return Curves(made, question.period, history.left_out, history.version)

    found = kept("curve", question, answer)
    marks = marks_of(analyst, project_id, rules)
    return replace(found, curves=tuple(each.marked(marks) for each in found.curves))


def marks_of(analyst: Analyst, project_id: int, rules: RulesNow) -> tuple[CurveMark, ...]:
    """The releases of the product and the publications of rules, in their order. Raises NothingRecorded."""
    with analyst.database.reading() as connection:
        published = versions.versions_of(connection, project_id, limit=_PUBLICATIONS)
    # Of everybody, as maps and reviews read them: a release is told by a program, or by one of your own.
    told = analyst.answer(project_id, "releases", rules, releases_of, everyone=True)
    marks = [CurveMark(MarkKind.RELEASE, each.version, each.at) for each in each_version(told)]
    marks += [CurveMark(MarkKind.PUBLICATION, str(each.version), each.published) for each in published]
    return tuple(sorted(marks, key=lambda mark: (mark.time, mark.kind)))


def _figures(
    question: Question,
    walk: Walk,
    counts: Mapping[tuple[str | None, str], StepCounts],
    said: Mapping[str | None, Mapping[str, list[AnswerGiven]]],
) -> Iterator[StepFigures]:
    """Of everybody and of personas every step; of days and weeks only those to which anybody came, or said anything."""
    groups = {group for group, _ in counts} | set(said)
    for group in sorted(groups, key=lambda name: name or ""):
        for number, step in enumerate(question.steps):
            own, answers = counts.get((group, step.step)), said.get(group, {}).get(step.step, [])
            if own is None and not answers and walk.span is not None:
                continue
            emotion = emotion_record(answers)
            yield StepFigures(step.label, step.stage, own or no_counts(walk, number, group), emotion, mix(emotion))


def _curve(question: Question, group: str | None, told: Iterable[Heard]) -> EmotionCurve:
    since, until = question.period.since, question.period.until
    span, answers = question.span, list(told)
    if span is not None and answers:
        number = span.number_of(answers[0].given.time)
        since, until = max(since, span.begin(number)), min(until, span.begin(number + 1))
    return emotion_curve(
        question.asked.journey,
        question.steps,
        by_step(answers),
        since=since,
        until=until,
        group=group,
    )


def kept(what: str, question: Question, answer: Callable[[History], Found]) -> Found:
    """An answer that was given to the same question about the same data a minute ago at most, else a new one."""
    asked = question.asked
    return question.analyst.answer(
        question.project_id,
        (what, asked),
        question.rules,
        answer,
        everyone=asked.everyone,
        with_simulated=asked.with_simulated,
        where=question.where,
        asks_now=True,
    )
