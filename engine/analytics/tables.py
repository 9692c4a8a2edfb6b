"""Answers as flat rows, the same for CSV, Parquet and data frames: one row a step, and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dsl.values import SECOND
from engine.analytics.funnel_answer import FunnelAnswer, StepCount
from engine.analytics.intervals import Interval

FUNNEL_COLUMNS: Final[Mapping[str, str]] = {
    "group": "of a breakdown; blank without one",
    "step": "number of the step, from 1",
    "name": "name of the step",
    "count": "units that came at least this far",
    "rate": "share of those who entered",
    "rate_low": "low end of its 95 % interval",
    "rate_high": "high end of it",
    "of_previous": "share of those who came to the step before",
    "of_previous_low": "low end of its 95 % interval",
    "of_previous_high": "high end of it",
    "dropped": "units that came to the step before and not to this one",
    "lower_quartile_seconds": "from the entry to the step: a quarter took at most so long",
    "median_seconds": "a half took at most so long",
    "upper_quartile_seconds": "three quarters took at most so long",
}
"""The columns of a funnel, with what they mean."""


def funnel_rows(answer: FunnelAnswer) -> list[dict[str, Any]]:
    """The rows of a funnel, with the keys of FUNNEL_COLUMNS."""
    groups: Mapping[str, Sequence[StepCount]] = {"": answer.steps} if answer.groups is None else answer.groups
    return [_funnel_row(group, number, step) for group, steps in groups.items() for number, step in enumerate(steps, 1)]


def _funnel_row(group: str, number: int, step: StepCount) -> dict[str, Any]:
    took = step.took
    times = (None, None, None) if took is None else (took.lower, took.median, took.upper)
    values = (
        group,
        number,
        step.name,
        step.count,
        step.rate,
        *_ends(step.interval),
        step.of_previous,
        *_ends(step.previous_interval),
        step.dropped,
        *(None if each is None else each / SECOND for each in times),
    )
    return dict(zip(FUNNEL_COLUMNS, values, strict=True))


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)
