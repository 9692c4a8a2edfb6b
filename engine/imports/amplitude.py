"""Amplitude's Export API: a zip of gzipped files, a JSON object a line; its times are UTC without saying so.

`user_id` is the user and `device_id` the visitor; traits stand in every event (`user_properties`) and are said where
they change. Events of pages and screens that the browser SDK tracks by itself become pages and screens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from dsl.values import JsonValue
from engine.imports.formats import Format, Reader
from engine.imports.records import Record, reader
from engine.imports.rows import Message, Unreadable
from engine.imports.vendor import (
    Digests,
    Origin,
    Snapshots,
    account_of,
    context_of,
    identifier,
    instant,
    members,
    page_of,
    text,
    without,
)

PAGE_VIEWED: Final = "[Amplitude] Page Viewed"
SCREEN_VIEWED: Final = "[Amplitude] Screen Viewed"
_URL, _PATH, _TITLE = "[Amplitude] Page Location", "[Amplitude] Page Path", "[Amplitude] Page Title"
_PLAIN_URL, _SCREEN = "[Amplitude] Page URL", "[Amplitude] Screen Name"
_OF_PAGES: Final = frozenset({_URL, _PLAIN_URL, _PATH, _TITLE})
_IDENTIFY, _GROUP = "$identify", "$groupidentify"
_OPERATIONS: Final[Mapping[str, str]] = {"$setOnce": "$set_once"}


def begin(_: ZoneInfo) -> Reader:
    """The reader of one import."""
    digests = Digests()
    snapshots = Snapshots()

    def convert(record: Record) -> tuple[Message, ...]:
        kind = record.get("event_type")
        if not isinstance(kind, str) or not kind.strip():
            raise Unreadable("is no event of Amplitude's: `event_type` is missing")
        properties = members(record, "event_properties")
        origin = _origin(record, properties, digests)
        traits = _traits(members(record, "user_properties"))
        if kind == _IDENTIFY:
            snapshots.forget(origin)
            return (origin.message("identify", traits=traits),)
        if kind == _GROUP:
            account = account_of(record.get("groups"))
            if account is None:
                raise Unreadable("tells of a group, and `groups` does not name one account")
            return (origin.message("group", groupId=account),)
        return (*snapshots.news(origin, traits), _event(origin, kind, properties))

    return reader(convert)


def _origin(record: Record, properties: Record, digests: Digests) -> Origin:
    own_id = identifier(record.get("uuid")) or digests.of(record)
    session = record.get("session_id")
    page = page_of(
        properties.get(_URL) or properties.get(_PLAIN_URL), path=properties.get(_PATH), title=properties.get(_TITLE)
    )
    context = context_of(
        record.get("library"),
        vendor="amplitude",
        page=page,
        # -1 is an event outside of any session.
        session=None if session == -1 else session,
        account=account_of(record.get("groups")),
    )
    system = {"name": record.get("os_name"), "version": record.get("os_version")}
    device = {"type": record.get("device_type"), "model": record.get("device_family")}
    place = {name: record.get(name) for name in ("country", "region", "city")}
    for name, told in (("os", system), ("device", device), ("location", place)):
        if known := {each: value for each, value in told.items() if text(value)}:
            context[name] = dict[str, JsonValue](known)
    return Origin(
        f"amplitude-{own_id}",
        identifier(record.get("user_id")),
        identifier(record.get("device_id")),
        instant(record.get("event_time"), "event_time"),
        context,
    )


def _event(origin: Origin, kind: str, properties: Record) -> Message:
    if kind == SCREEN_VIEWED:
        return origin.message("screen", name=text(properties.get(_SCREEN)), properties=without(properties, {_SCREEN}))
    if kind == PAGE_VIEWED:
        page = origin.context.get("page")
        own = page if isinstance(page, dict) else {}
        return origin.message("page", properties={**without(properties, _OF_PAGES), **own})
    return origin.track(kind, properties)


def _traits(told: Record) -> Record:
    """User properties as traits: plain values, and operations under the names that they have here."""
    traits = {_OPERATIONS.get(name, name): value for name, value in told.items()}
    unset = traits.get("$unset")
    if isinstance(unset, dict):
        traits["$unset"] = list(unset)
    return traits


FORMAT: Final = Format(
    name="amplitude",
    title="Amplitude",
    source="https://amplitude.com/docs/apis/analytics/export",
    files="The zip that the Export API answers with, or the files in it: a JSON object a line, packed with gzip.",
    example="amplitude-export.zip",
    begin=begin,
)
