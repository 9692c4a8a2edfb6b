"""Every analysis answers as JSON, as CSV and as Parquet, on the command line and over HTTP, with the same rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from api.app import build_app, create_app, openapi
from api.cli.main import cli
from api.config import read_settings
from engine.alerts import ALERT_COLUMNS, Alert, AlertKind, alert_rows
from tests.running import SECRET_KEY

RULES = """
event "Signup"
event "Stuck"
event "Paid"

journey way "The way" {
  stage s "Sight" {
    step begin "Begin" reached by "Signup"
    step pay "Pay" reached by "Paid"
  }
}

guide help "Help" {
  on "Stuck"
  show modal { title "T" }
  once every 1 day
  goal "Paid" within 1 day
  expires 2099-12-31
}
"""

COMMANDS = {
    "funnel": ["funnel", "way"],
    "the design of a funnel": ["funnel", "way", "--part", "design"],
    "users of a funnel": ["funnel", "way", "--users", "1"],
    "users of a design": ["funnel", "way", "--manner", "any"],
    "paths": ["paths", "--steps", "Signup,Paid"],
    "a chain": ["paths", "--steps", "Signup,Paid", "--chain", "Signup,Stuck", "--then"],
    "users of paths": ["paths", "--steps", "Signup,Paid", "--users"],
    "effect": ["effect", "help"],
    "pages of heat maps": ["heat"],
    "a heat map": ["heat", "/pay", "--part", "scroll"],
    "users of a heat map": ["heat", "/pay", "--users", "seen"],
    "kpis": ["kpis"],
    "health": ["health", "--all", "--outcome", "Paid"],
    "opportunities": ["opportunities", "--days", "730"],
    "evidence": ["evidence", "list"],
    "recordings": ["replays", "list"],
    "scheduled sources": ["sources", "list"],
    "alerts": ["alerts"],
    "exports by schedule": ["exports"],
    "files by schedule": ["exports", "runs"],
    "figures that are watched": ["alerts", "steps"],
    "figures that were raised": ["alerts", "history"],
    "backtest": ["backtest", "--rules", "{rules}"],
    "roadmap": ["roadmap"],
    "intake": ["roadmap", "intake"],
    "audit": ["roadmap", "audit"],
    "export": ["roadmap", "export"],
    "review": ["roadmap", "review"],
    "outcomes": ["roadmap", "outcomes"],
    "themes": ["roadmap", "themes"],
    "starters": ["roadmap", "starters"],
    "cells": ["map", "cells", "way"],
    "targets": ["map", "target", "way"],
    "snapshots": ["map", "snapshots", "way"],
    "violations": ["plan", "violations"],
    "tagging": ["evidence", "rules"],
    "people of the console": ["user", "list"],
    "keys": ["keys", "list"],
    "projects": ["project", "list"],
    "versions of the rules": ["rules", "versions"],
    "acts": ["audit", "list"],
    "copies": ["person", "copies"],
}
ADDRESSES: dict[str, dict[str, Any]] = {
    "/api/v1/journeys/way/funnel": {},
    "/api/v1/journeys/way/funnel/users": {"at": 1},
    "/api/v1/funnel": {"step": ["Signup", "Paid"]},
    "/api/v1/funnel/users": {"step": ["Signup", "Paid"], "at": 1},
    "/api/v1/journeys/way/paths": {"at": "pay"},
    "/api/v1/journeys/way/paths/chain": {"at": "pay", "chain": ["Signup", "Stuck"]},
    "/api/v1/journeys/way/paths/users": {"at": "pay"},
    "/api/v1/paths": {"step": ["Signup", "Paid"]},
    "/api/v1/paths/chain": {"step": ["Signup", "Paid"], "chain": ["Signup", "Stuck"]},
    "/api/v1/paths/users": {"step": ["Signup", "Paid"]},
    "/api/v1/guides/help/effect": {},
    "/api/v1/heat": {"page": "/pay", "part": "scroll"},
    "/api/v1/heat/users": {"page": "/pay", "figure": "seen"},
    "/api/v1/heat/pages": {},
    "/api/v1/heat/snapshots": {},
    "/api/v1/kpis": {},
    "/api/v1/accounts/health": {"outcome": "Paid"},
    "/api/v1/opportunities": {},
    "/api/v1/evidence": {},
    "/api/v1/sources": {},
    "/api/v1/imports/mappings": {},
    "/api/v1/sources/kinds": {},
    "/api/v1/replays": {},
    "/api/v1/alerts": {},
    "/api/v1/step-alerts": {},
    "/api/v1/exports": {},
    "/api/v1/exports/runs": {"limit": 1},
    "/api/v1/step-alerts/history": {"limit": 1},
    "/api/v1/members": {},
    "/api/v1/roadmap": {},
    "/api/v1/roadmap/items": {},
    "/api/v1/roadmap/themes": {},
    "/api/v1/roadmap/outcomes": {},
    "/api/v1/roadmap/audit": {},
    "/api/v1/roadmap/export": {},
    "/api/v1/roadmap/review": {},
    "/api/v1/roadmap/starters": {},
    "/api/v1/roadmap/items/1/changes": {},
    "/api/v1/evidence/rules": {},
    "/api/v1/journeys/way/map/cells": {},
    "/api/v1/journeys/way/map/targets": {},
    "/api/v1/journeys/way/map/looks": {},
    "/api/v1/journeys/way/map/snapshots": {"limit": 1},
    "/api/v1/plan/violations": {"limit": 1},
    "/api/v1/rules/versions": {"limit": 1},
    "/api/v1/responses/tags": {},
    "/api/v1/answers": {},
    "/api/v1/keys": {},
    "/api/v1/flags": {"limit": 1},
}
MAY_BE_EMPTY = {
    "recordings",
    "pages of heat maps",
    "users of a heat map",
    "alerts",
    "exports by schedule",
    "files by schedule",
    "figures that were raised",
    "outcomes",
    "review",
    "opportunities",
    "copies",
}
MAY_FIND = {"audit", "violations"}
"""Exit with 1 where there is something to look at."""


QUICK_COMMANDS = {"evidence", "themes", "violations", "keys"}
QUICK_ADDRESSES = {"/api/v1/evidence", "/api/v1/alerts", "/api/v1/members", "/api/v1/journeys/way/map/targets"}
"""What an everyday run asks; `make test` asks all."""


def some(every: Iterable[str], quick: set[str]) -> list[Any]:
    return [each if each in quick else pytest.param(each, marks=pytest.mark.thorough) for each in every]


def waypost(*words: str) -> Result:
    return CliRunner().invoke(cli, words, env={"COLUMNS": "140", "WAYPOST_INIT_SECRET_KEY": SECRET_KEY})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve people of three accounts, half of whom got stuck and left; a request, a theme, a ticket, a member."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "rules.way").write_text(RULES)
    rows = ["user_id,event,timestamp"]
    for person in range(12):
        names = ("Signup", "Stuck", "Stuck") if person % 2 else ("Signup", "Stuck", "Paid")
        rows += [f"u{person},{name},2026-03-0{1 + person % 9}T09:0{minute}:00Z" for minute, name in enumerate(names)]
    (folder / "log.csv").write_text("\n".join(rows) + "\n")
    groups = [
        {
            "type": "group",
            "messageId": f"g{n}",
            "userId": f"u{n}",
            "groupId": f"a{n % 3}",
            "timestamp": "2026-03-01T08:00:00Z",
        }
        for n in range(12)
    ]
    (folder / "groups.jsonl").write_text("".join(json.dumps(each) + "\n" for each in groups))
    (folder / "tickets.csv").write_text(
        "id,time,text\n1,2026-03-02T10:00:00Z,=HYPERLINK(1)\n2,2026-03-02T10:00:00Z,slow\n"
    )
    (folder / "tagging.json").write_text('[{"step": "way.pay", "words": ["slow", "=late"]}]')
    (folder / "plan.json").write_text('{"events": {"Paid": {"schema": {"required": ["amount"]}}}}')
    place = ("--data", str(folder / "data"))
    for words in (
        ("rules", "publish", str(folder / "rules.way")),
        ("plan", "push", str(folder / "plan.json")),
        ("import", "csv", str(folder / "log.csv")),
        ("import", "segment", str(folder / "groups.jsonl")),
        ("import", "evidence", str(folder / "tickets.csv"), "--source", "support_ticket", "--step", "way.pay"),
        ("evidence", "rules", str(folder / "tagging.json")),
        ("map", "type", "way", "motivation", "=to be done", "--step", "pay"),
        ("map", "target", "way", "pay", "completion", "0.8"),
        ("map", "snapshot", "way"),
        ("keys", "create", "--public"),
        ("alerts", "watch", "drop", "way.pay", "--note", "=cmd"),
        ("sources", "add", "app_store", "--set", "app=123", "--name", "=cmd"),
        ("roadmap", "add", "Say what is stuck"),
        (
            "roadmap",
            "themes",
            "--add",
            "People get stuck",
            "--at",
            "way.pay",
            "--metric",
            "completion",
            "--target",
            "0.7",
        ),
        ("user", "add", "ada@example.com", "--role", "admin", "--password-stdin"),
    ):
        ran = CliRunner().invoke(cli, [*words, *place], input="a long password of hers\n")
        assert ran.exit_code == 0, (words, ran.output)
    return folder / "data"


@pytest.mark.parametrize("name", some(COMMANDS, QUICK_COMMANDS))
def test_a_command_prints_json_and_csv_and_writes_parquet(data: Path, tmp_path: Path, name: str) -> None:
    words = [word.format(rules=data.parent / "rules.way") for word in COMMANDS[name]]
    file = tmp_path / "answer.parquet"
    printed = waypost(*words, "--csv", "--parquet", str(file), "--data", str(data))
    assert printed.exit_code in ({0, 1} if name in MAY_FIND else {0}), printed.output
    rows = list(csv.DictReader(io.StringIO(printed.stdout)))
    table = pq.read_table(file)
    assert printed.stdout.splitlines()[0].split(",") == table.column_names
    assert table.num_rows == len(rows)
    assert rows or name in MAY_BE_EMPTY
    document = waypost(*words, "--json", "--data", str(data))
    assert json.loads(document.stdout) is not None


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    made = waypost("keys", "create", "--secret", "--json", "--data", str(data))
    app = create_app(read_settings({"WAYPOST_WORKER": "off"}, data_dir=str(data)))
    key = json.loads(made.stdout)["key"]
    with app.test_client() as client:
        yield client, {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("address", some(ADDRESSES, QUICK_ADDRESSES))
def test_an_address_answers_as_a_document_and_as_a_file(
    client: tuple[FlaskClient, dict[str, str]], address: str
) -> None:
    http, head = client
    asked: dict[str, Any] = ADDRESSES[address]
    document = http.get(address, query_string=asked, headers=head)
    assert (document.status_code, document.mimetype) == (200, "application/json"), document.get_data(as_text=True)
    sheet = http.get(address, query_string={**asked, "format": "csv"}, headers=head)
    assert (sheet.status_code, sheet.mimetype) == (200, "text/csv"), sheet.get_data(as_text=True)
    assert sheet.headers["Content-Disposition"].endswith('.csv"')
    parquet = http.get(address, query_string={**asked, "format": "parquet"}, headers=head)
    table = pq.read_table(io.BytesIO(parquet.get_data()))
    lines = list(csv.reader(io.StringIO(sheet.get_data(as_text=True))))
    assert (lines[0], len(lines) - 1) == (table.column_names, table.num_rows)


def test_a_backtest_is_a_file_too(client: tuple[FlaskClient, dict[str, str]]) -> None:
    http, head = client
    answer = http.post("/api/v1/guides/help/backtest", query_string={"format": "csv"}, json={}, headers=head)
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [(row["what"], row["moments"], row["people"]) for row in rows[:3]] == [
        ("considered", "18", ""),
        ("shown", "12", "12"),
        ("held out", "", "0"),
    ]


def test_a_cell_that_a_sheet_would_run_is_a_text(data: Path) -> None:
    printed = waypost("evidence", "list", "--csv", "--data", str(data)).stdout
    assert "'=HYPERLINK" in printed


def test_a_file_of_users_holds_all_of_them_and_a_document_a_page(client: tuple[FlaskClient, dict[str, str]]) -> None:
    http, head = client
    asked = {"step": ["Signup", "Paid"], "at": 1, "limit": 5}
    page = http.get("/api/v1/funnel/users", query_string=asked, headers=head).get_json()
    assert (len(page["data"]), page["next"]) == (5, page["data"][-1])
    sheet = http.get("/api/v1/funnel/users", query_string={**asked, "format": "csv"}, headers=head)
    assert len(sheet.get_data(as_text=True).splitlines()) == 13


def test_what_to_look_at_is_a_row() -> None:
    alert = Alert("help", AlertKind.TARGET_MISSING, 0.5, None, "look at it")
    assert list(alert_rows([alert])[0]) == list(ALERT_COLUMNS)


NO_FILE: dict[str, str] = {
    "are one thing, and no list of things": """
        /api/v1/evidence/{evidence_id} · /api/v1/imports/{import_id} · /api/v1/sources/{source_id}
        /api/v1/journeys/{journey}/steps/{step}
        /api/v1/me · /api/v1/opportunities/{opportunity} · /api/v1/pickers/{picker_id} · /api/v1/plan
        /api/v1/flags/public
        /api/v1/project · /api/v1/project/retention · /api/v1/project/signing · /api/v1/replays/settings
        /api/v1/heat/picture
        /api/v1/replays/{recording} · /api/v1/replays/{recording}/events
        /api/v1/roadmap/items/{item_id}
        /api/v1/roadmap/limits · /api/v1/roadmap/themes/{theme_id} · /api/v1/rules · /api/v1/rules/versions/{version}
        /api/v1/users · /api/v1/users/{user_id} · /api/v1/users/{user_id}/explain · /api/v1/users/{user_id}/export
        /api/v1/users/{user_id}/recorded
        /flags/definitions · /api/v1/audit/verify · /healthz · /metrics · /readyz · /version""",
    "serve the editor of rules while somebody writes": """
        /api/v1/catalog · /api/v1/guides · /api/v1/rules/draft · /api/v1/rules/draft/audience
        /api/v1/rules/draft/review · /api/v1/rules/form""",
    "say what waits or runs now, for a page that asks again": """
        /api/v1/imports · /api/v1/live · /api/v1/pickers · /api/v1/webhooks/{webhook_id}/deliveries""",
    "are settings and talk of the people of the console, each changed by itself": """
        /api/v1/comments · /api/v1/comments/open · /api/v1/invites · /api/v1/projects · /api/v1/shared-links
        /api/v1/webhooks""",
}
"""Addresses that give no files, and why. Every other list, figure or analysis is to be had as CSV and Parquet."""


def test_every_address_that_lists_something_gives_files() -> None:
    document = openapi(build_app())["paths"]
    lacking = {
        path
        for path, asked in document.items()
        if "get" in asked
        and not {"text/csv", "application/vnd.apache.parquet"} <= asked["get"]["responses"]["200"]["content"].keys()
    }
    excused = _named(NO_FILE)
    assert lacking - excused == set(), "give them `FileFormSchema`, `also_as` and `listed_in_form`"
    assert excused - lacking == set(), "they give files, or are no more, and need no excuse"


def _named(excuses: Mapping[str, str]) -> set[str]:
    """What is named in a table of excuses."""
    return {name.strip() for names in excuses.values() for line in names.split("\n") for name in line.split("·")} - {""}


NO_TABLE: dict[str, str] = {
    "change something, and say what became of it": """
        push · pull · rules publish · rules rollback · guidance stop · guidance resume · import csv · import segment
        import posthog · import amplitude · import mixpanel · import xes · import evidence · import roadmap
        evidence tag · evidence delete · map type · map confirm · map snapshot · roadmap add · roadmap set
        roadmap override · roadmap limits · lake sync · plan push · project add · project retention
        project signing add · project signing require · project signing withdraw · keys create · keys allow
        replays delete
        keys revoke · keys rotate · user add · user remove · user reset · user role · user sign-out · person erase
        db upgrade · db downgrade · backup · restore · picker
        sources add · sources change · sources run · sources remove
        alerts watch · alerts unwatch · exports add · exports run · exports remove""",
    "run until they are stopped": "demo · serve · worker · lsp · mcp",
    "answer one thing, no list of things": """
        rules diff · guidance status · plan show · project signing show · person export · audit verify · db verify
        doctor · config · replays export · replays settings""",
    "are about files, and need no project": "check · fmt · explain · test · diff · decide · eval · plan check",
    "write a text, which is the answer": "types · snippet · plan from · lake views · openapi",
    "write rules, which are the answer": "convert usertour · convert formbricks · convert unleash · convert growthbook",
    "are the files themselves, or pictures": """
        export csv · export ndjson · export parquet · export xes · export mermaid · export svg""",
}
"""Commands that answer no table, and why. Every other reads something, and gives it in all forms."""


def test_every_command_that_reads_something_gives_json_csv_and_parquet() -> None:
    excused = _named(NO_TABLE)
    known, lacking = set(), set()
    for name, command in _commands(cli):
        if isinstance(command, click.Group) and not command.invoke_without_command:
            continue
        known.add(name)
        options = {option: each for each in command.params for option in each.opts}
        written = getattr(options["--format"].type, "choices", ()) if "--format" in options else ()
        if not ({"--csv", "--json", "--parquet"} <= options.keys() or {"csv", "json", "parquet"} <= set(written)):
            lacking.add(name)
    assert lacking - excused == set(), "give them `file_options` and `json_option`"
    assert excused - lacking == set(), "they are there, and need no excuse"


def _commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for each in command.list_commands(context):
                found = command.get_command(context, each)
                assert found is not None
                yield from _commands(found, f"{name} {each}".strip())
