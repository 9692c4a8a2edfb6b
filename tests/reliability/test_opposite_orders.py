"""Several processes fold the same people, each in its own order: nobody waits for nobody for ever, and states agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from api.serving import system_clock
from engine.replies import Published
from engine.service import Service
from engine.storage.store import Database
from engine.verification import verify
from tests.reliability.folding_process import PEOPLE, THREADS
from tests.reliability.keeping import stored_ids
from tests.reliability.load import RULES


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
        _, said = process.communicate(timeout=600)
        assert process.returncode == 0, said[-2_000:]

    sent = [name for name in stored_ids(postgres_url) if not name.startswith("held_out")]
    assert len(sent) == rounds * THREADS * PEOPLE
    database = Database(postgres_url)
    assert verify(database).faults == ()
    database.close()
    # PostgreSQL counts the deadlocks that it found and broke; our writer would have tried again, and nobody noticed.
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        counted = connection.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        assert counted.fetchone() == (0,)
