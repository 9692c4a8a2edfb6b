"""Segment's archive: what its libraries sent, a JSON object a line, as its storage destinations keep it.

The form is Waypost's own, so that little is to be done: `timestamp` is already corrected by the sender's clock, and
what Segment adds for its own delivery is left out. Ids stay as they are: an event that was also sent to Waypost when it
happened is not kept twice.
"""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from dsl.values import LAST, Instant, JsonValue, format_instant
from engine.imports.formats import Format, Reader
from engine.imports.records import Converter, Record, reader
from engine.imports.rows import Message, Unreadable
from engine.imports.vendor import Digests, identifier, instant

_KEPT: Final = (
    *("type", "messageId", "userId", "anonymousId", "previousId", "groupId"),
    *("event", "name", "category", "properties", "traits", "context"),
)


def begin(_: ZoneInfo) -> Reader:
    """The reader of one import."""
    return reader(converter())


def converter() -> Converter:
    """What a call means, of a file or as it happens (`engine.mirrors`); remembers the calls without an id."""
    digests = Digests()

    def convert(record: Record) -> tuple[Message, ...]:
        if "type" not in record:
            raise Unreadable("is no call of Segment's: `type` is missing")
        message: Message = {name: record[name] for name in _KEPT if record.get(name) is not None}
        message["timestamp"] = format_instant(_time(record))
        if identifier(record.get("messageId")) is None:
            message["messageId"] = f"segment-{digests.of(record)}"
        return (message,)

    return convert


def _time(record: Record) -> Instant:
    """When it happened. `timestamp` is corrected already; without it, as Segment does: by what the clock was off."""
    if record.get("timestamp"):
        return instant(record["timestamp"], "timestamp")
    told: JsonValue = record.get("originalTimestamp")
    if not told:
        return instant(record.get("receivedAt"), "timestamp")
    original = instant(told, "originalTimestamp")
    if not record.get("sentAt") or not record.get("receivedAt"):
        return original
    sent, received = instant(record["sentAt"], "sentAt"), instant(record["receivedAt"], "receivedAt")
    at = Instant(received - (sent - original))
    if not 0 <= at <= LAST:
        raise Unreadable("`originalTimestamp` is not a time, by what `sentAt` says of its clock")
    return at


FORMAT: Final = Format(
    name="segment",
    title="Segment",
    source="https://segment.com/docs/connections/storage/catalog/aws-s3/",
    files="The archive that Segment's storage destinations write: files of newline-separated JSON, packed with gzip.",
    example="segment-logs/ax8f2/",
    begin=begin,
)
