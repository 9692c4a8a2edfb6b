"""Clients that we did not write, unchanged, against a running server: Segment's own for Python and for Node."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import segment.analytics as segment

from api.serving import system_clock
from engine.replies import LoggedEvent, UserView
from engine.service import Service
from tests.clients.unreliable import Fails, unreliable
from tests.running import RunningServer

pytestmark = pytest.mark.thorough

HERE = Path(__file__).parent

Sends = Callable[[str, str, str], list[dict[str, str]]]
"""Sends one of every call to a host with a key, for a user; the messages that the client made."""


def send_with_python(host: str, key: str, user: str, *, gzip: bool = False) -> list[dict[str, str]]:
    failures: list[object] = []
    client = segment.Client(
        key, host=host, gzip=gzip, upload_size=4, on_error=lambda error, items: failures.append((error, items))
    )
    visitor = f"{user}-visitor"
    sent = [
        client.page(anonymous_id=visitor, name="Landing", properties={"path": "/"}),
        client.identify(user, {"plan": "trial", "seats": 7, "email": "ada@example.com", "$add": {"logins": 1}}),
        client.alias(visitor, user),
        client.track(user, "Domain Added", {"domain": "example.com"}),
        client.track(user, "Domain Added", {"domain": "old.example"}, timestamp=_november_2023()),
        client.page(user, name="Domains", properties={"path": "/domains"}),
        client.screen(user, name="Domains", properties={"dark": True}),
        client.group(user, "acme", {"industry": "healthcare"}),
    ]
    client.flush()
    client.join()
    assert failures == []
    assert all(queued for queued, _ in sent)
    return [{"type": message["type"], "messageId": message["messageId"]} for _, message in sent]


def send_with_gzip(host: str, key: str, user: str) -> list[dict[str, str]]:
    return send_with_python(host, key, user, gzip=True)


def _november_2023() -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(1.7e9, UTC)


@pytest.fixture(scope="module")
def node_client(request: pytest.FixtureRequest) -> Path:
    """A folder with Segment's client for Node in it; installed once, and kept beside pytest's own cache."""
    lock = (HERE / "package-lock.json").read_bytes()
    kept = Path(str(request.config.cache.mkdir("segment-client-for-node")))  # type: ignore[union-attr]
    folder = kept / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.exists():
        making = kept / f"making-{os.getpid()}"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, making)
        _npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", folder=making)
        try:
            making.replace(folder)
        except OSError:
            # Another worker of this run was quicker.
            if not folder.exists():
                raise
            shutil.rmtree(making)
    shutil.copy(HERE / "every_call.mjs", folder)
    return folder


def _npm(*arguments: str, folder: Path) -> None:
    ran = subprocess.run(["npm", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if ran.returncode == 0:
        return
    reachable = subprocess.run(["npm", "ping"], capture_output=True, check=False, timeout=60).returncode == 0
    if reachable or os.environ.get("CI") == "true":
        pytest.fail(f"npm {arguments[0]} failed:\n{ran.stderr}", pytrace=False)
    pytest.skip("npm cannot reach its registry from here, so the client for Node cannot be installed")


@pytest.fixture(
    params=["python", "python, gzip", pytest.param("node", marks=pytest.mark.node)],
)
def send(request: pytest.FixtureRequest) -> Sends:
    """Each client in turn."""
    if request.param != "node":
        return send_with_gzip if "gzip" in request.param else send_with_python
    folder: Path = request.getfixturevalue("node_client")

    def send_with_node(host: str, key: str, user: str) -> list[dict[str, str]]:
        command = ["node", "every_call.mjs", host, key, user]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        assert ran.returncode == 0, ran.stderr
        said = json.loads(ran.stdout.splitlines()[-1])
        assert said["errors"] == []
        messages: list[dict[str, str]] = said["messages"]
        return messages

    return send_with_node


def read(server: RunningServer, user: str) -> tuple[list[LoggedEvent], UserView]:
    """The user's history and state, read beside the running server."""
    service = Service.open(f"sqlite:///{server.data / 'waypost.sqlite'}", clock=system_clock)
    try:
        found = service.user(1, user_id=user)
        assert found is not None
        return list(service.history(1, user_id=user)), found
    finally:
        service.close()


EVERY_CALL = Counter({"page": 2, "identify": 1, "alias": 1, "track": 2, "screen": 1, "group": 1})


def test_every_call_arrives_and_means_what_it_should(running_server: RunningServer, send: Sends, request: Any) -> None:
    user = f"every {request.node.callspec.id}"
    sent = send(running_server.url, running_server.public_key, user)
    assert Counter(message["type"] for message in sent) == EVERY_CALL

    history, view = read(running_server, user)
    events = [logged.event for logged in history]
    assert {event.message_id for event in events} == {message["messageId"] for message in sent}
    assert Counter(event.kind.value for event in events) == EVERY_CALL
    tracked = {str(event.properties["domain"]): event for event in events if event.kind == "track"}
    assert tracked["example.com"].name == "Domain Added"
    assert tracked["example.com"].live
    # Years ago: it keeps its time, and triggers nothing.
    assert abs(tracked["old.example"].time - 1_700_000_000_000_000) < 120_000_000
    assert not tracked["old.example"].live
    screen = next(event for event in events if event.kind == "screen")
    assert screen.properties == {"name": "Domains", "dark": True}
    assert not any(event.from_browser or logged.clamped for event, logged in zip(events, history, strict=True))

    # The alias made the visitor and the user one person: the visitor's page is in the history.
    assert view.anonymous_ids == (f"{user}-visitor",)
    assert any(event.anonymous_id == f"{user}-visitor" and event.kind == "page" for event in events)
    state: dict[str, Any] = view.state
    assert state["traits"] == {"plan": "trial", "seats": 7, "email": "ada@example.com", "logins": 1}
    assert (state["account_id"], state["account"]) == ("acme", {"industry": "healthcare"})


@pytest.mark.parametrize("fails", Fails, ids=lambda fails: f"failing {fails.value} it is kept")
def test_a_client_that_sends_again_after_503_is_counted_once(
    running_server: RunningServer, send: Sends, fails: Fails, request: Any
) -> None:
    user = f"again {request.node.callspec.id}"
    with unreliable(running_server.port, fails=fails, times=1) as (host, bodies):
        sent = send(host, running_server.public_key, user)
    # Something was really sent twice …
    assert len(bodies) > 2
    history, view = read(running_server, user)
    # … under the ids that it had the first time, so that it counts once.
    assert Counter(logged.event.message_id for logged in history) == Counter(each["messageId"] for each in sent)
    traits: Any = view.state["traits"]
    assert traits["logins"] == 1
