"""What a theme or an item is to move: the closed list of metrics, how each is measured, and how two are compared.

A metric belongs to a place: a step, a stage or a whole journey, from the entry of its first step to the event of its
last. It is measured over those who entered in a period; who may still go on is not counted yet.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

from dsl.nodes import Journey
from dsl.values import SECOND, WEEK, Duration, Instant
from engine.analytics.distributions import chi_square_quantile, coin_quantile
from engine.analytics.intervals import CONFIDENCE, FEWEST_ANSWERS, Interval, share_interval
from engine.analytics.records import GIVES_UP_AFTER, AnswerGiven, Outcome, emotion_record, friction_record, outcome_of
from engine.errors import UnknownStep, WaypostError
from engine.journeys import JourneyProgress
from engine.roadmap.evidence import Period


class Metric(StrEnum):
    """What can be moved."""

    COMPLETION = "completion"
    LOST_PER_WEEK = "lost_per_week"
    TIME_TO_COMPLETE = "time_to_complete"
    FRICTION = "friction"
    EMOTION = "emotion"


@dataclass(frozen=True, slots=True)
class MetricKind:
    """What a metric is. unit: of its value. is_better_higher: which way is up. lowest, highest: of a target."""

    doc: str
    unit: str
    is_better_higher: bool
    lowest: float
    highest: float


METRICS: Final[Mapping[Metric, MetricKind]] = MappingProxyType(
    {
        Metric.COMPLETION: MetricKind("share of those who entered that came to the end", "share", True, 0, 1),
        Metric.LOST_PER_WEEK: MetricKind("people lost a week", "people a week", False, 0, 1e9),
        Metric.TIME_TO_COMPLETE: MetricKind("median time from entry to end", "seconds", False, 0, 1e9),
        Metric.FRICTION: MetricKind("mean friction of those who entered, 0 to 1", "score", False, 0, 1),
        Metric.EMOTION: MetricKind("mean of what people said they felt, −1 to +1", "score", True, -1, 1),
    }
)
"""The one list of metrics."""


class BadTarget(WaypostError):
    """A target that the metric cannot have."""

    code = "bad_target"

    def __init__(self, metric: Metric, target: float) -> None:
        kind = METRICS[metric]
        super().__init__(
            f"{target:g} is no target for `{metric}`, {kind.doc}: it lies between {kind.lowest:g} and {kind.highest:g}"
        )


class UnknownStage(WaypostError):
    """The journey has no stage of that name."""

    code = "unknown_stage"

    def __init__(self, journey: str, stage: str, known: Sequence[str]) -> None:
        stages = ", ".join(f"`{name}`" for name in known)
        super().__init__(f"journey `{journey}` has no stage `{stage}`; its stages are {stages}")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A place of a journey: its steps, in their order."""

    journey: str
    steps: tuple[str, ...]
    gives_up_after: Duration


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric as it was in a period. value: None where there is not enough to say. n: people, or answers."""

    metric: Metric
    value: float | None
    n: int
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What a journey's metrics are measured from: the progress of its people, and their answers by step."""

    people: Sequence[JourneyProgress] = ()
    answers: Mapping[str, Sequence[AnswerGiven]] = field(default_factory=dict)


def check_target(metric: Metric, target: float) -> None:
    """Raise BadTarget for what the metric cannot be."""
    kind = METRICS[metric]
    if not math.isfinite(target) or not kind.lowest <= target <= kind.highest:
        raise BadTarget(metric, target)


def stretch_of(journey: Journey, *, stage: str | None = None, step: str | None = None) -> Stretch:
    """A step, a stage, or the whole of a journey. Raises UnknownStage, UnknownStep."""
    name = journey.name.text
    steps = [each.name.text for each in journey.steps]
    if step is not None and step not in steps:
        raise UnknownStep(name, step, steps)
    if stage is not None:
        stages = {each.name.text: each for each in journey.stages}
        if stage not in stages:
            raise UnknownStage(name, stage, list(stages))
        steps = [each.name.text for each in stages[stage].steps]
        if step is not None and step not in steps:
            raise UnknownStep(f"{name}.{stage}", step, steps)
    gives_up = journey.gives_up_after.length if journey.gives_up_after is not None else GIVES_UP_AFTER
    return Stretch(name, (step,) if step is not None else tuple(steps), gives_up)


