"""The host applications of `examples/hosts`: each is started as its README says, and helps whoever needs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.running import RunningServer, free_port, start
from tests.widgets.browser import shown
from tests.widgets.packages import HOSTS, compile_types, from_lock, install, run
from tests.widgets.test_real_server import known

README = (HOSTS / "README.md").read_text()
COMMANDS = {
    name: block.strip().splitlines()
    for name, block in re.findall(r"^## (\w+)\n.*?```sh\n(.*?)```", README, re.M | re.S)
}
"""What the README says to type for each; the last line starts it."""
PATIENCE_SECONDS = 60


def test_every_host_application_has_its_commands() -> None:
    folders = {path.name for path in HOSTS.iterdir() if path.is_dir()} - {"rules"}
    assert set(COMMANDS) == folders == {"html", "flask", "django", "react", "vue"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = start(tmp_path_factory.mktemp("server") / "data", rules=HOSTS / "rules")
    yield running
    running.stop()


def waypost(server: RunningServer, *command: str) -> str:
    """What a command says on the server's machine."""
    environment = {"WAYPOST_DATA_DIR": str(server.data), "PATH": os.environ["PATH"]}
    return run(str(Path(sys.executable).parent / "waypost"), *command, folder=server.data, **environment)


def settings(server: RunningServer, name: str) -> dict[str, str]:
    """The variables that the README says to set for this one, as somebody who follows it would."""
    values = {
        "WAYPOST_URL": server.url,
        "WAYPOST_PUBLIC_KEY": server.public_key,
        "WAYPOST_SECRET_KEY": server.secret_key,
        "WAYPOST_SIGNING_SECRET": "",
    }
    wanted = [found for line in COMMANDS[name] for found in re.findall(r"(\w*WAYPOST_\w+)=", line)]
    if "WAYPOST_SIGNING_SECRET" in wanted:
        values["WAYPOST_SIGNING_SECRET"] = waypost(server, "project", "signing", "add").split()[-1]
    return {variable: values[variable.removeprefix("VITE_")] for variable in wanted}


def prepared(request: pytest.FixtureRequest, server: RunningServer, name: str, folder: Path) -> Path:
    """The application in a folder of its own, with what it needs from npm and with our address in its pages."""
    shutil.copytree(HOSTS / name, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
    for page in folder.rglob("*.html"):
        text = page.read_text().replace("https://waypost.example.com", server.url)
        page.write_text(text.replace("wp_pub_…", server.public_key))
    if (folder / "package.json").exists():
        ours = re.findall(r"widgets/packages/(\w+)", (folder / "package.json").read_text())
        theirs = from_lock(request, folder)
        for lock in ("package.json", "package-lock.json"):
            (folder / lock).rename(folder / f"their-{lock}")
        install(folder, *ours)
        for path in theirs.iterdir():
            if not (folder / "node_modules" / path.name).exists():
                (folder / "node_modules" / path.name).symlink_to(path)
        (folder / "their-package.json").rename(folder / "package.json")
    if (folder / "tsconfig.json").exists():
        assert compile_types(folder) == ""
    return folder


@contextmanager
def started(folder: Path, name: str, port: int, variables: dict[str, str]) -> Iterator[str]:
    """The last of the README's commands, until it answers; its address."""
    bin_here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **variables, "PATH": bin_here, "PORT": str(port)}
    with (
        (folder / "host.log").open("wb") as log,
        subprocess.Popen(
            ["bash", "-c", COMMANDS[name][-1]],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            address = f"http://localhost:{port}"
            await_answer(address, process, folder / "host.log")
            yield address
        finally:
            os.killpg(process.pid, 15)


def await_answer(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(log.read_text())


def press(page: Any, button: str) -> None:
    """Press it as soon as the snippet is there; what is said before it came is lost where a page is left at once."""
    page.wait_for_function("() => window.waypost?.loaded")
    page.get_by_role("button", name=button).click()


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.thorough
@pytest.mark.parametrize("name", COMMANDS)
def test_whoever_fails_twice_is_helped(
    name: str, request: pytest.FixtureRequest, server: RunningServer, page: Any, tmp_path: Path
) -> None:
    folder, port = prepared(request, server, name, tmp_path / name), free_port()
    waypost(server, "keys", "allow", f"http://localhost:{port}")
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(f"{said.text} {said.location}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with started(folder, name, port, settings(server, name)) as address:
        page.goto(address)
        page.get_by_label("First name").fill("Robin")
        press(page, "Create account")
        page.get_by_label("Domain").fill("maple.example")
        press(page, "Add domain")
        page.get_by_role("heading", name="Verify your domain").wait_for()
        for _ in range(2):
            page.get_by_role("button", name="Check DNS").click()
            page.get_by_text("We found no records yet.").wait_for()
        card = shown(page)
        card.get_by_text("Copy both to your DNS host, Robin.").wait_for()
        card.get_by_role("button", name="Done").click()
        card.wait_for(state="detached")
        told = page.evaluate("window.waypost.debug(false)")
        page.get_by_label("I have added both records").check()
        page.get_by_role("button", name="Check DNS").click()
        page.get_by_text("maple.example is verified.").wait_for()
        survey = shown(page)
        survey.get_by_role("radio", name="6", exact=True).click()
        survey.get_by_text("This goes straight to the team.").wait_for()
    assert [said for said in complaints if "/favicon.ico" not in said] == []
    assert told["isSigned"] is (name in {"flask", "django"})
    assert known(server, told["userId"], guide="verify_help", until="completed")["completed"]
    assert known(server, told["userId"], guide="verify_effort", until="completed")["completed"]
