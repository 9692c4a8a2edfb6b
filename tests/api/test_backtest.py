"""A backtest over HTTP and on the command line: over the project's own history, without publishing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from tests.api.asking import SECRET_KEY, Site, problem
from tests.api.test_rules_versions import publish, rules, versions


def message(number: int, user: str, time: str) -> dict[str, Any]:
    return {"type": "track", "event": "Failed", "userId": user, "messageId": f"m{number}", "timestamp": time}


HISTORY = [
    message(1, "u1", "2026-11-01T08:00:00Z"),
    message(2, "u2", "2026-11-01T09:00:00Z"),
    message(3, "u1", "2026-11-02T08:30:00Z"),
]


def ask(site: Site, guide: str = "help", **body: object) -> dict[str, Any]:
    answer = site.post(f"/api/v1/guides/{guide}/backtest", body, key=SECRET_KEY)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    return dict(answer.json)


@pytest.fixture
def lived(site: Site) -> Site:
    publish(site, "One")
    site.post("/v1/batch", {"batch": HISTORY}, key=SECRET_KEY)
    return site


def test_the_rules_in_force_over_the_projects_own_history(lived: Site) -> None:
    found = ask(lived)
    assert (found["people"], found["events"], found["moments"]) == (2, 3, 3)
    (guide,) = found["guides"]
    assert (guide["shows"], guide["people"], guide["considered"]) == (2, 2, 3)
    assert guide["by_day"] == [{"day": "2026-11-01", "shows": 2}, {"day": "2026-11-02", "shows": 0}]
    assert guide["removed"] == [{"reason": "FREQUENCY_CAPPED", "moments": 1, "people": 1}]
    assert "not effect" in found["caveat"]


def test_rules_that_are_not_published_can_be_tried(lived: Site) -> None:
    files = {"help.way": rules("Two").replace("once every 7 days", "once every 1 day")}
    assert ask(lived, files=files)["guides"][0]["shows"] == 3
    assert len(versions(lived)["data"]) == 1


RIVAL = """guide rival "Rival" {
  on "Failed"
  show modal { title "Rival" }
  once
  priority 90
  expires 2099-01-01
}
"""


def test_a_new_guide_alone_is_tried_beside_those_that_people_see_already(lived: Site, tmp_path: Path) -> None:
    alone = ask(lived, "rival", files={"rival.way": RIVAL})
    assert alone["guides"][0]["overlaps"] == []
    beside = ask(lived, "rival", files={"rival.way": RIVAL}, beside_live=True)
    (overlap,) = beside["guides"][0]["overlaps"]
    assert (overlap["guide"], overlap["won"], overlap["lost"]) == ("help", 2, 0)
    changed = {"help.way": rules("Two").replace("once every 7 days", "once every 1 day")}
    assert ask(lived, files=changed, beside_live=True)["guides"][0]["shows"] == 3
    assert len(versions(lived)["data"]) == 1

    (tmp_path / "rival.way").write_text(RIVAL)
    command = ["backtest", "--rules", str(tmp_path / "rival.way"), "--guide", "rival"]
    ran = CliRunner().invoke(cli, [*command, "--beside-live", "--data", str(tmp_path), "--json"])
    assert orjson.loads(ran.output) == beside
    (tmp_path / "none.ndjson").write_text("")
    ran = CliRunner().invoke(cli, [*command, "--beside-live", "--events", str(tmp_path / "none.ndjson")])
    assert (ran.exit_code, "--beside-live asks the database" in ran.output) == (2, True)


def test_the_window_bounds_what_is_counted(lived: Site) -> None:
    found = ask(lived, **{"from": "2026-11-01T08:30:00Z", "to": "2026-11-01T10:00:00Z"})
    assert (found["events"], found["guides"][0]["shows"]) == (1, 1)


@pytest.mark.parametrize(
    ("guide", "body", "status", "code"),
    [
        ("nobody", {}, 404, "unknown_guide"),
        ("help", {"files": {"a.way": "guide {"}}, 422, "invalid_rules"),
        ("help", {"files": {"../a.way": ""}}, 422, "invalid_fields"),
        ("help", {"from": "2026-11-02T00:00:00Z", "to": "2026-11-01T00:00:00Z"}, 422, "invalid_fields"),
        ("help", {"from": "yesterday"}, 422, "invalid_fields"),
    ],
)
def test_what_cannot_be_tried_is_told(lived: Site, guide: str, body: object, status: int, code: str) -> None:
    answer = lived.post(f"/api/v1/guides/{guide}/backtest", body, key=SECRET_KEY)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)


def test_a_history_that_is_too_long_for_a_request_is_told(lived: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.publications.MOST_REHEARSED", 2)
    answer = lived.post("/api/v1/guides/help/backtest", {}, key=SECRET_KEY)
    assert (answer.status_code, problem(answer)["code"]) == (422, "too_much_history")
    assert ask(lived, to="2026-11-01T10:00:00Z")["events"] == 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "help.way").write_text(rules("One"))
    (tmp_path / "history.ndjson").write_bytes(b"\n".join(orjson.dumps(each) for each in HISTORY))
    return tmp_path


def waypost(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(cli, ["backtest", "--rules", str(folder / "help.way"), *more])


def test_the_command_prints_what_a_person_wants_to_know(folder: Path) -> None:
    ran = waypost(folder, "--events", str(folder / "history.ndjson"))
    assert ran.exit_code == 0, ran.output
    for line in (
        "2 people, 3 events, 3 requests for guidance",
        "  came into question 3 times",
        "  shown 2 times to 2 people (100.0% of all)",
        "    2026-11-01       2 ████",
        "    FREQUENCY_CAPPED            1 times          1 people",
        "This is eligibility over a recorded history, not effect",
    ):
        assert line in ran.output


def test_a_file_and_the_database_give_the_same(folder: Path, lived: Site, tmp_path: Path) -> None:
    from_file = waypost(folder, "--events", str(folder / "history.ndjson"), "--json")
    from_database = waypost(folder, "--data", str(tmp_path), "--json")
    assert (from_file.exit_code, from_database.exit_code) == (0, 0), from_database.output
    assert orjson.loads(from_file.output) == orjson.loads(from_database.output) == ask(lived)


def test_an_empty_history_says_so(folder: Path) -> None:
    (folder / "none.ndjson").write_text("")
    ran = waypost(folder, "--events", str(folder / "none.ndjson"))
    assert (ran.exit_code, ran.output) == (0, "the history is empty: there is nobody to decide for\n")


def test_wrong_use_is_told(folder: Path) -> None:
    history = str(folder / "history.ndjson")
    unknown = waypost(folder, "--events", history, "--guide", "nobody")
    assert (unknown.exit_code, "there is no guide `nobody`" in unknown.output) == (2, True)
    backwards = waypost(folder, "--events", history, "--from", "2026-11-02", "--to", "2026-11-01")
    assert (backwards.exit_code, "--to is before --from" in backwards.output) == (2, True)
    (folder / "help.way").write_text("guide {")
    assert waypost(folder, "--events", history).exit_code == 1
