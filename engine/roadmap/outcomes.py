"""What became of something that was launched: its metric before and after, and the lift where a guide carries it.

Before and after is not a cause: whatever else happened in those weeks is in it too. Only a guide with a holdout says
what it did itself; that comes through `Lifts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from dsl.values import DAY, Duration, Instant
from engine.analytics.intervals import Interval
from engine.roadmap.evidence import Period
from engine.roadmap.metrics import METRICS, Arrivals, Measured, Metric, Stretch, difference, measure

NOT_CAUSAL: Final = "before/after, not causal"
LOOKED_AT: Final = Duration(28 * DAY)
"""How long before and after a launch are compared, as far as that is over."""


class Verdict(StrEnum):
    """What a comparison says."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    NO_CLEAR_CHANGE = "no clear change"
    CANNOT_TELL = "cannot tell yet"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric in two periods. difference: after less before. verdict: whether the whole interval says so."""

    metric: Metric
    before: Measured
    after: Measured
    difference: float | None
    interval: Interval | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Lift:
    """What a guide did, by its holdout. value: share that reached the goal, shown less held out; said: in one line."""

    guide: str
    value: float | None
    interval: Interval | None
    said: str


class Lifts(Protocol):
    """The effect of guides, as far as the roadmap needs it."""

    def of_guide(self, guide: str) -> Lift | None:
        """The lift of a guide; None for one without a holdout, or of which nothing is known."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item since its launch. comparison: None where it has no step or no metric to compare."""

    item: int
    title: str
    launched: Instant
    comparison: Comparison | None
    lift: Lift | None
    note: str = NOT_CAUSAL


def around(launch: Instant, *, now: Instant, length: Duration = LOOKED_AT) -> tuple[Period, Period]:
    """The periods before and after a launch."""
    return Period(Instant(launch - length), launch), Period(launch, min(now, Instant(launch + length)))


def compare(
    metric: Metric, stretch: Stretch, arrivals: Arrivals, periods: tuple[Period, Period], *, now: Instant
) -> Comparison:
    """A metric in two periods, the earlier first."""
    before, after = (measure(metric, stretch, arrivals, each, now=now) for each in periods)
    found = difference(before, after)
    moved, interval = (None, None) if found is None else found
    return Comparison(metric, before, after, moved, interval, verdict_of(metric, moved, interval))


def verdict_of(metric: Metric, moved: float | None, interval: Interval | None) -> Verdict:
    """What a difference says: clear is only what the whole interval says."""
    if moved is None or interval is None:
        return Verdict.CANNOT_TELL
    if interval.low <= 0 <= interval.high:
        return Verdict.NO_CLEAR_CHANGE
    return Verdict.IMPROVED if (moved > 0) is METRICS[metric].is_better_higher else Verdict.WORSENED


def is_reached(metric: Metric, target: float, measured: Measured) -> bool | None:
    """Whether a target is met by what was measured; None where nothing was."""
    if measured.value is None:
        return None
    return measured.value >= target if METRICS[metric].is_better_higher else measured.value <= target
