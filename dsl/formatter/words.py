"""How names, values, counts and lengths of time are written: the one way there is."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, assert_never

from dsl.nodes import (
    CountTest,
    CountWord,
    DayLiteral,
    DurationLiteral,
    Name,
    NumberLiteral,
    Operand,
    OtherChoice,
    Path,
    PatternLiteral,
    PlaceRef,
    ShareOf,
    TextLiteral,
    TimeLiteral,
    VersionLiteral,
    YesNoLiteral,
)
from dsl.terminals import COLLIDING, INTERPOLATION
from dsl.values import ValueType, spell_number

_PLAIN_NAME = re.compile(r"(?:[^\W\d]|\$)[\w$]*")
_INTERPOLATION = re.compile(INTERPOLATION)
_TO_ESCAPE = re.compile(r'[\\"\n\t\r]')
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_PATTERN_PART = re.compile(r"\\.|/", re.DOTALL)


def name(text: str) -> str:
    """A name, in backticks where it needs them."""
    return text if _PLAIN_NAME.fullmatch(text) and text not in COLLIDING else f"`{text}`"


def names(nodes: tuple[Name, ...]) -> str:
    return ", ".join(name(node.text) for node in nodes)


def path(node: Path) -> str:
    """A path: after a dot any word is a name."""
    first, *rest = node.parts
    return ".".join((name(first), *(_after_dot(part) for part in rest)))


def place(node: PlaceRef) -> str:
    return f"{name(node.journey.text)}.{_after_dot(node.place.text)}"


def dotted(first: Name, second: Name) -> str:
    return f"{name(first.text)}.{_after_dot(second.text)}"


def _after_dot(text: str) -> str:
    return text if _PLAIN_NAME.fullmatch(text) else f"`{text}`"


def quoted(value: str) -> str:
    """A text in quotes; `{{ name | "fallback" }}` stays as it is."""
    pieces: list[str] = []
    end = 0
    for found in _INTERPOLATION.finditer(value):
        pieces += (_escaped(value[end : found.start()]), found.group())
        end = found.end()
    pieces.append(_escaped(value[end:]))
    return '"' + "".join(pieces) + '"'


def _escaped(value: str) -> str:
    return _TO_ESCAPE.sub(lambda found: _ESCAPES[found.group()], value)


def text(node: TextLiteral) -> str:
    return quoted(node.value)


def duration(node: DurationLiteral) -> str:
    return plural(node.amount, node.unit)


def plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def percent(value: int | float) -> str:
    """A share, without an exponent."""
    return f"{format(Decimal(repr(value)), 'f')}%"


def times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def count(test: CountTest) -> str:
    if test.word is CountWord.BETWEEN:
        return f"between {test.low} and {test.high} times"
    return f"{test.word} {times(test.low)}"


def days(test: CountTest) -> str:
    if test.word is CountWord.BETWEEN:
        return f"on between {test.low} and {test.high} days"
    return f"on {test.word} {plural(test.low, 'day')}"


def value_type(of: ValueType) -> str:
    return "one of " + ", ".join(quoted(value) for value in of.allowed) if of.allowed else str(of)


def operand(node: Operand | OtherChoice) -> str:  # noqa: PLR0911  (one case a kind of value)
    """A value on the right of a comparison."""
    match node:
        case TextLiteral():
            return quoted(node.value)
        case NumberLiteral():
            return spell_number(node.value)
        case YesNoLiteral():
            return "yes" if node.value else "no"
        case DayLiteral():
            return f"{node.year:04}-{node.month:02}-{node.day:02}"
        case TimeLiteral():
            return node.text
        case VersionLiteral():
            return f"version {quoted(node.text)}"
        case PatternLiteral():
            return "/" + _PATTERN_PART.sub(_pattern_part, node.text) + "/"
        case DurationLiteral():
            return duration(node)
        case ShareOf():
            return f"{percent(node.percent)} of {path(node.of)}"
        case OtherChoice():
            return name(node.name)
        case _:
            assert_never(node)


def _pattern_part(found: re.Match[str]) -> str:
    return "\\/" if found.group() == "/" else found.group()
