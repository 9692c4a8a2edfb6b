"""Databases for tests of what is stored: SQLite in a file, and a PostgreSQL server that the test run starts itself."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.replies import Published
from engine.service import Service
from tests.engine.clock import Clock
from tests.engine.ingesting import RULES


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _missing(why: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"PostgreSQL cannot be started: {why}")
    pytest.skip(f"PostgreSQL cannot be started: {why}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of this test run, without a database's name."""
    programs = _programs()
    if programs is None:
        _missing("no /usr/lib/postgresql/*/bin/initdb (Debian: apt-get install postgresql)")
        return
    # The server refuses to run as root; in a container the tests often do.
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="waypost-pg-", dir="/tmp"))
    if as_owner:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"

    def run(*command: object) -> None:
        ran = subprocess.run(
            [*as_owner, *map(str, command)], capture_output=True, text=True, check=False, cwd=folder, timeout=60
        )
        if ran.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            _missing((ran.stderr or ran.stdout).strip())

    run(programs / "initdb", "-D", data, "-U", "waypost", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
    run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://waypost@127.0.0.1:{port}"
    finally:
        subprocess.run(
            [*as_owner, str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"],
            capture_output=True,
            check=False,
            cwd=folder,
        )
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an empty SQLite database."""
    return f"sqlite:///{tmp_path / 'waypost.sqlite'}"


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The address of an empty PostgreSQL database."""
    import psycopg

    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"{postgres}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return f"{postgres}/{name}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn, empty."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


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
