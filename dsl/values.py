"""The kinds of values that rules speak of, and how a received value is read as one of them.

Decides what counts as a number, a time, a version; never looks at a clock or at a user. Instants and durations
are whole microseconds, so that windows are exact and state is the same, byte for byte, everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from typing import Final, NewType, TypeAlias

Instant = NewType("Instant", int)
"""A point in time: microseconds since 1970-01-01T00:00:00Z."""

Duration = NewType("Duration", int)
"""A length of time in microseconds."""

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
"""A value as JSON gives it."""

SECOND: Final = Duration(1_000_000)
MINUTE: Final = Duration(60 * SECOND)
HOUR: Final = Duration(60 * MINUTE)
DAY: Final = Duration(24 * HOUR)
WEEK: Final = Duration(7 * DAY)

UNITS: Final[Mapping[str, Duration]] = {
    "second": SECOND,
    "minute": MINUTE,
    "hour": HOUR,
    "day": DAY,
    "week": WEEK,
}
"""Units of a duration by their singular name. No months: their length is not fixed."""


class Kind(StrEnum):
    """The kind of a value, spelled as the language spells it."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes/no"
    TIME = "time"
    VERSION = "version"
    TEXT_LIST = "list of text"
    NUMBER_LIST = "list of number"
    ONE_OF = "one of"


@dataclass(frozen=True, slots=True)
class ValueType:
    """A kind and, for `one of`, the values allowed. scale: of a score, the ends; it is a whole number between them."""

    kind: Kind
    allowed: tuple[str, ...] = ()
    scale: tuple[int, int] | None = None

    def __str__(self) -> str:
        if self.kind is Kind.ONE_OF:
            return "one of " + ", ".join(f'"{value}"' for value in self.allowed)
        if self.scale is not None:
            return f"{self.kind.value} from {self.scale[0]} to {self.scale[1]}"
        return self.kind.value


TEXT: Final = ValueType(Kind.TEXT)
NUMBER: Final = ValueType(Kind.NUMBER)
YES_NO: Final = ValueType(Kind.YES_NO)
TIME: Final = ValueType(Kind.TIME)
VERSION: Final = ValueType(Kind.VERSION)
TEXT_LIST: Final = ValueType(Kind.TEXT_LIST)
NUMBER_LIST: Final = ValueType(Kind.NUMBER_LIST)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version that can be ordered: missing parts are 0, a pre-release is below its release."""

    release: tuple[int, ...]
    """The numbers without trailing zeros, so that 2.10 equals 2.10.0."""
    stage: tuple[tuple[int, int, str], ...]
    """The pre-release identifiers in the order of https://semver.org, section 11; a release sorts above all."""


Scalar: TypeAlias = "bool | int | float | str | Version"
Value: TypeAlias = "Scalar | tuple[str, ...] | tuple[int | float, ...]"
"""A value that was read: a `time` is an Instant, a list is a tuple."""


class Missing(Enum):
    """Why there is no value."""

    UNSET = "unset"
    UNREADABLE = "unreadable"


UNSET: Final = Missing.UNSET
UNREADABLE: Final = Missing.UNREADABLE

