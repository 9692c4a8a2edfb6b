"""Periods of days that somebody chooses on a page: from one day to another, both of them whole, in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dsl.values import DAY, HOUR, Duration, Instant, format_instant, read_instant

DATES: Final = "dates"
"""The choice among the periods of a page that lets its days be chosen."""
DATES_WORDS: Final = "from one day to another"
_USUAL: Final = 30


@dataclass(frozen=True, slots=True)
class Days:
    """Some days. first, last: as an address writes them. until: the moment at which the last one is over."""

    first: str
    last: str
    since: Instant
    until: Instant

    @property
    def words(self) -> str:
        """The days as people read them."""
        return f"{self.first} to {self.last}" if self.first != self.last else f"on {self.first}"


def days_of(said: Mapping[str, str], now: Instant) -> Days:
    """The days that an address names with `since` and `until`, whichever comes first.

    A day that is not there or cannot be read is the usual one: the last thirty days, to today.
    """
    today = Instant(now // DAY * DAY)
    last = read_day(said.get("until", ""))
    first = read_day(said.get("since", ""))
    if last is None:
        last = today if first is None or first <= today else first
    if first is None:
        first = Instant(last - (_USUAL - 1) * DAY)
    first, last = sorted((first, last))
    return Days(_written(first), _written(last), first, Instant(last + DAY))


def back(length: Duration, now: Instant) -> Instant:
    """The moment so long ago, at a full hour: so that a question stays the same for a while, and its answer is kept."""
    return Instant((now - length) // HOUR * HOUR)


def read_day(text: str) -> Instant | None:
    """The beginning of a day, `2026-10-01`; None for anything else."""
    return read_instant(f"{text}T00:00:00Z") if len(text) == len("2026-10-01") else None


def _written(day: Instant) -> str:
    return format_instant(day)[: len("2026-10-01")]
