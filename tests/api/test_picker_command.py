"""`waypost picker`, against a running server."""

from __future__ import annotations

import json
import urllib.request

import pytest
from click.testing import CliRunner

from api.cli.main import cli
from engine.errors import WaypostError
from tests.running import RunningServer

ORIGIN = "https://app.example.com"


def picker(server: RunningServer, *more: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["picker", "--url", server.url, "--key", server.secret_key, *more])
    if isinstance(done.exception, WaypostError):
        return 2, str(done.exception)  # as `main` tells it
    return done.exit_code, done.output


def hand_over(server: RunningServer, link: str, **picked: str) -> None:
    token = link.partition("#waypost-picker=")[2]
    body = json.dumps({"writeKey": server.public_key, "token": token, **picked}).encode()
    headers = {"Origin": ORIGIN, "Content-Type": "text/plain"}
    request = urllib.request.Request(f"{server.url}/v1/picker/picks", data=body, headers=headers)  # noqa: S310
    urllib.request.urlopen(request).close()  # noqa: S310


def test_it_prints_a_link_and_later_what_was_picked(running_server: RunningServer) -> None:
    code, told = picker(running_server, f"{ORIGIN}/domains/7", "--no-wait", "--json")
    made = json.loads(told)
    assert code == 0
    assert made["link"].startswith(f"{ORIGIN}/domains/7#waypost-picker=")
    assert picker(running_server, "--collect", str(made["id"])) == (0, "")
    hand_over(running_server, made["link"], kind="target", selector="#dns")
    hand_over(running_server, made["link"], kind="event", selector="#dns", event="Opened DNS", page="/domains/*")
    way = 'event "Opened DNS" when clicked "#dns" on page "/domains/*"'
    assert picker(running_server, "--collect", str(made["id"])) == (0, f'beside "#dns"\n{way}\n')
    code, told = picker(running_server, "--collect", str(made["id"]), "--json")
    assert [json.loads(line)["way"] for line in told.splitlines()] == ['beside "#dns"', way]


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ([], 2, "waypost picker https://app.example.com/domains/7"),
        (["https://shop.example.net/"], 2, "waypost keys allow https://shop.example.net"),
        (["--collect", "99"], 2, "there is no picker session 99"),
    ],
)
def test_a_refusal_says_what_to_do(running_server: RunningServer, asked: list[str], code: int, said: str) -> None:
    found, told = picker(running_server, *asked)
    assert found == code, told
    assert said in told
