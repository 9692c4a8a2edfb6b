"""The server is told to stop while requests are under way: they are answered, and what was acknowledged is kept."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time

import pytest

from tests.api.test_running_server import ask, batch
from tests.conftest import StartServer
from tests.reliability import load
from tests.reliability.keeping import assert_kept_once, sqlite_of, stored_ids, verify

WAITING = 12


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_requests_that_wait_for_the_database_are_answered_before_the_server_ends(
    start_server: StartServer, how: signal.Signals
) -> None:
    server = start_server()
    database = sqlite3.connect(server.data / "waypost.sqlite", isolation_level=None)
    # While the file is locked, every request that the server has taken waits inside of it.
    database.execute("BEGIN IMMEDIATE")
    answers: dict[str, int] = {}

    def send(name: str) -> None:
        answer = ask(server, "/v1/batch", batch({"type": "track", "event": "E", "userId": "u", "messageId": name}))
        answers[name] = answer.status

    names = [f"m{number}" for number in range(WAITING)]
    senders = [threading.Thread(target=send, args=(name,)) for name in names]
    for sender in senders:
        sender.start()
    time.sleep(0.5)
    server.process.send_signal(how)
    time.sleep(0.5)
    assert answers == {}, "nothing can have been answered yet"
    database.execute("ROLLBACK")
    database.close()
    for sender in senders:
        sender.join(20)
    assert server.process.wait(20) == 0
    assert answers == dict.fromkeys(names, 202)
    assert set(stored_ids(sqlite_of(server))) == set(names)


def test_a_stop_under_load_loses_nothing_that_was_acknowledged(start_server: StartServer) -> None:
    server = start_server()
    senders = load.begin(4, lambda: server.port)
    while len(load.acknowledged(senders)) < 200:
        time.sleep(0.02)
    assert server.stop() == 0
    load.end(senders)
    assert load.faults(senders) == []
    assert_kept_once(sqlite_of(server), acknowledged=load.acknowledged(senders), tried=load.tried(senders))
    verify(server.data)
    # Closed in order: nothing is left for the next start to recover.
    assert not (server.data / "waypost.sqlite-wal").exists()
