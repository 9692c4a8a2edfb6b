"""What a decision costs as the tables grow: by the number of users, and by the length of one user's history."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from api.serving import system_clock
from benchmarks.measure import Report, spell
from benchmarks.service.decisions import ask
from benchmarks.service.many_rules import add_people, write_rules
from benchmarks.service.wire import Application, verified

USERS = (1_000, 100_000, 1_000_000)
EVENTS = (30, 3_000, 60_000)
CALLS = 300
AIM = 1.5
"""A median may be this much slower than with the smallest tables: nothing that grows, but for deeper indices."""

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
_COPY_PEOPLE = """
INSERT INTO person (id, project_id, first_id, user_id, merged_into, first_exposed, simulated, created)
SELECT 1000 + i, project_id, 'user-' || i, 'user-' || i, NULL, NULL, simulated, created
FROM n, person WHERE user_id = 'served'
"""
_COPY_IDS = """
INSERT INTO identity (project_id, kind, value, person_id)
SELECT project_id, 'user', 'user-' || i, 1000 + i FROM n, person WHERE user_id = 'served'
"""
_COPY_STATES = """
INSERT INTO user_state (person_id, project_id, revision, account_id, state, pending)
SELECT 1000 + i, s.project_id, s.revision, s.account_id, s.state, s.pending
FROM n, user_state s JOIN person p ON p.id = s.person_id WHERE p.user_id = 'served'
"""
_COPY_EVENTS = """
INSERT INTO event (project_id, message_id, person_id, kind, name, time, received, user_id, from_browser, live,
  simulated, clamped)
SELECT e.project_id, 'copy-' || i || '-' || e.seq, 1000 + i, e.kind, e.name, e.time, e.received, 'user-' || i,
  e.from_browser, e.live, e.simulated, e.clamped
FROM n, (SELECT * FROM event LIMIT 2) e
"""
_COPIES = (_COPY_PEOPLE, _COPY_IDS, _COPY_STATES, _COPY_EVENTS)
# Every new user is a copy of a real one, with two events of their own.


def by_users(folder: Path) -> Report:
    """The table by the number of users."""
    found = Report("A decision, by the number of users")
    found.add(
        "The databases take turns. Each request asks for another user, chosen all over the tables, so that nobody's "
        "state is at hand."
    )
    found.add()
    with ExitStack() as stack:
        asked: dict[int, tuple[Application, list[str]]] = {}
        for users in USERS:
            app = stack.enter_context(_filled(folder / str(users)))
            _add_copies(app.path, users)
            asked[users] = (app, [f"user-{number}" for number in range(0, users, max(1, users // CALLS))][:CALLS])
        taken = _in_turns(asked)
        rows = [
            [
                f"{users:,}",
                spell(statistics.median(own)),
                spell(_p99(own)),
                f"{asked[users][0].path.stat().st_size / 1e6:,.0f} MB",
            ]
            for users, own in taken.items()
        ]
    found.table(["users", "median", "99th percentile", "database"], rows)
    found.at_most(f"with {USERS[-1]:,} users beside {USERS[0]:,}", _growth(taken, USERS), AIM)
    return found


def by_history(folder: Path) -> Report:
    """The table by the length of a user's history."""
    found = Report("A decision, by the length of the user's history")
    found.add("The databases take turns.")
    found.add()
    with ExitStack() as stack:
        asked = {
            events: (stack.enter_context(_filled(folder / str(events), actions=events)), ["served"] * CALLS)
            for events in EVENTS
        }
        taken = _in_turns(asked)
        for app, _ in asked.values():
            verified(app)
    rows = [[f"{events:,}", spell(statistics.median(own)), spell(_p99(own))] for events, own in taken.items()]
    found.table(["events", "median", "99th percentile"], rows)
    found.at_most(f"with {EVENTS[-1]:,} events beside {EVENTS[0]:,}", _growth(taken, EVENTS), AIM)
    return found


def _filled(folder: Path, *, actions: int = 30) -> Application:
    app = Application(folder / "data", rules=write_rules(folder / "rules"))
    add_people(app.service, app.project_id, system_clock(), actions=actions)
    app.service.settle(app.project_id)
    return app


def _in_turns(asked: Mapping[int, tuple[Application, list[str]]]) -> dict[int, list[float]]:
    """Seconds of each request, by size."""
    taken: dict[int, list[float]] = {size: [] for size in asked}
    # The first ones compile what they ask for.
    for number in [0, 0, *range(CALLS)]:
        for size, (app, users) in asked.items():
            begin = time.perf_counter()
            status, answer = app.call("/v1/decide", ask(users[number]))
            taken[size].append(time.perf_counter() - begin)
            assert status == 200, answer
    return {size: own[2:] for size, own in taken.items()}


def _growth(taken: Mapping[int, list[float]], sizes: Sequence[int]) -> float:
    return statistics.median(taken[sizes[-1]]) / statistics.median(taken[sizes[0]])


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]


def _add_copies(path: Path, users: int) -> None:
    """Fill the tables by hand; the service is idle meanwhile."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN IMMEDIATE")
    for statement in _COPIES:
        connection.execute(_NUMBERS + statement, {"first": 0, "last": users - 1})
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
