"""What it costs to keep events: `POST /v1/batch` of 100 against the bare insert of the same rows.

Both write to SQLite files on the same disk with the same pragmas (WAL, synchronous=FULL) and commit once a batch, so
that the difference is everything that the service does besides: parse, check, tell people apart, fold, answer.
"""

from __future__ import annotations

import base64
import itertools
import os
import sqlite3
import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import orjson

from api.app import create_app
from api.config import read_settings
from benchmarks.measure import Report, race, spell

KEY = "wp_pub_benchmark0000000000000000"
BATCH = 100


def reports() -> list[Report]:
    """The tables of this benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        return [batch_of_a_hundred(Path(folder))]


def batch_of_a_hundred(folder: Path) -> Report:
    """One request with 100 events of 20 people, under the demo's rules."""
    report = Report("A batch of 100 events")
    contestants = {
        "the rows alone (executemany)": raw_insert(folder / "raw.sqlite"),
        "POST /v1/batch, no rules": posted(folder / "bare", rules=None),
        "POST /v1/batch, the demo's rules": posted(folder / "demo", rules=str(files("examples") / "demo" / "rules")),
    }
    figures = race(contestants, rounds=7, least=0.2)
    raw = figures["the rows alone (executemany)"].seconds
    report.table(
        ["", "one batch", "events a second", "of the bare insert's rate"],
        [
            [name, spell(figure.seconds), f"{BATCH / figure.seconds:,.0f}", f"{raw / figure.seconds:.2f}"]
            for name, figure in figures.items()
        ],
    )
    return report


def raw_insert(path: Path) -> Callable[[], object]:
    """The rows as the log keeps them, and nothing else."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE event (seq INTEGER PRIMARY KEY, project_id INT, message_id TEXT, person_id INT, kind TEXT, "
        "name TEXT, time INT, received INT, user_id TEXT, properties TEXT, context TEXT)"
    )
    connection.execute("CREATE INDEX person ON event (person_id, time, seq)")
    connection.execute("CREATE INDEX project ON event (project_id, seq)")
    connection.execute("CREATE TABLE message (id TEXT PRIMARY KEY) WITHOUT ROWID")
    numbers = itertools.count()

    def insert() -> None:
        messages = [message(next(numbers)) for _ in range(BATCH)]
        rows = [
            (
                1,
                each["messageId"],
                1,
                "track",
                each["event"],
                1,
                1,
                each["userId"],
                orjson.dumps(each["properties"]),
                "{}",
            )
            for each in messages
        ]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO message VALUES (?)", [(each["messageId"],) for each in messages])
        connection.executemany("INSERT INTO event VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")

    return insert


def posted(folder: Path, *, rules: str | None) -> Callable[[], object]:
    """A request through the whole application, without a network in between."""
    settings = {"WAYPOST_DATA_DIR": str(folder), "WAYPOST_INIT_PUBLIC_KEY": KEY}
    app = create_app(read_settings(settings | ({"WAYPOST_RULES": rules} if rules else {})))
    client = app.test_client()
    token = base64.b64encode(f"{KEY}:".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    numbers = itertools.count()

    def post() -> None:
        body = orjson.dumps({"batch": [message(next(numbers)) for _ in range(BATCH)]})
        answer = client.post("/v1/batch", data=body, headers=headers)
        assert answer.status_code == 202, answer.text
        assert orjson.loads(answer.data)["accepted"] == BATCH

    return post


_run = os.urandom(6).hex()


def message(number: int) -> dict[str, object]:
    """A tracked event of one of 20 people."""
    return {
        "type": "track",
        "messageId": f"{_run}-{number:012}-{os.urandom(4).hex()}",
        "userId": f"user-{number % 20}",
        "event": "Page Opened" if number % 3 else "DNS Check Failed",
        "properties": {"reason": "NXDOMAIN", "attempt": number % 7},
    }
