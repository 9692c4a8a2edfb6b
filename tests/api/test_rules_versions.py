"""Rules in production: who published what and why, going back, and the switch that stops all guidance at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.config import read_settings
from api.start import open_service
from dsl.values import MINUTE
from tests.api.asking import ORIGIN, SECRET_KEY, Site, problem

FAILED = {"type": "track", "event": "Failed", "userId": "u1"}


def rules(title: str) -> str:
    return f"""event "Failed"

guide help "Help" {{
  on "Failed"
  show modal {{ title "{title}" }}
  once every 7 days
  expires 2099-01-01
}}
"""


def publish(site: Site, title: str, **more: object) -> TestResponse:
    return site.post("/api/v1/rules", {"files": {"help.way": rules(title)}, **more}, key=SECRET_KEY)


def versions(site: Site, query: str = "") -> dict[str, Any]:
    answer = site.get(f"/api/v1/rules/versions{query}")
    assert answer.json is not None
    return dict(answer.json)


def titles(site: Site) -> list[str]:
    """What a user who just failed is shown."""
    answer = site.post("/v1/batch", {"batch": [FAILED], "decide": True}, Origin=ORIGIN)
    assert answer.json is not None
    return [each["content"]["title"] for each in answer.json["decisions"]]


def test_every_publication_is_kept_with_who_when_and_why(site: Site) -> None:
    publish(site, "One", note="first words")
    site.clock.move(MINUTE)
    publish(site, "Two", note="shorter")
    found = versions(site)["data"]
    assert [(each["version"], each["note"], each["active"]) for each in found] == [
        (2, "shorter", True),
        (1, "first words", False),
    ]
    assert [each["published"] for each in found] == ["2026-11-02T09:01:00Z", "2026-11-02T09:00:00Z"]
    assert all(each["by"] for each in found)


def test_versions_come_in_pages_and_all_of_them_as_a_file(site: Site) -> None:
    for title in ("One", "Two", "Three"):
        publish(site, title)
    first = versions(site, "?limit=2")
    assert ([each["version"] for each in first["data"]], first["next"]) == ([3, 2], 2)
    last = versions(site, f"?limit=2&before={first['next']}")
    assert ([each["version"] for each in last["data"]], last["next"]) == ([1], None)
    sheet = site.get("/api/v1/rules/versions?limit=2&format=csv").get_data(as_text=True)
    assert [line.split(",")[0] for line in sheet.splitlines()] == ["version", "3", "2", "1"]


def test_a_version_tells_what_it_changed(site: Site) -> None:
    publish(site, "One")
    publish(site, "Two")
    second = site.get("/api/v1/rules/versions/2").json
    assert second is not None
    assert (second["against"], second["files"]) == (1, {"help.way": rules("Two")})
    (change,) = second["changes"]
    assert change["file"] == "help.way"
    changed = [line for line in change["diff"].splitlines() if line[0] in "+-"]
    assert changed == [
        "--- help.way",
        "+++ help.way",
        '-  show modal { title "One" }',
        '+  show modal { title "Two" }',
    ]
    first = site.get("/api/v1/rules/versions/1").json
    assert first is not None
    assert (first["against"], first["changes"][0]["diff"].splitlines()[0]) == (None, "--- /dev/null")


def test_going_back_is_one_call_and_a_version_of_its_own(site: Site) -> None:
    publish(site, "One")
    publish(site, "Two")
    answer = site.post("/api/v1/rules/rollback", {"version": 1}, key=SECRET_KEY)
    assert answer.json is not None
    assert (answer.status_code, answer.json["version"]) == (200, 3)
    assert titles(site) == ["One"]
    assert versions(site)["data"][0]["note"] == "back to version 1"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/api/v1/rules/rollback", {"version": 9}),
        ("get", "/api/v1/rules/versions/9", None),
        ("get", "/api/v1/rules/versions/1?against=9", None),
    ],
)
def test_a_version_that_never_was_is_not_found(site: Site, method: str, path: str, body: object) -> None:
    publish(site, "One")
    answer = site.get(path) if method == "get" else site.post(path, body, key=SECRET_KEY)
    assert (answer.status_code, problem(answer)["code"]) == (404, "unknown_version")


def test_nobody_undoes_what_they_have_not_seen(site: Site) -> None:
    publish(site, "One", expected=0)
    publish(site, "Two", expected=1)
    answer = publish(site, "Three", expected=1)
    assert (answer.status_code, problem(answer)["code"]) == (409, "stale_version")
    assert titles(site) == ["Two"]


def test_checking_changes_nothing(site: Site) -> None:
    publish(site, "One")
    broken = rules("Two").replace('on "Failed"', 'on "Faled"')
    answer = site.post("/api/v1/rules/check", {"files": {"help.way": broken}}, key=SECRET_KEY)
    assert answer.json is not None
    assert (answer.status_code, answer.json["ok"]) == (200, False)
    assert "unknown event `Faled`" in [each["message"] for each in answer.json["diagnostics"]]
    good = site.post("/api/v1/rules/check", {"files": {"help.way": rules("Two")}}, key=SECRET_KEY).json
    assert good is not None
    assert (good["ok"], {each["severity"] for each in good["diagnostics"]}) == (True, {"warning"})
    assert len(versions(site)["data"]) == 1


def test_one_switch_stops_all_guides_and_lets_them_go_on(site: Site) -> None:
    publish(site, "One")
    shown = site.post("/v1/batch", {"batch": [FAILED], "decide": True}, Origin=ORIGIN).json
    assert shown is not None
    (decision,) = shown["decisions"]
    assert site.client.put(
        "/api/v1/rules/stopped", json={"stopped": True}, headers={"Authorization": f"Bearer {SECRET_KEY}"}
    ).json == {"stopped": True}
    assert titles(site) == []
    confirmed = site.post(f"/v1/decisions/{decision['id']}/confirm", {}).json
    assert confirmed == {"show": False, "reason": "DISABLED"}
    publish(site, "Two")
    assert titles(site) == []
    site.client.put("/api/v1/rules/stopped", json={"stopped": False}, headers={"Authorization": f"Bearer {SECRET_KEY}"})
    assert titles(site) == ["Two"]


def test_a_start_publishes_its_folder_once_and_undoes_no_rollback(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    settings = read_settings({"WAYPOST_DATA_DIR": str(tmp_path / "data"), "WAYPOST_RULES": str(folder)})

    def start(then: str | int | None = None) -> tuple[int, str]:
        """The version in force after a start, and its words; before the stop somebody publishes or goes back."""
        service = open_service(settings)
        try:
            (active,) = service.publications.versions(1, limit=1)
            words = (service.publications.files(1) or {})["help.way"].split('title "')[1].split('"')[0]
            if isinstance(then, str):
                service.publish(1, {"help.way": rules(then)}, by="member 1")
            elif then is not None:
                service.publications.roll_back(1, then, by="member 1")
            return active.version, words
        finally:
            service.close()

    (folder / "help.way").write_text(rules("One"))
    assert start() == (1, "One")
    assert start() == (1, "One")
    (folder / "help.way").write_text(rules("Two"))
    assert start(then=1) == (2, "Two")
    assert start() == (3, "One")
    assert start(then="Three") == (3, "One")
    assert start() == (4, "Three")
    (folder / "help.way").write_text(rules("Four"))
    assert start() == (5, "Four")
