"""Fixtures that tests of several layers share: real servers, each with a data folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.running import RunningServer, start

StartServer = Callable[..., RunningServer]


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
