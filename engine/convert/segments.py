"""Segments that conditions name by id, and that may name one another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.convert.conditions import Member, Node
from engine.convert.places import Place, Unsayable, first_text
from engine.convert.sheet import Sheet

Read: TypeAlias = Callable[["Segments", Place], Node]


@dataclass(slots=True)
class Segments:
    """Segments by their ids; each becomes a persona the first time it is asked for. read: who is in one."""

    sheet: Sheet
    places: dict[str, Place]
    read: Read
    _made: dict[str, Member] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def member(self, key: str) -> Member:
        """Raises Unsayable for one that the file does not have, or that is asked for within itself."""
        if key in self._made:
            return self._made[key]
        if key not in self.places:
            raise Unsayable("the file does not have this segment")
        if key in self._open:
            raise Unsayable("the segment is part of itself")
        place = self.places[key]
        self._open.add(key)
        try:
            node = self.read(self, place)
        finally:
            self._open.discard(key)
        title = first_text(place.at("title"), place.at("name")) or f"segment {key}"
        self._made[key] = self.sheet.segment(title, node, place, persona=True)
        return self._made[key]
