"""The server is killed again and again, all its processes at once, while clients send."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.reliability import load
from tests.reliability.keeping import assert_kept_once, sqlite_of, verify
from tests.running import RunningServer, free_port, spawn, start

CLIENTS = 4


class Killed:
    """A server that is killed and started again on its port and data."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.rules = folder / "rules.way"
        self.rules.write_text(load.RULES)
        self.data = folder / "data"
        self._settings = settings
        self.port = free_port()
        self.server = self.start()

    def start(self) -> RunningServer:
        self.server = start(self.data, rules=self.rules, port=self.port, **self._settings)
        return self.server


@contextmanager
def _over(killed: Killed) -> Iterator[None]:
    """Leave no server behind, also when the test fails."""
    try:
        yield
    finally:
        if killed.server.process.poll() is None:
            killed.server.kill()


def _serve(senders: list[load.Sender], seconds: float) -> None:
    """Let the server work for a while; longer on a machine so busy that it has acknowledged nothing until then."""
    before, until = _answers(senders), time.monotonic() + 20
    time.sleep(seconds)
    while _answers(senders) == before:
        assert time.monotonic() < until, "the server takes nothing"
        time.sleep(0.05)


def _answers(senders: list[load.Sender]) -> int:
    return sum(len(sender.acknowledged) for sender in senders)


def kill_under_load(killed: Killed, *, kills: int, between: tuple[float, float]) -> list[load.Sender]:
    """Let it serve for a random time after each start, and kill it; at the end, stop it in order."""
    chance = random.Random(7)  # noqa: S311
    senders = load.begin(CLIENTS, lambda: killed.port)
    with load.ended(senders):
        for _ in range(kills):
            _serve(senders, chance.uniform(*between))
            killed.server.kill()
            killed.start()
        _serve(senders, 0.5)
    load.end(senders)
    assert killed.server.stop() == 0
    return senders


def assert_nothing_happened(senders: list[load.Sender], data: Path, url: str) -> None:
    assert load.faults(senders) == []
    acknowledged = load.acknowledged(senders)
    assert all(sender.acknowledged for sender in senders), "the load was no load"
    assert_kept_once(url, acknowledged=acknowledged, tried=load.tried(senders))
    found = verify(data, None if url.startswith("sqlite") else url)
    # Whom the rules in force were published for is folded already, whoever was killed meanwhile.
    assert found["events"] >= len(acknowledged)


@pytest.mark.parametrize(
    ("kills", "between"),
    [
        pytest.param(5, (0.2, 1.0), id="5 kills"),
        pytest.param(200, (1.0, 2.5), marks=pytest.mark.slow, id="200 kills"),
    ],
)
def test_kills_lose_nothing_and_double_nothing(tmp_path: Path, kills: int, between: tuple[float, float]) -> None:
    # A start takes a second or more, so that the shorter profile too kills every one to two and a half seconds.
    killed = Killed(tmp_path)
    with _over(killed):
        senders = kill_under_load(killed, kills=kills, between=between)
    assert_nothing_happened(senders, killed.server.data, sqlite_of(killed.server))


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("kills", "between"),
    [
        pytest.param(3, (0.2, 1.0), id="3 kills"),
        pytest.param(50, (1.0, 2.5), marks=pytest.mark.slow, id="50 kills"),
    ],
)
def test_kills_lose_nothing_on_postgresql_either(
    tmp_path: Path, postgres_url: str, kills: int, between: tuple[float, float]
) -> None:
    killed = Killed(tmp_path, DATABASE_URL=postgres_url)
    with _over(killed):
        senders = kill_under_load(killed, kills=kills, between=between)
    assert_nothing_happened(senders, killed.server.data, postgres_url)


def test_a_server_that_is_killed_while_it_starts_starts_again(tmp_path: Path) -> None:
    killed = Killed(tmp_path)
    senders = load.begin(CLIENTS, lambda: killed.port)
    for delay in (0.4, 0.8, 1.1):
        killed.server.kill()
        killed.server = spawn(killed.data, rules=killed.rules, port=killed.port)
        time.sleep(delay)
    killed.server.kill()
    killed.start()
    time.sleep(0.5)
    load.end(senders)
    killed.server.stop()
    assert load.faults(senders) == []
    assert_kept_once(sqlite_of(killed.server), acknowledged=load.acknowledged(senders), tried=load.tried(senders))
    verify(killed.server.data)
