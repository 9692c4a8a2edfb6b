"""PostHog's events: batch exports as JSON lines (or CSV), a JSON array of them, or the table of the activity page.

An event belongs to a user or a visitor as PostHog said itself (`$is_identified`, `$user_id`); where it said nothing, to
a visitor if the id is that of the device, and to a user otherwise, as with events of servers. `$identify` and
`$create_alias` join the two. The same holds for files and for events as they happen (`engine.mirrors`), of which more
can be asked: whether an id is known here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from dsl.values import JsonValue, format_instant
from engine.imports.formats import Format, Reader
from engine.imports.records import Converter, Record, reader
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

_OPERATIONS: Final = ("$set", "$set_once", "$unset")
_GROUP: Final = ("$group_type", "$group_key", "$group_set")
_READ: Final = frozenset(
    {*_OPERATIONS, *_GROUP, "$groups", "$anon_distinct_id", "$session_id", "$lib", "$raw_user_agent"}
    | {"$current_url", "$pathname", "$referrer", "$screen_name", "distinct_id", "token"}
    | {"$is_identified", "$user_id", "$process_person_profile", "$sent_at", "$time", "$insert_id", "$ip"}
)
"""Properties that are read into something else, or say how PostHog itself delivered the event."""


IsUser: TypeAlias = Callable[[str], bool | None]
"""Whether an id is a user's here (True) or a visitor's (False); None for one that was never seen."""


def begin(_: ZoneInfo) -> Reader:
    """The reader of one import."""
    return reader(converter())


def converter(is_user: IsUser | None = None) -> Converter:
    """What an event means. is_user: for events as they happen, what is known here of an id."""
    digests = Digests()
    snapshots = Snapshots()

    def convert(record: Record) -> tuple[Message, ...]:
        properties = _decoded(record)
        name = record.get("event")
        origin = _origin(record, properties, digests)
        traits = _traits(record, properties)
        match name:
            case "$identify" | "$set" | "$set_once":
                snapshots.forget(origin)
                return (origin.message("identify", traits=traits),)
            case "$create_alias" | "$merge_dangerously":
                return (_alias(origin, properties, is_user),)
            case "$groupidentify":
                return (_group(origin, properties, is_user),)
            case _:
                pass
        # The browser's library repeats `$set_once` with most events.
        return (*snapshots.news(origin, traits), *_membership(origin), _event(origin, name, properties))

    return convert


def _decoded(record: Record) -> Record:
    """The properties; Parquet, warehouses and CSV hold them as a text."""
    written = record.get("properties")
    if not isinstance(written, str) or not written.strip():
        return members(record, "properties")
    try:
        read = orjson.loads(written)
    except orjson.JSONDecodeError:
        read = None
    if not isinstance(read, dict):
        raise Unreadable("`properties` is no JSON object")
    return read


def _origin(record: Record, properties: Record, digests: Digests) -> Origin:
    distinct = identifier(record.get("distinct_id")) or identifier(properties.get("distinct_id"))
    if distinct is None:
        raise Unreadable("says nobody: `distinct_id` is missing")
    if record.get("event") == "$identify":
        known, visitor = True, identifier(properties.get("$anon_distinct_id"))
    else:
        known, visitor = _is_user(distinct, properties), None
    session = properties.get("$session_id")
    context = context_of(
        properties.get("$lib"),
        vendor="posthog",
        page=page_of(
            properties.get("$current_url"),
            path=properties.get("$pathname"),
            title=properties.get("title"),
            referrer=properties.get("$referrer"),
        ),
        session=session,
        agent=properties.get("$raw_user_agent"),
        account=account_of(properties.get("$groups")),
    )
    own_id = identifier(record.get("uuid")) or identifier(record.get("id")) or digests.of(record)
    time = instant(record.get("timestamp"), "timestamp")
    if known:
        return Origin(f"posthog-{own_id}", distinct, visitor if visitor != distinct else None, time, context)
    return Origin(f"posthog-{own_id}", None, distinct, time, context)


def _is_user(distinct: str, properties: Record) -> bool:
    said = properties.get("$is_identified")
    if isinstance(said, bool):
        return said
    if identifier(properties.get("$user_id")) == distinct:
        return True
    return properties.get("$process_person_profile") is not False and properties.get("$device_id") != distinct


def _traits(record: Record, properties: Record) -> Record:
    """What the event sets of its person. Older exports have it beside the properties."""
    traits: Record = {}
    for operation, elsewhere in zip(_OPERATIONS, ("set", "set_once", "unset"), strict=True):
        told = properties.get(operation) or record.get(operation) or record.get(elsewhere)
        if operation == "$unset" and isinstance(told, dict):
            told = list(told)
        if told:
            traits[operation] = told
    return traits


def _alias(origin: Origin, properties: Record, is_user: IsUser | None) -> Message:
    other = identifier(properties.get("alias"))
    if other is None:
        raise Unreadable("names no other id: `alias` is missing")
    own = origin.user_id or origin.anonymous_id or ""
    user, former = (other, own) if is_user is not None and _is_former(own, other, properties, is_user) else (own, other)
    return origin.message("alias", userId=user, anonymousId=None, previousId=former)


def _is_former(own: str, other: str, properties: Record, is_user: IsUser) -> bool:
    """True where the event's own id is the one that the user had before.

    PostHog joins two ids and does not care which was first. Here the user stays: the one that is known as a user, else
    the one that is not known as a visitor, else what the library means: that for Python puts the former id first.
    """
    known = is_user(own), is_user(other)
    if known[0] is not known[1] and (True in known or False in known):
        return known[1] is True or known[0] is False
    return properties.get("$lib") == "posthog-python"


def _group(origin: Origin, properties: Record, is_user: IsUser | None) -> Message:
    kind, key = (identifier(properties.get(name)) for name in ("$group_type", "$group_key"))
    if key is None:
        raise Unreadable("names no group: `$group_key` is missing")
    traits: JsonValue = members(properties, "$group_set")
    own = origin.user_id or origin.anonymous_id or ""
    # Libraries of servers tell of groups without a person, under an id that they make up.
    is_nobody = own in (f"${kind}_{key}", f"{kind}_{key}", key)
    if is_nobody and is_user is None:
        raise Unreadable(f"tells of the group `{str(key)[:80]}` and of nobody in it: an account is known by its people")
    if is_user is not None and (is_nobody or (_is_made_up(own) and is_user(own) is None)):
        # As it happens nothing else tells of the account: one visitor stands for the group, not another one a call.
        return origin.message("group", userId=None, anonymousId=f"{kind}_{key}", groupId=key, traits=traits)
    return origin.message("group", groupId=key, traits=traits)


def _is_made_up(own: str) -> bool:
    try:
        return str(UUID(own)) == own
    except ValueError:
        return False


def _membership(origin: Origin) -> tuple[Message, ...]:
    """Whose account an event says its user is in. Said once a day: the id is the same, so that more have no effect."""
    account = origin.context.get("groupId")
    if origin.user_id is None or not isinstance(account, str):
        return ()
    day = format_instant(origin.time)[:10]
    told = hashlib.sha256(f"{origin.user_id}\x1f{account}\x1f{day}".encode()).hexdigest()[:32]
    return (replace(origin, message_id=f"posthog-group-{told}").message("group", groupId=account),)


def _event(origin: Origin, name: JsonValue, properties: Record) -> Message:
    own = without(properties, _READ)
    if name == "$pageview":
        page = origin.context.get("page")
        return origin.message("page", properties={**own, **(page if isinstance(page, dict) else {})})
    if name == "$screen":
        return origin.message("screen", name=text(properties.get("$screen_name")), properties=own)
    return origin.track(name, own)


FORMAT: Final = Format(
    name="posthog",
    title="PostHog",
    source="https://posthog.com/docs/cdp/batch-exports/s3",
    files="A batch export of the events model as JSON lines; also a JSON array of events, or CSV.",
    example="posthog-events.jsonl.gz",
    begin=begin,
)
