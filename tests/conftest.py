"""Fixtures that tests of several layers share: empty databases, and real servers with a data folder of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import accessibility
from tests.databases import PostgresServer
from tests.running import RunningServer, start

StartServer = Callable[..., RunningServer]


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """The source of axe-core."""
    assert request.config.cache is not None
    return accessibility.source(request.config.cache)


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers that are stopped at the end of the test: `start_server(rules=…, WAYPOST_…="…")`."""
    running: list[RunningServer] = []

    def begin(data: Path | None = None, **choices: object) -> RunningServer:
        server = start(data or tmp_path / "data", **choices)  # type: ignore[arg-type]
        running.append(server)
        return server

    yield begin
    for server in running:
        server.stop()


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server without rules, shared by the tests of a file."""
    server = start(tmp_path_factory.mktemp("server") / "data", WAYPOST_ALLOWED_ORIGINS="https://app.example.com")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The PostgreSQL server of this test run. Who stops servers starts one of their own."""
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty SQLite database."""
    return f"sqlite:///{tmp_path / 'waypost.sqlite'}"


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """The address of an empty PostgreSQL database."""
    return postgres.new_database()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, empty."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found
