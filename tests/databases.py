"""A PostgreSQL server that the test run starts itself, and may stop in the middle."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

from tests.profiles import missing


class PostgresServer:
    """A server in a folder of its own, on a port of its own. `start` it; `stop` keeps its data, `remove` ends it."""

    def __init__(self) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
        if not programs:
            missing(
                "PostgreSQL is not installed: no /usr/lib/postgresql/*/bin/initdb (Debian: apt-get install postgresql)"
            )
        self._programs = programs[-1].parent
        # The server refuses to run as root; in a container the tests often do.
        self._as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.folder = Path(tempfile.mkdtemp(prefix="waypost-pg-", dir="/tmp"))
        if self._as_owner:
            shutil.chown(self.folder, "postgres")
        self._data = self.folder / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        choices = ("-U", "waypost", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self._run("initdb", "-D", self._data, *choices)

    @property
    def url(self) -> str:
        """The address of the server, without a database's name."""
        return f"postgresql://waypost@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `immediate` as in a crash, `fast` in order."""
        self._run("pg_ctl", "-D", self._data, "-m", mode, "-w", "stop")

    def remove(self) -> None:
        """Stop it, if it runs, and drop its data."""
        program = str(self._programs / "pg_ctl")
        command = [*self._as_owner, program, "-D", str(self._data), "-m", "immediate", "stop"]
        subprocess.run(command, capture_output=True, check=False, cwd=self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """The address of a new, empty database."""
        import psycopg

        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        return f"{self.url}/{name}"

    def fill(self, url: str, source: str) -> None:
        """Make a database, which nobody is connected to, a copy of another one."""
        import psycopg

        name, other = (each.rpartition("/")[2] for each in (url, source))
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name}")  # type: ignore[arg-type]
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {other}")  # type: ignore[arg-type]

    def _run(self, program: str, *arguments: object) -> None:
        command = [*self._as_owner, str(self._programs / program), *map(str, arguments)]
        # To files: a server that was started keeps the pipes of whoever started it open.
        with tempfile.TemporaryFile("w+") as told:
            ran = subprocess.run(command, stdout=told, stderr=told, check=False, cwd=self.folder, timeout=60)
            told.seek(0)
            if ran.returncode != 0:
                shutil.rmtree(self.folder, ignore_errors=True)
                missing(f"PostgreSQL cannot be started: {told.read().strip()}")
