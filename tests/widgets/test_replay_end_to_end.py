"""A real server, a page with the snippet, a rule that records: what went wrong can be watched, until it is erased."""

from __future__ import annotations

import gzip
import json
import re
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from api.cli.main import cli
from engine.storage import replay_tables, tables
from engine.storage.store import Database
from tests.conftest import StartServer
from tests.running import RunningServer
from tests.widgets.browser import opened
from tests.widgets.fake_server import STRICT_POLICY, FakeServer
from tests.widgets.planted import LATER, STANDING, traces
from tests.widgets.planted import page as planted_page
from tests.widgets.recording import takes_no_time
from tests.widgets.test_replay_masking import happen

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

RULES = """
event "Domain Verified"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step verify_domain "Verify the domain" reached by "Domain Verified" touchpoint "/domains/*"
  }
}

record at activation.verify_domain
"""
SECRET = "Margarete Zebra"
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{SECRET}</title><!-- head --></head>
<body><h1>Hello {SECRET}</h1><p data-waypost-reveal>Verify your domain</p>
<label>Mail <input value="margarete@zebra.example"></label>
<p><button id="verify" type="button">Verify</button></p></body></html>"""
PASSWORD = "correct horse battery"
ADA = "ada@console.example"


def ask(real: RunningServer, path: str, method: str = "GET", body: object = None) -> Any:
    """What the server answers to a secret key."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(real.url + path, data=data, method=method)  # noqa: S310
    request.add_header("Authorization", f"Bearer {real.secret_key}")
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text)


def recordings(real: RunningServer, *, event: str) -> list[dict[str, Any]]:
    """The recordings in which this went wrong, once there are any, and the event of it has come too."""
    for _ in range(600):
        found: list[dict[str, Any]] = ask(real, "/api/v1/replays")["data"]
        for each in found:
            meanwhile = ask(real, f"/api/v1/replays/{each['id']}")["meanwhile"]
            if event in each["events"] and event in [one["name"] for one in meanwhile]:
                return found
        time.sleep(0.1)
    raise AssertionError(f"no recording of {event} came")


def whole_recordings(real: RunningServer) -> list[dict[str, Any]]:
    """The recordings, once no more comes of them: what happens on a page is sent within five seconds."""
    before = 0
    for _ in range(20):
        found: list[dict[str, Any]] = ask(real, "/api/v1/replays")["data"]
        parts = sum(each["parts"] for each in found)
        if parts >= 2 and parts == before:
            return found
        before = parts
        time.sleep(6)
    raise AssertionError(f"only {before} parts came")


def recording(server: FakeServer, start_server: StartServer, folder: Path, *, mode: str) -> RunningServer:
    """A real server that records, and pages of another origin that use it under a strict policy."""
    (folder / "rules").mkdir()
    (folder / "rules" / "rules.way").write_text(RULES)
    real = start_server(rules=folder / "rules", WAYPOST_ALLOWED_ORIGINS=server.page)
    settings = {"mode": mode, "days": 30, "megabytes_a_day": 100}
    assert ask(real, "/api/v1/replays/settings", "PUT", settings) == settings
    server.elsewhere, server.key, server.policy = real.url, real.public_key, STRICT_POLICY
    return real


def written_down(page: Any) -> None:
    """Wait until the page is recorded: a reply says so, the part is loaded, and what stands there is written down."""
    page.wait_for_function("() => Object.hasOwn(document, 'adoptedStyleSheets')")
    page.wait_for_timeout(500)


def records_a_rage_click(page: Any, server: FakeServer) -> None:
    takes_no_time(page)
    opened(page, server, "/domains/verify")
    page.evaluate("waypost.identify('zebra-user')")
    written_down(page)
    page.locator("#verify").click(click_count=4, delay=30)


def signed_in(page: Any, real: RunningServer, recording: str) -> None:
    page.goto(f"{real.url}/console/p/default/replays?replay={recording}")
    page.get_by_label("E-mail").fill(ADA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("[data-status]", has_text="Ready.").wait_for()


def plays_masked_and_jumps(page: Any) -> None:
    stage = page.frame_locator("[data-frame]").frame_locator("iframe").frame_locator("iframe")
    stage.get_by_text("Verify your domain").wait_for()
    shown = stage.locator("body").inner_text()
    assert [word for word in SECRET.split() if word in shown] == []
    page.locator("[data-position]").fill("0")
    page.get_by_role("button", name="Next moment").click()
    page.locator("[data-status]", has_text=re.compile("^Rage click at ")).wait_for()
    page.locator("ol.events button", has_text="Rage click").first.wait_for()


def kept_of_recordings(real: RunningServer) -> bytes:
    """Every byte that is stored of recordings, unpacked."""
    database = Database(f"sqlite:///{real.data / 'waypost.sqlite'}")
    try:
        with database.reading() as connection:
            found = [
                repr(tuple(row)).encode()
                for table in (replay_tables.Replay, replay_tables.ReplayMoment, replay_tables.ReplayGone)
                for row in connection.execute(sa.select(tables.table(table)))
            ]
            parts = connection.execute(sa.select(tables.table(replay_tables.ReplayPart).c.events)).scalars()
            return b"\n".join([*found, *(gzip.decompress(part) for part in parts)])
    finally:
        database.close()


def test_of_a_page_full_of_secrets_no_stored_byte_knows_any(
    page: Any, server: FakeServer, start_server: StartServer, tmp_path: Path
) -> None:
    real = recording(server, start_server, tmp_path, mode="sessions")
    # The page has styles and scripts of its own, which a strict policy would take away before they are recorded.
    server.body, server.policy = planted_page(), None
    takes_no_time(page)
    opened(page, server, "/domains/p?token=cuscus#x")
    written_down(page)
    happen(page)
    page.complaints.uncaught.clear()
    found = whole_recordings(real)
    kept = kept_of_recordings(real)
    assert len(kept) > 20_000, "it is a recording all the same"
    assert traces(kept, {**STANDING, **LATER}) == []
    assert {each["scrubbed"] for each in found} == {0}, "and nothing was left for the server to find"


def test_from_a_rage_click_to_the_console_until_the_user_is_erased(
    page: Any, chromium: Any, server: FakeServer, start_server: StartServer, tmp_path: Path
) -> None:
    real = recording(server, start_server, tmp_path, mode="moments")
    added = CliRunner().invoke(
        cli,
        ["user", "add", ADA, "--role", "admin", "--password-stdin", "--data", str(real.data)],
        input=PASSWORD + "\n",
    )
    assert added.exit_code == 0, added.output
    server.body = PAGE
    records_a_rage_click(page, server)
    (found,) = recordings(real, event="$rage_click")
    assert (found["user"], found["steps"], found["scrubbed"]) == ("zebra-user", ["activation.verify_domain"], 0)
    kept = json.dumps(ask(real, f"/api/v1/replays/{found['id']}/events"))
    assert [word for word in (*SECRET.split(), "margarete", "zebra.example") if word in kept] == []
    assert page.complaints.console == []
    context = chromium.new_context(reduced_motion="reduce")
    console = context.new_page()
    signed_in(console, real, found["id"])
    plays_masked_and_jumps(console)
    ask(real, "/api/v1/users/zebra-user", "DELETE")
    console.reload()
    console.get_by_text("This recording is gone").wait_for()
    assert ask(real, "/api/v1/replays")["data"] == []
    context.close()
