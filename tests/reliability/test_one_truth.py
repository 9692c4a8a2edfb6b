"""What one server is told, another one on the same database knows: rules, the switch, shows, and places."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest

from tests.running import RunningServer, await_ready, spawn

pytestmark = pytest.mark.thorough

WITHIN = 2.0
"""Seconds after which every process has what another one was told."""

Pair = tuple[RunningServer, RunningServer]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two servers on one database."""
    folder = tmp_path_factory.mktemp("pair")
    settings = {}
    if request.param == "postgres":
        settings["DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    here = spawn(folder / "data", log="here.log", **settings)
    await_ready(here)
    there = spawn(folder / "data", log="there.log", **settings)
    await_ready(there)
    yield here, there
    for server in (here, there):
        server.stop()


def ask(server: RunningServer, method: str, path: str, body: object = None, *, secret: bool = False) -> dict[str, Any]:
    key = server.secret_key if secret else server.public_key
    headers = {"Authorization": f"Bearer {key}"}
    data = None if body is None else orjson.dumps(body)
    request = urllib.request.Request(server.url + path, data=data, headers=headers, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return dict(orjson.loads(answer.read()))


def publish(server: RunningServer, title: str, cap: str = "once every 7 days") -> int:
    text = f'guide tip "Tip" {{\n  show modal {{ title "{title}" }}\n  {cap}\n  expires 2099-01-01\n}}\n'
    return int(ask(server, "POST", "/api/v1/rules", {"files": {"tip.way": text}}, secret=True)["version"])


def served(server: RunningServer, user: str) -> list[dict[str, Any]]:
    return list(ask(server, "POST", "/v1/decide", {"userId": user})["decisions"])


def titles(server: RunningServer, user: str = "reader") -> list[str]:
    return [each["content"]["title"] for each in served(server, user)]


def becomes(wanted: list[str], found: Callable[[], list[str]]) -> None:
    """Fails unless it is so within two seconds, and counts from now."""
    until = time.monotonic() + WITHIN
    while (last := found()) != wanted:
        assert time.monotonic() < until, f"still {last} after {WITHIN} s, and not {wanted}"
        time.sleep(0.05)


def test_what_one_publishes_puts_back_or_stops_the_other_decides_with_within_two_seconds(pair: Pair) -> None:
    here, there = pair
    first = publish(here, "One")
    becomes(["One"], lambda: titles(there))
    publish(here, "Two")
    becomes(["Two"], lambda: titles(there))
    ask(there, "POST", "/api/v1/rules/rollback", {"version": first}, secret=True)
    becomes(["One"], lambda: titles(here))
    ask(here, "PUT", "/api/v1/rules/stopped", {"stopped": True}, secret=True)
    becomes([], lambda: titles(there))
    ask(there, "PUT", "/api/v1/rules/stopped", {"stopped": False}, secret=True)
    becomes(["One"], lambda: titles(here))


def test_what_was_shown_on_one_device_is_capped_on_another_whatever_server_it_asks(pair: Pair) -> None:
    here, there = pair
    publish(here, "One")
    for server, device in ((here, "laptop"), (there, "phone")):
        ask(server, "POST", "/v1/identify", {"userId": "two-devices", "anonymousId": device})
    assert titles(there, "two-devices") == ["One"]
    shown = {"userId": "two-devices", "anonymousId": "laptop", "event": "$shown", "properties": {"guide": "tip"}}
    ask(here, "POST", "/v1/track", shown)
    assert titles(there, "two-devices") == []
    assert ask(there, "POST", "/v1/decide", {"anonymousId": "phone"})["decisions"] == []


def test_tabs_that_confirm_at_both_servers_at_once_get_one_show(pair: Pair) -> None:
    here, there = pair
    publish(here, "One", "shown at most 50 times")
    becomes(["One"], lambda: titles(there, "many-tabs"))
    tabs = [(server, served(server, "many-tabs")[0]["id"]) for _ in range(4) for server in (here, there)]
    with ThreadPoolExecutor(len(tabs)) as threads:
        answers = threads.map(lambda tab: ask(tab[0], "POST", f"/v1/decisions/{tab[1]}/confirm", {})["show"], tabs)
    assert sum(answers) == 1


def test_a_key_that_one_withdraws_opens_nothing_at_the_other_two_seconds_later(pair: Pair) -> None:
    here, there = pair
    made = ask(here, "POST", "/api/v1/keys", {"kind": "secret", "scopes": ["rules:read"]}, secret=True)
    path, header = "/api/v1/rules", {"Authorization": f"Bearer {made['key']}"}
    request = urllib.request.Request(there.url + path, headers=header)  # noqa: S310
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        assert answer.status == 200
    ask(here, "DELETE", f"/api/v1/keys/{made['id']}", secret=True)
    time.sleep(WITHIN)
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=20)  # noqa: S310
