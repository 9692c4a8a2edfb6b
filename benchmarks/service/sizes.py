"""What a decision costs as the tables grow: by the number of users, and by the length of one user's history."""

from __future__ import annotations

import sqlite3
import statistics
import time
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
    found.add("Each request asks for another user, chosen all over the tables, so that nobody's state is at hand.")
    found.add()
    rows, medians, done = [], [], 0
    with Application(folder / "data", rules=write_rules(folder / "rules")) as app:
        add_people(app.service, app.project_id, system_clock())
        app.service.settle(app.project_id)
        for users in USERS:
            _add_copies(app.path, done, users)
            done = users
            step = max(1, users // CALLS)
            taken = _taken(app, [f"user-{number}" for number in range(0, users, step)][:CALLS])
            medians.append(taken[0])
            rows.append([f"{users:,}", spell(taken[0]), spell(taken[1]), f"{app.path.stat().st_size / 1e6:,.0f} MB"])
    found.table(["users", "median", "99th percentile", "database"], rows)
    found.at_most(f"with {USERS[-1]:,} users beside {USERS[0]:,}", medians[-1] / medians[0], AIM)
    return found


def by_history(folder: Path) -> Report:
    """The table by the length of a user's history."""
    found = Report("A decision, by the length of the user's history")
    rows, medians = [], []
    for events in EVENTS:
        own = folder / str(events)
        with Application(own / "data", rules=write_rules(own / "rules")) as app:
            add_people(app.service, app.project_id, system_clock(), actions=events)
            taken = _taken(app, ["served"] * CALLS)
            medians.append(taken[0])
            rows.append([f"{events:,}", spell(taken[0]), spell(taken[1])])
            verified(app)
    found.table(["events", "median", "99th percentile"], rows)
    found.at_most(f"with {EVENTS[-1]:,} events beside {EVENTS[0]:,}", medians[-1] / medians[0], AIM)
    return found


def _taken(app: Application, users: list[str]) -> tuple[float, float]:
    """Median and 99th percentile of asking for each of some users."""
    taken: list[float] = []
    for user in [users[0], *users]:
        begin = time.perf_counter()
        status, answer = app.call("/v1/decide", ask(user))
        taken.append(time.perf_counter() - begin)
        assert status == 200, answer
    # The first one compiles what it asks for.
    taken = sorted(taken[1:])
    return statistics.median(taken), taken[int(len(taken) * 0.99)]


def _add_copies(path: Path, done: int, users: int) -> None:
    """Fill the tables by hand; the service is idle meanwhile."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN IMMEDIATE")
    for statement in _COPIES:
        connection.execute(_NUMBERS + statement, {"first": done, "last": users - 1})
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
