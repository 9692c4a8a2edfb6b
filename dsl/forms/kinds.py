"""What a row of a form is: one clause, condition or piece of content, with its fields and its pattern of words.

Each kind is declared once. Reading takes the fields out of the node, writing puts them into the pattern, and the
browser draws an input for each field: none of them keeps a list of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final

from dsl.forms.values import Sort
from dsl.nodes import Node


class Place(StrEnum):
    """Where rows of a kind stand."""

    CLAUSE = "clause"
    CONDITION = "condition"
    CONTENT = "content"
    STEP = "step content"
    VARIANT = "variant"
    CHOICE = "choice"
    WORDS = "words"
    CHOICE_WORDS = "words of a choice"


class Section(StrEnum):
    """Under which head of the form a clause stands."""

    WHEN = "When and where"
    WHO = "Who"
    WHAT = "What is shown"
    OFTEN = "How often"
    DAYS = "From when to when"
    PROOF = "What it is measured on"
    STATE = "On or off"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a row. take: how it is got from the node; without it, the member of its name.

    word: what a FLAG writes. options: the closed set of an OPTION. names: whose names are offered.
    """

    name: str
    sort: Sort
    label: str
    take: Callable[[Any], Any] | None = None
    word: str = ""
    options: tuple[str, ...] = ()
    names: str = ""
    optional: bool = False
    hint: str = ""

    def of(self, node: Node) -> Any:
        """What the field is read from."""
        return attrgetter(self.name)(node) if self.take is None else self.take(node)


@dataclass(frozen=True, slots=True)
class RowKind:
    """One kind of row.

    pattern: its words; `{field}` is a field, `[ … ]` is left out where a field in it is empty.
    fits: of nodes of that type, those it draws. holds: where its own rows stand, in braces.
    negates: `not` before it is drawn as a switch. starts: the values of a new row, where they differ from nothing.
    """

    name: str
    label: str
    place: Place
    node: type[Node]
    pattern: str
    fields: tuple[Field, ...] = ()
    section: Section | None = None
    fits: Callable[[Any], bool] = lambda _: True
    holds: Place | None = None
    negates: bool = False
    starts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def by_name(self) -> Mapping[str, Field]:
        """Its fields by their names."""
        return {each.name: each for each in self.fields}


TEXT_ROW: Final = "text"
"""The kind of a row that no other kind draws: its words, to be edited as text."""
GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {"all": "all of these", "any": "any of these", "none": "none of these"}
)
"""Rows of conditions that hold conditions, by how these are joined."""
_PIECE: Final = re.compile(r"\[([^\]]*)\]|\{(\w+)\}")
_SLOT: Final = re.compile(r"\{(\w+)\}")


def filled(pattern: str, written: Mapping[str, str | None]) -> str:
    """A pattern with its fields; a part in brackets is left out where one of its fields is empty."""

    def piece(found: re.Match[str]) -> str:
        if found[2] is not None:
            return written.get(found[2]) or ""
        inner = found[1]
        if any(not written.get(name) for name in _SLOT.findall(inner)):
            return ""
        return _SLOT.sub(lambda slot: written[slot[1]] or "", inner)

    return _PIECE.sub(piece, pattern)
