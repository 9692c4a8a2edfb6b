"""XES, the standard of event logs (IEEE 1849): traces of events, read as the file comes, line by line.

A trace is a person: its `concept:name` is the user, its other attributes are traits. An event is tracked by its
`concept:name`; one whose `lifecycle:transition` is another than `complete` has it in its name, so that an activity that
was begun and completed is one event of its name. A file that declares a document type is refused: it could have
entities, which make a small file a large one or read others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import IO, Final
from xml.parsers import expat
from zoneinfo import ZoneInfo

from dsl.values import JsonValue
from engine.imports.formats import Format, Reader
from engine.imports.rows import BadRow, Message, Row, Unreadable
from engine.imports.vendor import Digests, Origin, context_of, identifier, instant, text, without

_CHUNK: Final = 1 << 16
_ATTRIBUTES: Final = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
_OWNERS: Final = frozenset({"trace", "event"})
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_NAME, _TIME, _ID, _TRANSITION = "concept:name", "time:timestamp", "identity:id", "lifecycle:transition"
_VIEW, _VIEWS = "waypost:kind", frozenset({"page", "screen"})
"""What tells a view of a page or a screen apart in a log that Waypost wrote (`engine.exports.xes`)."""
_HOLDERS: Final = frozenset({"list", "container", "values"})
_ATTRIBUTE_LIMIT: Final = 10_000
"""Attributes of a trace or an event that are kept."""
_TAG_LIMIT: Final = 1 << 24
"""Bytes of one tag: beyond, the file is of another kind, and would fill the memory."""


def begin(zone: ZoneInfo) -> Reader:
    """The reader of one import."""

    def rows(file: IO[bytes]) -> Iterator[Row | BadRow]:
        # Equals are told apart within a file only: the same log once more, under whatever name, adds nothing.
        return _Log(zone, Digests()).rows(file)

    return rows


class _Refused(Exception):
    """A file that is not read on."""


@dataclass(slots=True)
class _Open:
    """A trace or an event whose end has not come."""

    line: int
    attributes: dict[str, JsonValue] = field(default_factory=dict)


class _Log:
    """Takes a file apart. `path` holds the elements that are open; only what an analysis asks is kept of them."""

    def __init__(self, zone: ZoneInfo, digests: Digests) -> None:
        self._zone = zone
        self._digests = digests
        self._path: list[str] = []
        self._trace: _Open | None = None
        self._event: _Open | None = None
        self._is_told = False
        self._list: tuple[list[JsonValue], int] | None = None
        self._ready: deque[Row | BadRow] = deque()
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def rows(self, file: IO[bytes]) -> Iterator[Row | BadRow]:
        fed = 0
        try:
            while chunk := file.read(_CHUNK):
                self._parser.Parse(chunk, False)
                fed += len(chunk)
                while self._ready:
                    yield self._ready.popleft()
                if fed - self._parser.CurrentByteIndex > _TAG_LIMIT:
                    raise _Refused(f"has a tag of more than {_TAG_LIMIT >> 20} MB; nothing after it is read")
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            yield from self._ready
            yield BadRow(error.lineno, f"not readable as XML: {expat.errors.messages[error.code]}; nothing after it is")
        except _Refused as refused:
            yield from self._ready
            yield BadRow(self._parser.CurrentLineNumber, str(refused))
        else:
            yield from self._ready

    def _refuse_doctype(self, *_: object) -> None:
        raise _Refused("declares a document type (<!DOCTYPE …>), which no log needs: take it out; the file is not read")

    def _start(self, tag: str, given: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        parent = self._path[-1] if self._path else None
        if parent is None and name != "log":
            raise _Refused(f"is no XES: the file begins with <{name}>, not with <log>")
        line = self._parser.CurrentLineNumber
        if name == "trace" and parent == "log":
            self._trace, self._is_told = _Open(line), False
        elif name == "event" and parent in ("trace", "log"):
            self._event = _Open(line)
        elif name in _ATTRIBUTES and parent in _OWNERS:
            owner = self._event if parent == "event" else self._trace
            if owner is not None and len(owner.attributes) < _ATTRIBUTE_LIMIT and (key := given.get("key")):
                owner.attributes[key] = _value(name, given.get("value"))
                kept = owner.attributes[key]
                self._list = (kept, len(self._path)) if isinstance(kept, list) else None
        elif name in _ATTRIBUTES and parent in _HOLDERS and self._list is not None and "value" in given:
            self._list[0].append(_value(name, given["value"]))
        self._path.append(name)

    def _end(self, tag: str) -> None:
        self._path.pop()
        name = tag.rpartition(":")[2]
        if self._list is not None and len(self._path) == self._list[1]:
            self._list = None
        if name == "trace":
            self._trace = None
        elif name == "event" and self._event is not None:
            event, self._event = self._event, None
            try:
                self._ready.append(Row(event.line, self._messages(event.attributes)))
            except Unreadable as problem:
                self._ready.append(BadRow(event.line, str(problem)))

    def _messages(self, event: dict[str, JsonValue]) -> tuple[Message, ...]:
        trace = self._trace.attributes if self._trace is not None else {}
        person = identifier(trace.get(_NAME)) or identifier(trace.get(_ID))
        if person is None:
            raise Unreadable(f"says nobody: its trace has no `{_NAME}`" if self._trace else "stands in no trace")
        name = text(event.get(_NAME))
        if name is None:
            raise Unreadable(f"says nothing: the event has no `{_NAME}`")
        transition = text(event.get(_TRANSITION)) or "complete"
        own = identifier(event.get(_ID)) or self._digests.of({"trace": person, "event": event})
        session = event.get("session_id")
        origin = Origin(
            f"xes-{own}",
            person,
            None,
            instant(event.get(_TIME), _TIME, self._zone),
            context_of(None, vendor="xes", session=session),
        )
        told = name if transition.lower() == "complete" else f"{name} ({transition})"
        properties = without(event, {_NAME, _TIME, _ID, _TRANSITION, _VIEW, "session_id"})
        traits = {} if self._is_told else without(trace, {_NAME, _ID})
        self._is_told = True
        said = (origin.message("identify", part="traits", traits=traits),) if traits else ()
        if (view := event.get(_VIEW)) in _VIEWS:
            return (*said, origin.message(str(view), properties=properties))
        return (*said, origin.track(told, properties))


def _value(kind: str, written: str | None) -> JsonValue:
    """A typed attribute as JSON; a value that is not of its type stays a text."""
    if kind in _HOLDERS:
        return []
    if written is None:
        return None
    read: JsonValue = written
    try:
        if kind == "int":
            number = int(written)
            read = number if abs(number) < 1 << 63 else written
        elif kind == "float":
            real = float(written)
            read = real if isfinite(real) else written
        elif kind == "boolean":
            read = _BOOLEANS.get(written.strip().lower(), written)
    except ValueError:
        return written
    return read


FORMAT: Final = Format(
    name="xes",
    title="XES",
    source="https://www.xes-standard.org/",
    files="An event log in XES (IEEE 1849), such as process mining tools write; a trace is a user.",
    example="orders.xes.gz --zone Europe/Berlin",
    begin=begin,
    zone="The time zone of times that bring none.",
)
