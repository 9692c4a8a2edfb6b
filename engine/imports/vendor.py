"""What the events of all vendors have, under other names: an id, a person, a time, a page, traits."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dsl.values import LAST, SECOND, Instant, JsonValue, format_instant
from engine.imports.rows import Message, Unreadable
from engine.imports.times import written_time

UTC_ZONE: Final = ZoneInfo("UTC")

_MILLISECONDS_FROM: Final = 100_000_000_000
"""Numbers from here on count milliseconds: as seconds they would lie beyond the year 5000."""
_LAST_SECOND: Final = 253_402_300_799
"""The last second of the year 9999."""

ACCOUNT_TYPES: Final = ("company", "account", "organization", "organisation", "org", "workspace", "team")
"""Types of groups that are the accounts of people, the likeliest first; asked where an event names several."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Of which event a message tells: its id, whose it is, when it was, and where."""

    message_id: str
    user_id: str | None
    anonymous_id: str | None
    time: Instant
    context: Mapping[str, JsonValue]

    def __post_init__(self) -> None:
        if self.user_id is None and self.anonymous_id is None:
            raise Unreadable("says nobody: there is no id of a user or a visitor")

    def message(self, kind: str, *, part: str = "", **members: JsonValue) -> Message:
        """One message, without members that are None or empty. `part` tells a second message of one event apart."""
        told: Message = {
            "type": kind,
            "messageId": f"{self.message_id}-{part}" if part else self.message_id,
            "userId": self.user_id,
            "anonymousId": self.anonymous_id,
            "timestamp": format_instant(self.time),
            "context": dict(self.context),
            **members,
        }
        return {name: value for name, value in told.items() if value is not None and value != {}}

    def track(self, name: JsonValue, properties: Mapping[str, JsonValue]) -> Message:
        """A tracked event. Raises Unreadable if it has no name."""
        if not isinstance(name, str) or not name.strip():
            raise Unreadable("says nothing: the event has no name")
        return self.message("track", event=name, properties=dict(properties))


def identifier(value: JsonValue) -> str | None:
    """An id as text; None for what is nobody's: nothing, blank, or no text or whole number."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def text(value: JsonValue) -> str | None:
    """A text that says something, or None."""
    return value if isinstance(value, str) and value.strip() else None


def members(record: Mapping[str, JsonValue], name: str) -> dict[str, JsonValue]:
    """The object that a member holds; an empty one if it is not there. Raises Unreadable for anything else."""
    value = record.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"`{name}` is no JSON object")
    return value


def without(properties: Mapping[str, JsonValue], names: Collection[str]) -> dict[str, JsonValue]:
    """The properties but those that were read into something else."""
    return {name: value for name, value in properties.items() if name not in names}


def instant(value: JsonValue, name: str, zone: ZoneInfo = UTC_ZONE) -> Instant:
    """The time that a member holds: a text, or seconds or milliseconds since 1970. Raises Unreadable.

    zone: that of texts without one; of numbers, the zone in which they were counted (Mixpanel's projects before 2023
    count the seconds of their wall clock).
    """
    if value is None or value == "":
        raise Unreadable(f"has no time: `{name}` is missing")
    read = written_time(value.strip(), zone) if isinstance(value, str) else _counted(value, zone)
    if read is None or not 0 <= read <= LAST:
        raise Unreadable(f"`{name}`: `{str(value)[:80]}` is not a time")
    return read


def _counted(value: JsonValue, zone: ZoneInfo) -> Instant | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
    if not 0 <= seconds <= _LAST_SECOND:
        return None
    if zone.key == "UTC":
        return Instant(round(seconds * SECOND))
    whole = int(seconds)
    wall = datetime.fromtimestamp(whole, UTC).replace(tzinfo=zone)
    return Instant(int(wall.timestamp()) * SECOND + round((seconds - whole) * SECOND))


def page_of(
    url: JsonValue, *, path: JsonValue = None, title: JsonValue = None, referrer: JsonValue = None
) -> dict[str, JsonValue]:
    """A page in Segment's form from what is known of it; empty if nothing is."""
    address = text(url)
    page: dict[str, JsonValue] = {}
    if address is not None:
        page["url"] = address
        try:
            parts = urlsplit(address)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme:
            page["path"] = parts.path or "/"
        if parts.query:
            page["search"] = f"?{parts.query}"
    for name, told in (("path", path), ("title", title), ("referrer", referrer)):
        if (known := text(told)) is not None:
            page[name] = known
    return page if page.keys() - {"referrer", "title"} else {}


def context_of(
    library: JsonValue,
    *,
    vendor: str,
    page: Mapping[str, JsonValue] | None = None,
    session: JsonValue = None,
    agent: JsonValue = None,
    account: str | None = None,
) -> dict[str, JsonValue]:
    """The context of an event. The library stays that of the vendor: it tells servers' events from browsers'."""
    context: dict[str, JsonValue] = {"library": {"name": text(library) or f"waypost-import-{vendor}"}}
    if page:
        context["page"] = dict(page)
    if (session_id := identifier(session)) is not None:
        context["session_id"] = session_id
    if (user_agent := text(agent)) is not None:
        context["userAgent"] = user_agent
    if account is not None:
        context["groupId"] = account
    return context


def account_of(groups: JsonValue) -> str | None:
    """The account among the groups of an event, by type: the only one, or that of the likeliest type."""
    if not isinstance(groups, dict) or not groups:
        return None
    named = {name.lower(): value[0] if isinstance(value, list) and value else value for name, value in groups.items()}
    if len(named) == 1:
        return identifier(next(iter(named.values())))
    return next((identifier(named[name]) for name in ACCOUNT_TYPES if name in named), None)


class Digests:
    """Ids of records that bring none: made of what they hold, and of how often the same has come before."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def of(self, record: Mapping[str, JsonValue]) -> str:
        """The same id for the same record at the same place among its equals."""
        found = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()[:16]
        self._seen[found] += 1
        return f"{found.hex()}-{self._seen[found]}"


@dataclass(slots=True)
class _Told:
    origin: Origin
    traits: Mapping[str, JsonValue]
    was_said: bool


@dataclass(slots=True)
class Snapshots:
    """Traits, or what is done to them, that stand in every event: said where they change, not with every event.

    Events may come out of order. One that is earlier than the last of its person says its traits, and where they are
    others has those of the last one said at their time, so that in the order of time every change is there.
    """

    _told: dict[str, _Told] = field(default_factory=dict)

    def news(self, origin: Origin, traits: Mapping[str, JsonValue]) -> tuple[Message, ...]:
        """The identify messages that an event gives cause to."""
        if not traits:
            return ()
        person = _person(origin)
        last = self._told.get(person)
        if last is not None and origin.time < last.origin.time:
            again = () if last.was_said or last.traits == traits else (_identify(last.origin, last.traits),)
            last.was_said = last.was_said or bool(again)
            return (_identify(origin, traits), *again)
        is_news = last is None or last.traits != traits
        self._told[person] = _Told(origin, traits, was_said=is_news)
        return (_identify(origin, traits),) if is_news else ()

    def forget(self, origin: Origin) -> None:
        """Something else has changed the traits: the next event says its own, whatever they are."""
        self._told.pop(_person(origin), None)


def _person(origin: Origin) -> str:
    return origin.user_id or f"?{origin.anonymous_id}"


def _identify(origin: Origin, traits: Mapping[str, JsonValue]) -> Message:
    return origin.message("identify", part="traits", traits=dict(traits))
