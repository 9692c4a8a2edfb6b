"""`waypost serve` as its users meet it: real HTTP, real clients, real stops."""

from __future__ import annotations

import gzip
import http.client
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import segment.analytics as segment

from api.serving import system_clock
from engine.service import Service
from tests.conftest import StartServer
from tests.running import PUBLIC_KEY, SECRET_KEY, RunningServer, free_port

EVENT = {"type": "track", "event": "Signed Up", "userId": "u1"}
LIMIT = 500 * 1024

BROKEN_RULES = 'event "Signed Up"\nguide hello {\n  on "Signed Upp"\n  show modal { title "Hi" }\n}\n'
GOOD_RULES = """event "Signed Up"

guide hello "Welcome" {
  on "Signed Up"

  show modal {
    title "Welcome"
    button "Thanks" completes
  }

  once
  expires 2099-01-01
}
"""


class Answer:
    """Status, headers and document of an answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        raw = response.read()
        self.json: Any = orjson.loads(raw) if raw else None


def ask(
    server: RunningServer,
    path: str,
    body: bytes | Iterator[bytes] | None = None,
    *,
    key: str = PUBLIC_KEY,
    **headers: str,
) -> Answer:
    """One request on a connection of its own; an iterator is sent in chunks, without a length."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    named = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): text for name, text in headers.items()}}
    try:
        chunked = body is not None and not isinstance(body, bytes)
        connection.request("GET" if body is None else "POST", path, body=body, headers=named, encode_chunked=chunked)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def pieces(body: bytes, size: int = 4_000) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def batch(*messages: object) -> bytes:
    return orjson.dumps({"batch": messages})


@contextmanager
def stored(server: RunningServer) -> Iterator[Service]:
    """The server's database, read beside it."""
    service = Service.open(f"sqlite:///{server.data / 'waypost.sqlite'}", clock=system_clock)
    try:
        yield service
    finally:
        service.close()


def test_a_server_takes_events_and_shows_the_state(running_server: RunningServer) -> None:
    message = {"type": "identify", "userId": "shown", "traits": {"plan": "trial"}}
    assert ask(running_server, "/v1/batch", batch(message)).status == 202
    answer = ask(running_server, "/api/v1/users/shown", key=SECRET_KEY)
    assert (answer.status, answer.json["user_id"]) == (200, "shown")


@pytest.mark.parametrize("size", [100, LIMIT - 1, LIMIT])
def test_a_chunked_body_within_the_limit_is_read_whole(running_server: RunningServer, size: int) -> None:
    body = batch({**EVENT, "userId": f"chunked-{size}"})
    answer = ask(running_server, "/v1/batch", pieces(body + b" " * (size - len(body))))
    assert (answer.status, answer.json["accepted"]) == (202, 1)


@pytest.mark.parametrize("size", [LIMIT + 1, 3 * LIMIT, 10 * 1024 * 1024])
@pytest.mark.parametrize("chunked", [True, False], ids=["chunked", "with a length"])
def test_a_body_over_the_limit_is_refused_never_cut(running_server: RunningServer, size: int, chunked: bool) -> None:
    # Cut at the limit, this would still be good JSON: only blanks follow.
    body = batch({**EVENT, "userId": "cut"})
    body += b" " * (size - len(body))
    answer = ask(running_server, "/v1/batch", pieces(body, 64_000) if chunked else body)
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    with stored(running_server) as service:
        assert service.history(1, user_id="cut") == ()


def test_chunked_gzip_is_read_and_a_bomb_is_refused(running_server: RunningServer) -> None:
    packed = gzip.compress(batch({**EVENT, "userId": "packed"}))
    bomb = gzip.compress(b'{"batch": "' + b"0" * 100_000_000 + b'"}')
    assert ask(running_server, "/v1/batch", pieces(packed, 10), Content_Encoding="gzip").status == 202
    refused = ask(running_server, "/v1/batch", pieces(bomb), Content_Encoding="gzip")
    assert (refused.status, refused.json["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed_json"),
        (b'{"batch": [NaN]}', 400, "malformed_json"),
        (b'{"batch": "\\ud800"}', 400, "malformed_json"),
        (b'{"batch": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "malformed_json"),
        (b"[]", 422, "invalid_fields"),
    ],
    ids=["nothing", "NaN", "half a character", "deep", "a list"],
)
def test_bad_bodies_get_a_problem_document(running_server: RunningServer, body: bytes, status: int, code: str) -> None:
    answer = ask(running_server, "/v1/batch", body)
    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert ask(running_server, "/healthz").status == 200


