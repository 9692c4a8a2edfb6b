"""Values as they are written in a rule, and names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.diagnostics import Span
from dsl.values import UNITS, Duration, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything that has a place in the text."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class TextLiteral(Node):
    value: str


@dataclass(frozen=True, slots=True)
class NumberLiteral(Node):
    value: int | float


@dataclass(frozen=True, slots=True)
class YesNoLiteral(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class DayLiteral(Node):
    """A date alone, `2026-01-01`: what instant it stands for depends on the project's time zone."""

    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class TimeLiteral(Node):
    """A date with a time and an offset; `text` is the spelling, kept by the formatter."""

    instant: Instant
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class VersionLiteral(Node):
    """`version "2.10.0"`."""

    text: str


@dataclass(frozen=True, slots=True)
class PatternLiteral(Node):
    """`/…/`: a regular expression in RE2's syntax; `text` is what stands between the slashes, `\\/` read as `/`."""

    text: str


@dataclass(frozen=True, slots=True)
class DurationLiteral(Node):
    """`10 minutes`; the unit in the singular."""

    amount: int
    unit: str

    @property
    def length(self) -> Duration:
        """The length in microseconds."""
        return Duration(self.amount * UNITS[self.unit])


@dataclass(frozen=True, slots=True)
class ShareOf(Node):
    """`80% of seats`, on the right of a comparison."""

    percent: int | float
    of: Path


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name as written, without its backticks."""

    text: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`seats`, `account.industry`, `page.path`, `event.reason`: the parts between the dots."""

    parts: tuple[str, ...]


Literal: TypeAlias = (
    TextLiteral | NumberLiteral | YesNoLiteral | DayLiteral | TimeLiteral | VersionLiteral | PatternLiteral
)
Moment: TypeAlias = DayLiteral | TimeLiteral
Operand: TypeAlias = Literal | DurationLiteral | ShareOf