_NUMBER_TEXT = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_TIME_TEXT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:)(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_VERSION_TEXT = re.compile(r"[vV]?(\d{1,9}(?:\.\d{1,9}){0,7})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_RELEASED: Final = ((2, 0, ""),)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


FIRST: Final = Instant((datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1))
LAST: Final = Instant((datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1))
"""The first and the last instant that `format_instant` can write: of the years 1 and 9999."""


def read_instant(text: str) -> Instant | None:
    """The instant that an RFC 3339 date-time names, or None. Digits beyond microseconds are cut off."""
    found = _TIME_TEXT.fullmatch(text)
    if found is None:
        return None
    day, clock, second, fraction, zone = found.groups()
    leap = second == "60"
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{'59' if leap else second}{'+00:00' if zone in 'Zz' else zone}")
        micros = int((fraction or ".0")[1:7].ljust(6, "0"))
        instant = Instant((moment - _EPOCH) // timedelta(microseconds=1) + micros + (SECOND if leap else 0))
    except (ValueError, OverflowError):
        return None
    # An offset may lead out of the years that can be written.
    return instant if FIRST <= instant <= LAST else None


def from_datetime(moment: datetime) -> Instant:
    """The instant of an aware datetime."""
    return Instant((moment - _EPOCH) // timedelta(microseconds=1))


def to_datetime(instant: Instant) -> datetime:
    """The instant as an aware datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def format_instant(instant: Instant) -> str:
    """The instant in RFC 3339 form, UTC, with as many digits as it needs."""
    text = to_datetime(instant).isoformat()
    return text.replace("+00:00", "Z")


def read_version(text: str) -> Version | None:
    """The version that a text names (`v2.10`, `2.10.0-rc.1`), or None."""
    found = _VERSION_TEXT.fullmatch(text)
    if found is None:
        return None
    numbers = [int(part) for part in found.group(1).split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    if found.group(2) is None:
        return Version(tuple(numbers), _RELEASED)
    stage = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in found.group(2).split("."))
    return Version(tuple(numbers), stage)


def read_number(text: str) -> int | float | None:
    """The number that a text spells exactly as JSON would, or None."""
    if len(text) > 64 or _NUMBER_TEXT.fullmatch(text) is None:
        return None
    if text.lstrip("-").isdigit():
        return int(text)
    number = float(text)
    return number if abs(number) != float("inf") else None


def spell_number(number: int | float) -> str:
    """The number as JSON spells it."""
    return str(number) if isinstance(number, int) else repr(number)


def read_value(raw: JsonValue, expected: ValueType) -> Value | Missing:
    """Read what was received as the type that was declared.

    A value of another type is read only if its text is exactly a number, an RFC 3339 time, a version or true/false.
    Nothing and blank text are UNSET; what cannot be read, or lies outside its `one of` or scale, is UNREADABLE.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return UNSET
    value = _READERS[expected.kind](raw)
    if value is None:
        return UNREADABLE
    if expected.kind is Kind.ONE_OF and value not in expected.allowed:
        return UNREADABLE
    if expected.scale is not None and not _is_on(expected.scale, value):
        return UNREADABLE
    return value


def _is_on(scale: tuple[int, int], score: Value) -> bool:
    return isinstance(score, int | float) and score == score // 1 and scale[0] <= score <= scale[1]


def _as_text(raw: JsonValue) -> str | None:
    match raw:
        case str():
            return raw
        case bool():
            return "true" if raw else "false"
        case int() | float():
            return spell_number(raw)
        case _:
            return None


def _as_number(raw: JsonValue) -> int | float | None:
    match raw:
        case bool():
            return None
        case int() | float():
            return raw
        case str():
            return read_number(raw)
        case _:
            return None


def _as_yes_no(raw: JsonValue) -> bool | None:
    if isinstance(raw, bool):
        return raw
    return {"true": True, "false": False}.get(raw) if isinstance(raw, str) else None


def _as_time(raw: JsonValue) -> Instant | None:
    return read_instant(raw) if isinstance(raw, str) else None


def _as_version(raw: JsonValue) -> Version | None:
    text = None if isinstance(raw, bool) else _as_text(raw)
    return None if text is None else read_version(text)


def _as_text_list(raw: JsonValue) -> tuple[str, ...] | None:
    if not isinstance(raw, list):
        return None
    read = [_as_text(item) for item in raw]
    return None if None in read else tuple(item for item in read if item is not None)


def _as_number_list(raw: JsonValue) -> tuple[int | float, ...] | None:
    if not isinstance(raw, list):
        return None
    read = [_as_number(item) for item in raw]
    return None if None in read else tuple(item for item in read if item is not None)


_READERS: Final = {
    Kind.TEXT: _as_text,
    Kind.NUMBER: _as_number,
    Kind.YES_NO: _as_yes_no,
    Kind.TIME: _as_time,
    Kind.VERSION: _as_version,
    Kind.TEXT_LIST: _as_text_list,
    Kind.NUMBER_LIST: _as_number_list,
    Kind.ONE_OF: _as_text,
}