def measure(metric: Metric, stretch: Stretch, arrivals: Arrivals, period: Period, *, now: Instant) -> Measured:
    """A metric over those who entered the stretch in a period; of feelings, over what was said in it."""
    entered = _entered(stretch, arrivals.people, period)
    # Of those who came lately just the quick ones are through: whom the journey may still wait for does not count.
    mature = _entered(stretch, entered, Period(period.begin, Instant(now - stretch.gives_up_after)))
    match metric:
        case Metric.COMPLETION:
            came, lost = _settled(stretch, mature, now)
            n = came + lost
            is_enough = n >= FEWEST_ANSWERS
            return Measured(metric, came / n if is_enough else None, n, share_interval(came, n) if is_enough else None)
        case Metric.LOST_PER_WEEK:
            return _lost_per_week(stretch, arrivals.people, period, now)
        case Metric.TIME_TO_COMPLETE:
            return _median_time(stretch, mature)
        case Metric.FRICTION:
            friction = friction_record([person.steps[stretch.steps[0]].signals for person in entered])
            is_enough = friction.n >= FEWEST_ANSWERS
            return Measured(metric, friction.score if is_enough else None, friction.n, friction.interval)
        case Metric.EMOTION:
            said = [answer for step in stretch.steps for answer in arrivals.answers.get(step, ())]
            emotion = emotion_record([answer for answer in said if answer.time in period])
            return Measured(metric, emotion.mean, emotion.n, emotion.interval)
        case other:
            assert_never(other)


def difference(before: Measured, after: Measured) -> tuple[float, Interval | None] | None:
    """After less before, with its interval; None where one of them is not known.

    The ends are recovered from the two intervals, as of independent samples (MOVER: G. Y. Zou and A. Donner,
    "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008)); for two shares that is
    Newcombe's interval.
    """
    if before.value is None or after.value is None:
        return None
    found = after.value - before.value
    if before.interval is None or after.interval is None:
        return found, None
    low = math.hypot(after.value - after.interval.low, before.interval.high - before.value)
    high = math.hypot(after.interval.high - after.value, before.value - before.interval.low)
    return found, Interval(found - low, found + high)


def _entered(stretch: Stretch, people: Iterable[JourneyProgress], period: Period) -> list[JourneyProgress]:
    first = stretch.steps[0]
    return [
        person
        for person in people
        if (here := person.steps.get(first)) is not None and here.entered_at is not None and here.entered_at in period
    ]


def _settled(stretch: Stretch, entered: Iterable[JourneyProgress], now: Instant) -> tuple[int, int]:
    """How many came to the end, and how many were lost on the way; the others may still come."""
    came = lost = 0
    for person in entered:
        last = person.steps.get(stretch.steps[-1])
        if last is not None and last.reached_at is not None:
            came += 1
            continue
        fates = (
            outcome_of(person.steps[name], person, now=now, gives_up_after=stretch.gives_up_after)
            for name in stretch.steps
            if name in person.steps
        )
        lost += any(fate is Outcome.DROPPED for fate in fates)
    return came, lost


def _lost_per_week(stretch: Stretch, people: Sequence[JourneyProgress], period: Period, now: Instant) -> Measured:
    """Over the part of the period in which there was somebody to lose, and in which all are settled by now."""
    arrived = [
        here.entered_at
        for person in people
        if (here := person.steps.get(stretch.steps[0])) is not None and here.entered_at is not None
    ]
    begin = max(period.begin, min(arrived, default=period.begin))
    settled = Period(begin, min(period.end, Instant(now - stretch.gives_up_after)))
    weeks = (settled.end - settled.begin) / WEEK
    own = _entered(stretch, people, settled)
    if weeks <= 0 or not own:
        return Measured(Metric.LOST_PER_WEEK, None, 0, None)
    lost = _settled(stretch, own, now)[1]
    # The exact interval of a Poisson count (F. Garwood, Biometrika 28 (1936)).
    tail = (1 - CONFIDENCE) / 2
    low = chi_square_quantile(tail, 2 * lost) / 2 if lost else 0.0
    high = chi_square_quantile(1 - tail, 2 * lost + 2) / 2
    return Measured(Metric.LOST_PER_WEEK, lost / weeks, len(own), Interval(low / weeks, high / weeks))


def _median_time(stretch: Stretch, entered: Iterable[JourneyProgress]) -> Measured:
    """Over those who came to the end. The interval lies between two of the times in order (exact, binomial)."""
    first, last = stretch.steps[0], stretch.steps[-1]
    times = sorted(
        max(0, end.reached_at - begin.entered_at) / SECOND
        for person in entered
        if (begin := person.steps.get(first)) is not None
        and (end := person.steps.get(last)) is not None
        and begin.entered_at is not None
        and end.reached_at is not None
    )
    n = len(times)
    if n < FEWEST_ANSWERS:
        return Measured(Metric.TIME_TO_COMPLETE, None, n, None)
    middle = (times[(n - 1) // 2] + times[n // 2]) / 2
    low = max(0, coin_quantile((1 - CONFIDENCE) / 2, n) - 1)
    return Measured(Metric.TIME_TO_COMPLETE, middle, n, Interval(times[low], times[n - 1 - low]))
