"""`waypost serve` as a process of its own, for tests that need the real thing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

PUBLIC_KEY = "wp_pub_testtesttesttest1234"
SECRET_KEY = "wp_sec_testtesttesttest1234"
START_SECONDS = 90
"""Seconds that a start may take on a machine that does much else."""


@dataclass
class RunningServer:
    """`waypost serve` as a process. Its keys are those of the first start; everything is under `data`."""

    url: str
    port: int
    data: Path
    process: subprocess.Popen[bytes]
    log: Path
    public_key: str = PUBLIC_KEY
    secret_key: str = SECRET_KEY

    def kill(self) -> None:
        """End all of its processes at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell the server to stop and wait for it; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data: Path, *, rules: Path | None = None, port: int | None = None, **settings: str) -> RunningServer:
    """Start a server and wait until it can take events. settings: WAYPOST_… and DATABASE_URL."""
    server = spawn(data, rules=rules, port=port, **settings)
    await_ready(server)
    return server


def spawn(
    data: Path, *, rules: Path | None = None, port: int | None = None, log: str = "server.log", **settings: str
) -> RunningServer:
    """Start a server without waiting for it. log: the name of its log in the data folder."""
    port = port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WAYPOST_")}
    environ.pop("DATABASE_URL", None)
    environ |= {
        "WAYPOST_DATA_DIR": str(data),
        "WAYPOST_PORT": str(port),
        "WAYPOST_WORKER": "off",
        "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
        "WAYPOST_INIT_SECRET_KEY": SECRET_KEY,
        **({"WAYPOST_RULES": str(rules)} if rules is not None else {}),
        **settings,
    }
    path = data / log
    with path.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli.main", "serve"],
            env=environ,
            cwd=Path(__file__).parent.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
            # In a group of its own: Ctrl-C in the terminal of the tests is not for the server.
            start_new_session=True,
        )
    return RunningServer(f"http://127.0.0.1:{port}", port, data, process, path)


def await_ready(server: RunningServer) -> None:
    """Wait until a server can take events; fails with what it said."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.url}/readyz", timeout=1) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    if server.process.poll() is None:
        server.kill()
    raise AssertionError(f"the server did not start:\n{server.log.read_text(errors='replace')}")
