"""Several processes fold the same people, each in its own order: nobody waits for nobody for ever, and states agree."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import Connection

from api.serving import system_clock
from dsl.values import Instant
from engine.replies import Published
from engine.service import Service
from engine.storage import log, versions
from engine.storage.identity import IdKind, People
from engine.storage.store import Conflict, Database
from engine.verification import verify
from tests.reliability.folding_process import PEOPLE, THREADS
from tests.reliability.keeping import stored_ids
from tests.reliability.load import RULES

pytestmark = pytest.mark.thorough

STILL = 120
"""Seconds in which somebody must get on. Every lock is given up after five, and every answer after ten."""


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("processes", "rounds"), [(2, 25), pytest.param(4, 400, marks=pytest.mark.slow)], ids=["2 processes", "4 processes"]
)
def test_processes_with_opposite_orders_never_deadlock(postgres_url: str, processes: int, rounds: int) -> None:
    service = Service.open(postgres_url, clock=system_clock)
    assert isinstance(service.publish(service.ensure_project().id, {"rules.way": RULES}), Published)
    service.close()

    command = [sys.executable, "-m", "tests.reliability.folding_process", postgres_url]
    running = [
        subprocess.Popen(
            [*command, str(number), str(rounds)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        said = ended(process, postgres_url)
        assert process.returncode == 0, said[-2_000:]

    sent = [name for name in stored_ids(postgres_url) if not name.startswith("held_out")]
    assert len(sent) == rounds * THREADS * PEOPLE
    database = Database(postgres_url)
    assert verify(database).faults == ()
    database.close()
    assert deadlocks(postgres_url) == 0


def ended(process: subprocess.Popen[str], url: str) -> str:
    """Wait for a process, however long it takes as long as anybody gets on; what it said."""
    before = -1
    while True:
        try:
            return process.communicate(timeout=STILL)[1]
        except subprocess.TimeoutExpired:
            now = len(stored_ids(url))
            assert now > before, f"{now} messages, and no more for {STILL} seconds"
            before = now


def _claim(connection: Connection, names: Sequence[str]) -> None:
    log.claim(connection, [(1, name) for name in names])


def _load(connection: Connection, names: Sequence[str]) -> None:
    people = People(connection)
    people.load((1, IdKind.USER, name) for name in names)
    for name in names:
        people.person(1, name, None, at=Instant(0), simulated=False)
    people.store()


def _see(connection: Connection, names: Sequence[str]) -> None:
    versions.add_seen(connection, {(1, "event", name, ""): None for name in names})


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("write", "count", "rounds"),
    [(_claim, 90, 30), (_claim, 5_000, 4), (_load, 500, 4), (_see, 500, 6)],
    ids=["few message ids", "many message ids", "people", "names"],
)
def test_the_same_rows_are_taken_in_one_order_whatever_order_they_are_named_in(
    postgres_url: str, write: Callable[[Connection, Sequence[str]], None], count: int, rounds: int
) -> None:
    database = Database(postgres_url)
    database.migrate()
    together = threading.Barrier(2, timeout=30)

    def work(*, backwards: bool) -> None:
        for number in range(rounds):
            names = [f"{number}-{each}" for each in range(count)]
            with suppress(Conflict), database.writing() as connection:
                connection.exec_driver_sql("SELECT 1")
                together.wait()
                write(connection, names[::-1] if backwards else names)

    workers = [threading.Thread(target=work, kwargs={"backwards": backwards}) for backwards in (False, True)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    database.close()
    assert deadlocks(postgres_url) == 0


def deadlocks(url: str) -> int:
    """How many PostgreSQL found and broke; our writer would have tried again, and nobody noticed."""
    with psycopg.connect(url, autocommit=True) as connection:
        # Sessions report to the statistics when they end, at the latest.
        ended = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        until = time.monotonic() + 10
        while connection.execute(ended).fetchone() != (1,) and time.monotonic() < until:
            time.sleep(0.05)
        connection.execute("SELECT pg_stat_clear_snapshot()")
        counted = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        row = counted.fetchone()
    assert row is not None
    return int(row[0])
