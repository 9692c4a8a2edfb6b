"""XES, the standard of event logs (IEEE 1849): a trace a person or a session, for process mining.

An event of a trace is something that was done: tracked, or a view of a page or a screen. What was said of a person
(`identify`) stands as attributes of the trace. `engine.imports.xes` reads traces of persons back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from itertools import groupby
from typing import Any, Final
from xml.sax.saxutils import escape

import orjson

from dsl.values import MINUTE, Instant, JsonValue, format_instant
from engine.events import EventKind
from engine.exports.events import IN_TIME, ChosenEvents
from engine.sessions import SESSION_GAP

KIND: Final = "waypost:kind"
"""The attribute of an event that is a view: `page` or `screen`."""
NAME, TIME, RESOURCE, SESSION, PATH = "concept:name", "time:timestamp", "org:resource", "session_id", "path"
_TAKEN: Final = frozenset({NAME, TIME, RESOURCE, KIND, "identity:id", "lifecycle:transition"})
"""Attributes that mean something else than a property of this name."""
_VIEWS: Final = frozenset({"page", "screen"})
KINDS: Final = (EventKind.TRACK, EventKind.PAGE, EventKind.SCREEN)
"""What is an event of a trace; all else says something of the person."""
_UNWRITABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold in any spelling; U+FFFD takes its place."""
_ENTITIES: Final = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_LARGEST: Final = 1 << 63
_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849.2023" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <global scope="trace">
    <string key="concept:name" value=""/>
  </global>
  <global scope="event">
    <string key="concept:name" value=""/>
    <date key="time:timestamp" value="1970-01-01T00:00:00Z"/>
  </global>
  <classifier name="Activity" keys="concept:name"/>
"""
_SAID: Final = """
CREATE TEMP TABLE said AS
SELECT person, json_group_object(name, value)::VARCHAR AS traits
FROM (
  SELECT person, name, arg_max(value, (time, seq)) AS value
  FROM (
    SELECT person, time, seq, unnest(map_keys(told)) AS name, unnest(map_values(told)) AS value
    FROM (
      SELECT person, time, seq, traits::MAP(VARCHAR, JSON) AS told
      FROM of_people WHERE kind = 'identify' AND traits IS NOT NULL))
  WHERE name NOT LIKE '$%'
  GROUP BY person, name)
