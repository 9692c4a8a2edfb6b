"""The values of a form's fields: out of the tree as plain JSON, and back as words of the language.

Knows one value at a time; which fields a row has is in `kinds` and `condition_kinds`. What cannot be written raises
`Unwritable` with a sentence for whoever typed it; what cannot be read is never there, since the tree was parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from dsl.diagnostics import Span
from dsl.formatter.words import name, percent, quoted
from dsl.nodes import (
    DurationLiteral,
    Name,
    TextLiteral,
)
from dsl.terminals import PLAIN
from dsl.transform.guides import WEEKDAYS
from dsl.values import UNITS, spell_number


class Unwritable(ValueError):
    """A value that stands for nothing of the language. at: the members that lead to it."""

    def __init__(self, message: str, at: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.at = at


class Sort(StrEnum):
    """What a field holds; the browser draws one input for each."""

    FLAG = "flag"
    TEXT = "text"
    LONG_TEXT = "long text"
    WHOLE = "whole"
    TIMES = "times"
    PERCENT = "percent"
    DURATION = "duration"
    MOMENT = "moment"
    CLOCK = "clock"
    DAYS = "days"
    NAME = "name"
    NAMES = "names"
    PATH = "path"
    PLACE = "place"
    PLACES = "places"
    OPTION = "option"
    EVENT = "event"
    EVENTS = "events"
    CONDITION = "condition"
    COUNT = "count"
    WINDOW = "window"
    TEST = "test"
    ACTION = "action"
    JUMP = "jump"
    SCALE = "scale"
    LIMIT = "limit"
    SOURCE = "source"


_NAME: Final = re.compile(rf"(?:{PLAIN['NAME']})")
_PATH: Final = re.compile(rf"(?:{PLAIN['PATH']})")
_PLACE: Final = re.compile(rf"(?:{PLAIN['PLACE']})")
_MOMENT: Final = re.compile(rf"(?:{PLAIN['DAY']}|{PLAIN['TIME']})")
_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
MOST: Final = 1_000_000_000
NOWHERE: Final = Span("", 0, 0, 1, 1)


# Plain values


def text_of(node: TextLiteral | None) -> str | None:
    """The value of a text."""
    return None if node is None else node.value


def duration_of(node: DurationLiteral | None) -> dict[str, Any] | None:
    """`10 minutes` as amount and unit."""
    return None if node is None else {"amount": node.amount, "unit": node.unit}


def written_text(value: Any) -> str:
    """A text in quotes."""
    if not isinstance(value, str):
        raise Unwritable("write a text here")
    return quoted(value)


def written_whole(value: Any, *, low: int = 0) -> str:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or not low <= value <= MOST:
        raise Unwritable(f"write a whole number from {low}")
    return str(int(value))


def written_number(value: Any) -> str:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unwritable("write a number")
    return spell_number(int(value) if value == int(value) and abs(value) < MOST else value)


def written_percent(value: Any) -> str:
    """A share from 0 to 100 %."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise Unwritable("write a share from 0 to 100")
    return percent(int(value) if value == int(value) else value)


def written_duration(value: Any) -> str:
    """A length of time."""
    value = as_object(value, "a number and a unit")
    amount = written_whole(value.get("amount"))
    unit = str(value.get("unit", "")).removesuffix("s")
    if unit not in UNITS:
        raise Unwritable(f"choose a unit: {', '.join(f'{each}s' for each in UNITS)}")
    return f"{amount} {unit}" + ("" if amount == "1" else "s")


def written_moment(value: Any) -> str:
    """A day, or a time with its offset."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value.strip()):
        raise Unwritable("write a day such as 2027-06-30, or a time such as 2027-06-30T09:00:00Z")
    return value.strip()


def written_clock(value: Any) -> str:
    """A time of day."""
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise Unwritable("write a time of day such as 09:00")
    return value


def written_days(value: Any) -> str:
    """Days of the week, or a group of them."""
    words = [each for each in value if isinstance(each, str) and each in WEEKDAYS] if isinstance(value, list) else []
    if not words or len(words) != len(value):
        raise Unwritable("choose at least one day")
    return ", ".join(words)


def days_of(numbers: Sequence[int]) -> list[str]:
    """The words for days of the week, as one would write them."""
    group = next((word for word, listed in WEEKDAYS.items() if len(listed) > 1 and listed == tuple(numbers)), None)
    single = {listed[0]: word for word, listed in WEEKDAYS.items() if len(listed) == 1}
    return [group] if group is not None else [single[each] for each in numbers]


def clock_of(minutes: int) -> str:
    """Minutes after midnight as a time of day."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


# Names


def name_of(node: Name | None) -> str | None:
    """A name as it is written."""
    return None if node is None else name(node.text)


def _matching(pattern: re.Pattern[str], wanted: str) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise Unwritable(f"choose {wanted}")
        if pattern.fullmatch(value.strip()):
            return value.strip()
        bare = value.strip()
        if pattern is _NAME and not any(sign in bare for sign in "`\n\r"):
            return name(bare)
        raise Unwritable(f"`{bare[:80]}` cannot stand here: choose {wanted}")

    return write


written_name: Final = _matching(_NAME, "a name")
written_path: Final = _matching(_PATH, "what is compared")
written_place: Final = _matching(_PLACE, "a step")


def listed(write: Callable[[Any], str]) -> Callable[[Any], str]:
    def all_of(value: Any) -> str:
        if not isinstance(value, list) or not value:
            raise Unwritable("choose at least one")
        return ", ".join(write(each) for each in value)

    return all_of


def as_object(value: Any, wanted: str) -> Mapping[str, Any]:
    """A value that has members."""
    if not isinstance(value, dict):
        raise Unwritable(f"say {wanted}")
    return value


def word_in(value: Mapping[str, Any], member: str) -> str:
    """A word among the members; nothing for what is none."""
    found = value.get(member)
    return found if isinstance(found, str) else ""


def within(member: str, write: Callable[..., str], *values: Any) -> str:
    """Write a member of a value: a fault says that it is there."""
    try:
        return write(*values)
    except Unwritable as fault:
        raise Unwritable(str(fault), (member, *fault.at)) from None
