"""Scheduled sources over HTTP and on the command line: made, looked at, called, and never telling a secret."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from dsl.values import DAY, Duration
from engine.couriers import Courier
from engine.fetching import Fetcher
from engine.scheduled.fetch import fetch_due
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem
from tests.engine.vendors import Zendesk, served, ticket

SOURCES = "/api/v1/sources"
TOKEN = "s3cret-token"
ZENDESK = {"address": "https://acme.zendesk.com/?tenant=7", "email": "admin@acme.example", "token": TOKEN}


def add(site: Site, values: dict[str, str] = ZENDESK, **more: Any) -> dict[str, Any]:
    answer = site.post(SOURCES, {"kind": "zendesk", "values": values, **more}, key=SECRET_KEY)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made: dict[str, Any] = answer.json  # type: ignore[assignment]
    return made


def patch(site: Site, number: int, body: dict[str, Any]) -> Any:
    return site.client.patch(f"{SOURCES}/{number}", json=body, headers={"Authorization": f"Bearer {SECRET_KEY}"})


def test_no_answer_tells_a_secret_and_who_may_not_change_it_sees_no_whole_address(site: Site) -> None:
    made = add(site)
    assert (made["secrets"], made["settings"]["address"]) == (["token"], ZENDESK["address"])
    assert (made["name"], made["every"], made["is_on"]) == ("Zendesk, tickets", "daily", True)
    looks = site.service.tenancy.create_key(1, _secret(), scopes=frozenset({_scope("settings:read")})).text
    listed = site.get(SOURCES, key=looks)
    assert listed.json["data"][0]["settings"]["address"] == "https://acme.zendesk.com/…"  # type: ignore[index]
    everything = [
        site.get(SOURCES),
        site.get(f"{SOURCES}/{made['id']}"),
        site.get(f"{SOURCES}?format=csv"),
        site.get("/api/v1/audit"),
        patch(site, made["id"], {"revision": 1, "every": "hourly"}),
        listed,
    ]
    for answer in everything:
        assert answer.status_code == 200
        assert TOKEN not in answer.get_data(as_text=True)
    assert problem(site.post(SOURCES, {"kind": "zendesk", "values": ZENDESK}, key=looks))["code"] == "missing_scope"
    assert problem(site.post(SOURCES, {"kind": "zendesk", "values": ZENDESK}, key=PUBLIC_KEY))["code"] == (
        "key_not_allowed"
    )


def _secret() -> Any:
    from engine.replies import KeyKind

    return KeyKind.SECRET


def _scope(name: str) -> Any:
    from engine.permissions import Scope

    return Scope(name)


WRONG = [
    ({"kind": "nowhere", "values": {}}, "bad_scheduled_source"),
    ({"kind": "zendesk", "values": {}}, "bad_scheduled_source"),
    ({"kind": "zendesk", "values": {**ZENDESK, "address": "https://10.0.0.7"}}, "bad_scheduled_source"),
    ({"kind": "zendesk", "values": ZENDESK, "step": "a.b"}, "bad_scheduled_source"),
    ({"kind": "zendesk", "values": ZENDESK, "every": "yearly"}, "invalid_fields"),
    ({"kind": "zendesk", "values": {"token": 7}}, "invalid_fields"),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("body", "code"), WRONG, ids=range(len(WRONG)))
def test_a_source_that_cannot_be_is_refused_with_its_reason(site: Site, body: dict[str, Any], code: str) -> None:
    told = problem(site.post(SOURCES, body, key=SECRET_KEY))
    assert (told["status"], told["code"]) == (422, code)
    assert TOKEN not in str(told)


def test_a_source_is_changed_called_and_removed(site: Site) -> None:
    made = add(site)
    number = made["id"]
    assert patch(site, number, {"revision": 9, "name": "x"}).status_code == 409
    moved = patch(site, number, {"revision": 1, "values": {"address": "https://evil.example"}})
    assert "again" in problem(moved)["detail"]
    off = patch(site, number, {"revision": 1, "is_on": False, "name": "Ours"}).json
    assert (off["is_on"], off["next_run"], off["name"]) == (False, None, "Ours")
    assert problem(site.post(f"{SOURCES}/{number}/run", {}, key=SECRET_KEY))["code"] == "bad_scheduled_source"
    on = patch(site, number, {"revision": 2, "is_on": True}).json
    assert on["next_run"] is not None
    site.clock.move(Duration(DAY))
    called = site.post(f"{SOURCES}/{number}/run", {}, key=SECRET_KEY)
    assert (called.status_code, called.json["next_run"][:10]) == (200, "2026-11-03")  # type: ignore[index]
    removed = site.client.delete(f"{SOURCES}/{number}", headers={"Authorization": f"Bearer {SECRET_KEY}"})
    assert removed.status_code == 200
    assert problem(site.get(f"{SOURCES}/{number}"))["code"] == "no_such_scheduled_source"


def test_runs_are_listed_page_by_page_and_as_a_file(site: Site) -> None:
    with served(Zendesk({"": [ticket(1, "DNS fails")]})) as (address, _):
        from engine.scheduled.desk import ScheduledDesk, SourceWanted

        desk = ScheduledDesk(site.service.database, allows_private=True)
        wanted = SourceWanted("zendesk", "", {**ZENDESK, "address": address})
        rules = site.service.rules_now(1).project
        number = desk.add(1, wanted, rules, by="key 1", now=site.clock.now).id
        for _ in range(3):
            fetch_due(site.service, Fetcher(Courier(allows_private=True)), clock=site.clock, renew=lambda: True)
            site.clock.move(Duration(DAY))
    first = site.get(f"{SOURCES}/{number}/runs?limit=2").json
    assert first is not None
    assert [each["state"] for each in first["data"]] == ["done", "done"]
    rest = site.get(f"{SOURCES}/{number}/runs?before={first['next']}").json
    assert rest is not None
    assert [(each["found"], each["kept"], each["error"]) for each in rest["data"]] == [(1, 1, None)]
    assert rest["next"] is None
    sheet = site.get(f"{SOURCES}/{number}/runs?format=csv").get_data(as_text=True)
    assert len(sheet.splitlines()) == 4
    [kept] = site.get("/api/v1/evidence").json["data"]  # type: ignore[index]
    assert (kept["source"], kept["external"], kept["by"]) == ("support_ticket", "zendesk:1", f"source {number}")


# --- the command line


def waypost(data: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["sources", *words, "--data", str(data)], input=typed, env={"COLUMNS": "140"})


def test_a_source_is_made_and_looked_after_on_the_command_line(tmp_path: Path, new_database: Path) -> None:
    shutil.copy(new_database, tmp_path)
    said = ("--set", "address=https://acme.zendesk.com", "--set", "email=a@acme.example", "--secret", "token")
    made = waypost(tmp_path, "add", "zendesk", *said, "--every", "hourly", typed=f"{TOKEN}\n")
    assert made.exit_code == 0, made.output
    assert "1  Zendesk, tickets (zendesk, hourly): next" in made.output
    listed = waypost(tmp_path, "list", "--json")
    document = json.loads(listed.stdout)["data"]
    assert [(each["kind"], each["secrets"]) for each in document] == [("zendesk", ["token"])]
    assert waypost(tmp_path, "change", "1", "--off", "--name", "Ours").exit_code == 0
    assert "Ours (zendesk, hourly): off" in waypost(tmp_path, "list").output
    assert waypost(tmp_path, "run", "1").exit_code == 1
    assert waypost(tmp_path, "change", "1", "--on").exit_code == 0
    assert waypost(tmp_path, "run", "1").exit_code == 0
    assert "no run yet" in waypost(tmp_path, "runs", "1").output
    assert "is removed" in waypost(tmp_path, "remove", "1").output
    everything = made.output + listed.output
    assert TOKEN not in everything


def test_kinds_say_what_they_need(tmp_path: Path) -> None:
    told = CliRunner().invoke(cli, ["sources", "kinds"], env={"COLUMNS": "140"}).output
    for word in ("zendesk", "intercom", "freshdesk", "app_store", "google_play", "url", "token (secret)"):
        assert word in told
    wrong = waypost(tmp_path, "add", "zendesk", "--set", "address")
    assert (wrong.exit_code, "write NAME=TEXT" in wrong.output) == (2, True)
