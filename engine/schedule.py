"""When a guide may be shown at all: `from`, `expires`, `only on`, `only between`.

`from` and `expires` are instants once the project's time zone is known; the two `only` clauses are read off the
user's clock where their zone is known, else off the project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dsl.clauses import one
from dsl.moments import end_of, start_of
from dsl.nodes import Expires, From, Guide, OnlyBetween, OnlyOn
from dsl.values import Instant, to_datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a guide may be shown.

    begins: the first instant. ends: the first instant at which it may not any more.
    days: ISO weekdays, Monday is 1. hours: minutes after midnight, the second not included; a first that is later
    than the second spans midnight.
    """

    begins: Instant | None = None
    ends: Instant | None = None
    days: frozenset[int] | None = None
    hours: tuple[int, int] | None = None

    @property
    def is_local(self) -> bool:
        """True when the user's clock counts."""
        return self.days is not None or self.hours is not None

    def is_between(self, now: Instant) -> bool:
        """True from its first instant on and before its end."""
        return (self.begins is None or now >= self.begins) and (self.ends is None or now < self.ends)

    def is_open(self, now: Instant, zone: str) -> bool:
        """True when the guide may be shown at the instant to a user whose clock is in the zone."""
        if not self.is_between(now):
            return False
        if not self.is_local:
            return True
        local = local_time(now, zone)
        if self.days is not None and local.isoweekday() not in self.days:
            return False
        return self.hours is None or _is_between(local.hour * 60 + local.minute, *self.hours)


def schedule_of(guide: Guide, project_zone: str) -> Schedule:
    """The schedule that a guide's clauses give; a date alone is a day of the project's zone."""
    begins, ends = one(guide, From), one(guide, Expires)
    days, hours = one(guide, OnlyOn), one(guide, OnlyBetween)
    return Schedule(
        begins=start_of(begins.moment, project_zone) if begins is not None else None,
        ends=end_of(ends.moment, project_zone) if ends is not None else None,
        days=frozenset(days.days) if days is not None else None,
        hours=(hours.start, hours.end) if hours is not None else None,
    )


def local_time(now: Instant, zone: str) -> datetime:
    """What the clock shows in the zone; UTC for a zone that nobody knows."""
    return to_datetime(now).astimezone(known_zone(zone))


def is_zone(name: str) -> bool:
    """True for the name of a time zone, such as `Europe/Berlin`."""
    return _known_zone(name) is not None


def known_zone(name: str) -> ZoneInfo:
    """A time zone; UTC for one that nobody knows."""
    return _known_zone(name) or ZoneInfo("UTC")


@lru_cache(maxsize=1024)
def _known_zone(name: str) -> ZoneInfo | None:
    # Zones come from browsers too: a name may be anything, also a folder of the zone database or a path out of it.
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _is_between(minute: int, start: int, end: int) -> bool:
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end
