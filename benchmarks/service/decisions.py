"""`POST /v1/decide` with 200 rules beside an address with the same middleware that reads one row."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import orjson

from api.serving import system_clock
from benchmarks.measure import Report, spell
from benchmarks.service.many_rules import RULES, add_people, write_rules
from benchmarks.service.wire import Application, verified

ROUNDS = 60
CALLS = 25
AIM = 0.6


def report(folder: Path) -> Report:
    """The table of decisions."""
    found = Report(f"A decision among {RULES} rules")
    found.add(
        "*One row* is an address of the same application: the same key, middleware and body, one `SELECT` of a row by "
        "its primary key, and an answer through a schema. Each decision leaves a row in the log of decisions, which is "
        "written behind the answer."
    )
    found.add()
    with Application(folder / "data", rules=write_rules(folder / "rules")) as app:
        add_people(app.service, app.project_id, system_clock())
        taken = _measured(app)
        verified(app)
    row = taken["one row"]
    found.table(
        ["", "a request", "of the rate of one row"],
        [[name, spell(seconds), f"{row / seconds:.2f}"] for name, seconds in taken.items()],
    )
    for name, seconds in taken.items():
        if name != "one row":
            found.at_least(f"`/v1/decide` with {RULES} rules beside one row ({name})", row / seconds, AIM)
    return found


def _measured(app: Application) -> dict[str, float]:
    wanted = {
        "one row": ("/v1/one-row", ask("served")),
        "a guide is shown": ("/v1/decide", ask("served")),
        "nothing is shown": ("/v1/decide", ask("left_alone")),
    }
    assert app.post(*wanted["a guide is shown"]).body["decisions"]
    assert not app.post(*wanted["nothing is shown"]).body["decisions"]
    taken: dict[str, list[float]] = {name: [] for name in wanted}
    for _ in range(ROUNDS):
        for name, (path, body) in wanted.items():
            begin = time.perf_counter()
            for _ in range(CALLS):
                app.call(path, body)
            taken[name].append((time.perf_counter() - begin) / CALLS)
    return {name: statistics.median(times) for name, times in taken.items()}


def ask(user: str) -> bytes:
    """A request for guidance, as the snippet sends it."""
    page = {"path": "/domains", "url": "https://app.example.com/domains"}
    return orjson.dumps({"userId": user, "context": {"page": page, "locale": "en-GB"}})
