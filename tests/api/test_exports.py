"""Reports by schedule over HTTP, on the command line, in the console, and as the files that the worker writes."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from api.app import create_app
from api.background import runner_for
from api.cli.main import cli
from api.config import read_settings
from api.exporting import report_desk
from api.reports import REPORTS, FileReports
from api.serving import Serving, serving, system_clock
from engine.permissions import Role
from engine.report_schedules import Every, FileForm, Wanted
from tests.api.asking import Site
from tests.api.test_console_pages import ADA, PASSWORD, cheap_passwords, lively, visitor, words  # noqa: F401  (a fixture)
from tests.running import PUBLIC_KEY, SECRET_KEY

RULES = """
event "Begun"
event "Paid"
journey way "The way" { stage s "S" { step begin "Begin" reached by "Begun" step pay "Pay" reached by "Paid" } }
survey ease "Ease" { at way.pay ask text why "Why?" expires 2099-12-31 }
guide help "Help" { on "Begun" show modal { title "T" } once holdout 10% goal "Paid" within 1 day expires 2099-12-31 }
"""
EXPORTS = "/api/v1/exports"
HEAD = {"Authorization": f"Bearer {SECRET_KEY}"}


class Server:
    def __init__(self, folder: Path, *, is_on: bool = True) -> None:
        self.exports = folder / "exports"
        said = {
            "WAYPOST_WORKER": "off",
            "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
            "WAYPOST_INIT_SECRET_KEY": SECRET_KEY,
            **({"WAYPOST_EXPORTS_DIR": str(self.exports)} if is_on else {}),
        }
        self.settings = read_settings(said, data_dir=str(folder / "data"))
        self.app = create_app(self.settings)
        self.http: FlaskClient = self.app.test_client()
        assert self.send("post", "/api/v1/rules", {"files": {"a.way": RULES}}).status_code == 200
        batch = [
            {"type": "track", "userId": f"u{n}", "event": name, "timestamp": f"2026-10-0{1 + n}T09:0{place}:00Z"}
            for n in range(6)
            for place, name in enumerate(("Begun", "Paid")[: 1 + n % 2])
        ]
        batch.append({"type": "track", "userId": "=cmd", "event": "Begun", "timestamp": "2026-10-01T09:00:00Z"})
        assert self.send("post", "/v1/batch", {"batch": batch}).status_code == 202

    def send(self, method: str, path: str, body: Any = None) -> Any:
        return self.http.open(path, method=method, json=body, headers=HEAD)

    def work(self) -> None:
        with self.app.app_context():
            service = serving().service
        runner_for(service, self.settings, system_clock).run_due()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """For what leaves nothing behind that another test would see."""
    return Server(tmp_path_factory.mktemp("shared"))


def test_a_report_is_written_by_the_worker_and_fetched(server: Server) -> None:
    wanted = {"name": "funnel-way", "report": "funnel", "asked": {"journey": "way"}, "hour": 5}
    made = server.send("post", EXPORTS, wanted)
    assert made.status_code == 201, made.json
    assert (made.json["every"], made.json["form"], made.json["is_on"]) == ("day", "csv", True)
    events = {"name": "events", "report": "events", "form": "parquet", "asked": {"event": ["Begun"]}}
    other = server.send("post", EXPORTS, events).json["id"]
    everything = server.send("post", EXPORTS, {"name": "all", "report": "events", "every": "week", "on": 7}).json["id"]
    for number in (made.json["id"], other, everything):
        assert server.send("post", f"{EXPORTS}/{number}/run").status_code == 201
    server.work()
    runs = {run["schedule"]: run for run in server.send("get", f"{EXPORTS}/runs").json["data"]}
    assert [run["state"] for run in runs.values()] == ["done"] * 3, runs
    assert [runs[number]["rows"] for number in (made.json["id"], other, everything)] == [2, 7, 10]
    got = server.send("get", f"{EXPORTS}/runs/{runs[made.json['id']]['id']}/file")
    rows = list(csv.DictReader(io.StringIO(got.get_data(as_text=True))))
    assert [(row["name"], row["count"]) for row in rows] == [("begin", "7"), ("pay", "3")]
    assert got.headers["Content-Disposition"].startswith("attachment; filename=funnel-way-")
    table = pq.read_table(server.exports / "default" / runs[other]["file"])
    assert set(table.column("name").to_pylist()) == {"Begun"}
    said = (server.exports / "default" / runs[everything]["file"]).read_text()
    assert "'=cmd" in said, "no formula"
    listed = server.send("get", f"{EXPORTS}?format=csv").get_data(as_text=True)
    assert "every Sunday at 06:00" in listed


@pytest.mark.thorough
@pytest.mark.parametrize("report", list(REPORTS))
def test_every_report_of_the_registry_can_be_written(shared: Server, tmp_path: Path, report: str) -> None:
    asked: dict[str, Any] = {"journey": {"journey": "way"}, "guide": {"guide": "help"}, "": {}}[REPORTS[report].of]
    if report == "health":
        asked = {"outcome": "Paid"}
    days = 200 if REPORTS[report].has_period else None
    wanted = Wanted(report, report, asked, FileForm.CSV, days, Every.DAY, 6, 1)
    made = shared.send("post", EXPORTS, {"name": report, "report": report, "asked": asked, "days": days})
    assert made.status_code == 201, made.json
    with shared.app.app_context():
        service = serving().service
    to = tmp_path / "file.csv"
    number = FileReports(shared.settings).write(service, 1, wanted, None, to)
    assert len(to.read_text().splitlines()) == 1 + number


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"report": "everything"}, 422, "invalid_fields"),
        ({"asked": {}}, 422, "bad_schedule"),
        ({"asked": {"journey": "way", "colour": "red"}}, 422, "bad_schedule"),
        ({"asked": {"journey": "way", "format": "csv"}}, 422, "bad_schedule"),
        ({"days": 7}, 422, "bad_schedule"),
        ({"name": "../up"}, 422, "bad_schedule"),
        ({"hour": 25}, 422, "bad_schedule"),
        ({"every": "hour"}, 422, "invalid_fields"),
    ],
)
def test_what_cannot_be_written_says_why(shared: Server, changed: dict[str, Any], status: int, code: str) -> None:
    wanted = {"name": "funnel-way", "report": "funnel", "asked": {"journey": "way"}, **changed}
    answer = shared.send("post", EXPORTS, wanted)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_server_without_a_folder_says_what_to_set(tmp_path: Path) -> None:
    server = Server(tmp_path, is_on=False)
    answer = server.send("post", EXPORTS, {"name": "all", "report": "events"})
    assert (answer.status_code, answer.json["code"]) == (409, "exports_off")
    assert "WAYPOST_EXPORTS_DIR" in answer.json["detail"]


def test_a_file_that_somebody_took_away_or_of_nobody_is_not_found(server: Server) -> None:
    assert server.send("get", f"{EXPORTS}/runs/9/file").status_code == 404
    number = server.send("post", EXPORTS, {"name": "all", "report": "events"}).json["id"]
    server.send("post", f"{EXPORTS}/{number}/run")
    server.work()
    (run,) = server.send("get", f"{EXPORTS}/runs?export={number}").json["data"]
    (server.exports / "default" / run["file"]).unlink()
    assert server.send("get", f"{EXPORTS}/runs/{run['id']}/file").status_code == 404


def test_the_command_line_makes_lists_and_removes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYPOST_EXPORTS_DIR", str(tmp_path / "exports"))
    rules = tmp_path / "rules.way"
    rules.write_text(RULES)
    place = ["--data", str(tmp_path / "data")]

    def run(*words: str) -> Any:
        return CliRunner().invoke(cli, [*words, *place])

    assert run("rules", "publish", str(rules)).exit_code == 0
    made = run("exports", "add", "weekly", "funnel", "--with", "journey=way", "--every", "week", "--on", "1")
    assert made.output == "export 1 (`weekly`) is written every Monday at 06:00\n"
    assert "weekly.csv  funnel  every Monday at 06:00; next at" in run("exports").output
    assert json.loads(run("exports", "--json").output)["data"][0]["asked"] == {"journey": "way"}
    assert run("exports", "run", "1").exit_code == 0
    assert "waiting" in run("exports", "runs").output
    assert run("exports", "add", "bad", "funnel", "--with", "journey").exit_code == 2
    assert run("exports", "remove", "1").exit_code == 0
    assert run("exports").output == "nothing is exported by schedule yet\n"


def test_the_console_lists_what_is_written_and_how_it_went(site: Site, tmp_path: Path) -> None:
    lively(site, people=2)
    ada = visitor(site, Role.ADMIN)
    page = "/console/p/default/settings/exports"
    assert "This server writes no exports" in words(ada.get(page))
    here: Serving = site.app.extensions["waypost"]
    site.app.extensions["waypost"] = replace(here, settings=replace(here.settings, exports_dir=tmp_path / "exports"))
    assert "Nothing is exported by schedule yet" in words(ada.get(page))
    made = site.post(EXPORTS, {"name": "funnel-way", "report": "funnel", "asked": {"journey": "activation"}})
    assert made.status_code == 403, "not with a public key"
    wanted = {"name": "funnel-way", "report": "funnel", "asked": {"journey": "activation"}}
    assert site.post(EXPORTS, wanted, key=SECRET_KEY).status_code == 201
    assert site.post(f"{EXPORTS}/1/run", {}, key=SECRET_KEY).status_code == 201
    said = ada.get(page)
    assert "funnel-way.csv Funnel of a journey journey=activation every day at 06:00" in words(said)
    assert "data-goes-on" in said.get_data(as_text=True)
    desk = report_desk(site.service.database, site.app.extensions["waypost"].settings)
    desk.work(site.service, clock=site.clock, renew=lambda: True)
    assert "done 2" in words(ada.get(page))
    # Somebody in two projects: the address of the page says which.
    site.service.tenancy.add("another")
    site.service.staff.add(2, ADA, Role.ADMIN, password=PASSWORD)
    (link,) = re.findall(r'href="([^"]+)" download', ada.get(page).get_data(as_text=True))
    got = ada.get(link)
    assert got.headers["Content-Disposition"].startswith("attachment; filename=funnel-way-")
    assert len(got.get_data(as_text=True).splitlines()) == 3
    assert ada.get(link.replace("/p/default/", "/p/another/")).status_code == 404, "of another project"
    assert ada.get(f"{page}?file=99").status_code == 404


def test_a_viewer_has_nothing_to_press_there_and_gets_no_file(site: Site) -> None:
    viewer = visitor(site, Role.VIEWER)
    text = viewer.get("/console/p/default/settings/exports").get_data(as_text=True)
    assert "data-send" not in text.partition("<h1>")[2]
    assert viewer.get("/console/p/default/settings/exports?file=1").status_code == 403
