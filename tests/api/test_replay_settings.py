"""Whether a project records: off until an admin says otherwise, and known to the process at once."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from api.routes.player import POLICY
from engine.permissions import Scope
from engine.replay.settings import ReplayMode, ReplaySettings
from engine.replies import KeyKind
from tests.api.asking import SECRET_KEY, Site, problem

SETTINGS = "/api/v1/replays/settings"


def change(site: Site, body: object, key: str = SECRET_KEY) -> TestResponse:
    return site.client.put(SETTINGS, json=body, headers={"Authorization": f"Bearer {key}"})


def test_nothing_is_recorded_until_an_admin_says_so(site: Site) -> None:
    assert site.get(SETTINGS).json == {"mode": "off", "days": 30, "megabytes_a_day": 500}
    answer = change(site, {"mode": "moments", "days": 7, "megabytes_a_day": 50})
    assert answer.json == {"mode": "moments", "days": 7, "megabytes_a_day": 50}
    assert site.get(SETTINGS).json == {"mode": "moments", "days": 7, "megabytes_a_day": 50}
    project = site.service.project(site.service.projects()[0].id)
    assert project is not None
    assert project.replay == ReplaySettings(ReplayMode.MOMENTS, 7, 50)
    assert project.replay.records
    noted = site.get("/api/v1/audit").json
    assert noted is not None
    assert "moments" in str(noted["data"])


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"mode": "always", "days": 7, "megabytes_a_day": 50}, "mode"),
        ({"mode": "moments", "days": 0, "megabytes_a_day": 50}, "days"),
        ({"mode": "moments", "days": 366, "megabytes_a_day": 50}, "days"),
        ({"mode": "moments", "days": 7, "megabytes_a_day": 0}, "megabytes_a_day"),
        ({"mode": "moments", "days": 7}, "megabytes_a_day"),
    ],
    ids=["no mode", "no day", "more than a year", "nothing a day", "half said"],
)
def test_what_cannot_be_is_refused_and_nothing_changes(site: Site, body: object, member: str) -> None:
    refused = problem(change(site, body))
    assert refused["code"] == "invalid_fields"
    assert member in str(refused)
    assert site.get(SETTINGS).json == {"mode": "off", "days": 30, "megabytes_a_day": 500}


def test_a_key_that_only_reads_settings_does_not_switch_it_on(site: Site) -> None:
    project = site.service.projects()[0].id
    key = site.service.tenancy.create_key(project, KeyKind.SECRET, scopes=frozenset({Scope.SETTINGS_READ})).text
    refused = problem(change(site, {"mode": "moments", "days": 7, "megabytes_a_day": 50}, key))
    assert refused["code"] == "missing_scope"


def test_the_stage_of_recordings_may_draw_and_nothing_else(site: Site) -> None:
    answer = site.client.get("/console/player?theme=dark")
    assert answer.headers["Content-Security-Policy"] == POLICY
    for said in ("default-src 'none'", "img-src 'none'", "font-src 'none'", "connect-src 'none'", "form-action 'none'"):
        assert said in POLICY
    for never in ("unsafe-eval", "script-src 'self' ", "https:", "blob:", "frame-src data: "):
        assert never not in POLICY
    page = site.client.get('/console/player?theme="><script>').get_data(as_text=True)
    assert page.count("<script") == 1
    assert 'data-theme="light"' in page
