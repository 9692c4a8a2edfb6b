"""The log in Segment's form, a JSON object a line: what `waypost import segment` reads.

From the log itself and in the order of receipt, so that a project that is empty comes to the same people, events and
states by it. What the lake has left out of an event (its ids, its whole context) is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import orjson

from dsl.values import JsonValue, format_instant
from engine.events import Event, EventKind
from engine.exports.events import ChosenEvents
from engine.storage import log

if TYPE_CHECKING:
    from engine.storage.store import Database


def lines(database: Database, chosen: ChosenEvents) -> Iterator[bytes]:
    """The events that were chosen, each as a line. Who was erased since they were chosen is not in it any more."""
    for numbers in chosen.numbers():
        with database.reading() as connection:
            found = log.by_number(connection, numbers)
        for number in numbers:
            if number in found:
                yield orjson.dumps(message_of(found[number]), option=orjson.OPT_APPEND_NEWLINE)


def message_of(event: Event) -> dict[str, JsonValue]:
    """An event as a message in Segment's form, without members that are empty."""
    told: dict[str, JsonValue] = {
        "type": event.kind.value,
        "messageId": event.message_id,
        "timestamp": format_instant(event.time),
        "receivedAt": format_instant(event.received),
        "userId": event.user_id,
        "anonymousId": event.anonymous_id,
    }
    match event.kind:
        case EventKind.TRACK:
            told |= {"event": event.name}
        case EventKind.GROUP:
            told |= {"groupId": event.group_id}
        case EventKind.ALIAS:
            # The former id is kept as the anonymous one, and not at all where it was the user's own.
            told |= {"anonymousId": None, "previousId": event.anonymous_id or event.user_id}
        case EventKind.IDENTIFY | EventKind.PAGE | EventKind.SCREEN:
            pass
    told |= {"properties": dict(event.properties), "traits": dict(event.traits), "context": dict(event.context)}
    return {name: value for name, value in told.items() if value is not None and value != {}}
