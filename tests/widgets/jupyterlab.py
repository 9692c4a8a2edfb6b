"""JupyterLab in an environment of its own, and as its users run it: started on a free port, with a page template."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running import free_port

WANTED = Path(__file__).parent / "jupyterlab.txt"
START_SECONDS = 240


def installed(request: pytest.FixtureRequest) -> Path:
    """The `python` of an environment that has it; made once, and kept beside pytest's own cache."""
    wanted = hashlib.sha256(WANTED.read_bytes()).hexdigest()[:16]
    folder = Path(str(request.config.cache.mkdir("jupyterlab"))) / wanted  # type: ignore[union-attr]
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(WANTED))
        done.touch()
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stderr[-3000:]}"


@contextmanager
def running(python: Path, folder: Path, *, line: str) -> Iterator[str]:
    """The address of a JupyterLab whose page has this line in its head, as its `templates_dir` is made for."""
    for name in ("work", "home", "templates"):
        (folder / name).mkdir(parents=True)
    (page,) = (python.parents[1] / "lib").glob("python*/site-packages/jupyterlab/static/index.html")
    alone = page.read_text(encoding="utf-8")
    template = re.sub("</head>", lambda _found: line + "</head>", alone, count=1)
    assert not line or template != alone, "its template has no head any more"
    (folder / "templates" / "index.html").write_text(template, encoding="utf-8")
    port = free_port()
    command = [
        *(str(python), "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={folder / 'work'}", "--IdentityProvider.token="),
        *(f"--LabApp.templates_dir={folder / 'templates'}", "--LabApp.news_url=None"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    home = folder / "home"
    places = {name: str(home / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, "HOME": str(home), **places}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _await(f"http://localhost:{port}/lab", process, log)
        yield f"http://localhost:{port}/lab"
    finally:
        process.terminate()
        process.wait(timeout=60)


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")
