"""What the running service costs beside what it stands on: keeping events, deciding, many clients at once.

Every figure is a ratio within one run, on SQLite with WAL and `synchronous=FULL`. Requests go through the whole
application as granian hands them over: key, middleware, JSON, checks, fold, commit, answer.
"""

from __future__ import annotations

import itertools
import os
import statistics
import tempfile
import time
from importlib.resources import files
from pathlib import Path

import orjson

from benchmarks.measure import Report, spell
from benchmarks.wire import Application, Rows
from engine.verification import verify

BATCH = 100
ROUNDS = 150

_run = os.urandom(6).hex()
_numbers = itertools.count()
DEMO_RULES = Path(str(files("examples") / "demo" / "rules"))


def reports() -> list[Report]:
    """The tables of this benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        return [batches(Path(folder))]


def batches(folder: Path) -> Report:
    """`POST /v1/batch` with 100 events against the rows that it leaves behind, written by hand."""
    report = Report("A batch of 100 events")
    report.add(
        "The floor is `executemany` of the same rows: after each request, all rows that its transaction added or "
        "changed (in every table: log, message ids, states, progress) are written into a copy of the database with the "
        "same tables, indices and pragmas, in one transaction, from tuples that are ready in memory. *Log rows only* "
        "is the floor of the tables `event` and `message` alone."
    )
    report.add()
    rows = []
    for name, rules, people in (
        ("no rules, 20 people", None, 20),
        ("the demo's rules, 20 people", DEMO_RULES, 20),
        ("the demo's rules, 1 person", DEMO_RULES, 1),
        ("the demo's rules, 100 people", DEMO_RULES, 100),
    ):
        taken, floor, log_floor, written = _batch_of(folder / name.replace(" ", "_"), rules, people)
        rows.append(
            [name, spell(taken), f"{BATCH / taken:,.0f}", str(written), spell(floor), f"{floor / taken:.2f}"]
            + [f"{log_floor / taken:.2f}"]
        )
        if people == 20:
            report.at_least(f"`/v1/batch` of {BATCH} against `executemany` ({name})", floor / taken, 0.4)
    head = ["", "a request", "events/s", "rows", "the rows by hand", "of its rate", "of log rows only"]
    report.table(head, rows)
    return report


def _batch_of(folder: Path, rules: Path | None, people: int) -> tuple[float, float, float, int]:
    """Medians: seconds of a request, of its rows, of its log rows; and how many rows."""
    with Application(folder, rules=rules) as app:
        for _ in range(10):
            app.post("/v1/batch", _batch(people))
        app.service.settle(app.project_id)
        every, log = Rows(app.path, folder / "all.sqlite"), Rows(app.path, folder / "log.sqlite", tables=Rows.LOG)
        taken, floors, log_floors, written = [], [], [], 0
        for _ in range(ROUNDS):
            body = _batch(people)
            begin = time.perf_counter()
            status, answer = app.call("/v1/batch", body)
            taken.append(time.perf_counter() - begin)
            assert status == 202, answer
            assert orjson.loads(answer)["accepted"] == BATCH
            seconds, by_table = every.write_new()
            floors.append(seconds)
            log_floors.append(log.write_new()[0])
            written = sum(by_table.values())
        every.close()
        log.close()
        assert not verify(app.service.database).faults
    return statistics.median(taken), statistics.median(floors), statistics.median(log_floors), written


def _batch(people: int) -> bytes:
    return orjson.dumps({"batch": [message(next(_numbers), people) for _ in range(BATCH)]})


def message(number: int, people: int) -> dict[str, object]:
    """A tracked event of one of some people, as a library sends it."""
    return {
        "type": "track",
        "messageId": f"{_run}-{number:012}-{os.urandom(4).hex()}",
        "userId": f"user-{number % people}",
        "event": "Page Opened" if number % 3 else "DNS Check Failed",
        "properties": {"reason": "NXDOMAIN", "attempt": number % 7},
        "context": {"library": {"name": "analytics-python", "version": "2.3.4"}},
    }
