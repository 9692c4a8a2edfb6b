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


_LARGE = """
import ctypes, sys
from api.memory import share_heaps

if sys.argv[1] == "shared":
    share_heaps()


class Info(ctypes.Structure):
    _fields_ = [(f"field{number}", ctypes.c_size_t) for number in range(10)]


libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
libc.mallinfo2.restype = Info
# As a copy of the log does: something very large, and then what is only large.
libc.free(libc.malloc(24 << 20))
before = libc.mallinfo2().field3
for _ in range(5):
    libc.malloc(4 << 20)
print(libc.mallinfo2().field3 - before)
"""
"""`hblks` of <malloc.h> is its fourth field: the pieces that were asked of the system by themselves."""


def ran(program: str, how: str) -> subprocess.CompletedProcess[str]:
    """What a process of its own says, with the heaps of glibc as ever, or as a server has them."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    return subprocess.run(
        [sys.executable, "-c", program, how], env=environ, cwd=Path(__file__).parents[2], capture_output=True,
        text=True, check=True,
    )  # fmt: skip


def test_threads_share_a_few_heaps() -> None:
    heaps = {how: ran(_HEAPS, how).stderr.count("Arena ") for how in ("shared", "as ever")}
    assert heaps["shared"] <= 2 < heaps["as ever"]


def test_what_is_large_is_kept_out_of_the_heaps() -> None:
    assert ran(_LARGE, "as ever").stdout == "0\n"
    assert ran(_LARGE, "shared").stdout == "5\n"


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
