"""Waypost as a process of its own on a data folder, and somebody who is signed in there."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.config import read_settings
from api.serving import system_clock
from api.start import open_service
from dsl.values import DAY, Duration
from engine.permissions import Role

START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is, and by which cookie somebody is known there."""

    url: str
    cookie: str
    connection: http.client.HTTPConnection

    def get(self, path: str) -> tuple[int, bytes]:
        """Ask for a page, over one connection."""
        headers = {"Cookie": f"waypost_session={self.cookie}", "Waypost-Project": "default"}
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()


@contextmanager
def signed_in_server(folder: Path) -> Iterator[Served]:
    """`waypost serve` on a data folder, with an admin who is signed in."""
    service = open_service(read_settings({"WAYPOST_DATA_DIR": str(folder)}), clock=system_clock)
    roles = {project.root: Role.ADMIN for project in service.projects()}
    user = service.sign_in.known_elsewhere("https://id.example", "ada", email="ada@example.com", roles=roles)
    cookie = service.sign_in.start(user, lasts=Duration(DAY)).cookie
    service.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"WAYPOST_DATA_DIR": str(folder), "WAYPOST_PORT": str(port), "WAYPOST_LOG_LEVEL": "warning"}
    settings["WAYPOST_RATE_PER_ADDRESS"] = "off"
    command = [sys.executable, "-c", "from api.cli.main import main; main()", "serve"]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        _wait(connection, process)
        yield Served(f"http://127.0.0.1:{port}", cookie, connection)
    finally:
        connection.close()
        process.terminate()
        process.wait(timeout=30)


def _wait(connection: http.client.HTTPConnection, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().read() and connection.sock is not None:
                return
        except OSError:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError("the server did not come up")
