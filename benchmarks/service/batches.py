"""`POST /v1/batch` with 100 events beside the rows that it leaves behind, written by hand."""

from __future__ import annotations

import cProfile
import itertools
import os
import pstats
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import orjson

from benchmarks.measure import Report, spell
from benchmarks.service.wire import Application, Rows, verified

BATCH = 100
ROUNDS = 150
AIM = 0.4

DEMO_RULES = Path(str(files("examples") / "demo" / "rules"))

_run = os.urandom(6).hex()
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class _Taken:
    """Medians, in seconds, of a request, of its rows by hand, of its log rows by hand; and how many rows."""

    request: float
    floor: float
    log_floor: float
    rows: int


def report(folder: Path) -> Report:
    """The table of batches."""
    found = Report("A batch of 100 events")
    found.add(
        "The floor is `executemany` of the same rows: after each request, all rows that its transaction added or "
        "changed, in every table (message ids, events, states, progress), are written into a copy of the database with "
        "the same tables, indices, pragmas and disk, in one transaction, from tuples that are ready in memory. "
        "*Log alone* is the floor of the tables `event` and `message`."
    )
    found.add()
    rows = []
    for name, rules, people in (
        ("no rules, 20 people", None, 20),
        ("the demo's rules, 20 people", DEMO_RULES, 20),
        ("the demo's rules, 1 person", DEMO_RULES, 1),
        ("the demo's rules, 100 people", DEMO_RULES, 100),
    ):
        taken = _measured(folder / name.replace(" ", "_"), rules, people)
        rows.append(
            [
                name,
                spell(taken.request),
                f"{BATCH / taken.request:,.0f}",
                str(taken.rows),
                spell(taken.floor),
                f"{taken.floor / taken.request:.2f}",
                f"{taken.log_floor / taken.request:.2f}",
            ]
        )
        if people == 20:
            found.at_least(f"`/v1/batch` beside `executemany` ({name})", taken.floor / taken.request, AIM)
    found.table(["", "a request", "events/s", "rows", "the rows by hand", "of its rate", "of the log alone"], rows)
    return found


def _measured(folder: Path, rules: Path | None, people: int) -> _Taken:
    with Application(folder, rules=rules) as app:
        for _ in range(10):
            app.post("/v1/batch", batch(people))
        app.service.settle(app.project_id)
        every, log = Rows(app.path, folder / "all.sqlite"), Rows(app.path, folder / "log.sqlite", tables=Rows.LOG)
        taken, floors, log_floors, written = [], [], [], 0
        for _ in range(ROUNDS):
            body = batch(people)
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
        verified(app)
    median = statistics.median
    return _Taken(median(taken), median(floors), median(log_floors), written)


def batch(people: int) -> bytes:
    """A body with 100 events of some people."""
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


_PARTS: Mapping[str, Sequence[tuple[str, str]]] = {
    "reading and judging messages": (("engine/intake.py", "take_in"),),
    "whose they are, which are new": (("engine/ingest.py", "_file"),),
    "appending to the log": (("engine/ingest.py", "_append"),),
    "folding": (("engine/ingest.py", "_fold"),),
    "names, accounts, exposures": (
        ("engine/ingest.py", "_remember_names"),
        ("engine/ingest.py", "_count_unreadable"),
        ("engine/storage/accounts.py", "take_in"),
        ("engine/storage/exposures.py", "take_in"),
    ),
    "states and progress: JSON and rows": (("engine/ingest.py", "_save"),),
    "commit": (("~", "<method 'commit' of 'sqlite3.Connection' objects>"),),
}


def where_the_time_goes(folder: Path) -> Report:
    """How a batch's time is spread over what is done, by the profiler."""
    found = Report("Where the time of a batch goes")
    profile = cProfile.Profile()
    with Application(folder, rules=DEMO_RULES) as app:
        bodies = [batch(20) for _ in range(ROUNDS)]
        for body in bodies[:10]:
            app.call("/v1/batch", body)
        # Nobody else is there, so each request is written in its own thread (`engine.storage.writer`).
        profile.enable()
        for body in bodies[10:]:
            app.call("/v1/batch", body)
        profile.disable()
    spent: dict[tuple[str, str], float] = {}
    for (file, _, name), figures in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        key = next(((end, wanted) for parts in _PARTS.values() for end, wanted in parts
                    if wanted == name and file.endswith(end)), None)  # fmt: skip
        if key is not None:
            spent[key] = spent.get(key, 0.0) + figures[3]
    shares = {part: sum(spent.get(key, 0.0) for key in keys) for part, keys in _PARTS.items()}
    whole = sum(shares.values())
    found.table(["", "share"], [[part, f"{share / whole:.0%}"] for part, share in shares.items()])
    found.add("Under the profiler, which makes Python look slower beside SQLite than it is.")
    return found
