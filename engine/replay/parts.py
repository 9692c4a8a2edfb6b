"""A part of a recording as a page sends it: unpacked within limits, read, and looked at once more before it is kept."""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from dsl.values import DAY, HOUR, Duration, Instant, JsonValue, read_instant
from engine.replay.errors import BadReplay, ReplayTooLarge
from engine.replay.recorded import LARGEST_SIZE, check_recorded
from engine.replay.scrubbing import Scrubber
from engine.storage.identity import is_id

PACKED_LIMIT: Final = 1024 * 1024
"""Bytes of a part as it is sent."""
UNPACKED_LIMIT: Final = 8 * 1024 * 1024
RECORDING_LIMIT: Final = 20 * 1024 * 1024
"""Bytes of a whole recording, packed."""
MOST_PARTS: Final = 5_000
MOST_MOMENTS: Final = 200
LONGEST_ADDRESS: Final = 2_000
LONGEST_PART: Final = Duration(6 * HOUR)
_AHEAD: Final = Duration(DAY)
"""By how much a browser's clock may be ahead."""
_STEP: Final = 64 * 1024
_GZIP: Final = b"\x1f\x8b"
_EVENT_NAME: Final = re.compile(r"[^\x00-\x1f]{1,255}")


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that went wrong, by the name of its event, and the path of the page that it happened on."""

    event: str
    at: Instant
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a recording, fit to be kept. packed: its events. scrubbed: how many values were blotted out."""

    recording: str
    number: int
    is_last: bool
    user_id: str | None
    anonymous_id: str | None
    user_token: JsonValue
    session_id: str | None
    page: str
    width: int
    height: int
    started: Instant
    ended: Instant
    moments: tuple[Moment, ...]
    packed: bytes
    scrubbed: int


def unpack(body: bytes) -> dict[str, Any]:
    """The object in a packed body. Raises BadReplay, ReplayTooLarge."""
    if len(body) > PACKED_LIMIT:
        raise ReplayTooLarge(f"a part of a recording is {PACKED_LIMIT // 1024:,} KB at most, packed")
    if not is_packed(body):
        raise BadReplay("the body is not gzip")
    inflater, parts, size = zlib.decompressobj(wbits=31), [], 0
    left = body
    try:
        # A little at a time, and never more than is allowed: a bomb costs no memory.
        while left and not inflater.eof:
            part = inflater.decompress(left, _STEP)
            size += len(part)
            if size > UNPACKED_LIMIT:
                raise ReplayTooLarge(f"a part of a recording is {UNPACKED_LIMIT // 1024 // 1024} MB at most, unpacked")
            parts.append(part)
            left = inflater.unconsumed_tail
    except zlib.error:
        raise BadReplay("the body is not gzip, or was cut short") from None
    if not inflater.eof or inflater.unused_data:
        raise BadReplay("the body is not complete gzip, or goes on after its end")
    try:
        value = orjson.loads(b"".join(parts))
    except orjson.JSONDecodeError as error:
        raise BadReplay(f"the body is not JSON: {error.msg}") from None
    if not isinstance(value, dict):
        raise BadReplay("the body is not a JSON object")
    return value


def is_packed(body: bytes) -> bool:
    """True for what begins as gzip does."""
    return body.startswith(_GZIP)


def read_part(said: dict[str, Any], *, now: Instant) -> Part:
    """A part as it may be kept. Raises BadReplay, which says what does not fit."""
    started, ended = _instant(said, "started", now), _instant(said, "ended", now)
    if not 0 <= ended - started <= LONGEST_PART:
        raise BadReplay("`ended` must come after `started`, by six hours at most")
    user_id, anonymous_id = _id(said, "userId"), _id(said, "anonymousId")
    if user_id is None and anonymous_id is None:
        raise BadReplay("say whose recording it is: `anonymousId`, `userId`, or both")
    events = check_recorded(said.get("events"))
    scrubber = Scrubber()
    size: Any = said.get("size")
    size = size if isinstance(size, dict) else {}
    page = _page(said.get("page"), scrubber)
    scrubber.count = 0  # of an address the query always goes; that is no secret that slipped through
    moments = _moments(said.get("moments", []), page, now)
    if any(abs(each.at - started) > LONGEST_PART for each in moments):
        raise BadReplay("a moment of `moments` lies more than six hours from `started`")
    scrubber.scrub(events)  # type: ignore[arg-type]
    return Part(
        recording=_recording(said.get("recording")),
        number=_whole(said.get("chunk"), "chunk", range(MOST_PARTS)),
        is_last=said.get("last") is True,
        user_id=user_id,
        anonymous_id=anonymous_id,
        user_token=said.get("userToken"),
        session_id=_id(said, "sessionId"),
        page=page,
        width=_whole(size.get("width"), "size.width", range(1, LARGEST_SIZE)),
        height=_whole(size.get("height"), "size.height", range(1, LARGEST_SIZE)),
        started=started,
        # What is recorded may be over a little before it is known that something went wrong.
        ended=max(ended, *(each.at for each in moments)) if moments else ended,
        moments=moments,
        packed=pack(events),
        scrubbed=scrubber.count,
    )


def pack(events: Sequence[Any]) -> bytes:
    """Events as they are kept."""
    packer = zlib.compressobj(6, wbits=31)
    return packer.compress(orjson.dumps(events)) + packer.flush()


def path_of(address: str) -> str:
    """The path of an address: `/dns` of `https://app.example.com/dns`."""
    # A path may hold an address itself.
    if address.startswith("/") or "://" not in address:
        return address
    return "/" + address.split("://", 1)[1].partition("/")[2]


def _recording(value: JsonValue) -> str:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise BadReplay("`recording` must be a UUID") from None


def _whole(value: JsonValue, name: str, within: range) -> int:
    if type(value) is int and value in within:
        return value
    if type(value) is float and value == int(value) and int(value) in within:
        return int(value)
    raise BadReplay(f"`{name}` must be a whole number from {within.start} to {within.stop - 1:,}")


def _id(said: dict[str, Any], name: str) -> str | None:
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not is_id(value):
        raise BadReplay(f"`{name}` must be a text of 1 to 255 characters")
    return value


def _instant(said: dict[str, Any], name: str, now: Instant) -> Instant:
    value = said.get(name)
    found = read_instant(value) if isinstance(value, str) else None
    if found is None or not 0 < found <= now + _AHEAD:
        raise BadReplay(f"`{name}` must be a time such as 2026-11-02T09:00:00Z, and not in the future")
    return found


def _page(value: JsonValue, scrubber: Scrubber) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ADDRESS or "\0" in value:
        raise BadReplay(f"`page` must be the address of the page, of at most {LONGEST_ADDRESS:,} characters")
    return scrubber.address(value)


def _moments(value: JsonValue, page: str, now: Instant) -> tuple[Moment, ...]:
    if not isinstance(value, list) or len(value) > MOST_MOMENTS:
        raise BadReplay(f"`moments` must be a list of at most {MOST_MOMENTS} entries")
    found = []
    for index, each in enumerate(value):
        name = each.get("event") if isinstance(each, dict) else None
        if not isinstance(each, dict) or not isinstance(name, str) or not _EVENT_NAME.fullmatch(name):
            raise BadReplay(f"`moments[{index}]` needs the name of an `event`, and when: `at`")
        found.append(Moment(Scrubber().text(name), _instant(each, "at", now), path_of(page)))
    return tuple(dict.fromkeys(found))
