"""What an explanation is: sentences with what they tell of, so that each can be asked whether it is so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from dsl.nodes import Node


class Joined(Enum):
    """How the lines below a line belong together."""

    ALL = "all"
    ANY = "any"
    NONE = "none"
    PARTS = "parts"
    """They add to the line; it is not their sum."""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement.

    about: the condition or clause that it tells of. holds: False where it tells that this is known to be false.
    below: what it consists of; `joined` says how.
    """

    text: str
    about: Node | None = None
    holds: bool = True
    joined: Joined = Joined.PARTS
    below: tuple[Line, ...] = field(default=())


def write(line: Line, *, indent: str = "") -> Iterator[str]:
    """The lines of a text, what is below indented."""
    yield f"{indent}{line.text}"
    for each in line.below:
        yield from write(each, indent=indent + "  ")


def ended(text: str) -> str:
    """A sentence with a full stop."""
    return text if text.endswith((".", ":", "?", "!")) else text + "."
