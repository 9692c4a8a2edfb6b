"""Values that were received and cannot be read as the type that the rules declare for them.

A condition on such a value is unknown and says nothing; here it is noticed when the value comes in. Decides what
counts: declared attributes, and declared properties of declared events. Never keeps a value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from dsl.catalog import FIXED
from dsl.project import RuleProject
from dsl.values import UNREADABLE, Instant, JsonValue, Kind, ValueType, read_value
from engine.events import Event, EventKind
from engine.occurrences import property_of
from engine.traits import changes_of

ATTRIBUTE: Final = "attribute"
ACCOUNT: Final = "account"
EVENT: Final = "event"
_IDENTIFY: Final = EventKind.IDENTIFY
_GROUP: Final = EventKind.GROUP
# Looked up once: each time it takes longer than to compare.

Types = Mapping[str, ValueType]


class Place(NamedTuple):
    """Where a value was found that cannot be read, as what it was to be read, and what came instead.

    kind: ATTRIBUTE, ACCOUNT or EVENT. member: the property of an event; blank for attributes. form: `text`, `number`,
    `yes/no`, `list` or `object`.
    """

    kind: str
    name: str
    member: str
    type: str
    form: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """How often a value that cannot be read came at a place, and when first and last."""

    place: Place
    count: int
    first: Instant
    last: Instant

    def __str__(self) -> str:
        place = self.place
        match place.kind:
            case "attribute":
                where = f"attribute `{place.name}`"
            case "account":
                where = f"account attribute `{place.name}`"
            case _:
                where = f"`{place.member}` of event “{place.name}”"
        times = "once" if self.count == 1 else f"{self.count:,} times"
        return f"{where} is declared as {place.type}, and came {times} as {place.form} that cannot be read so"


@dataclass(frozen=True, slots=True)
class Declared:
    """The types that rules declare, by the names as they are sent."""

    user: Types
    account: Types
    events: Mapping[str, Types]
    looked_at: Mapping[str, tuple[tuple[str, ValueType, tuple[type, ...]], ...]]
    """The same by event, as each event is looked at: property, type, and the kinds of value that are always read."""

    def type_at(self, place: Place) -> ValueType | None:
        """The type of a place by today's rules; None where they declare none."""
        match place.kind:
            case "attribute":
                return self.user.get(place.name)
            case "account":
                return self.account.get(place.name)
            case _:
                return self.events.get(place.name, {}).get(place.member)


def declared_by(project: RuleProject) -> Declared:
    """What a project declares; what is only known from live data is of the type that came, so nothing is said of it."""
    catalog = project.catalog
    events = {
        event.name: {name: event.properties[name] for name in sorted(event.stated)}
        for event in catalog.events.values()
        if event.stated
    }
    return Declared(
        user={each.key: each.type for name, each in catalog.user.items() if each.declared and name not in FIXED},
        account={each.key: each.type for each in catalog.account.values() if each.declared},
        events=events,
        looked_at={
            event: tuple((name, type_, _always_read(type_)) for name, type_ in types.items())
            for event, types in events.items()
        },
    )


def count_unreadable(declared: Declared, events: Iterable[Event]) -> Counter[Place]:
    """How often each place of some events has a value that cannot be read."""
    found: Counter[Place] = Counter()
    for event in events:
        kind, looked_at = event.kind, declared.looked_at.get(event.name)
        if kind is _IDENTIFY:
            _count_traits(found, ATTRIBUTE, declared.user, event.traits)
        elif kind is _GROUP:
            _count_traits(found, ACCOUNT, declared.account, event.traits)
        elif looked_at is not None:
            _count_properties(found, event, looked_at)
    return found


def _count_traits(found: Counter[Place], kind: str, types: Types, traits: Mapping[str, JsonValue]) -> None:
    for change in changes_of(traits):
        type_ = types.get(change.name)
        if type_ is not None and change.is_absolute and _is_unreadable(change.value, type_):
            found[Place(kind, change.name, "", str(type_), _form(change.value))] += 1


def _count_properties(
    found: Counter[Place], event: Event, looked_at: Iterable[tuple[str, ValueType, tuple[type, ...]]]
) -> None:
    properties = event.properties
    for name, type_, always_read in looked_at:
        value = properties[name] if name in properties else property_of(properties, name)
        if value is None or value.__class__ in always_read:
            continue
        if _is_unreadable(value, type_):
            found[Place(EVENT, event.name, name, str(type_), _form(value))] += 1


def _always_read(type_: ValueType) -> tuple[type, ...]:
    """The kinds of JSON value that are a value of the type as they are."""
    match type_:
        case ValueType(kind=Kind.TEXT):
            return (str,)
        case ValueType(kind=Kind.NUMBER, scale=None):
            return (int, float)
        case ValueType(kind=Kind.YES_NO):
            return (bool,)
        case _:
            return ()


def _is_unreadable(value: JsonValue, type_: ValueType) -> bool:
    if type_.kind is Kind.TEXT and isinstance(value, str):
        return False
    return read_value(value, type_) is UNREADABLE


def _form(value: JsonValue) -> str:
    match value:
        case bool():
            return "yes/no"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"
