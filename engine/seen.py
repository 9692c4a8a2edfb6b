"""What received events show of names and types, for the catalog: a name that was seen need not be declared."""

from __future__ import annotations

from collections.abc import Iterable

from dsl.catalog import Seen
from dsl.values import (
    NUMBER,
    NUMBER_LIST,
    TEXT,
    TEXT_LIST,
    TIME,
    YES_NO,
    JsonValue,
    ValueType,
    read_instant,
)
from engine.events import Event, EventKind
from engine.traits import told


def type_of(value: JsonValue) -> ValueType:
    """The type that fits a received value best; text where nothing does."""
    match value:
        case bool():
            return YES_NO
        case int() | float():
            return NUMBER
        case str():
            return TEXT if read_instant(value) is None else TIME
        case list():
            numbers = bool(value) and all(isinstance(each, int | float) and each is not True for each in value)
            return NUMBER_LIST if numbers else TEXT_LIST
        case _:
            return TEXT


def seen_in(events: Iterable[Event]) -> Seen:
    """What a history shows; of a name with several types, the first received."""
    user: dict[str, ValueType] = {}
    account: dict[str, ValueType] = {}
    named: dict[str, dict[str, ValueType]] = {}
    for event in events:
        match event.kind:
            case EventKind.IDENTIFY:
                _note(user, told(event.traits))
            case EventKind.GROUP:
                _note(account, told(event.traits))
            case _:
                _note(named.setdefault(event.name, {}), event.properties.items())
    return Seen(attributes=user, account_attributes=account, events=named)


def _note(types: dict[str, ValueType], values: Iterable[tuple[str, JsonValue]]) -> None:
    for name, value in values:
        if name and value is not None and name not in types:
            types[name] = type_of(value)
