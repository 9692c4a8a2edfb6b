"""What the members of `traits` make of what was known, as the table of docs/reference/events.md tells it.

Written from that table, and not from `engine.traits`: a dictionary, one operation after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dsl.values import JsonValue, read_number

IN_ORDER = ("$set", "$set_once", "$add", "$append", "$remove", "$unset")
"""Plain members are done before all of these."""


def take(known: dict[str, JsonValue], traits: Mapping[str, Any]) -> None:
    """Known values after what some traits say, in place; what is not set is not there, or None."""
    known.update({name: value for name, value in traits.items() if name not in IN_ORDER})
    for operation in IN_ORDER:
        if operation == "$unset":
            known.update(dict.fromkeys(traits.get(operation, ())))
            continue
        for name, value in traits.get(operation, {}).items():
            known[name] = _DONE[operation](known.get(name), value)


def _set(_now: JsonValue, value: JsonValue) -> JsonValue:
    return value


def _set_once(now: JsonValue, value: JsonValue) -> JsonValue:
    return value if now is None else now


def _add(now: JsonValue, value: Any) -> JsonValue:
    before: Any = 0 if now is None else read_number(now) if isinstance(now, str) else now
    if isinstance(before, bool) or not isinstance(before, int | float):
        return now
    if isinstance(before, int) and isinstance(value, int):
        return before + value
    return float(Decimal(str(before)) + Decimal(str(value)))


def _append(now: JsonValue, value: JsonValue) -> JsonValue:
    if isinstance(now, dict):
        return now
    return [*_listed(now), *_listed(value)]


def _remove(now: JsonValue, value: JsonValue) -> JsonValue:
    if not isinstance(now, list):
        return now
    # In JSON 1 is 1.0, and no number is `true`.
    gone = [(each, isinstance(each, bool)) for each in _listed(value)]
    return [each for each in now if (each, isinstance(each, bool)) not in gone]


def _listed(value: JsonValue) -> list[JsonValue]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


_DONE = {"$set": _set, "$set_once": _set_once, "$add": _add, "$append": _append, "$remove": _remove}
