"""Reports that are written to files by schedule: what may be asked for, when the next is due, what a file is called.

Pure. A schedule is of the clock on the wall: "every day at 6" stays at 6 when the clocks are changed. An hour that a
day does not have comes when the clock jumps over it; of one that it has twice the first counts. So each day has its
file once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from dsl.values import DAY, HOUR, MINUTE, Duration, Instant, from_datetime, to_datetime
from engine.errors import WaypostError
from engine.schedule import known_zone

MOST_SCHEDULES: Final = 50
"""In one project."""
LONGEST_NAME: Final = 60
MOST_DAYS: Final = 366
PAUSES: Final = tuple(Duration(pause) for pause in (MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR))
"""After each try that failed, how long until the next one; after the last pause one more try, then it is given up."""
MOST_TRIES: Final = len(PAUSES) + 1
NEVER_BACK: Final = "the worker ended in the middle of it, at the last try too; it may need more memory than there is"
"""Why a run is given up that takes its worker down with it."""
HELD: Final = Duration(30 * MINUTE)
"""For how long a worker has a run; long work asks for more. After it another one takes it over."""
KEPT: Final = Duration(90 * DAY)
"""How long runs are listed. Files stay until somebody removes them."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class FileForm(StrEnum):
    """In which form, and how the file's name ends."""

    CSV = "csv"
    PARQUET = "parquet"


class RunState(StrEnum):
    """How a run is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class BadSchedule(WaypostError):
    """What is to be exported by schedule cannot be."""

    code = "bad_schedule"


class ExportsOff(WaypostError):
    """This server writes no files."""

    code = "exports_off"

    def __init__(self) -> None:
        super().__init__(
            "this server writes no exports: whoever runs it says with WAYPOST_EXPORTS_DIR into which folder they go"
        )


class NoSuchSchedule(WaypostError):
    """The project has no export of that number."""

    code = "no_such_schedule"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no scheduled export {number} in this project")


class NoSuchRun(WaypostError):
    """The project has no run of that number, or it is listed no longer."""

    code = "no_such_run"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no run {number} of a scheduled export in this project, or its file is gone")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report by schedule.

    name: what its files are called. report: of the registry. asked: its parameters, as over HTTP. form: of the file.
    days: of the last so many whole days, in the project's zone; of whatever `asked` says for None. every, hour: when;
    on: the day of the week from Monday as 1, or of the month.
    """

    name: str
    report: str
    asked: Mapping[str, Any]
    form: FileForm
    days: int | None
    every: Every
    hour: int
    on: int


def checked(wanted: Wanted) -> Wanted:
    """The same, where it can be. The report itself is judged by the registry. Raises BadSchedule."""
    if not _NAME.fullmatch(wanted.name) or len(wanted.name) > LONGEST_NAME:
        raise BadSchedule(
            f"a name becomes that of a file: up to {LONGEST_NAME} small letters, digits, `-` and `_`, such as "
            "`funnel-eu`"
        )
    if not 0 <= wanted.hour <= 23:
        raise BadSchedule("the hour is one from 0 to 23")
    most = {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 28}[wanted.every]
    if not 1 <= wanted.on <= most:
        raise BadSchedule(
            "`on` is a day of the week from 1 for Monday to 7, or of the month from 1 to 28, which every month has"
        )
    if wanted.days is not None and not 1 <= wanted.days <= MOST_DAYS:
        raise BadSchedule(f"`days` is a number from 1 to {MOST_DAYS}, or left out")
    return wanted


def next_due(wanted: Wanted, after: Instant, zone: str) -> Instant:
    """When it is due next, later than an instant."""
    place = known_zone(zone)
    day = to_datetime(after).astimezone(place).date()
    while True:
        if _is_day(wanted, day):
            due = _at(day, wanted.hour, place)
            if due > after:
                return due
        day += timedelta(days=1)


def period_of(wanted: Wanted, due: Instant, zone: str) -> tuple[Instant, Instant] | None:
    """The whole days that a run is of, the last of which is the day before it; None where the report says itself."""
    if wanted.days is None:
        return None
    place = known_zone(zone)
    today = to_datetime(due).astimezone(place).date()
    return _at(today - timedelta(days=wanted.days), 0, place), _at(today, 0, place)


def file_name(wanted: Wanted, due: Instant, zone: str, *, run: int | None = None) -> str:
    """The name of a run's file, with its day; one that somebody asked for in between has its number too."""
    day = to_datetime(due).astimezone(known_zone(zone)).date().isoformat()
    by_hand = "" if run is None else f"-{run}"
    return f"{wanted.name}-{day}{by_hand}.{wanted.form}"


def words_of(wanted: Wanted) -> str:
    """When, in words."""
    hour = f"{wanted.hour:02}:00"
    match wanted.every:
        case Every.DAY:
            return f"every day at {hour}"
        case Every.WEEK:
            return f"every {_WEEKDAYS[wanted.on - 1]} at {hour}"
        case Every.MONTH:
            return f"on day {wanted.on} of every month at {hour}"


_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _is_day(wanted: Wanted, day: date) -> bool:
    match wanted.every:
        case Every.DAY:
            return True
        case Every.WEEK:
            return day.isoweekday() == wanted.on
        case Every.MONTH:
            return day.day == wanted.on


def _at(day: date, hour: int, zone: ZoneInfo) -> Instant:
    """The first moment of a day at which the clock shows an hour, or has passed it."""
    return from_datetime(datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC))


SCHEDULE_COLUMNS: Final[Mapping[str, str]] = {
    "id": "its number",
    "name": "what its files are called",
    "report": "what is written",
    "asked": "its parameters, as JSON",
    "form": "csv or parquet",
    "days": "of so many days before; blank where the parameters say",
    "when": "in words",
    "is_on": "whether it is written",
    "next": "when the next one is due; blank where it is off",
}
"""The columns of scheduled exports, with what they mean."""

RUN_COLUMNS: Final[Mapping[str, str]] = {
    "id": "its number",
    "schedule": "of which export",
    "due": "when it was due",
    "state": "waiting, running, done or failed",
    "tries": "how often it was tried",
    "file": "the name of the file; blank without one",
    "rows": "rows in it",
    "bytes": "its size",
    "finished": "when it was over",
    "error": "why it failed; blank otherwise",
}
"""The columns of runs, with what they mean."""
