"""The database fails and comes back: honest refusals within seconds, careful guidance, and no restart."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask

from api.app import create_app
from api.config import read_settings
from api.serving import Serving
from engine.replies import Published
from engine.service import Service
from engine.storage.store import Database
from engine.verification import verify
from tests.databases import PostgresServer
from tests.reliability import load
from tests.reliability.keeping import assert_kept_once, stored_ids
from tests.reliability.outages import POSTGRES, SQLITE, Outage, postgres_stopped
from tests.running import PUBLIC_KEY, SECRET_KEY, start

pytestmark = pytest.mark.thorough

RULES = """
event "Signed Up"
attribute plan: text

guide hello "Hello" {
  when page.path is "/home"
  show modal {
    title "Hello"
  }
  once every 1 day
}

feedback talk "Talk to us" {
  when page.path is "/home"
  ask text comment "What is on your mind?"
}

feedback rare "Now and then" {
  ask text comment "What is on your mind?"
  once every 30 days
}

feedback member "For members" {
  when plan is "paid"
  ask text comment "What is on your mind?"
}

feedback newcomer "For whom we do not know" {
  when not did "Signed Up"
  ask text comment "What is on your mind?"
}
"""
"""Of these only `talk` needs nothing of the database: `newcomer` would even be wrong, were its state taken as empty."""

LARGE = "x" * 9_000
"""More than a page of the database holds, so that nothing fits into the rest of one."""
HOME = {"page": {"path": "/home", "title": LARGE}}
PROMPT = 8.0
"""Seconds within which every request is answered, whatever the database does."""


@dataclass
class Answer:
    status: int
    headers: Any
    json: Any
    seconds: float


@dataclass
class Place:
    """The application on a database that may fail, and who was promised what."""

    app: Flask
    service: Service
    number: int = 0
    acknowledged: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, path: str) -> Answer:
        began = time.monotonic()
        answer = self.app.test_client().get(path, headers={"Authorization": f"Bearer {SECRET_KEY}"})
        return Answer(answer.status_code, answer.headers, answer.get_json(), time.monotonic() - began)

    def post(self, path: str, body: object) -> Answer:
        began = time.monotonic()
        headers = {"Authorization": f"Bearer {PUBLIC_KEY}"}
        answer = self.app.test_client().post(path, data=orjson.dumps(body), headers=headers)
        return Answer(answer.status_code, answer.headers, answer.get_json(), time.monotonic() - began)

    def send(self, user: str = "u") -> Answer:
        """Send an event; again and again under a new id."""
        with self._lock:
            self.number += 1
            name = f"m{self.number}"
        event = {
            "type": "track",
            "event": "Signed Up",
            "userId": user,
            "messageId": name,
            "properties": {"note": LARGE},
        }
        answer = self.post("/v1/batch", {"batch": [event]})
        if answer.status == 202:
            assert answer.json["accepted"] == 1
            self.acknowledged.add(name)
        return answer

    def decide(self, user: str = "u") -> Answer:
        return self.post("/v1/decide", {"userId": user, "context": HOME})

    def await_recovery(self) -> None:
        until = time.monotonic() + 10
        while (answer := self.send()).status != 202:
            assert answer.status == 503
            assert time.monotonic() < until, "it did not recover"
            time.sleep(0.1)


def opened(folder: Path, url: str | None) -> Iterator[Place]:
    environ = {
        "WAYPOST_DATA_DIR": str(folder),
        "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
        "WAYPOST_INIT_SECRET_KEY": SECRET_KEY,
        **({} if url is None else {"DATABASE_URL": url}),
    }
    app = create_app(read_settings(environ))
    serving: Serving = app.extensions["waypost"]
    assert isinstance(serving.service.publish(1, {"rules.way": RULES}), Published)
    place = Place(app, serving.service)
    # A person who is known by name to the service before anything fails.
    assert place.send().status == 202
    yield place
    serving.service.close()


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Iterator[Place]:
    yield from opened(tmp_path / "data", None)


@pytest.fixture
def postgres_place(tmp_path: Path, postgres_url: str) -> Iterator[Place]:
    yield from opened(tmp_path / "data", postgres_url)


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A server that is stopped and started, so that nobody else's tests run on it."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


def is_refused(answer: Answer) -> bool:
    """True for what a client should get: a problem that says when to come again, soon."""
    return (
        answer.status == 503
        and answer.headers["Content-Type"] == "application/problem+json"
        and answer.json["code"] in {"storage_unavailable", "busy"}
        and int(answer.headers["Retry-After"]) >= 1
        and answer.seconds < PROMPT
    )


def guides(answer: Answer) -> set[str]:
    return {decision["guide"] for decision in answer.json["decisions"]}


def survives(place: Place, outage: Outage) -> None:
    """Everything that must be true before, in and after an outage."""
    before = place.decide()
    assert (before.status, before.json["degraded"]) == (200, False)
    assert guides(before) >= {"hello", "talk", "rare"}
    (shown,) = (each["id"] for each in before.json["decisions"] if each["guide"] == "hello")

    with outage(place.service.database):
        answers: list[Answer] = []
        senders = [threading.Thread(target=lambda: answers.append(place.send("other"))) for _ in range(6)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert all(map(is_refused, answers)), answers
        for _ in range(2):
            degraded = place.decide()
            assert degraded.status == 200
            assert degraded.seconds < 3
            assert degraded.json["degraded"] is True
            assert degraded.json["revision"] == before.json["revision"]
            assert guides(degraded) == {"talk"}
        (launcher,) = degraded.json["decisions"]
        assert launcher["content"]
        confirmed = place.post(f"/v1/decisions/{launcher['id']}/confirm", {"context": HOME})
        assert (confirmed.status, confirmed.json["show"]) == (200, True)
        # Nobody who is capped slips through by the other door.
        assert place.post("/v1/decisions/degraded.rare/confirm", {"context": HOME}).status == 404
        assert is_refused(place.post(f"/v1/decisions/{shown}/confirm", {"context": HOME}))

    place.await_recovery()
    after = place.decide()
    assert (after.status, after.json["degraded"]) == (200, False)
    assert guides(after) >= {"hello", "talk", "rare"}
    assert place.post(f"/v1/decisions/{shown}/confirm", {"context": HOME}).json["show"] is True
    found = stored_ids(place.service.database.url.render_as_string(hide_password=False))
    assert place.acknowledged <= found.keys()
    assert verify(place.service.database).faults == ()


@pytest.mark.parametrize("name", SQLITE)
def test_a_sqlite_database_that_fails_is_survived(sqlite_place: Place, name: str) -> None:
    survives(sqlite_place, SQLITE[name])


@pytest.mark.postgres
@pytest.mark.parametrize("name", POSTGRES)
def test_a_postgresql_database_that_fails_is_survived(postgres_place: Place, name: str) -> None:
    survives(postgres_place, POSTGRES[name])


@pytest.mark.postgres
def test_a_postgresql_server_that_crashes_is_survived(tmp_path: Path, own_postgres: PostgresServer) -> None:
    for place in opened(tmp_path / "data", own_postgres.new_database()):
        survives(place, postgres_stopped(own_postgres))


@pytest.mark.postgres
@pytest.mark.parametrize("crashes", [2, pytest.param(40, marks=pytest.mark.slow)])
def test_crashes_of_the_postgresql_server_under_load_lose_nothing(
    tmp_path: Path, own_postgres: PostgresServer, crashes: int
) -> None:
    url = own_postgres.new_database()
    rules = tmp_path / "rules.way"
    rules.write_text(load.RULES)
    server = start(tmp_path / "data", rules=rules, DATABASE_URL=url)
    senders = load.begin(4, lambda: server.port)
    try:
        with load.ended(senders):
            for _ in range(crashes):
                time.sleep(1)
                own_postgres.stop("immediate")
                time.sleep(0.5)
                own_postgres.start()
            acknowledged = len(load.acknowledged(senders))
            until = time.monotonic() + 20
            while len(load.acknowledged(senders)) < acknowledged + 50:
                assert time.monotonic() < until, "it did not recover"
                time.sleep(0.05)
        load.end(senders)
        assert server.stop() == 0
    finally:
        server.stop()
    assert load.faults(senders) == []
    assert sum(sender.refusals for sender in senders) > 0
    assert max(sender.slowest for sender in senders) < PROMPT
    assert_kept_once(url, acknowledged=load.acknowledged(senders), tried=load.tried(senders))
    database = Database(url)
    assert verify(database).faults == ()
    database.close()
