"""The map over HTTP: a release makes it stale at once, whose change is lost is told, pictures come as files."""

from __future__ import annotations

from typing import Any

import pytest

from api.maps.files import FORMS
from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site
from tests.api.test_roadmap import as_role, said, send
from tests.engine.workshops import RULES

MAP = "/api/v1/journeys/way/map"
CELL = {"row": "motivation", "step": "connect", "text": "wants to send today", "revision": 0}


@pytest.fixture
def ruled(site: Site) -> Site:
    published = site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY)
    assert published.status_code == 200, published.get_data(as_text=True)
    return site


def step(site: Site, name: str) -> dict[str, Any]:
    found = said(send(site, "GET", MAP))
    return next(each for each in found["steps"] if each["step"] == name)


def test_a_release_makes_touched_steps_stale_until_somebody_confirms_them(ruled: Site) -> None:
    told = {"userId": "ci", "event": "$release", "properties": {"version": "2.1", "steps": ["way.connect"]}}
    assert send(ruled, "POST", "/v1/track", told).status_code == 202
    assert [each["version"] for each in step(ruled, "connect")["stale"]] == ["2.1"]
    assert step(ruled, "send")["stale"] == []
    drawn = said(send(ruled, "GET", MAP))["made"]
    looks = said(send(ruled, "POST", f"{MAP}/looks", {"steps": ["connect"], "seen": drawn}))
    assert looks["data"]["connect"]["at"] == drawn
    assert step(ruled, "connect")["stale"] == []


def test_whoever_changes_a_cell_from_an_older_revision_is_told_and_nothing_is_changed(ruled: Site) -> None:
    first = said(send(ruled, "PUT", f"{MAP}/cells", CELL))
    assert (first["revision"], first["hatched"]) == (1, True)
    late = said(send(ruled, "PUT", f"{MAP}/cells", {**CELL, "text": "mine"}), 409)
    assert (late["code"], "revision 1" in late["detail"]) == ("stale_item", True)
    assert [each["text"] for each in said(send(ruled, "GET", f"{MAP}/cells"))["data"]] == ["wants to send today"]
    assert step(ruled, "connect")["lines"]["motivation"][0]["hatched"] is True


def test_viewers_look_and_analysts_type(ruled: Site) -> None:
    viewer, analyst = as_role(ruled, Role.VIEWER), as_role(ruled, Role.ANALYST)
    assert said(send(ruled, "GET", MAP, **viewer))["journey"] == "way"
    assert said(send(ruled, "PUT", f"{MAP}/cells", CELL, **viewer), 403)["code"] == "missing_scope"
    assert said(send(ruled, "PUT", f"{MAP}/cells", CELL, **analyst))["by"].startswith("member ")


@pytest.mark.parametrize("form", sorted(FORMS))
def test_pictures_and_tables_come_as_files_that_run_nothing(ruled: Site, form: str) -> None:
    answer = send(ruled, "GET", f"{MAP}?format={form}")
    assert answer.status_code == 200
    assert answer.content_type == FORMS[form].media
    assert answer.headers["Content-Disposition"] == f'attachment; filename="map-way.{FORMS[form].extension}"'
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.data


def test_a_snapshot_is_kept_and_shown_as_it_was(ruled: Site) -> None:
    said(send(ruled, "PUT", f"{MAP}/cells", CELL))
    taken = said(send(ruled, "POST", f"{MAP}/snapshots", {"note": "before the relaunch"}), 201)
    said(send(ruled, "PUT", f"{MAP}/cells", {**CELL, "text": "", "revision": 1}))
    found = said(send(ruled, "GET", f"{MAP}/snapshots/{taken['id']}"))
    connect = next(each for each in found["steps"] if each["step"] == "connect")
    assert connect["lines"]["motivation"][0]["text"] == "wants to send today"
    assert (found["snapshot"]["note"], found["compared"]) == ("before the relaunch", None)
    assert said(send(ruled, "GET", f"{MAP}/snapshots"))["data"] == [taken]
    assert said(send(ruled, "DELETE", f"{MAP}/snapshots/{taken['id']}"), 405)["status"] == 405
