"""Replays in the console: what it says before there is anything, the list, one recording; hostile names stay text."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from flask.testing import FlaskClient

from dsl.values import DAY, SECOND, Duration, Instant
from engine.permissions import Role
from tests.api.asking import PUBLIC_KEY, Site
from tests.api.conftest import START
from tests.api.test_console_pages import cheap_passwords, sign_in, visitor, words  # noqa: F401  (a fixture)
from tests.api.test_replay_settings import change
from tests.api.test_replays import RULES, send
from tests.recordings import OTHER, RECORDING, moment, part

EVIL = '<img src=x onerror="alert(1)">'
PAGE = "/console/p/default/replays"
ON = {"mode": "moments", "days": 30, "megabytes_a_day": 500}


@pytest.fixture
def ada(site: Site) -> FlaskClient:
    return visitor(site, Role.ADMIN)


@pytest.mark.thorough
def test_an_empty_page_says_what_is_still_to_be_done(site: Site, ada: FlaskClient) -> None:
    said = ada.get(PAGE).get_data(as_text=True)
    assert "Nothing is recorded" in said
    assert "/console/p/default/settings/privacy#replays" in said
    change(site, ON)
    site.service.publish(1, {"a.way": RULES})
    assert "Nobody is recorded yet" in ada.get(PAGE).get_data(as_text=True)
    site.service.publish(1, {"a.way": RULES + "record at activation.verify_domain\n"})
    assert "No recording yet" in ada.get(PAGE).get_data(as_text=True)
    assert "No recording like this" in ada.get(f"{PAGE}?user=nobody").get_data(as_text=True)


def test_the_list_honours_filters_and_the_switch_and_names_are_text(site: Site, ada: FlaskClient) -> None:
    change(site, ON)
    site.service.publish(1, {"a.way": RULES})
    robot = {"type": "track", "event": "Signed Up", "userId": "robot", "context": {"simulated": True}}
    batch = [{"type": "track", "event": "Signed Up", "userId": EVIL}, robot]
    assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    site.clock.move(Duration(60 * SECOND))
    moments = [moment("$rage_click", Instant(START + 5 * SECOND)), moment(EVIL, Instant(START + 7 * SECOND))]
    send(site, part(START, userId=EVIL, anonymousId=None, moments=moments))
    send(site, part(START, userId="robot", anonymousId=None, recording=OTHER))
    said = ada.get(PAGE).get_data(as_text=True)
    assert RECORDING in said
    assert OTHER not in said
    assert EVIL not in said
    assert OTHER in ada.get(f"{PAGE}?who=simulated").get_data(as_text=True)
    assert RECORDING in ada.get(f"{PAGE}?event=%24rage_click&at=activation.verify_domain").get_data(as_text=True)
    assert RECORDING not in ada.get(f"{PAGE}?at=activation.signup").get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(ada.get(f"{PAGE}?format=csv").get_data(as_text=True))))
    assert [row["id"] for row in rows] == [RECORDING]
    one = ada.get(f"{PAGE}?replay={RECORDING}&t=5")
    shown = one.get_data(as_text=True)
    assert EVIL not in shown
    assert "Verify it" in shown
    assert "frame-src 'self'" in one.headers["Content-Security-Policy"]
    assert "This recording is gone" in ada.get(f"{PAGE}?replay=nothing&t=x").get_data(as_text=True)


def test_who_may_not_watch_sees_no_way_to_it(site: Site) -> None:
    viewer = visitor(site, Role.VIEWER)
    assert viewer.get(PAGE).status_code == 403
    assert "/replays" not in words(viewer.get("/console/p/default/"))


CLIPPED = """
survey ease "Ease" {
  at activation.verify_domain
  on "Signed Up"
  ask text why "Why?"
  once
  expires 2099-01-01
}
"""


@pytest.mark.thorough
def test_clips_are_linked_from_step_records_paths_answers_opportunities_and_users(site: Site, ada: FlaskClient) -> None:
    change(site, ON)
    site.service.publish(1, {"a.way": RULES + CLIPPED})
    people = [f"u{number:02d}" for number in range(30)]
    verified = [{"type": "track", "event": "Domain Verified", "userId": each} for each in people[:20]]
    batch = [{"type": "track", "event": "Signed Up", "userId": each} for each in people]
    assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    site.clock.move(Duration(60 * SECOND))
    start = site.clock.now
    said = {"guide": "ease", "question": "why", "value": "Lost.", "text": "Lost.", "submission": "s1"}
    answer = {"type": "track", "event": "$answered", "userId": "u29", "properties": said}
    site.clock.move(Duration(5 * SECOND))
    assert site.post("/v1/batch", {"batch": [*verified, answer]}, key=PUBLIC_KEY).status_code == 202
    moments = [moment("$rage_click", Instant(start + 4 * SECOND))]
    assert send(site, part(start, userId="u29", anonymousId=None, moments=moments)).status_code == 200
    site.clock.move(Duration(20 * DAY))
    assert sign_in(ada).status_code == 303
    clip = f"replays?replay={RECORDING}&amp;t=4.0"
    for page in ("feel?step=verify_domain", "trace?step=verify_domain"):
        shown = ada.get(f"/console/p/default/{page}").get_data(as_text=True)
        assert clip in shown, page
        assert "Rage click at 0:04" in shown, page
    answers = ada.get("/console/p/default/responses?tab=words&period=all").get_data(as_text=True)
    assert f"replays?replay={RECORDING}&amp;t=5.0" in answers
    single = re.search(r"response=(\d+)", answers)
    assert single is not None
    found = ada.get(f"/console/p/default/responses?period=all&response={single[1]}").get_data(as_text=True)
    assert "Watch this moment" in found
    opportunities = ada.get("/console/p/default/opportunities").get_data(as_text=True)
    assert "replays?at=activation.verify_domain" in opportunities
    trace = ada.get("/console/p/default/trace?step=verify_domain").get_data(as_text=True)
    behind = re.search(r'href="(/console/p/default/users\?[^"]*)"[^>]*title="Who left"', trace)
    assert behind is not None
    assert "replays?user=u29" in ada.get(html.unescape(behind[1])).get_data(as_text=True)
    assert "replays?user=u29" in ada.get("/console/p/default/users?id=u29").get_data(as_text=True)
    site.service.staff.add(1, "vi@example.com", Role.VIEWER, password="correct horse battery")
    viewer = site.app.test_client()
    viewer.post("/console/sign-in", data={"email": "vi@example.com", "password": "correct horse battery"})
    assert "replay" not in words(viewer.get("/console/p/default/feel?step=verify_domain"))
