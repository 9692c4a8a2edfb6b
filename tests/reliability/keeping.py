"""What a database holds after all that was done to it: every event once, and states that the log agrees with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from engine.storage import tables
from engine.storage.store import Database
from tests.running import RunningServer

_OWN = "held_out "
"""How the ids of events begin that the service itself wrote."""


def stored_ids(url: str) -> Counter[str]:
    """How often each message id is in the log."""
    database = Database(url)
    with database.reading() as connection:
        found = Counter(connection.execute(sa.select(tables.table(tables.Event).c.message_id)).scalars())
    database.close()
    return found


def assert_kept_once(url: str, *, acknowledged: set[str], tried: set[str]) -> None:
    """Nothing acknowledged is lost, nothing is there twice, nothing is there that nobody sent."""
    found = stored_ids(url)
    assert acknowledged - found.keys() == set(), "acknowledged, and lost"
    assert [name for name, times in found.items() if times > 1] == [], "kept twice"
    assert {name for name in found if not name.startswith(_OWN)} - tried == set(), "never sent"


def verify(data: Path, url: str | None = None) -> dict[str, Any]:
    """What `waypost db verify` says of a database; it must find no fault."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WAYPOST_")}
    environ |= {"WAYPOST_DATA_DIR": str(data), **({"DATABASE_URL": url} if url is not None else {})}
    ran = subprocess.run(
        [sys.executable, "-m", "api.cli.main", "db", "verify", "--json"],
        env=environ,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    found: dict[str, Any] = orjson.loads(ran.stdout) if ran.stdout else {}
    assert ran.returncode == 0, ran.stdout[-2_000:] + ran.stderr[-2_000:]
    assert found["faults"] == []
    return found


def sqlite_of(server: RunningServer) -> str:
    """The address of the database in a server's data folder."""
    return f"sqlite:///{server.data / 'waypost.sqlite'}"
