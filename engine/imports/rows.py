"""A row of a file: the messages it became, or why it did not. What every format's reader gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from dsl.values import JsonValue

Message: TypeAlias = dict[str, JsonValue]
"""One message in Segment's form."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was read: its messages (what is new of the user first, then the event)."""

    line: int
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not: why, in words."""

    line: int
    problem: str


class Unreadable(Exception):
    """Raised within a reader for one record, whose neighbours are read on; its text is the row's problem."""
