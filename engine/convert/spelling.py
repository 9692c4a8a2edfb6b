"""Values of other tools in the spelling of the language. Each raises Unsayable for what has none."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from dsl.formatter.words import percent as spelled_percent
from dsl.formatter.words import quoted
from dsl.patterns import PatternError, expression
from dsl.selectors import is_selector
from dsl.values import UNITS, JsonValue, format_instant, read_instant, read_number, read_version, spell_number
from engine.convert.places import Unsayable

LONGEST: Final = 1_000
"""Characters of a text that is compared."""
LONGEST_LABEL: Final = 200
LONGEST_PATTERN: Final = 256
_LONGEST_NUMBER: Final = 32
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_VERSION = re.compile(
    r"v?\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
_ELSEWHERE = re.compile(r"\\[^dDwWsSbBnrtfv\W]|\\[0-9]|\[\^?\]|\[\^?:\w+:\]|\(\?[^:=!<]|\(\?<[=!]", re.ASCII)


def text(value: str) -> str:
    """A text that is compared. Blank text is no value here, and a character that nobody sees cannot be written."""
    if not value.strip():
        raise Unsayable("a blank text is no value here")
    if len(value) > LONGEST:
        raise Unsayable(f"the text is longer than {LONGEST} characters")
    return _quoted(value)


def _quoted(value: str) -> str:
    if any(not each.isprintable() and each not in "\n\t\r" for each in value):
        raise Unsayable("the text has a character that cannot be seen")
    if "{{" in value:
        raise Unsayable("`{{` stands for a value here")
    return quoted(value)


def texts(values: Sequence[str]) -> str:
    """Several, for `is one of`."""
    return ", ".join(text(each) for each in dict.fromkeys(values))


def label(value: str) -> str:
    """What people call something: on one line, whatever it was."""
    return quoted(one_line(value, LONGEST_LABEL).replace("{{", "{ {"))


def one_line(value: str, longest: int) -> str:
    """A text as one line of visible characters."""
    line = " ".join("".join(each if each.isprintable() else " " for each in value).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def number(value: int | float) -> str:
    spelled = spell_number(value)
    if not math.isfinite(value) or len(spelled) > _LONGEST_NUMBER or read_number(spelled) is None:
        raise Unsayable(f"`{spelled[:40]}` is no number that can be written")
    return spelled


def version(value: str) -> str:
    if _VERSION.fullmatch(value) is None or read_version(value) is None:
        raise Unsayable(f"`{one_line(value, 40)}` is no version such as 2.10.0")
    return f"version {quoted(value)}"


def moment(value: JsonValue) -> str:
    """An instant; a day alone begins at 00:00 UTC, as it does in JavaScript."""
    written = value if isinstance(value, str) else ""
    read = read_instant(f"{written}T00:00:00Z" if _DAY.fullmatch(written) else written)
    if read is None:
        raise Unsayable("it is no time such as 2026-01-31T09:00:00Z")
    return format_instant(read)


def pattern(value: str) -> str:
    """A regular expression that means here what it means in a browser."""
    found = _ELSEWHERE.search(value)
    if found is not None:
        raise Unsayable(f"`{found.group()}` in a regular expression is not the same here")
    if not value or len(value) > LONGEST_PATTERN or not value.isprintable():
        raise Unsayable(f"a regular expression has 1 to {LONGEST_PATTERN} visible characters")
    try:
        expression(value)
    except PatternError as reason:
        raise Unsayable(f"the regular expression cannot be used here: {reason}") from None
    return "/" + re.sub(r"\\.|/", lambda part: "\\/" if part.group() == "/" else part.group(), value) + "/"


def share(value: int | float | None) -> int | float:
    """A share in percent, with at most two digits."""
    if value is None or not 0 <= value <= 100:
        raise Unsayable("it is no share between 0 and 100 %")
    short = round(value, 2)
    return int(short) if short == int(short) else short


def percent(value: int | float) -> str:
    return spelled_percent(share(value))


def duration(amount: int | float | None, unit: str) -> str:
    """A length of time; months and years have no fixed one."""
    single = unit.removesuffix("s")
    if single not in UNITS:
        raise Unsayable(f"`{one_line(unit, 20)}` has no fixed length: write days or weeks")
    if amount is None or amount != int(amount) or not 1 <= amount <= 100_000:
        raise Unsayable("a length of time is a whole number above 0")
    return f"{int(amount)} {single}" + ("" if amount == 1 else "s")


def selector(value: str) -> str:
    """A selector of CSS."""
    if len(value) > LONGEST or not is_selector(value):
        raise Unsayable(f"`{one_line(value, 40)}` is no selector")
    return _quoted(value)