def test_one_connection_serves_many_requests_refusals_among_them(running_server: RunningServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running_server.port, timeout=30)
    headers = {"Authorization": f"Bearer {PUBLIC_KEY}"}
    for number, (body, status) in enumerate([(batch(EVENT), 202), (b"{", 400), (batch(), 202), (b" " * 600_000, 413)]):
        connection.request("POST", "/v1/batch", body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status, number
    connection.close()


def test_pages_of_a_listed_origin_are_served_and_others_not(running_server: RunningServer) -> None:
    listed = ask(running_server, "/v1/batch", batch(EVENT), Origin="https://app.example.com")
    foreign = ask(running_server, "/v1/batch", batch(EVENT), Origin="https://evil.example")
    own = ask(running_server, "/v1/batch", batch(EVENT), Origin=running_server.url)
    assert (listed.status, listed.headers["Access-Control-Allow-Origin"]) == (202, "https://app.example.com")
    assert (foreign.status, foreign.headers["Access-Control-Allow-Origin"]) == (403, None)
    assert own.status == 202


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_segments_own_python_client_is_understood(running_server: RunningServer, packed: bool) -> None:
    user = f"segment-{packed}"
    failures: list[object] = []
    client = segment.Client(
        PUBLIC_KEY,
        host=running_server.url,
        gzip=packed,
        on_error=lambda error, items: failures.append((error, items)),
    )
    client.identify(user, {"plan": "trial", "seats": 7, "email": "ada@example.com"})
    client.track(user, "Domain Added", {"domain": "example.com", "provider": "other"})
    client.group(user, "acme", {"industry": "healthcare"})
    client.page(user, "Domains", "New domain", {"path": "/domains/new"})
    client.flush()
    client.join()
    assert failures == []

    with stored(running_server) as service:
        events = [logged.event for logged in service.history(1, user_id=user)]
    assert sorted(event.kind for event in events) == ["group", "identify", "page", "track"]
    by_kind = {event.kind: event for event in events}
    assert by_kind["identify"].traits == {"plan": "trial", "seats": 7, "email": "ada@example.com"}
    assert by_kind["track"].name == "Domain Added"
    assert by_kind["track"].properties == {"domain": "example.com", "provider": "other"}
    assert (by_kind["group"].group_id, by_kind["group"].traits) == ("acme", {"industry": "healthcare"})
    assert (by_kind["page"].name, by_kind["page"].properties["path"]) == ("$page", "/domains/new")
    assert all(event.user_id == user and not event.from_browser for event in events)

    answer = ask(running_server, f"/api/v1/users/{user}", key=SECRET_KEY)
    assert answer.json["user_id"] == user
    told = orjson.dumps(answer.json["state"]).decode()
    for part in ("trial", "ada@example.com", "acme"):
        assert part in told


def test_what_was_acknowledged_survives_a_kill(start_server: StartServer) -> None:
    server = start_server()
    for number in range(20):
        answer = ask(server, "/v1/batch", batch({**EVENT, "messageId": f"m{number}"}))
        assert (answer.status, answer.json["accepted"]) == (202, 1)
    server.kill()
    with stored(server) as service:
        assert {logged.event.message_id for logged in service.history(1, user_id="u1")} == {
            f"m{number}" for number in range(20)
        }


def test_a_worker_does_not_outlive_the_process_that_started_it(start_server: StartServer) -> None:
    server = start_server()
    server.process.kill()
    server.process.wait()
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            ask(server, "/healthz")
        except OSError:
            break
        time.sleep(0.1)
    again = start_server(server.data, port=server.port)
    assert ask(again, "/healthz").status == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_stop_answers_what_is_under_way_and_keeps_it(start_server: StartServer, how: signal.Signals) -> None:
    server = start_server()
    acknowledged: list[str] = []

    def send(sender: int) -> None:
        for number in range(1_000):
            name = f"{sender}-{number}"
            try:
                answer = ask(server, "/v1/batch", batch({**EVENT, "messageId": name}))
            except OSError:
                return
            if answer.status == 202 and answer.json["accepted"] == 1:
                acknowledged.append(name)

    senders = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for sender in senders:
        sender.start()
    while len(acknowledged) < 20:
        senders[0].join(0.01)
    assert server.stop(how) == 0
    for sender in senders:
        sender.join()
    with stored(server) as service:
        kept = {logged.event.message_id for logged in service.history(1, user_id="u1", limit=10_000)}
    assert set(acknowledged) <= kept
    # Closed in order: nothing is left for the next start to recover.
    assert not (server.data / "waypost.sqlite-wal").exists()


def test_a_second_start_keeps_keys_rules_and_events(start_server: StartServer, tmp_path: Path) -> None:
    rules = tmp_path / "rules.way"
    rules.write_text(GOOD_RULES)
    first = start_server(rules=rules)
    assert ask(first, "/v1/batch", batch(EVENT)).json["accepted"] == 1
    published = ask(first, "/api/v1/rules", key=SECRET_KEY).json
    assert (published["version"], published["files"]) == (1, {"rules.way": GOOD_RULES})
    first.stop()

    second = start_server(first.data, rules=rules)
    assert ask(second, "/v1/batch", batch({**EVENT, "messageId": "later"})).status == 202
    assert ask(second, "/api/v1/rules", key=SECRET_KEY).json == published
    with stored(second) as service:
        assert len(service.history(1, user_id="u1")) == 2


def serve(data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli.main", "serve"],
        env={"PATH": "/usr/bin:/bin", "WAYPOST_DATA_DIR": str(data), **environ},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_with_broken_rules_the_server_does_not_start_and_says_everything(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "one.way").write_text(BROKEN_RULES)
    (folder / "two.way").write_text("guide broken {\n")
    ended = serve(tmp_path / "data", WAYPOST_RULES=str(folder), WAYPOST_PORT=str(free_port()))
    assert ended.returncode == 1
    assert "error[WP003]: unknown event `Signed Upp`" in ended.stderr
    assert "one.way:3:6" in ended.stderr
    assert "two.way:" in ended.stderr
    assert "nothing was published" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_and_bad_settings_are_told_in_a_sentence(running_server: RunningServer, tmp_path: Path) -> None:
    taken = serve(tmp_path, WAYPOST_PORT=str(running_server.port))
    assert taken.returncode == 2
    assert f"port {running_server.port}" in taken.stderr
    assert "Traceback" not in taken.stderr
    bad = serve(tmp_path, WAYPOST_PORT="tcp://10.0.0.1:80", WAYPOST_ZONE="Mars")
    assert bad.returncode == 2
    assert "WAYPOST_PORT" in bad.stderr
    assert "WAYPOST_ZONE" in bad.stderr
