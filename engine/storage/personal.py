"""Everything that is stored of one person, table by table, in a form that they can read. Reads only."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant, JsonValue, format_instant
from engine.storage import tables
from engine.storage.erasure import personal_tables
from engine.storage.log import chunks

_EVENT = tables.table(tables.Event)
_INSTANTS: Final = frozenset(
    {"time", "received", "created", "first", "first_exposed", "confirmed", "until", "cut", "at", "made", "since"}
    | {"edited", "resolved", "started", "ended"}
)
"""Columns that hold an instant, by name."""
_JSON: Final = frozenset(
    {"properties", "traits", "context", "data", "value", "woken", "reasons", "pending", "state"}
    | {"quotes", "feelings", "tags"}
)
"""Columns that hold JSON, by name."""
_PACKED: Final = frozenset({"events"})
"""Columns that hold JSON packed with gzip, by name: parts of recordings."""


def rows_of_person(connection: Connection, people: Sequence[int]) -> dict[str, list[dict[str, JsonValue]]]:
    """The rows of every table that belong to somebody, by the table's name; their events apart."""
    found: dict[str, list[dict[str, JsonValue]]] = {}
    for table in personal_tables():
        rows = [] if table is _EVENT else _rows(connection, table, people)
        if rows:
            found[str(table.name)] = rows
    return found


def events_of_person(connection: Connection, people: Sequence[int]) -> list[dict[str, JsonValue]]:
    """Their events, in history order."""
    rows = _rows(connection, _EVENT, people)
    return sorted(rows, key=lambda row: (str(row["time"]), str(row["seq"]).zfill(20)))


def _rows(connection: Connection, table: sa.Table, people: Sequence[int]) -> list[dict[str, JsonValue]]:
    return [
        {str(name): _readable(name, value) for name, value in row._mapping.items() if name not in {"project_id"}}
        for part in chunks(people)
        for row in connection.execute(sa.select(table).where(table.c.person_id.in_(part)))
    ]


def _readable(name: str, value: Any) -> JsonValue:
    if value is None:
        return None
    if name in _INSTANTS and isinstance(value, int):
        return format_instant(Instant(value))
    if name in _PACKED:
        return _read_json(gzip.decompress(bytes(value)))
    if name in _JSON and isinstance(value, str | bytes | memoryview):
        return _read_json(bytes(value) if isinstance(value, memoryview) else value)
    readable: JsonValue = value
    return readable


def _read_json(text: str | bytes) -> JsonValue:
    try:
        read: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError:
        # Of the same name in a table where it is a plain text.
        return text.decode() if isinstance(text, bytes) else text
    return read
