"""What the names of attributes, events and properties mean, and of what type they are.

Fed by declarations, by what is built in, and by what was really received (`Seen`). Never looks at a user.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Final

from dsl.nodes import Attribute, EventDeclaration, Literal
from dsl.values import NUMBER, TEXT, TIME, VERSION, Kind, ValueType


class Owner(Enum):
    """Whose value it is."""

    USER = "user"
    ACCOUNT = "account"
    CONTEXT = "context"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a path such as `seats`, `account.industry` or `event.reason` speaks of.

    key: the name as it is sent; for CONTEXT the whole path (`page.path`), for EVENT the property's name.
    default: stands in for an unset or blank value.
    declared: False for what is known from live data only.
    """

    owner: Owner
    key: str
    type: ValueType
    default: Literal | None = None
    declared: bool = True


@dataclass(frozen=True, slots=True)
class EventType:
    """An event and its properties, by the names as they are sent.

    declared: False for an event that is known from live data only. stated: the properties that its declaration names;
    others are known from live data.
    """

    name: str
    properties: Mapping[str, ValueType]
    declared: bool
    stated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """What live data has shown: names as they were sent, with the type that fits the values.

    shares, account_shares: the share of users, 0 to 1, who have the attribute, or whose account has it.
    users: on how many users the shares were measured; then a name that is in none of them has a share of 0. With 0,
      nothing is said of the names that are missing.
    events: by name, the properties. Empty when nothing was received yet: then nothing is said about unseen events.
    """

    attributes: Mapping[str, ValueType] = field(default_factory=dict)
    account_attributes: Mapping[str, ValueType] = field(default_factory=dict)
    events: Mapping[str, Mapping[str, ValueType]] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    account_shares: Mapping[str, float] = field(default_factory=dict)
    users: int = 0

    def without_shares(self) -> Seen:
        """The names alone, which change less often than how many users have them."""
        return replace(self, shares={}, account_shares={}, users=0)

    def share_of(self, subject: Subject) -> float | None:
        """The share of users, 0 to 1, who have what a path speaks of; None where that was not measured.

        Of what a request tells of the page, the device or the browser nothing is said: it is there when it is asked.
        """
        match subject.owner:
            case Owner.USER if subject.key not in FIXED and subject.key not in _TOLD_BY_REQUESTS:
                measured = self.shares
            case Owner.ACCOUNT:
                measured = self.account_shares
            case _:
                return None
        return measured.get(subject.key, 0.0 if self.users else None)


_USER: Final[Mapping[str, ValueType]] = {
    "user_id": TEXT,
    "email": TEXT,
    "name": TEXT,
    "language": TEXT,
    "locale": TEXT,
    "timezone": TEXT,
    "country": TEXT,
    "app_version": VERSION,
    "first_seen": TIME,
}

_CONTEXT: Final[Mapping[str, ValueType]] = {
    "page.path": TEXT,
    "page.url": TEXT,
    "page.title": TEXT,
    "page.referrer": TEXT,
    "device.type": TEXT,
    "device.os": TEXT,
    "device.browser": TEXT,
    "device.ip": TEXT,
}

FIXED: Final = frozenset({"user_id", "first_seen"})
"""Built-in names that Waypost itself gives: a declaration cannot change their type or source."""

_TOLD_BY_REQUESTS: Final = frozenset({"language", "locale", "timezone", "country", "app_version"})
"""Attributes of the user that the context of a request gives where no trait does."""

_GUIDE: Final[Mapping[str, ValueType]] = {"guide": TEXT}
_SIGNAL: Final[Mapping[str, ValueType]] = {"selector": TEXT, "v": NUMBER}
_PAGE: Final[Mapping[str, ValueType]] = {
    "path": TEXT,
    "url": TEXT,
    "title": TEXT,
    "referrer": TEXT,
    "search": TEXT,
    "name": TEXT,
}
_ANSWER: Final[Mapping[str, ValueType]] = {
    **_GUIDE,
    "question": TEXT,
    "value": TEXT,
    "text": TEXT,
    "language": TEXT,
    "submission": TEXT,
    "selector": TEXT,
}

