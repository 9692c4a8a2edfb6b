"""Records of steps over HTTP and on the command line: as documents, as tables, as people, and what somebody read."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from api.cli.analyzing import PAGE, Form
from api.cli.main import cli
from api.serving import system_clock
from api.tables import ALL
from engine.analytics.record_tables import COLUMNS, Part
from engine.permissions import Scope
from engine.replies import KeyKind, Published
from engine.service import Service
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem

RULES = """
attribute plan: text
persona pro "Pro" where plan is "pro"
journey way "The way" {
  stage early "Early" {
    step begin "Begin" reached by "Begun"
    step connect "Connect" reached by "Connected" attempted by "Failed" expect within 1 hour
  }
  gives up after 7 days
}
survey ease "Ease" {
  at way.connect
  ask effort ease "How easy?"
  ask text detail "What else?" optional
  expires 2099-12-31
}
"""
SOUR = "This is horrible, I hate it!"
STORY = [
    # user, event, minute, properties
    *((f"u{number}", "Begun", 0, {}) for number in range(8)),
    *((f"u{number}", "Failed", 5, {}) for number in range(2)),
    *((f"u{number}", "Wandered", 6, {}) for number in range(2, 4)),
    *((f"u{number}", "Connected", 10, {}) for number in range(2, 8)),
    *((f"u{number}", "$shown", 20, {"guide": "ease"}) for number in range(2, 8)),
    *((f"u{number}", "$answered", 21, {"question": "ease", "value": 7, "submission": "s"}) for number in range(2, 7)),
    ("u2", "$answered", 22, {"question": "detail", "value": SOUR, "submission": "s", "language": "en"}),
    ("robot", "$release", 30, {"version": "2.1.0"}),
]
WAY = "/api/v1/journeys/way"


def answers(properties: dict[str, object]) -> dict[str, object]:
    return {"guide": "ease", **properties} if properties else {}


def batch() -> list[dict[str, object]]:
    return [
        {
            "type": "track",
            "userId": user,
            "event": name,
            "timestamp": f"2026-01-01T00:{minute:02}:00Z",
            "properties": properties if name == "$release" else answers(properties),
        }
        for user, name, minute, properties in STORY
    ]


@pytest.fixture
def lively(site: Site) -> Site:
    """Eight people who begin; two fail, six connect, and five say how it was."""
    assert isinstance(site.service.publish(1, {"rules.way": RULES}), Published)
    assert site.post("/v1/batch", {"batch": batch()}, key=PUBLIC_KEY).status_code == 202
    return site


def test_records_transitions_and_the_curve_are_documents(lively: Site) -> None:
    records = document(lively, f"{WAY}/records")["records"]
    connect = next(each for each in records if each["step"] == "connect")
    assert (connect["entered"], connect["done"]["count"], connect["tried_and_failed"]["count"]) == (8, 6, 2)
    assert connect["pace"]["spent"]["median"] == 600.0
    assert (connect["pace"]["expected"], connect["pace"]["within"], connect["stage"]["letter"]) == (3600.0, 6, "A")
    # What was read from words gives way to what was said in the same submission.
    assert connect["emotion"]["n"] == 5
    assert [each["feeling"] for each in connect["mix"]][:2] == ["delighted", "confident"]
    (transition,) = document(lively, f"{WAY}/transitions")["transitions"]
    assert (transition["started"], transition["went_on"], transition["lost"], transition["direct"]) == (8, 6, 2, 4)
    assert transition["unplanned"] == [{"name": "Wandered", "count": 2, "people": 2, "went_on": 2, "lost": 0}]
    assert transition["stage"] == transition["to_stage"] == connect["stage"]
    assert document(lively, f"{WAY}/steps/connect")["stage"] == connect["stage"]
    (curve,) = document(lively, f"{WAY}/curve")["curves"]
    assert [mark["label"] for mark in curve["marks"] if mark["kind"] == "release"] == ["2.1.0"]
    point = next(each for each in curve["points"] if each["step"] == "connect")
    assert point["emotion"]["interval"] == {"low": point["emotion"]["mean"], "high": point["emotion"]["mean"]}


@pytest.mark.thorough
def test_groups_are_told_by_name(lively: Site) -> None:
    days = document(lively, f"{WAY}/records?by=day")["records"]
    assert {each["group"] for each in days} == {"2026-01-01"}
    personas = document(lively, f"{WAY}/transitions?by=persona")["transitions"]
    assert [each["group"] for each in personas] == ["(not set)"]


FILES = [
    ("records", Part.RECORDS),
    ("records", Part.SIGNALS),
    ("transitions", Part.TRANSITIONS),
    ("transitions", Part.UNPLANNED),
    ("curve", Part.CURVE),
    ("curve", Part.MARKS),
    ("responses", Part.RESPONSES),
    ("asked", Part.ASKED),
    ("terms", Part.TERMS),
    ("disagreements", Part.DISAGREEMENTS),
]


@pytest.mark.thorough
def test_every_part_is_a_table_in_both_forms(lively: Site) -> None:
    for address, part in FILES:
        chosen = f"&part={part}" if address in {"records", "transitions", "curve"} else ""
        chosen += "&from=2026-01-01T00:00:00Z" if address == "terms" else ""
        as_csv = lively.get(f"{WAY}/{address}?format=csv{chosen}")
        rows = list(csv.DictReader(io.StringIO(as_csv.get_data(as_text=True))))
        head = as_csv.get_data(as_text=True).splitlines()[0].split(",")
        assert head == list(COLUMNS[part]), part
        assert f"{part}.csv" in as_csv.headers["Content-Disposition"]
        told = pq.read_table(io.BytesIO(lively.get(f"{WAY}/{address}?format=parquet{chosen}").data))
        assert told.column_names == list(COLUMNS[part])
        assert told.num_rows == len(rows), part
        assert rows or part is Part.SIGNALS, part


def test_answers_tell_who_gave_them_only_to_who_may_look_people_up(lively: Site) -> None:
    first = document(lively, f"{WAY}/responses?step=connect&limit=1")
    assert (first["total"], len(first["data"])) == (6, 1)
    said = first["data"][0]
    assert (said["user"], said["text"], said["inferred"], said["rules_version"]) == ("u2", SOUR, True, None)
    rest = document(lively, f"{WAY}/responses?step=connect&before={first['next']}")
    assert len(rest["data"]) == 5
    key = lively.service.tenancy.create_key(1, KeyKind.SECRET, scopes=frozenset({Scope.RECORDS_READ})).text
    blind = lively.get(f"{WAY}/responses", key=key).json
    assert blind is not None
    assert {each["user"] for each in blind["data"]} == {None}
    assert [each["user"] for each in lively.get(f"{WAY}/disagreements", key=key).json["disagreements"]] == [None]  # type: ignore[index]  # it is JSON


def test_who_kept_silent_is_listed(lively: Site) -> None:
    (ease,) = document(lively, f"{WAY}/asked?step=connect")["surveys"]
    assert (ease["asked"], ease["answered"], ease["silent"]) == (6, 5, 1)
    assert document(lively, f"{WAY}/asked/silent?step=connect") == {"data": ["u7"], "next": None}
    file = lively.get(f"{WAY}/asked/silent?step=connect&format=csv", key=SECRET_KEY)
    assert (file.content_type, file.text) == ("text/csv; charset=utf-8", "user\r\nu7\r\n")


def test_a_disagreement_is_read_by_somebody_and_put_back(lively: Site) -> None:
    (one,) = document(lively, f"{WAY}/disagreements?read=false")["disagreements"]
    assert (one["user"], one["question"], one["text_question"], one["score"]) == ("u2", "ease", "detail", 7)
    said = {"id": one["id"], "verdict": "text", "feeling": "frustrated", "note": "the scale was taken the other way"}
    read = lively.post(f"{WAY}/disagreements", said, key=SECRET_KEY).json
    assert read is not None
    assert (read["reading"]["verdict"], read["reading"]["feeling"], read["reading"]["by"]) == (
        "text",
        "frustrated",
        "key 2",
    )
    assert document(lively, f"{WAY}/disagreements?read=false")["disagreements"] == []
    assert document(lively, f"{WAY}/disagreements?read=true")["unread"] == 0
    assert lively.post(f"{WAY}/disagreements", {"id": one["id"], "verdict": None}, key=SECRET_KEY).status_code == 200
    assert document(lively, f"{WAY}/disagreements")["unread"] == 1


WRONG = [
    ("records?by=month", "invalid_fields"),
    ("records?where=nothing is set and", "bad_condition"),
    ("records?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "bad_period"),
    ("responses?step=nowhere", "unknown_step"),
    ("asked?survey=nothing", "unknown_guide"),
    ("terms?limit=0", "invalid_fields"),
]


def test_what_cannot_be_asked_says_why(lively: Site) -> None:
    assert [problem(lively.get(f"{WAY}/{address}"))["code"] for address, _ in WRONG] == [code for _, code in WRONG]
    missing = lively.post(f"{WAY}/disagreements", {"id": "7-8", "verdict": "both"}, key=SECRET_KEY)
    assert problem(missing)["code"] == "unknown_disagreement"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    (folder / "events.ndjson").write_text("\n".join(map(json.dumps, batch())))
    (folder / "data").mkdir()
    service = Service.open(f"sqlite:///{folder / 'data' / 'waypost.sqlite'}", clock=system_clock)
    assert isinstance(service.publish(service.ensure_project().id, {"rules.way": RULES}), Published)
    service.close()
    waypost("import", "segment", folder / "events.ndjson", "--data", folder / "data")
    return folder / "data"


VIEWS = [
    # options, what people get to read
    (("--from", "2025-12-01"), ["A Connect", "10 min", "bots"]),
    (("--by", "day"), ["2026-01-01", "A Begin"]),
    (("--transitions",), ["begin → connect", "Wandered", "67% "]),
    (("--curve",), ["A Connect", "release 2.1.0", "n = 5"]),
    (("--responses", "--limit", "2"), ["ease.detail", "6 in all: go on with --before"]),
    (("--asked",), ["ease", "83%"]),
    (("--silent",), ["u7"]),
    (("--terms", "--from", "2025-12-01"), ["horrible", "too few texts"]),
    (("--disagreements", "--unread"), [SOUR, "1 of 1 unread"]),
]


@pytest.mark.thorough
def test_the_command_line_tells_every_view_to_people(folder: Path) -> None:
    for options, words in VIEWS:
        shown = waypost("records", "way", *options, "--data", folder)
        assert [word for word in words if word not in shown] == [], (options, shown)


def test_the_command_line_tells_machines_and_keeps_what_somebody_reads(folder: Path) -> None:
    ask = ("records", "way", "--data", folder)
    (one,) = json.loads(waypost(*ask, "--disagreements", "--json"))["disagreements"]
    told = waypost(*ask, "--judge", one["id"], "--verdict", "score", "--author", "Ada")
    assert told.startswith(f"{one['id']}: read, the score says what was meant")
    (again,) = json.loads(waypost(*ask, "--disagreements", "--json"))["disagreements"]
    assert again["reading"]["by"] == "Ada"
    assert waypost(*ask, "--judge", one["id"], "--verdict", "none").strip() == f"{one['id']}: unread again"
    table = waypost(*ask, "connect", "--csv")
    assert [row["step"] for row in csv.DictReader(io.StringIO(table))] == ["connect"]


def test_a_file_holds_everybody_and_the_screen_a_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.analyzing.PAGE", 1)
    for words, everybody in (
        (("funnel", "way", "--users", "2"), [f"u{number}" for number in range(2, 8)]),
        (("paths", "way", "--at", "connect", "--users"), ["u0", "u1"]),
    ):
        assert waypost(*words, "--csv", "--data", folder).split()[1:] == everybody
        assert waypost(*words, "--csv", "--limit", "1", "--data", folder).split()[1:] == everybody[:1]
        assert waypost(*words, "--data", folder).split() == everybody[:1]


def test_how_many_users_an_answer_has_follows_from_its_form() -> None:
    for form, limit, most in (
        (Form(), None, PAGE),
        (Form(as_json=True), None, PAGE),
        (Form(as_csv=True), None, ALL),
        (Form(parquet="users.parquet"), None, ALL),
        (Form(as_csv=True), 7, 7),
        (Form(), 1_000, 1_000),
    ):
        assert form.most_users(limit) == most


def test_the_command_line_says_what_goes_together(folder: Path) -> None:
    for options, words in (
        (("--curve", "--part", "unplanned"), "--part unplanned goes with --transitions"),
        (("--judge", "1-1"), "say what was meant with --verdict"),
        (("connect", "--curve"), "a curve is that of a whole journey"),
    ):
        result = CliRunner().invoke(cli, ["records", "way", *options, "--data", str(folder)])
        assert result.exit_code == 2
        assert words in result.output


def document(site: Site, address: str) -> Any:
    answer = site.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    return answer.json


def waypost(*words: object) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(cli, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout
