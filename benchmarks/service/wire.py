"""Requests to the application as granian hands them over, without a socket in between, and what the tables say of them.

The floor that a request is held against is made here too: the same rows, written by `executemany` alone.
"""

from __future__ import annotations

import base64
import io
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import marshmallow as ma
import orjson
import sqlalchemy as sa
from flask import Flask

from api.app import create_app
from api.auth import caller, needs_write_key
from api.blueprint import Blueprint
from api.config import read_settings
from api.schemas.fields import AnswerSchema
from api.schemas.guidance import DecideSchema
from api.serving import serving
from engine.service import Service
from engine.storage import tables
from engine.storage.sqlite_files import PRAGMAS, WRITERS_CACHE
from engine.verification import verify

PUBLIC_KEY = "wp_pub_benchmark0000000000000000"
AUTHORIZATION = "Basic " + base64.b64encode(f"{PUBLIC_KEY}:".encode()).decode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request got."""

    status: int
    body: Any


class Application:
    """The whole application on a folder of its own."""

    def __init__(self, folder: Path, *, rules: Path | None = None, url: str | None = None) -> None:
        settings = {"WAYPOST_DATA_DIR": str(folder), "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY, "WAYPOST_WORKER": "off"}
        if rules is not None:
            settings["WAYPOST_RULES"] = str(rules)
        if url is not None:
            settings["DATABASE_URL"] = url
        folder.mkdir(parents=True, exist_ok=True)
        self.flask: Flask = create_app(read_settings(settings))
        self.flask.register_blueprint(_one_row)
        self.path = folder / "waypost.sqlite"

    def __enter__(self) -> Application:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.service.close()

    @property
    def service(self) -> Service:
        """Its service."""
        with self.flask.app_context():
            return serving().service

    @property
    def project_id(self) -> int:
        """Its only project."""
        return self.service.projects()[0].id

    def post(self, path: str, body: bytes) -> Answer:
        """Send a body and read the whole answer."""
        status, parts = self.call(path, body)
        return Answer(status, orjson.loads(parts))

    def call(self, path: str, body: bytes) -> tuple[int, bytes]:
        """The same, without reading the answer's JSON."""
        said: list[str] = []

        def start_response(status: str, _headers: object, _error: object = None) -> Callable[[bytes], object]:
            said.append(status)
            return lambda _: None

        answer = self.flask.wsgi_app(_environ(path, body), start_response)
        try:
            content = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        return int(said[0][:3]), content


def _environ(path: str, body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_AUTHORIZATION": AUTHORIZATION,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def verified(app: Application) -> None:
    """Raise AssertionError unless everything that is stored agrees with the log."""
    app.service.settle(app.project_id)
    found = verify(app.service.database)
    assert not found.faults, found.faults[:5]


class _RowSchema(AnswerSchema):
    person_id = ma.fields.Integer(required=True)
    value = ma.fields.String(required=True)


_one_row = Blueprint("one_row", __name__)


@_one_row.route("/v1/one-row", methods=("POST",))
@needs_write_key
@_one_row.arguments(DecideSchema)
@_one_row.response(200, _RowSchema)
def one_row(asked: dict[str, Any]) -> Mapping[str, Any]:
    """What deciding is held against: key, middleware, the same body, and one row by its primary key."""
    identity = tables.table(tables.Identity)
    wanted = sa.select(identity).where(
        identity.c.project_id == caller().project_id,
        identity.c.kind == "user",
        identity.c.value == asked["userId"],
    )
    with serving().service.database.reading() as connection:
        return dict(connection.execute(wanted).one()._mapping)


Row = tuple[Any, ...]


class Rows:
    """The rows that requests leave behind, and a copy of the database in which they are written by hand.

    Same tables, same indices, same pragmas, one transaction a request; `executemany` once a table, with rows that are
    ready in memory. What lies between this and the request is everything that the service does besides writing.
    """

    KEYS: Mapping[str, tuple[str, ...]] = {
        "message": ("project_id", "message_id"),
        "event": ("seq",),
        "person": ("id",),
        "identity": ("project_id", "kind", "value"),
        "user_state": ("person_id",),
        "journey_progress": ("project_id", "journey", "person_id"),
        "response": ("project_id", "person_id", "submission", "guide", "question"),
        "exposure": ("project_id", "guide", "arm", "person_id"),
        "account": ("project_id", "account_id"),
        "decision": ("seq",),
        "seen_name": ("project_id", "kind", "name", "member"),
    }
    LOG = ("message", "event")

    def __init__(self, source: Path, copy: Path, *, tables: Iterable[str] | None = None) -> None:
        """tables: only these are written; without them all."""
        self._source = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
        self._copy = sqlite3.connect(copy, isolation_level=None)
        self._source.backup(self._copy)
        for pragma in (*PRAGMAS, f"PRAGMA cache_size={-1024 * WRITERS_CACHE}"):
            self._copy.execute(pragma)
        self._tables = tuple(tables or self.KEYS)
        self._last = self._source.execute("SELECT max(seq) FROM event").fetchone()[0] or 0
        self._known = {name: self._read(name) for name in self._tables if name not in self.LOG}
        self._statements = {name: self._upsert(name) for name in self._tables}

    def write_new(self) -> tuple[float, dict[str, int]]:
        """Write by hand what the source has gained since the last call: seconds taken, rows by table."""
        changed = self._new_of_log()
        for name in self._tables:
            if name in self.LOG:
                continue
            now = self._read(name)
            before = self._known[name]
            if rows := [row for key, row in now.items() if before.get(key) != row]:
                changed[name] = rows
            self._known[name] = now
        begin = time.perf_counter()
        self._copy.execute("BEGIN IMMEDIATE")
        for name, rows in changed.items():
            self._copy.executemany(self._statements[name], rows)
        self._copy.execute("COMMIT")
        return time.perf_counter() - begin, {name: len(rows) for name, rows in changed.items()}

    def close(self) -> None:
        """Close both databases."""
        self._source.close()
        self._copy.close()

    def _new_of_log(self) -> dict[str, list[Row]]:
        events = self._source.execute("SELECT * FROM event WHERE seq > ? ORDER BY seq", (self._last,)).fetchall()
        number, project, message = (self._columns("event").index(name) for name in ("seq", "project_id", "message_id"))
        self._last = events[-1][number] if events else self._last
        return {"message": [(row[project], row[message]) for row in events], "event": events} if events else {}

    def _columns(self, table: str) -> list[str]:
        return [row[1] for row in self._source.execute(f"PRAGMA table_info({table})")]

    def _read(self, table: str) -> dict[Row, Row]:
        key = ", ".join(self.KEYS[table])
        width = len(self.KEYS[table])
        found = self._source.execute(f"SELECT {key}, * FROM {table}")  # noqa: S608  (names of our own)
        return {row[:width]: row[width:] for row in found}

    def _upsert(self, table: str) -> str:
        columns, key = self._columns(table), self.KEYS[table]
        insert = f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        rest = [name for name in columns if name not in key]
        if table in self.LOG or not rest:
            return insert
        changes = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
        return f"{insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
