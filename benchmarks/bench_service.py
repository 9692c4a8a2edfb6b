"""What the running service costs beside what it stands on: deciding, many clients, many users.

Every figure is a ratio within one run, on SQLite with WAL and `synchronous=FULL`. Requests go through the whole
application as granian hands them over: key, middleware, JSON, checks, fold, commit, answer. After each part the
database is verified: every state is what a replay of the log gives.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Report
from benchmarks.service import clients, decisions, sizes


def reports() -> list[Report]:
    """The tables of this benchmark."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [
            decisions.report(folder / "decisions"),
            clients.report(folder / "clients"),
            sizes.by_users(folder / "users"),
            sizes.by_history(folder / "history"),
        ]
