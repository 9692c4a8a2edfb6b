"""The record of a journey's step: who came, who went on, how hard it was, what they said and felt.

A pure fold of what is kept of each person (`JourneyProgress`) and of their answers. A person at a step is one of:

* completed: the step was reached, in whatever order;
* skipped: it was passed over on the way to a later step, and not reached since;
* dropped: they stood at it, and nothing of the journey happened for its `gives up after` time (7 days if none is set);
* in progress: they stood at it and none of the above.

Entered counts everyone who ever stood at the step, so a step reached out of order may have more completed than entered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dsl.feelings import FEELINGS
from dsl.nodes import Journey, Question
from dsl.values import DAY, Duration, Instant, JsonValue
from engine.analytics.evidence import SourceRecord
from engine.analytics.intervals import FEWEST_ANSWERS, Interval, mean_interval, share_interval
from engine.analytics.scores import SCORES, Score
from engine.errors import UnknownStep
from engine.friction import FRICTION_VERSION, WEIGHTS, friction
from engine.journeys import JourneyProgress, StepProgress
from engine.stages import StageMark

GIVES_UP_AFTER: Final = Duration(7 * DAY)
"""How long nothing of a journey may happen before a person counts as dropped, where the journey does not say."""

MOST_VERBATIMS: Final = 20
"""How many of the latest verbatims a record shows."""


class Outcome(StrEnum):
    """What became of a person at a step."""

    COMPLETED = "completed"
    SKIPPED = "skipped"
    DROPPED = "dropped"
    IN_PROGRESS = "in progress"


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """One stored answer: of a submission the latest to each question.

    valence: −1 to +1, None where the answer says nothing of feelings. inferred: read from free text, not said.
    """

    person: int
    guide: str
    question: str
    submission: str
    value: JsonValue
    text: str | None
    feeling: str | None
    valence: float | None
    inferred: bool
    language: str | None
    time: Instant
    survey_version: int = 1


@dataclass(frozen=True, slots=True)
class SignalRecord:
    """One sign of friction: `count` of them by `people`, `per_entrant` = count ÷ entered (None without entrants)."""

    name: str
    weight: float
    count: int
    people: int
    per_entrant: float | None


@dataclass(frozen=True, slots=True)
class FrictionRecord:
    """How hard the step is: the mean of its entrants' friction, 0 to 1, with the weights that made it."""

    score: float | None
    n: int
    interval: Interval | None
    version: int
    signals: tuple[SignalRecord, ...]


