"""Export, erasure and retention over HTTP and on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from dsl.values import Instant, read_instant
from engine.privacy import BadRetention
from engine.service import Service
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem

EVENTS = {
    "batch": [
        {"type": "identify", "userId": "ada", "anonymousId": "a1", "messageId": "m1", "traits": {"plan": "pro"}},
        {"type": "track", "event": "Signed Up", "userId": "ada", "messageId": "m2"},
        {"type": "track", "event": "Signed Up", "userId": "bob", "messageId": "m3"},
    ]
}


def asked(site: Site, method: str, path: str, body: object = None) -> Any:
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    data = None if body is None else orjson.dumps(body)
    return site.client.open(path, method=method, data=data, headers=headers)


@pytest.fixture
def told(site: Site) -> Site:
    assert site.post("/v1/batch", EVENTS).status_code == 202
    return site


@pytest.mark.parametrize("name", ["ada", "a1"])
def test_an_export_is_one_document(told: Site, name: str) -> None:
    found = told.get(f"/api/v1/users/{name}/export").json
    assert found is not None
    assert (found["user_id"], found["anonymous_ids"]) == ("ada", ["a1"])
    assert [each["message_id"] for each in found["events"]] == ["m1", "m2"]
    assert found["events"][0]["traits"] == {"plan": "pro"}
    assert "bob" not in str(found)


def test_an_erased_user_is_gone_and_the_late_retry_is_taken_for_a_repeated_message(told: Site) -> None:
    answer = asked(told, "DELETE", "/api/v1/users/ada")
    assert answer.status_code == 200
    assert (answer.json["finished"], answer.json["copies"], answer.json["rows"]["event"]) == (True, [], 2)
    assert problem(told.get("/api/v1/users/ada"))["code"] == "unknown_user"
    again = told.post("/v1/batch", EVENTS)
    assert again.status_code == 202
    assert problem(told.get("/api/v1/users/ada"))["code"] == "unknown_user"
    assert told.get("/api/v1/users/bob").status_code == 200


def test_erasing_again_says_the_same_and_an_unknown_user_is_not_there(told: Site) -> None:
    asked(told, "DELETE", "/api/v1/users/ada")
    again = asked(told, "DELETE", "/api/v1/users/ada")
    assert (again.status_code, again.json["rows"]) == (200, {})
    assert problem(asked(told, "DELETE", "/api/v1/users/nobody"))["code"] == "unknown_user"
    assert problem(told.get("/api/v1/users/nobody/export"))["code"] == "unknown_user"


def test_a_public_key_neither_exports_nor_erases(told: Site) -> None:
    refused = told.client.delete("/api/v1/users/ada", headers={"Authorization": f"Bearer {PUBLIC_KEY}"})
    assert problem(refused)["code"] == "key_not_allowed"
    assert problem(told.get("/api/v1/users/ada/export", key=PUBLIC_KEY))["code"] == "key_not_allowed"


@pytest.mark.parametrize("days", [1, 400, None])
def test_retention_is_set_and_read(site: Site, days: int | None) -> None:
    assert asked(site, "PUT", "/api/v1/project/retention", {"days": days}).json == {"days": days}
    assert site.get("/api/v1/project/retention").json == {"days": days}


@pytest.mark.parametrize("days", [0, -1, 1.5, "30", 40_000])
def test_a_retention_that_cannot_be_is_refused(site: Site, days: Any) -> None:
    assert problem(asked(site, "PUT", "/api/v1/project/retention", {"days": days}))["code"] == "invalid_fields"
    assert site.get("/api/v1/project/retention").json == {"days": None}


def test_a_question_about_a_time_that_is_gone_is_answered_410(told: Site) -> None:
    service, project = told.service, told.service.projects()[0].id
    rules = {"a.way": 'event "Signed Up"\nguide help "H" {\n  on "Signed Up"\n  show modal { title "T" }\n  once\n}\n'}
    service.publish(project, rules)
    service.privacy.set_retention(project, 1)
    day = 86_400_000_000
    service.privacy.retain(project, told.clock.now + 5 * day)  # type: ignore[arg-type]
    gone = told.get("/api/v1/users/ada/explain?guide=help&at=2020-01-01T00:00:00Z&rules=now")
    assert (gone.status_code, problem(gone)["code"]) == (410, "history_removed")


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--data", str(data)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    then = read_instant("2026-01-05T00:00:00Z") or Instant(0)
    folder = tmp_path / "data"
    service = Service.open(f"sqlite:///{folder / 'waypost.sqlite'}", clock=lambda: then)
    service.receive(service.ensure_project().id, list(EVENTS["batch"]), received=then)
    service.close()
    return folder


def test_a_person_is_exported_to_a_file_that_erasing_tells_of(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "ada.json"
    assert "2 events" in run(data, "person", "export", "ada", "--out", str(file)).output
    assert orjson.loads(file.read_bytes())["user_id"] == "ada"
    printed = run(data, "person", "export", "ada")
    assert orjson.loads(printed.stdout)["anonymous_ids"] == ["a1"]
    erased = run(data, "person", "erase", "ada", "--yes")
    assert erased.exit_code == 0
    assert "2 event" in erased.output
    assert str(file) in erased.output
    assert "removed" not in run(data, "person", "copies").output
    assert "removed 20" in run(data, "person", "copies", "--removed", "1").output
    assert "yours to remove" not in run(data, "person", "erase", "ada", "--yes").output
    assert run(data, "person", "copies", "--removed", "1").exit_code == 2
    assert run(data, "person", "export", "nobody").exit_code == 2


def test_erasing_asks_first(data: Path) -> None:
    asked_first = CliRunner().invoke(cli, ["person", "erase", "ada", "--data", str(data)], input="n\n")
    assert asked_first.exit_code == 1
    assert run(data, "person", "export", "ada").exit_code == 0


def test_retention_on_the_command_line(data: Path) -> None:
    assert "keeps all events" in run(data, "project", "retention").output
    assert "for 30 days" in run(data, "project", "retention", "--days", "30").output
    done = orjson.loads(run(data, "project", "retention", "--now", "--json").stdout)
    assert done == {"project": "default", "days": 30, "removed": 3}
    assert "0 faults" in run(data, "db", "verify").output
    assert "keeps all events" in run(data, "project", "retention", "--off").output
    assert run(data, "project", "retention", "--off", "--days", "3").exit_code == 2
    assert isinstance(run(data, "project", "retention", "--days", "0").exception, BadRetention)
