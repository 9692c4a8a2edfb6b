"""Can these counts be so at once? An event that happened in the last day has happened in the last week."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from dsl.nodes import CountTest, CountWord, InLast, Window

AT_LEAST_ONCE = (1, None)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something happened: at least `low`, at most `high` times (None: no limit).

    what: the event, or what else is counted. where: what of it counts; None for all. on_days: days are counted.
    """

    what: Hashable
    where: Hashable | None
    window: Window | None
    on_days: bool
    low: int
    high: int | None


def range_of(  # noqa: PLR0911  (one case a word)
    count: CountTest | None, *, holds: bool
) -> tuple[int, int | None] | None:
    """The least and the greatest number for which a count is so; None where they are not one range."""
    if count is None:
        return (1, None) if holds else (0, 0)
    low, high = count.low, count.high
    match count.word, holds:
        case (CountWord.AT_LEAST, True) | (CountWord.FEWER_THAN, False):
            return low, None
        case (CountWord.AT_LEAST, False) | (CountWord.FEWER_THAN, True):
            return 0, low - 1
        case (CountWord.MORE_THAN, True) | (CountWord.AT_MOST, False):
            return low + 1, None
        case (CountWord.MORE_THAN, False) | (CountWord.AT_MOST, True):
            return 0, low
        case CountWord.EXACTLY, True:
            return low, low
        case CountWord.BETWEEN, True:
            return low, high
        case _:
            # Not exactly, not between: two ranges. Only one of them is left where the other is below zero.
            if low <= 0:
                return (high if high is not None and count.word is CountWord.BETWEEN else low) + 1, None
            return None


def can_all_be(counts: Sequence[Counted]) -> bool:
    """False only if no history has all these counts."""
    if any(each.high is not None and (each.high < 0 or each.high < each.low) for each in counts):
        return False
    return not any(
        _is_within(inner, outer) and outer.high is not None and _least(inner, outer) > outer.high
        for inner in counts
        if inner.low > 0
        for outer in counts
        if inner is not outer
    )


def _least(inner: Counted, outer: Counted) -> int:
    """How often the outer happened at least, given how often the inner did."""
    if inner.on_days == outer.on_days or inner.on_days:
        return inner.low
    # Several events may fall on one day.
    return 1


def _is_within(inner: Counted, outer: Counted) -> bool:
    """True when everything that the inner counts is counted by the outer."""
    if inner.what != outer.what or outer.where not in (None, inner.where):
        return False
    if outer.window is None or inner.window == outer.window:
        return True
    if isinstance(inner.window, InLast) and isinstance(outer.window, InLast):
        return inner.window.duration.length <= outer.window.duration.length
    return False
