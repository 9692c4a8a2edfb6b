"""A PostgreSQL that takes connections and never answers holds nobody for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import StorageUnavailable
from engine.storage.store import Database
from tests.databases import PostgresServer
from tests.reliability.silence import Proxy
from tests.reliability.test_outages import PROMPT, Answer, Place, guides, is_refused, opened

pytestmark = pytest.mark.postgres


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[Proxy]:
    between = Proxy(postgres.port)
    yield between
    between.close()


@pytest.fixture
def url(postgres: PostgresServer, postgres_url: str, proxy: Proxy) -> str:
    """The address of an empty database behind the proxy."""
    return postgres_url.replace(f":{postgres.port}/", f":{proxy.port}/")


@pytest.fixture
def place(tmp_path: Path, url: str, proxy: Proxy) -> Iterator[Place]:
    yield from opened(tmp_path / "data", url)


def at_once(count: int, ask: Callable[[], Answer]) -> list[Answer]:
    """The answers to so many requests at the same time."""
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(ask())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_requests_are_answered_within_seconds_while_the_server_is_silent(place: Place, proxy: Proxy) -> None:
    before = place.decide()
    assert (before.status, before.json["degraded"]) == (200, False)
    with proxy.silent():
        # More than there are connections would be stuck behind each other.
        answers = at_once(20, place.decide)
        assert [answer.status for answer in answers] == [200] * 20
        assert all(answer.json["degraded"] for answer in answers)
        assert {name for answer in answers for name in guides(answer)} == {"talk"}
        assert max(answer.seconds for answer in answers) < PROMPT
        assert all(map(is_refused, at_once(6, place.send)))
        ready = place.app.test_client().get("/readyz")
        assert ready.status_code == 503
        began = time.monotonic()
        user = place.read("/api/v1/users/u")
        assert is_refused(user)
        assert time.monotonic() - began < PROMPT
    place.await_recovery()
    after = place.decide()
    assert (after.status, after.json["degraded"]) == (200, False)


def test_a_question_that_takes_long_is_waited_for(url: str, proxy: Proxy) -> None:
    database = Database(url)
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT 7 FROM pg_sleep(2.5)")).scalar() == 7
    database.close()


def test_a_question_under_way_ends_when_the_server_falls_silent(url: str, proxy: Proxy) -> None:
    database = Database(url)
    silence: AbstractContextManager[None] = proxy.silent()
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    began = time.monotonic()
    with silence, pytest.raises(StorageUnavailable, match="does not answer"), database.reading() as connection:
        connection.execute(sa.text("SELECT 1"))
    assert time.monotonic() - began < PROMPT
    assert database.answers()
    database.close()
