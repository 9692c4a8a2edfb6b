"""`waypost worker`, and the work that a server does beside its requests."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
from click.testing import CliRunner

from api.cli.main import cli
from tests.conftest import StartServer


def test_a_worker_does_what_is_due_and_tells_how_each_job_is_doing(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    CliRunner().invoke(cli, ["db", "upgrade", "--data", data])
    before = CliRunner().invoke(cli, ["worker", "--data", data, "--status"])
    assert (before.exit_code, "never ran" in before.output) == (0, True)
    ran = CliRunner().invoke(cli, ["worker", "--data", data, "--once", "--json"])
    assert "lake" in orjson.loads(ran.stdout)["done"]
    after = CliRunner().invoke(cli, ["worker", "--data", data, "--status", "--json"])
    jobs = {job["name"]: job for job in orjson.loads(after.stdout)["jobs"]}
    assert jobs["lake"]["finished"] is not None
    assert jobs["lake"]["error"] is None


def test_a_worker_stops_when_it_is_told_to(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "api.cli.main", "worker", "--data", str(tmp_path / "data")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        for line in worker.stderr:
            if "working" in line:
                break
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0


def test_a_server_does_the_work_itself_unless_told_otherwise(start_server: StartServer, tmp_path: Path) -> None:
    start_server(tmp_path / "data", WAYPOST_WORKER="on")
    for _ in range(100):
        told = CliRunner().invoke(cli, ["worker", "--data", str(tmp_path / "data"), "--status", "--json"])
        if all(job["finished"] for job in orjson.loads(told.stdout)["jobs"]) and len(told.stdout) > 50:
            break
        time.sleep(0.1)
    assert '"lake"' in told.stdout
    assert told.exit_code == 0
