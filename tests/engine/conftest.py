"""The service on each kind of database in turn, and a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.replies import Published
from engine.service import Service
from tests.databases import PostgresServer
from tests.engine.clock import Clock
from tests.engine.ingesting import RULES


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def new_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as the first start leaves it, to be copied: making one takes longer than most tests."""
    made = tmp_path_factory.mktemp("new") / "waypost.sqlite"
    Service.open(f"sqlite:///{made}", clock=Clock()).close()
    return made


@pytest.fixture(scope="session")
def new_postgres(postgres: PostgresServer) -> str:
    """A database as the first start leaves it, to be copied."""
    url = postgres.new_database()
    Service.open(url, clock=Clock()).close()
    return url


@pytest.fixture
def start(url: str, clock: Clock, request: pytest.FixtureRequest) -> Iterator[Callable[[], Service]]:
    """Starts the service on one database, as often as a test wants: a second start is a restart."""
    if url.startswith("sqlite:///"):
        shutil.copy(request.getfixturevalue("new_sqlite"), url.removeprefix("sqlite:///"))
    else:
        request.getfixturevalue("postgres").fill(url, request.getfixturevalue("new_postgres"))
    running: list[Service] = []

    def begin() -> Service:
        for service in running:
            service.close()
        running.append(Service.open(url, clock=clock))
        return running[-1]

    yield begin
    for service in running:
        service.close()


@pytest.fixture
def service(start: Callable[[], Service]) -> Service:
    """The service on an empty database, with one project without rules."""
    return start()


@pytest.fixture
def project(service: Service) -> int:
    """The number of a project."""
    return service.ensure_project().id


@pytest.fixture
def ruled(service: Service, project: int) -> int:
    """The project with a journey, a guide and a survey in force."""
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    return project
