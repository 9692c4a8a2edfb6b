"""Times as scenario files write them: `3 days ago`, `2 minutes later`, `2026-03-02 09:00`, `now`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dsl.values import UNITS, Duration, Instant, from_datetime, read_instant

_PART: Final = r"\d+ (?:second|minute|hour|day|week)s?"
DURATION: Final = rf"{_PART}(?:(?: and)? {_PART})*"
"""A length of time: `3 days`, `1 hour 30 minutes`."""
TIME: Final = (
    rf"^(now|{DURATION} (ago|later)|\d{{4}}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?|"
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))$"
)
"""All forms of a time, for editors."""
HELP: Final = "write `3 days ago`, `2 minutes later`, `2026-03-02 09:00` or `2026-03-02T09:00:00Z`"

_NO_MONTHS: Final = "months and years have no fixed length; write days: `30 days`"

_PARTS = re.compile(r"(\d+) (second|minute|hour|day|week)s?", re.ASCII)
_DURATION = re.compile(DURATION, re.ASCII)
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?", re.ASCII)
_SHORT = re.compile(r"(\d+) ?(s|sec|m|min|h|hr|d|w)\b.*", re.ASCII)
_LONGEST: Final = 100 * 366 * 24 * 3600 * 1_000_000
_WORDS: Final = {
    "s": "second",
    "sec": "second",
    "m": "minute",
    "min": "minute",
    "h": "hour",
    "hr": "hour",
    "d": "day",
    "w": "week",
}


@dataclass(frozen=True, slots=True)
class Unclear:
    """A time that cannot be read: why, and what to write."""

    message: str
    help: str


def read_duration(text: str) -> Duration | Unclear:
    """`1 day`, `1 hour 30 minutes`."""
    if _DURATION.fullmatch(text):
        length = sum(int(amount) * UNITS[unit] for amount, unit in _PARTS.findall(text))
        if 0 < length <= _LONGEST:
            return Duration(length)
        return Unclear(f"`{text}` is {'no time at all' if not length else 'longer than a hundred years'}", HELP)
    help_ = _NO_MONTHS if _names_month(text) else _spelled_out(text) or "write `1 day` or `1 hour 30 minutes`"
    return Unclear(f"`{text}` is no length of time", help_)


def read_time(text: str, *, now: Instant, before: Instant, zone: str) -> Instant | Unclear:
    """The instant that a text names. now: what `ago` counts back from. before: what `later` counts on from.

    A day alone is 00:00 in the zone, and a clock without an offset is the zone's.
    """
    instant = now if text == "now" else read_instant(text)
    if instant is not None:
        return instant
    if _LOCAL.fullmatch(text):
        return _local(text, zone)
    for word, base, sign in ((" ago", now, -1), (" later", before, 1)):
        if text.endswith(word):
            length = read_duration(text.removesuffix(word))
            return length if isinstance(length, Unclear) else _within_calendar(base + sign * length, text)
    if _DURATION.fullmatch(text):
        return Unclear(f"`{text}` is a length of time, not a time", f"write `{text} ago` or `{text} later`")
    help_ = _NO_MONTHS if _names_month(text) else _either_way(text) or HELP
    return Unclear(f"`{text}` is no time", help_)


def _local(text: str, zone: str) -> Instant | Unclear:
    try:
        return _within_calendar(from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))), text)
    except (ValueError, OverflowError):
        return Unclear(f"there is no {text}", HELP)


def _within_calendar(instant: int, text: str) -> Instant | Unclear:
    if 0 <= instant < 253_370_764_800_000_000:
        return Instant(instant)
    return Unclear(f"`{text}` lies before 1970 or after 9998", HELP)


def _names_month(text: str) -> bool:
    return "month" in text or "year" in text


def _spelled_out(text: str) -> str | None:
    length = _length_in(text)
    return None if length is None else f"write `{length}`"


def _either_way(text: str) -> str | None:
    length = _length_in(text)
    return None if length is None else f"write `{length} ago` or `{length} later`"


def _length_in(text: str) -> str | None:
    """`3 days` of `3d`."""
    short = _SHORT.fullmatch(text)
    if short is None:
        return None
    amount, unit = short.groups()
    return f"{amount} {_WORDS[unit]}{'' if amount == '1' else 's'}"
