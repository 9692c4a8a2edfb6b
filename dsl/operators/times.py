"""When was it, or will it be?

`now` is the instant of the decision; inside a `where` it is the time of the event.
"""

from __future__ import annotations

from typing import Final

from dsl.operators.registry import Shape, Wants, operator
from dsl.values import Duration, Instant, Kind

TIMES: Final = frozenset({Kind.TIME})


@operator(
    "within last",
    Shape.DURATION,
    TIMES,
    wants=Wants.DURATION,
    example="signed_up_at within last 14 days",
    inline="now - a < value <= now",
    needs_now=True,
    spoken="lies within the last",
)
def is_within_last(value: Instant, length: Duration, *, now: Instant) -> bool:
    """True when the time lies in (now − length, now]."""
    return now - length < value <= now


@operator(
    "within next",
    Shape.DURATION,
    TIMES,
    wants=Wants.DURATION,
    example="trial_ends_at within next 3 days",
    inline="now <= value <= now + a",
    needs_now=True,
    spoken="lies within the next",
)
def is_within_next(value: Instant, length: Duration, *, now: Instant) -> bool:
    """True when the time lies in [now, now + length]."""
    return now <= value <= now + length


@operator(
    "more than",
    Shape.DURATION,
    TIMES,
    wants=Wants.DURATION,
    example="signed_up_at more than 3 days ago",
    inline="value <= now - a",
    suffix="ago",
    needs_now=True,
    spoken="lies more than",
)
def is_more_than_ago(value: Instant, length: Duration, *, now: Instant) -> bool:
    """True when the time is at or before now − length."""
    return value <= now - length


@operator(
    "before",
    Shape.MOMENT,
    TIMES,
    wants=Wants.MOMENT,
    example="signed_up_at before 2026-01-01",
    inline="value < a",
    spoken="lies before",
)
def is_before(value: Instant, limit: Instant) -> bool:
    """True when the time is earlier. A day alone stands for its beginning, so the day is excluded."""
    return value < limit


@operator(
    "after",
    Shape.MOMENT,
    TIMES,
    wants=Wants.MOMENT,
    example="signed_up_at after 2026-01-01T13:00:00Z",
    inline="value > a",
    spoken="lies after",
)
def is_after(value: Instant, limit: Instant) -> bool:
    """True when the time is later. A day alone stands for the last microsecond of it: `after DAY` begins at 00:00 of
    the next day."""
    return value > limit
