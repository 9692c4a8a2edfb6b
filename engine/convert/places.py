"""A value of a JSON document that knows where it stands, so that whatever cannot be said can be found again."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from dsl.values import JsonValue

DEEPEST: Final = 120
"""Levels of a document that are looked into: more than any editor of conditions makes."""
_EXCERPT: Final = 120
_PLAIN = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


class Unsayable(Exception):
    """Something that the language has no words for; the text is the reason, for the reader of the list."""


@dataclass(frozen=True, slots=True)
class Place:
    """A value and its JSON path. What is not there, or of another kind than asked for, reads as nothing."""

    value: JsonValue
    path: str = "$"
    depth: int = 0

    def at(self, name: str) -> Place:
        """A member of an object."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        step = f".{name}" if _PLAIN.fullmatch(name) else f"[{json.dumps(name, ensure_ascii=False)}]"
        return self._below(value, step)

    def each(self) -> list[Place]:
        """The items of a list."""
        items = self.value if isinstance(self.value, list) else []
        return [self._below(item, f"[{number}]") for number, item in enumerate(items)]

    def members(self) -> list[tuple[str, Place]]:
        """The members of an object, in their order."""
        return [(name, self.at(name)) for name in self.value] if isinstance(self.value, dict) else []

    def _below(self, value: JsonValue, step: str) -> Place:
        if self.depth >= DEEPEST:
            raise Unsayable(f"it is nested more than {DEEPEST} levels deep")
        return Place(value, self.path + step, self.depth + 1)

    @property
    def text(self) -> str:
        """The text; blank for anything else."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def number(self) -> int | float | None:
        """The number, also one that is written as text."""
        if isinstance(self.value, str):
            try:
                read = float(self.value)
            except ValueError:
                return None
            return None if not math.isfinite(read) else int(read) if read.is_integer() else read
        return self.value if isinstance(self.value, int | float) and not isinstance(self.value, bool) else None

    @property
    def key(self) -> str:
        """An id as text, whether it is written as a text or as a number."""
        return str(self.value) if isinstance(self.value, int | str) and not isinstance(self.value, bool) else ""

    def is_one_of(self, *values: JsonValue) -> bool:
        """Whether it is exactly one of some values; True is not 1."""
        return any(self.value == each and type(self.value) is type(each) for each in values)

    @property
    def excerpt(self) -> str:
        """The beginning of it, as JSON on one line."""
        written = json.dumps(_pruned(self.value, 4), ensure_ascii=False)
        return written if len(written) <= _EXCERPT else written[: _EXCERPT - 1] + "…"


def _pruned(value: JsonValue, levels: int) -> JsonValue:
    """The beginning of a value, so that one of any size and depth costs no more than what is shown of it."""
    match value:
        case str():
            return value[:_EXCERPT]
        case dict() | list() if value and not levels:
            return "…"
        case dict():
            return {name[:_EXCERPT]: _pruned(each, levels - 1) for name, each in islice(value.items(), 20)}
        case list():
            return [_pruned(each, levels - 1) for each in value[:20]]
        case _:
            return value


def first_text(*places: Place) -> str:
    """The first of some places that has a text."""
    return next((each.text for each in places if each.text.strip()), "")


def first_list(*places: Place) -> Sequence[Place]:
    """The items of the first of some places that is a list."""
    return next((each.each() for each in places if isinstance(each.value, list)), [])
