"""Two servers on one database: no client ever learns that there is another one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.reliability import load
from tests.reliability.keeping import assert_kept_once, sqlite_of, verify
from tests.running import RunningServer, await_ready, spawn

CLIENTS = 3
SECONDS = 4.0


def pair(folder: Path, **settings: str) -> list[RunningServer]:
    """Two servers, started at the same moment on a database that is not there yet."""
    rules = folder / "rules.way"
    rules.write_text(load.RULES)
    servers = [spawn(folder / "data", rules=rules, log=f"server-{number}.log", **settings) for number in (1, 2)]
    for server in servers:
        await_ready(server)
    return servers


@pytest.mark.parametrize("seconds", [SECONDS, pytest.param(120.0, marks=pytest.mark.slow)])
def test_two_servers_on_one_sqlite_file_never_refuse(tmp_path: Path, seconds: float) -> None:
    check(pair(tmp_path), seconds=seconds)


@pytest.mark.postgres
@pytest.mark.parametrize("seconds", [SECONDS, pytest.param(120.0, marks=pytest.mark.slow)])
def test_two_servers_on_one_postgresql_database_never_refuse(tmp_path: Path, postgres_url: str, seconds: float) -> None:
    check(pair(tmp_path, DATABASE_URL=postgres_url), seconds=seconds, url=postgres_url)


def check(servers: list[RunningServer], *, seconds: float, url: str | None = None) -> None:
    senders = [
        load.Sender(server_number * CLIENTS + number, lambda server=server: server.port)
        for server_number, server in enumerate(servers)
        for number in range(CLIENTS)
    ]
    for sender in senders:
        sender.start()
    time.sleep(seconds)
    load.end(senders)
    for server in servers:
        assert server.stop() == 0
    assert load.faults(senders) == []
    assert [sender.refusals for sender in senders] == [0] * len(senders)
    assert max(sender.slowest for sender in senders) < 5
    # Neither keeps the other from working.
    assert min(len(sender.acknowledged) for sender in senders) > 20
    told = "".join(server.log.read_text() for server in servers)
    assert "locked" not in told
    assert "ERROR" not in told
    found = url or sqlite_of(servers[0])
    assert_kept_once(found, acknowledged=load.acknowledged(senders), tried=load.tried(senders))
    verify(servers[0].data, url)
