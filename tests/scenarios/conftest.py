"""The demo as a process of its own, and a real browser to play it in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.demo.visitor import answers

START_SECONDS = 90


@dataclass(frozen=True)
class RunningDemo:
    """`waypost demo` as a process; `log` is what it prints."""

    url: str
    asked: int
    """The port that was asked for."""
    log: Path
    data: Path


def start_demo(folder: Path, *, port: int, **environ: str) -> Iterator[RunningDemo]:
    """Run a demo until the generator is closed. The address is the one that it prints."""
    log = folder / "demo.log"
    command = [sys.executable, "-m", "api.cli.main", "demo", "--port", str(port), "--data", str(folder / "data")]
    with (
        log.open("wb") as output,
        # From another folder: nothing is to be found by where the command is run.
        subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environ},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            url = _await_ready(process, log)
            yield RunningDemo(url, port, log, folder / "data")
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()


def _await_ready(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        lines = [line.split() for line in log.read_text(errors="replace").splitlines()]
        url = next((words[2].rstrip("/") for words in lines if words[:2] == ["Begin", "here"]), None)
        if url is not None and answers(f"{url}/readyz"):
            return url
        time.sleep(0.1)
    raise AssertionError(f"the demo did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """A demo that the tests of a file share. The port asked for is taken, and a database of ours is in reach."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        taken = int(other.getsockname()[1])
        yield from start_demo(
            tmp_path_factory.mktemp("demo"), port=taken, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing"
        )