GROUP BY person
"""
_IN_SESSIONS: Final = f"""
CREATE TEMP VIEW in_sessions AS
SELECT seq, person || '/' || coalesce('s:' || session_id, 'n:' || sum(begins) OVER history) AS session
FROM (
  SELECT
    seq, person, time, session_id,
    CASE WHEN time - lag(time) OVER history < INTERVAL {SESSION_GAP // MINUTE} MINUTE THEN 0 ELSE 1 END AS begins
  FROM of_people WHERE kind = 'track' OR name LIKE '$%'
  WINDOW history AS (PARTITION BY person ORDER BY {IN_TIME}))
WINDOW history AS (PARTITION BY person ORDER BY {IN_TIME})
"""  # noqa: S608  (our own text)
"""Of all that people did, so that what is left out of an export makes no gap. As the view `sessions` of the lake."""
_DONE: Final = """
SELECT
  {trace} AS trace, c.person, c."user", c.kind, c.name, epoch_us(c.time) AS time, c.session_id, c.path,
  c.properties::VARCHAR AS properties, said.traits
FROM chosen AS c LEFT JOIN said ON said.person = c.person {joined}
ORDER BY c.person, {order}c.time, c.seq
"""


class Trace(StrEnum):
    """What a trace is."""

    PERSON = "person"
    SESSION = "session"


Row = Mapping[str, Any]


def lines(chosen: ChosenEvents, *, log: str, trace: Trace) -> Iterator[bytes]:
    """The events that were chosen, all of KINDS, as a log: its head, each trace's, each event, the ends. log: its name.

    However long a trace is, only a portion of events is in memory.
    """
    yield (_HEAD + f"  {_attribute(NAME, log)}\n").encode()
    chosen.connection.execute(_SAID)
    by_session = trace is Trace.SESSION
    if by_session:
        chosen.connection.execute(_IN_SESSIONS)
        joined, name = "JOIN in_sessions AS i ON i.seq = c.seq", "i.session"
        sql = _DONE.format(trace=name, joined=joined, order=f"min(c.time) OVER (PARTITION BY {name}), {name}, ")
    else:
        sql = _DONE.format(trace='c."user"', joined="", order="")
    done = (row for batch in chosen.portions(sql) for row in batch.to_pylist())
    for (_, name), rows in groupby(done, key=lambda row: (row["person"], row["trace"])):
        for place, row in enumerate(rows):
            whose: dict[str, JsonValue] = {"user": row["user"]} if by_session else {}
            if place == 0:
                yield _head(name, row, whose)
            yield _event(row, {RESOURCE: row["user"]} if by_session else {})
        yield b"  </trace>\n"
    yield b"</log>\n"


def _head(name: str, row: Row, more: Mapping[str, JsonValue]) -> bytes:
    told = {NAME: name, **more, **_renamed(_object(row["traits"]), taken=_TAKEN | more.keys(), prefix="trait")}
    inside = "".join(f"    {attribute}\n" for attribute in _attributes(told))
    return f"  <trace>\n{inside}".encode()


def _event(row: Row, more: Mapping[str, JsonValue]) -> bytes:
    properties = _object(row["properties"])
    told: dict[str, JsonValue] = {NAME: activity(row["kind"], row["name"], row["path"], properties)}
    told[TIME] = format_instant(Instant(row["time"]))
    told |= more
    if row["kind"] in _VIEWS:
        told[KIND] = row["kind"]
    for name, value in ((SESSION, row["session_id"]), (PATH, row["path"])):
        if value is not None and name not in properties:
            told[name] = value
    told |= _renamed(properties, taken=_TAKEN, prefix="property")
    inside = "".join(f"      {attribute}\n" for attribute in _attributes(told))
    return f"    <event>\n{inside}    </event>\n".encode()


def activity(kind: str, name: str, path: str | None, properties: Mapping[str, JsonValue]) -> str:
    """What was done: a tracked event's name; of a view what was viewed, by its name or else its path."""
    if kind not in _VIEWS:
        return name
    own = properties.get("name")
    seen = own if isinstance(own, str) and own.strip() else path
    return f"Viewed {seen or f'a {kind}'}"


def _renamed(values: Mapping[str, JsonValue], *, taken: Iterable[str], prefix: str) -> dict[str, JsonValue]:
    """The values, those whose name is taken under another one."""
    known = frozenset(taken)
    return {f"{prefix}:{name}" if name in known else name: value for name, value in values.items()}


def _attributes(told: Mapping[str, JsonValue]) -> Iterator[str]:
    for name, value in told.items():
        if value is not None and name:
            yield _attribute(name, value)


def _attribute(name: str, value: JsonValue) -> str:
    """A typed attribute; an object, and a list of other than plain values, is JSON in a text."""
    key = _quoted(name)
    match value:
        case list() if all(isinstance(each, str | int | float) for each in value):
            # The members of a list may share a key, and none may begin with a digit.
            inside = "".join(_attribute("item", each) for each in value)
            return f"<list key={key}><values>{inside}</values></list>"
        case list() | dict():
            kind, text = "string", orjson.dumps(value).decode()
        case bool():
            kind, text = "boolean", "true" if value else "false"
        case int() if abs(value) < _LARGEST:
            kind, text = "int", str(value)
        case float():
            kind, text = "float", repr(value)
        case _:
            kind, text = "date" if name == TIME else "string", str(value)
    return f"<{kind} key={key} value={_quoted(text)}/>"


def _quoted(text: str) -> str:
    written = escape(_UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text), _ENTITIES)
    return f'"{written}"'


def _object(text: str | None) -> dict[str, JsonValue]:
    if not text:
        return {}
    read: dict[str, JsonValue] = orjson.loads(text)
    return read
