"""What bounds the memory of a server that runs for long."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.service.watching import Sample, slope_of
from engine.storage.store import Database

MEGABYTE = 1024 * 1024
_HEAPS = """
import ctypes, sys, threading
from api.memory import share_heaps

if sys.argv[1] == "shared":
    share_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
started = threading.Barrier(24)


def take():
    started.wait()
    for _ in range(50):
        libc.malloc(1000)
    started.wait()


threads = [threading.Thread(target=take) for _ in range(24)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.malloc_stats()
"""


def heaps(how: str) -> int:
    """How many heaps 24 threads of a process have."""
    environ = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    ran = subprocess.run(
        [sys.executable, "-c", _HEAPS, how], env=environ, cwd=Path(__file__).parents[2], capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return ran.stderr.count("Arena ")


def test_threads_share_a_few_heaps() -> None:
    assert heaps("shared") <= 2 < heaps("as ever")


def test_a_connection_that_reads_keeps_little_of_the_file(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.migrate()
    with database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA cache_size").scalar() == -4 * 1024
    with database.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA cache_size").scalar() == -32 * 1024
    database.close()


def grown(*, by: float, wobble: int = 0) -> list[Sample]:
    """Ten minutes of samples that begin at 400 MB, with so many megabytes more each minute."""
    return [
        Sample(
            minute=number / 12, requests=0, errors=0, published=0, handles=0, wal=0, database=0, p99=0.0,
            resident=int((400 + by * number / 12 + wobble * (number % 3 - 1)) * MEGABYTE),
        )
        for number in range(120)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("samples", "is_flat"),
    [
        pytest.param(grown(by=0), True, id="level"),
        pytest.param(grown(by=0, wobble=10), True, id="up and down"),
        pytest.param(grown(by=0.2), True, id="a megabyte in five minutes"),
        pytest.param(grown(by=5), False, id="five megabytes a minute"),
        pytest.param(grown(by=5, wobble=10), False, id="five megabytes a minute, up and down"),
        pytest.param(grown(by=-5), True, id="less and less"),
    ],
)
def test_memory_is_flat_when_its_second_half_hardly_grows(samples: list[Sample], is_flat: bool) -> None:
    slope = slope_of(samples)
    assert slope is not None
    assert slope.low <= slope.value <= slope.high
    assert slope.is_flat is is_flat


def test_of_a_few_samples_nothing_is_said() -> None:
    assert slope_of(grown(by=5)[:20]) is None
