"""A month or a quarter in which something is to be done: `2026-11`, `2026-Q4`. Days are those of UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from dsl.values import DAY, Duration, Instant, from_datetime, to_datetime
from engine.errors import WaypostError

_WRITTEN: Final = re.compile(r"(?P<year>20\d\d)-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2]))", re.ASCII)


class BadTimebox(WaypostError):
    """What is written as a timebox is neither a month nor a quarter."""

    code = "bad_timebox"

    def __init__(self, text: str) -> None:
        super().__init__(f"`{text[:40]}` is no timebox; write a month as `2026-11` or a quarter as `2026-Q4`")


@dataclass(frozen=True, slots=True)
class Timebox:
    """A month, or a quarter where `months` is 3. month: its first, 1 to 12."""

    year: int
    month: int
    months: int = 1

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}" if self.months == 1 else f"{self.year}-Q{(self.month + 2) // 3}"

    @property
    def begin(self) -> Instant:
        """Its first instant."""
        return from_datetime(datetime(self.year, self.month, 1, tzinfo=UTC))

    @property
    def end(self) -> Instant:
        """The first instant after it."""
        return self.next.begin

    @property
    def next(self) -> Timebox:
        """The one after it, of the same length."""
        return self._moved(self.months)

    @property
    def previous(self) -> Timebox:
        """The one before it, of the same length."""
        return self._moved(-self.months)

    @property
    def order(self) -> tuple[int, int]:
        """What timeboxes are sorted by: when they begin, the shorter ones first."""
        return self.begin, self.months

    def days_left(self, now: Instant) -> int:
        """Whole days until it ends."""
        return max(0, Duration(self.end - now) // DAY)

    def _moved(self, months: int) -> Timebox:
        number = self.year * 12 + self.month - 1 + months
        return Timebox(number // 12, number % 12 + 1, self.months)


def read_timebox(text: str) -> Timebox:
    """A timebox as it is written. Raises BadTimebox."""
    found = _WRITTEN.fullmatch(text.strip().upper())
    if found is None:
        raise BadTimebox(text)
    year = int(found["year"])
    if found["quarter"]:
        return Timebox(year, 3 * int(found["quarter"]) - 2, 3)
    return Timebox(year, int(found["month"]))


def month_of(now: Instant) -> Timebox:
    """The month of an instant."""
    moment = to_datetime(now)
    return Timebox(moment.year, moment.month)


def quarter_of(now: Instant) -> Timebox:
    """The quarter of an instant."""
    moment = to_datetime(now)
    return Timebox(moment.year, (moment.month - 1) // 3 * 3 + 1, 3)
