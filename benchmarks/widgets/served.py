"""Waypost as a process of its own, and a site whose pages use it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

KEY = "wp_pub_benchmark0000000000000000"
START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is, and what it said."""

    url: str
    log: Path

    def tag(self, more: str = "") -> str:
        """The line that a customer pastes."""
        return f'<script async src="{self.url}/sdk/waypost.js" data-key="{KEY}" {more}></script>'


@contextmanager
def waypost(rules: str) -> Iterator[Served]:
    """`waypost serve` with these rules, for pages on `localhost`."""
    with tempfile.TemporaryDirectory() as name, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        folder = Path(name)
        (folder / "rules").mkdir()
        (folder / "rules" / "rules.way").write_text(rules, encoding="utf-8")
        served = Served(f"http://127.0.0.1:{port}", folder / "log")
        settings = {
            "WAYPOST_DATA_DIR": str(folder / "data"),
            "WAYPOST_PORT": str(port),
            "WAYPOST_RULES": str(folder / "rules"),
            "WAYPOST_INIT_PUBLIC_KEY": KEY,
            "WAYPOST_ALLOWED_ORIGINS": "*",
        }
        with served.log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "api.cli.main", "serve"],
                env={**os.environ, **settings},
                cwd=Path(__file__).parents[2],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            _await_ready(served, process)
            yield served
        finally:
            process.terminate()
            process.wait(timeout=30)


def _await_ready(served: Served, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{served.url}/readyz", timeout=1):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{served.log.read_text(errors='replace')}")
