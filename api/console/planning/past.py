"""How an item was changed, in words: who, when, what it said before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from dsl.values import Instant, JsonValue, format_instant
from engine.roadmap.items import Change

NOTHING: Final = "nothing"
FIELDS: Final[Mapping[str, str]] = {
    "theme_id": "theme",
    "impact_low": "impact, at least",
    "impact_high": "impact, at most",
    "external": "number in the tracker",
    "wish": "wished timebox",
    "override_why": "reason of the override",
    "override_by": "overridden by",
}
"""What a field is called where its own name does not say it."""
_UNTOLD: Final = frozenset({"override_at"})
_LISTS: Final = frozenset({"efforts", "evidence"})


@dataclass(frozen=True, slots=True)
class Told:
    """A field as it was and as it is."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One change. by: as people are called."""

    at: Instant
    by: str
    told: tuple[Told, ...]


def in_words(change: Change, names: Mapping[str, str], themes: Mapping[int, str]) -> Step:
    """A change in words. names: what people are called. themes: their titles by number."""
    told = tuple(
        Told(FIELDS.get(name, name), _words(name, before, names, themes), _words(name, after, names, themes))
        for name, (before, after) in change.fields.items()
        if name not in _UNTOLD
    )
    return Step(change.at, names.get(change.by, change.by), told)


def _words(name: str, value: JsonValue, names: Mapping[str, str], themes: Mapping[int, str]) -> str:
    if value is None or value == "":
        return NOTHING
    if name == "launched" and isinstance(value, int):
        return format_instant(Instant(value))[:10]
    if name == "theme_id" and isinstance(value, int):
        return themes.get(value, f"one that is gone ({value})")
    if name in _LISTS and isinstance(value, str):
        listed = [_part(each, names) for each in orjson.loads(value)]
        return "; ".join(listed) or NOTHING
    if name == "override_by":
        return names.get(str(value), str(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _part(each: object, names: Mapping[str, str]) -> str:
    if not isinstance(each, dict):
        return str(each)
    by = str(each["by"])
    return f"{each['low']:g}–{each['high']:g} days ({names.get(by, by)})"