@dataclass(frozen=True, slots=True)
class EmotionRecord:
    """What people felt: mean valence, −1 to +1, None below FEWEST_ANSWERS answers.

    n: answers with a valence. feelings: how many answers named each. inferred: how many of n were read from free text.
    """

    mean: float | None
    n: int
    interval: Interval | None
    feelings: Mapping[str, int]
    inferred: int

    @property
    def note(self) -> str | None:
        """What to say instead of a mean."""
        return None if self.n >= FEWEST_ANSWERS else "not enough answers"


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """The answers to one question: its scores, how often each value was given, and of how many who were asked.

    asked: people to whom the survey was shown. people: those of them who answered this question. version: of the
    survey's questions; answers to an earlier version have a record of their own.
    """

    guide: str
    question: str
    type: str
    text: str
    answered: int
    people: int
    asked: int | None
    response_rate: float | None
    response_interval: Interval | None
    scores: tuple[Score, ...]
    distribution: Mapping[str, int]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Something said in free text; `valence`, −1 to +1, is None where the words say nothing of feelings."""

    text: str
    guide: str
    question: str
    feeling: str | None
    valence: float | None
    inferred: bool
    language: str | None
    time: Instant


@dataclass(frozen=True, slots=True)
class StepRecord:
    """Everything that is known of a step; see the module for what each count means.

    evidence: from elsewhere, by source; it is in no other figure of the record. stage: of the step; None where the
    other journeys, whose stages have letters too, are not known.
    """

    journey: str
    step: str
    label: str
    at: Instant
    entered: int
    completed: int
    skipped: int
    dropped: int
    in_progress: int
    friction: FrictionRecord
    emotion: EmotionRecord
    questions: tuple[QuestionRecord, ...]
    verbatims: tuple[Verbatim, ...]
    evidence: tuple[SourceRecord, ...] = ()
    stage: StageMark | None = None


@dataclass(frozen=True, slots=True)
class SurveyQuestion:
    """A question that belongs to the step, and how many people its survey was shown to (None: not known).

    version: of the survey that asks it so. None: the answers to all versions count.
    """

    guide: str
    question: Question
    asked: int | None
    version: int | None = None


def outcome_of(
    step: StepProgress, progress: JourneyProgress, *, now: Instant, gives_up_after: Duration
) -> Outcome | None:
    """What became of a person at a step; None for who never came to it."""
    if step.reached_at is not None:
        return Outcome.COMPLETED
    if step.skipped:
        return Outcome.SKIPPED
    if step.entered_at is None:
        return None
    latest = max(step.entered_at, progress.last_event_at or step.entered_at)
    return Outcome.DROPPED if now - latest >= gives_up_after else Outcome.IN_PROGRESS


def step_record(
    journey: Journey,
    step: str,
    progress: Iterable[JourneyProgress],
    answers: Sequence[AnswerGiven],
    *,
    questions: Sequence[SurveyQuestion] = (),
    now: Instant,
) -> StepRecord:
    """The record of a step at an instant.

    progress: one for each person to whom anything of the journey happened. answers: those that belong to the step.
    Raises UnknownStep.
    """
    declared = next((each for each in journey.steps if each.name.text == step), None)
    if declared is None:
        raise UnknownStep(journey.name.text, step, [each.name.text for each in journey.steps])
    gives_up = journey.gives_up_after.length if journey.gives_up_after is not None else GIVES_UP_AFTER
    outcomes: Counter[Outcome | None] = Counter()
    entrants: list[Mapping[str, int]] = []
    for person in progress:
        here = person.steps.get(step)
        if here is None:
            continue
        outcomes[outcome_of(here, person, now=now, gives_up_after=gives_up)] += 1
        if here.entered_at is not None:
            entrants.append(here.signals)
    return StepRecord(
        journey=journey.name.text,
        step=step,
        label=declared.label.value if declared.label is not None else step,
        at=now,
        entered=len(entrants),
        completed=outcomes[Outcome.COMPLETED],
        skipped=outcomes[Outcome.SKIPPED],
        dropped=outcomes[Outcome.DROPPED],
        in_progress=outcomes[Outcome.IN_PROGRESS],
        friction=friction_record(entrants),
        emotion=emotion_record(answers),
        questions=tuple(question_record(each, answers) for each in questions),
        verbatims=_verbatims(answers),
    )


def friction_record(entrants: Sequence[Mapping[str, int]]) -> FrictionRecord:
    """The friction of a step from the signals of each of its entrants, counted by name."""
    n = len(entrants)
    scores = [friction(signals) for signals in entrants]
    return FrictionRecord(
        score=math.fsum(scores) / n if n else None,
        n=n,
        interval=mean_interval(scores),
        version=FRICTION_VERSION,
        signals=tuple(
            SignalRecord(
                name=name,
                weight=weight,
                count=(count := sum(signals.get(name, 0) for signals in entrants)),
                people=sum(name in signals for signals in entrants),
                per_entrant=count / n if n else None,
            )
            for name, weight in WEIGHTS.items()
        ),
    )


def emotion_record(answers: Sequence[AnswerGiven]) -> EmotionRecord:
    """The emotion in some answers. What a user says overrules what was inferred of the same submission."""
    spoken = {(each.person, each.submission) for each in answers if each.valence is not None and not each.inferred}
    told = [
        each
        for each in answers
        if each.valence is not None and (not each.inferred or (each.person, each.submission) not in spoken)
    ]
    valences = [each.valence for each in told if each.valence is not None]
    named = Counter(each.feeling for each in told if each.feeling is not None)
    n = len(valences)
    return EmotionRecord(
        mean=math.fsum(valences) / n if n >= FEWEST_ANSWERS else None,
        n=n,
        interval=mean_interval(valences),
        feelings={feeling: named[feeling] for feeling in FEELINGS},
        inferred=sum(each.inferred for each in told),
    )


def question_record(asked: SurveyQuestion, answers: Sequence[AnswerGiven]) -> QuestionRecord:
    """What was answered to one question."""
    question = asked.question
    given = [
        each
        for each in answers
        if each.guide == asked.guide
        and each.question == question.id.text
        and asked.version in {None, each.survey_version}
    ]
    people = len({each.person for each in given})
    numbers = [each.value for each in given if isinstance(each.value, int | float) and not isinstance(each.value, bool)]
    shown = asked.asked
    return QuestionRecord(
        guide=asked.guide,
        question=question.id.text,
        type=question.type,
        text=question.text.value,
        answered=len(given),
        people=people,
        asked=shown,
        response_rate=people / shown if shown else None,
        response_interval=share_interval(people, shown) if shown and people <= shown else None,
        scores=tuple(score(numbers) for score in SCORES.get(question.type, ())),
        distribution=_distribution(question, [each.value for each in given]),
        version=asked.version or 1,
    )


def _distribution(question: Question, values: Sequence[JsonValue]) -> Mapping[str, int]:
    """How often each number or choice was given, choices in the order of the text; free texts are verbatims instead."""
    counted: Counter[str] = Counter()
    keys = [choice.key for choice in question.choices]
    for value in values:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, bool) or not isinstance(each, int | float | str):
                continue
            if isinstance(each, str) and each not in keys:
                continue
            counted[str(each)] += 1
    ordered = keys or sorted(counted, key=float)
    return {key: counted[key] for key in ordered}


def _verbatims(answers: Sequence[AnswerGiven]) -> tuple[Verbatim, ...]:
    said = [each for each in answers if each.text is not None and each.text.strip()]
    said.sort(key=lambda each: each.time, reverse=True)
    return tuple(
        Verbatim(
            text=each.text or "",
            guide=each.guide,
            question=each.question,
            feeling=each.feeling,
            valence=each.valence,
            inferred=each.inferred,
            language=each.language,
            time=each.time,
        )
        for each in said[:MOST_VERBATIMS]
    )