BUILT_IN_EVENTS: Final[Mapping[str, Mapping[str, ValueType]]] = {
    "$page": _PAGE,
    "$screen": {"name": TEXT},
    "$identify": {},
    "$group": {},
    "$step": {"journey": TEXT, "step": TEXT},
    "$session_start": {},
    "$shown": {**_GUIDE, "variant": TEXT, "decision": TEXT},
    "$held_out": _GUIDE,
    "$started": _GUIDE,
    "$answered": _ANSWER,
    "$skipped": {**_GUIDE, "question": TEXT},
    "$completed": _GUIDE,
    "$dismissed": {**_GUIDE, "how": TEXT},
    "$snoozed": {**_GUIDE, "seconds": NUMBER},
    "$clicked": {**_GUIDE, "button": TEXT},
    "$abandoned": _GUIDE,
    "$target_missing": {**_GUIDE, "reason": TEXT},
    "$release": {"version": VERSION},
    "$rage_click": _SIGNAL,
    "$dead_click": _SIGNAL,
    "$error_click": _SIGNAL,
    "$error_shown": _SIGNAL,
    "$retry": _SIGNAL,
    "$form_abandoned": _SIGNAL,
    "$field_reentered": _SIGNAL,
    "$hesitation": _SIGNAL,
    "$loop": _SIGNAL,
    "$thrash": _SIGNAL,
    "$quick_back": _SIGNAL,
    "$element_clicks": {"width": NUMBER, "v": NUMBER},
    "$scroll_depth": dict.fromkeys(("depth", "fold", "height", "viewport", "width", "v"), NUMBER),
}
"""Events that Waypost itself defines, with their properties."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What is known by which name. Made by `catalog_of`.

    user: by the name in the rules. account: by the name after `account.`. events: by the name as it is sent.
    """

    user: Mapping[str, Subject]
    account: Mapping[str, Subject]
    events: Mapping[str, EventType]

    def subject(self, parts: tuple[str, ...], *, triggers: Sequence[str] = ()) -> Subject | None:
        """What a path speaks of, or None for an unknown name.

        `event.PROP` is a property of the events in `triggers` (the events after `on`). It is known if every one of
        them that is known has it, and has it of one kind.
        """
        match parts:
            case (name,):
                return self.user.get(name)
            case ("account", name):
                return self.account.get(name)
            case ("event", name):
                return self._property_of_all(triggers, name)
            case ("page" | "device", _):
                key = ".".join(parts)
                return Subject(Owner.CONTEXT, key, _CONTEXT[key]) if key in _CONTEXT else None
            case _:
                return None

    def event(self, name: str) -> EventType | None:
        """The event of this name as it is sent, or None."""
        return self.events.get(name)

    def property(self, event: str, name: str) -> Subject | None:
        """A property of an event, as it is named inside `where`; None if the event or the property is unknown."""
        known = self.events.get(event)
        if known is None or name not in known.properties:
            return None
        return Subject(Owner.EVENT, name, known.properties[name], declared=known.declared)

    def _property_of_all(self, events: Sequence[str], name: str) -> Subject | None:
        found = [self.property(event, name) for event in events]
        first = found[0] if found else None
        if first is None or any(other is None or other.type.kind is not first.type.kind for other in found):
            return None
        return first

    def context_names(self) -> tuple[str, ...]:
        """The names of what a request tells about the page and the device."""
        return tuple(_CONTEXT)


def catalog_of(
    attributes: Iterable[Attribute],
    events: Iterable[EventDeclaration],
    *,
    mentioned: Iterable[str] = (),
    seen: Seen = Seen(),
) -> Catalog:
    """The catalog of some declarations; of two of one name, the first.

    mentioned: events that `reached by`, `attempted by`, `outcome` and `goal` declare by naming them.
    """
    user = {name: Subject(Owner.USER, name, type_) for name, type_ in _USER.items()}
    account: dict[str, Subject] = {}
    user |= {
        name: Subject(Owner.USER, name, t, declared=False) for name, t in seen.attributes.items() if name not in user
    }
    account |= {name: Subject(Owner.ACCOUNT, name, t, declared=False) for name, t in seen.account_attributes.items()}
    done: set[tuple[bool, str]] = set()
    for attribute in attributes:
        name = attribute.name.text
        if (attribute.of_account, name) in done or (not attribute.of_account and name in FIXED):
            continue
        done.add((attribute.of_account, name))
        owner, names = (Owner.ACCOUNT, account) if attribute.of_account else (Owner.USER, user)
        key = attribute.source.value if attribute.source is not None else name
        names[name] = Subject(owner, key, attribute.type, attribute.default)
    return Catalog(
        user=MappingProxyType(user),
        account=MappingProxyType(account),
        events=MappingProxyType(_events(events, mentioned, seen)),
    )


def _events(declared: Iterable[EventDeclaration], mentioned: Iterable[str], seen: Seen) -> dict[str, EventType]:
    events = {name: EventType(name, properties, declared=True) for name, properties in BUILT_IN_EVENTS.items()}
    for declaration in declared:
        name = declaration.name.value
        if name in events:
            continue
        own: dict[str, ValueType] = {}
        for each in declaration.properties:
            own.setdefault(each.name.text, each.type)
        events[name] = EventType(name, MappingProxyType(own), declared=True, stated=frozenset(own))
    for name in mentioned:
        if name not in events:
            events[name] = EventType(name, MappingProxyType({}), declared=True)
    for name, properties in seen.events.items():
        known = events.get(name)
        merged = {**properties, **(known.properties if known is not None else {})}
        stated = known.stated if known is not None else frozenset[str]()
        events[name] = EventType(name, MappingProxyType(merged), declared=known is not None, stated=stated)
    return events


LIST_ELEMENT: Final[Mapping[Kind, Kind]] = {Kind.TEXT_LIST: Kind.TEXT, Kind.NUMBER_LIST: Kind.NUMBER}
"""The kind of a list's elements."""
