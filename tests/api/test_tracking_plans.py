"""Tracking plans over HTTP and on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem
from tests.running import RunningServer

PLAN = {
    "mode": "block",
    "events": {"Domain Added": {"mode": "warn", "schema": {"properties": {"attempt": {"type": "number"}}}}},
    "$defs": {"money": {"type": "number"}},
}
BROKEN = {"events": {"A": {"schema": {"pattern": "(?=a)"}}, "B": {"schema": {"$ref": "http://example.com/b.json"}}}}


def publish(site: Site, plan: object, **more: Any) -> dict[str, Any]:
    answer = site.post("/api/v1/plan", {"plan": plan, **more}, key=SECRET_KEY)
    assert answer.status_code == 200
    document: dict[str, Any] = orjson.loads(answer.get_data())
    return document


def get(site: Site, path: str) -> dict[str, Any]:
    answer = site.get(path)
    assert answer.status_code == 200
    document: dict[str, Any] = orjson.loads(answer.get_data())
    return document


def test_before_the_first_plan_there_is_none(site: Site) -> None:
    assert get(site, "/api/v1/plan") == {**dict.fromkeys(("version", "published", "by", "note")), "plan": {}}


def test_a_plan_is_put_in_force_and_shown_as_it_was_sent(site: Site) -> None:
    made = publish(site, PLAN, note="first")
    assert (made["version"], made["note"], made["plan"]) == (1, "first", PLAN)
    assert made["by"].startswith("key ")
    assert made["published"] == "2026-11-02T09:00:00Z"
    assert get(site, "/api/v1/plan") == made
    assert publish(site, PLAN)["version"] == 1
    assert publish(site, {})["version"] == 2


def test_a_plan_with_faults_is_refused_whole_and_every_fault_told(site: Site) -> None:
    publish(site, PLAN)
    refused = site.post("/api/v1/plan", {"plan": BROKEN}, key=SECRET_KEY)
    document = problem(refused)
    assert (refused.status_code, document["code"]) == (422, "plan_refused")
    assert [each["path"] for each in document["errors"]] == ["events.A.schema.pattern", "events.B.schema.$ref"]
    assert get(site, "/api/v1/plan")["plan"] == PLAN
    checked = site.post("/api/v1/plan/check", {"plan": BROKEN}, key=SECRET_KEY)
    assert orjson.loads(checked.get_data()) == {"ok": False, "errors": document["errors"]}
    assert orjson.loads(site.post("/api/v1/plan/check", {"plan": PLAN}, key=SECRET_KEY).get_data())["ok"] is True


@pytest.mark.parametrize("body", [{}, {"plan": []}, {"plan": {}, "more": 1}, {"plan": {}, "note": 5}])
def test_a_request_of_another_form_is_refused(site: Site, body: object) -> None:
    refused = site.post("/api/v1/plan", body, key=SECRET_KEY)
    assert (refused.status_code, problem(refused)["code"]) == (422, "invalid_fields")


def test_a_plan_that_is_too_large_is_refused(site: Site) -> None:
    body = orjson.dumps({"plan": {"description": "x" * 1024 * 1024}})
    refused = site.post("/api/v1/plan", body, key=SECRET_KEY)
    assert (refused.status_code, problem(refused)["code"]) == (413, "too_large")


@pytest.mark.parametrize("key", [PUBLIC_KEY, None])
def test_plans_are_for_secret_keys_only(site: Site, key: str | None) -> None:
    for answer in (site.get("/api/v1/plan", key=key), site.post("/api/v1/plan", {"plan": {}}, key=key)):
        assert answer.status_code in {401, 403}


def test_the_sender_is_warned_and_violations_are_listed_in_pages(site: Site) -> None:
    publish(site, {**PLAN, "unplanned": "warn"})
    messages = [
        {"type": "track", "event": "Domain Added", "userId": "u", "messageId": "m1", "properties": {"attempt": "2"}},
        *({"type": "track", "event": f"E{number}", "userId": "u"} for number in range(3)),
    ]
    receipt = orjson.loads(site.post("/v1/batch", {"batch": messages}).get_data())
    assert (receipt["accepted"], receipt["rejected"]) == (4, [])
    assert receipt["warnings"][0] == {
        "index": 0,
        "code": "plan_violation",
        "path": "$.properties.attempt",
        "message": "`attempt` of `Domain Added` must be a number, not a text",
    }
    page = get(site, "/api/v1/plan/violations?limit=2")
    assert page["data"][0] == {
        "event": "Domain Added",
        "path": "$.properties.attempt",
        "rule": "type",
        "warned": 1,
        "blocked": 0,
        "first": "2026-11-02T09:00:00Z",
        "last": "2026-11-02T09:00:00Z",
        "samples": [{"message_id": "m1", "received": "2026-11-02T09:00:00Z", "found": "a text"}],
    }
    rest = get(site, f"/api/v1/plan/violations?after={page['next']}")
    assert [each["event"] for each in page["data"] + rest["data"]] == ["Domain Added", "E0", "E1", "E2"]
    assert rest["next"] is None
    sheet = site.get("/api/v1/plan/violations?limit=2&format=csv", key=SECRET_KEY).get_data(as_text=True)
    assert [line.split(",")[0] for line in sheet.splitlines()] == ["event", "Domain Added", "E0", "E1", "E2"]
    assert [each["event"] for each in get(site, "/api/v1/plan/violations?event=E1")["data"]] == ["E1"]
    gone = site.client.delete("/api/v1/plan/violations", headers={"Authorization": f"Bearer {SECRET_KEY}"})
    assert orjson.loads(gone.get_data()) == {"forgotten": 4}
    assert get(site, "/api/v1/plan/violations") == {"data": [], "next": None}


@pytest.mark.parametrize("after", ["x", "W10=", "e30", "%00", "WzEsMiwzXQ=="])
def test_a_cursor_that_is_none_is_refused(site: Site, after: str) -> None:
    refused = site.get(f"/api/v1/plan/violations?after={after}")
    assert (refused.status_code, problem(refused)["code"]) == (422, "invalid_fields")


# the command line


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["plan", *map(str, arguments)])


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_bytes(orjson.dumps(PLAN))
    return path


def test_a_plan_goes_from_rules_to_the_database_and_back(tmp_path: Path) -> None:
    rules, data = tmp_path / "rules.way", tmp_path / "data"
    rules.write_text('event "Domain Added" { domain: text, attempt: number }\n')
    made = run("from", rules, "--block")
    assert made.exit_code == 0
    path = tmp_path / "plan.json"
    path.write_text(made.output)
    CliRunner().invoke(cli, ["db", "upgrade", "--data", str(data)])
    assert run("show", "--data", data).stdout == "{}\n"
    pushed = run("push", path, "--data", data, "--note", "first")
    assert (pushed.exit_code, pushed.output) == (0, "version 1 of the tracking plan is in force, with 1 event\n")
    assert orjson.loads(run("show", "--data", data).output) == orjson.loads(made.output)
    shown = orjson.loads(run("show", "--data", data, "--json").output)
    assert (shown["version"], shown["by"], shown["note"]) == (1, "command line", "first")
    fits = run("violations", "--data", data)
    assert (fits.exit_code, fits.output) == (0, "every event fits the plan\n")


def test_faults_of_a_plan_are_told_before_anything_changes(tmp_path: Path) -> None:
    path, data = tmp_path / "plan.json", tmp_path / "data"
    path.write_bytes(orjson.dumps(BROKEN))
    for command in (("check", path), ("push", path, "--data", data)):
        told = run(*command)
        assert told.exit_code == 1
        assert "events.A.schema.pattern: `(?=a)` is not a pattern of RE2" in told.output
        assert "events.B.schema.$ref: `http://example.com/b.json` cannot be followed" in told.output
        assert "2 faults: this plan cannot be used" in told.output
    assert not data.exists()
    path.write_text("{")
    told = run("check", path)
    assert (told.exit_code, "is not JSON" in told.output) == (2, True)


def test_a_recorded_history_is_held_against_a_plan(plan_file: Path, tmp_path: Path) -> None:
    assert run("check", plan_file).output == "nothing is wrong with this plan\n"
    events = tmp_path / "events.ndjson"
    good = {"type": "track", "event": "Domain Added", "userId": "u", "timestamp": "2026-03-01T09:30:00Z"}
    bad = {**good, "properties": {"attempt": "2"}}
    events.write_bytes(orjson.dumps(good) + b"\n\n")
    assert run("check", plan_file, events).exit_code == 0
    events.write_bytes(b"\n".join([orjson.dumps(bad), orjson.dumps(bad), b"{", orjson.dumps({"type": "x"})]))
    told = run("check", plan_file, events)
    assert told.exit_code == 1
    assert "Domain Added  $.properties.attempt  type  2 kept" in told.output
    assert "line 3: not JSON" in told.output
    assert "line 4: `type` is one of" in told.output
    document = orjson.loads(run("check", plan_file, events, "--json").output)
    assert document["violations"] == [
        {"event": "Domain Added", "path": "$.properties.attempt", "rule": "type", "warned": 2, "blocked": 0}
    ]


def test_rules_with_errors_make_no_plan(tmp_path: Path) -> None:
    path = tmp_path / "rules.way"
    path.write_text('event "A" {')
    told = run("from", path)
    assert (told.exit_code, told.stdout) == (1, "")
    assert "no plan was made" in told.stderr


def test_a_plan_is_pushed_to_a_server_elsewhere_and_what_does_not_fit_is_read_from_there(
    running_server: RunningServer, plan_file: Path
) -> None:
    there = ("--url", running_server.url, "--key", SECRET_KEY)
    pushed = run("push", plan_file, *there)
    assert pushed.exit_code == 0, pushed.output
    assert orjson.loads(run("show", *there).output) == PLAN
    assert run("violations", *there, "--json").output == "[]\n"
    assert run("violations", *there, "--clear").exit_code == 0


@pytest.mark.parametrize(
    "choices", [("--url", "http://127.0.0.1:1"), ("--url", "http://127.0.0.1:1", "--key", "k", "--data", "d")]
)
def test_choices_that_do_not_go_together_are_refused(choices: tuple[str, ...]) -> None:
    assert run("show", *choices).exit_code == 2
