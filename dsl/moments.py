"""When a written date begins and ends.

A date alone is 00:00 in a time zone; a time with an offset is that instant whatever the zone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from dsl.nodes import DayLiteral, Moment, TimeLiteral
from dsl.values import DAY, Instant, from_datetime, to_datetime

_EPOCH_DAY = date(1970, 1, 1).toordinal()


def start_of(moment: Moment, zone: str) -> Instant:
    """The first instant of a day in a time zone (`Europe/Berlin`), or the instant itself.

    Raises ValueError for a day that no calendar has, which the checker reports.
    """
    match moment:
        case TimeLiteral():
            return moment.instant
        case DayLiteral():
            return _midnight(date(moment.year, moment.month, moment.day), zone)
        case _:
            assert_never(moment)


def end_of(moment: Moment, zone: str) -> Instant:
    """The first instant after a day in a time zone, or the instant itself. Raises ValueError as `start_of`."""
    match moment:
        case TimeLiteral():
            return moment.instant
        case DayLiteral():
            try:
                return _midnight(date(moment.year, moment.month, moment.day) + timedelta(days=1), zone)
            except OverflowError:
                raise ValueError("the calendar ends before the day after") from None
        case _:
            assert_never(moment)


def day_of(instant: Instant, zone: str) -> int:
    """The calendar day of a time zone that an instant lies in, as days since 1970-01-01."""
    if zone == "UTC":
        return instant // DAY
    return to_datetime(instant).astimezone(ZoneInfo(zone)).toordinal() - _EPOCH_DAY


def _midnight(day: date, zone: str) -> Instant:
    return from_datetime(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))
