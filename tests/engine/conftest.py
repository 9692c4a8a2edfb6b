"""The service on each kind of database in turn, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.replies import Published
from engine.service import Service
from tests.engine.clock import Clock
from tests.engine.ingesting import RULES


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(url: str, clock: Clock) -> Iterator[Callable[[], Service]]:
    """Starts the service on one database, as often as a test wants: a second start is a restart."""
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
