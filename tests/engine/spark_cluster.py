"""A Spark standalone master with two workers on loopback, started and stopped by a test run."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.profiles import missing

START_SECONDS = 600
"""How long a Java program may take to start on a busy machine with a slow file system."""
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.executor.memory": "700m",
    "spark.executor.cores": "1",
    "spark.sql.shuffle.partitions": "4",
    "spark.network.timeout": "600s",
    "spark.ui.showConsoleProgress": "false",
}
"""Little memory, and nothing that leaves the machine."""


class Cluster:
    """A master and two workers. `start` it; `stop` ends the programs that it started, and no others."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("pyspark")
        if found is None or found.origin is None or shutil.which("java") is None:
            missing("no pyspark (pip install 'waypost[spark]') or no Java")
        self._program = Path(found.origin).parent / "bin" / "spark-class"
        self.folder = Path(tempfile.mkdtemp(prefix="waypost-spark-", dir="/tmp"))
        self._running: list[subprocess.Popen[bytes]] = []
        self.port, self._page = free_port(), free_port()

    @property
    def master(self) -> str:
        """Where it is reached."""
        return f"spark://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start master and workers, and wait until both workers have reported."""
        place = ("--host", "127.0.0.1")
        self._run("master", *place, "--port", str(self.port), "--webui-port", str(self._page))
        self._wait(0)
        for number in (1, 2):
            small = ("--cores", "1", "--memory", "1g", "--work-dir", str(self.folder / f"work-{number}"))
            self._run("worker", *place, "--webui-port", str(free_port()), *small, self.master)
        self._wait(2)

    def workers(self) -> int:
        """How many workers are alive; −1 while the master does not answer."""
        import json

        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._page}/json/", timeout=5) as answer:
                told = json.load(answer)
        except (OSError, ValueError):
            return -1
        return sum(worker["state"] == "ALIVE" for worker in told["workers"])

    def stop(self) -> None:
        """End what was started."""
        for program in reversed(self._running):
            program.terminate()
        for program in self._running:
            try:
                program.wait(timeout=60)
            except subprocess.TimeoutExpired:
                program.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, kind: str, *words: str) -> None:
        name = f"org.apache.spark.deploy.{kind}.{kind.capitalize()}"
        told = (self.folder / f"{kind}-{len(self._running)}.log").open("wb")
        env = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_DAEMON_MEMORY": "256m"}
        self._running.append(
            subprocess.Popen([str(self._program), name, *words], stdout=told, stderr=told, env=env, cwd=self.folder)
        )

    def _wait(self, workers: int) -> None:
        until = time.monotonic() + START_SECONDS
        while self.workers() < workers:
            if time.monotonic() > until or any(each.poll() is not None for each in self._running):
                told = "\n".join(log.read_text(errors="replace")[-1_000:] for log in self.folder.glob("*.log"))
                self.stop()
                missing(f"Spark did not start: {told}")
            time.sleep(1)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
