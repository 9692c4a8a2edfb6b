"""Impact against effort: in which of four quadrants an item lies, and the timebox that this proposes.

Both limits are the project's own (`Limits`), not medians of what happens to be on the list: an item does not change its
quadrant because another one was added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

from dsl.values import Instant
from engine.roadmap.timeboxes import Timebox, month_of, quarter_of


class Quadrant(StrEnum):
    """Where an item lies."""

    QUICK_WIN = "quick win"
    STRATEGIC = "strategic"
    FILLER = "filler"
    AVOID = "avoid"


MEANINGS: Final[Mapping[Quadrant, str]] = MappingProxyType(
    {
        Quadrant.QUICK_WIN: "much for little: this month, or the next one where this one is too short",
        Quadrant.STRATEGIC: "much for much: plan it into the next quarter",
        Quadrant.FILLER: "little for little: when there is room, the quarter after the next",
        Quadrant.AVOID: "little for much: not at all, or as something smaller",
    }
)
"""What each quadrant means, and the timebox that it proposes."""


@dataclass(frozen=True, slots=True)
class Range:
    """A figure that is not known better than from `low` to `high`. likely: the best guess, where it is not half way."""

    low: float
    high: float
    likely: float | None = None

    @property
    def middle(self) -> float:
        """The best guess."""
        return (self.low + self.high) / 2 if self.likely is None else self.likely

    def holds(self, limit: float) -> bool:
        """True where a limit lies inside, so that it does not decide."""
        return self.low < limit < self.high


@dataclass(frozen=True, slots=True)
class Limits:
    """What is much. effort_days: person-days from which effort is high. users_per_week: from which impact is."""

    effort_days: float = 10.0
    users_per_week: float = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item lies. is_close: a range of its effort or impact reaches over the limit, so it may be another one.

    timebox: what the quadrant proposes; None for none.
    """

    quadrant: Quadrant
    is_close: bool
    timebox: Timebox | None


def quadrant_of(impact: Range, effort: Range, limits: Limits) -> Quadrant:
    """The quadrant by the middles of both ranges; on the limit an effort is high, and an impact too."""
    is_much, is_long = impact.middle >= limits.users_per_week, effort.middle >= limits.effort_days
    if is_much:
        return Quadrant.STRATEGIC if is_long else Quadrant.QUICK_WIN
    return Quadrant.AVOID if is_long else Quadrant.FILLER


def place_of(impact: Range | None, effort: Range | None, limits: Limits, *, now: Instant) -> Place | None:
    """Where an item lies; None as long as its impact or its effort is not known."""
    if impact is None or effort is None:
        return None
    quadrant = quadrant_of(impact, effort, limits)
    is_close = impact.holds(limits.users_per_week) or effort.holds(limits.effort_days)
    return Place(quadrant, is_close, proposed_timebox(quadrant, effort, now=now))


def proposed_timebox(quadrant: Quadrant, effort: Range, *, now: Instant) -> Timebox | None:
    """The timebox that a quadrant proposes; for a quick win the one in which its longest estimate has room."""
    month, quarter = month_of(now), quarter_of(now)
    match quadrant:
        case Quadrant.QUICK_WIN:
            # Of seven days five are worked on.
            return month if effort.high <= month.days_left(now) * 5 / 7 else month.next
        case Quadrant.STRATEGIC:
            return quarter.next
        case Quadrant.FILLER:
            return quarter.next.next
        case Quadrant.AVOID:
            return None
        case other:
            assert_never(other)
