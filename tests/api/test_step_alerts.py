"""Alerts on steps over HTTP, on the command line and in the console."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from api.cli.main import cli
from api.cli.options import opened, settings_from
from dsl.values import DAY, HOUR, MINUTE, Duration, Instant, format_instant
from engine.analyst import Analyst
from engine.analytics.intervals import Interval
from engine.permissions import Role
from engine.step_alert_desk import StepAlertDesk
from engine.step_alerts import Look
from engine.storage.step_alerts import note_look
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_console_pages import cheap_passwords, lively, visitor, words  # noqa: F401  (a fixture)
from tests.engine.clock import STARTED

ALERTS = "/api/v1/step-alerts"
PAGE = "/console/p/default/settings/alerts"
DROP = {"metric": "drop", "at": "activation.verify"}


@pytest.fixture
def ada(site: Site) -> FlaskClient:
    lively(site, people=0)
    return visitor(site, Role.ADMIN)


def worse(site: Site) -> None:
    """Of ten people a day eight verify a domain for four weeks, then two for a week; a week is left to each."""
    now = site.clock.now
    today = now // DAY * DAY
    batch: list[Any] = []
    for ago in range(8, 43):
        for number in range(10):
            user, at = f"p{ago}-{number}", today - ago * DAY + 12 * HOUR
            done = ["Signed Up", "Domain Verified"] if number < (8 if ago >= 15 else 2) else ["Signed Up"]
            batch += [
                {
                    "type": "track",
                    "userId": user,
                    "event": name,
                    "timestamp": format_instant(Instant(at + after * MINUTE)),
                }
                for after, name in enumerate(done)
            ]
    for start in range(0, len(batch), 400):
        assert site.post("/v1/batch", {"batch": batch[start : start + 400]}, key=PUBLIC_KEY).status_code == 202


def look(site: Site, folder: Path) -> Any:
    service = site.service
    analyst = Analyst(service.database, folder / "lakes")
    desk = StepAlertDesk(service.database)
    return desk.look(lambda: analyst, service.rules_now, now=site.clock.now, renew=lambda: True)


def test_a_figure_is_watched_raised_and_told_everywhere(site: Site, ada: FlaskClient, tmp_path: Path) -> None:
    worse(site)
    made = site.post(ALERTS, {**DROP, "note": "<b>ours</b>"}, key=SECRET_KEY)
    assert made.status_code == 201, made.json
    assert made.json is not None
    assert (made.json["direction"], made.json["at_least"], made.json["unit"]) == ("rises", 5.0, "points")
    assert (made.json["state"], made.json["look"]) == ("waiting", None)
    again = site.post(ALERTS, DROP, key=SECRET_KEY)
    assert (again.status_code, (again.json or {})["code"]) == (422, "bad_step_alert")
    done = look(site, tmp_path)
    assert (done.looks, done.raised) == (1, 1)
    (found,) = (site.get(ALERTS).json or {})["data"]
    assert (found["state"], found["look"]["recent"], found["look"]["before"]) == ("raised", 80.0, 20.0)
    assert (found["look"]["n"], found["look"]["n_before"]) == (70, 280)
    assert found["look"]["low"] > 0
    (episode,) = (site.get(f"{ALERTS}/history?alert={found['id']}").json or {})["data"]
    assert (episode["alert"], episode["resolved"], episode["ending"]) == (found["id"], None, None)
    sheet = site.get(f"{ALERTS}/history?format=csv").get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(sheet))
    assert row["message"] == episode["message"]
    page = ada.get(PAGE)
    assert episode["message"].replace("`", "") in words(page)
    assert "<b>ours" not in page.get_data(as_text=True)
    home = ada.get("/console/p/default/?part=tasks", headers={"HX-Request": "true"})
    assert "Drop at activation.verify rose" in words(home).replace("`", "")
    changed = site.client.patch(
        f"{ALERTS}/{found['id']}",
        json={"revision": 1, "at_least": 90},
        headers={"Authorization": f"Bearer {SECRET_KEY}"},
    )
    assert changed.status_code == 200, changed.json
    assert (changed.json or {})["state"] == "waiting", "another watch is looked at anew"
    (episode,) = (site.get(f"{ALERTS}/history").json or {})["data"]
    assert episode["ending"] == "changed"
    site.clock.move(Duration(DAY))
    assert look(site, tmp_path).raised == 0, "less than was asked for"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({**DROP, "metric": "mood"}, 422, "invalid_fields"),
        ({**DROP, "at": "activation"}, 422, "bad_step_alert"),
        ({**DROP, "at": "elsewhere.verify"}, 404, "unknown_journey"),
        ({**DROP, "at": "activation.nowhere"}, 404, "unknown_step"),
        ({**DROP, "persona": "nobody"}, 422, "bad_step_alert"),
        ({**DROP, "recent_days": 10}, 422, "bad_step_alert"),
        ({**DROP, "within": "soon"}, 422, "invalid_fields"),
        ({"metric": "conversion", "at": "activation.verify"}, 422, "bad_step_alert"),
    ],
)
def test_what_cannot_be_watched_says_why(site: Site, asked: dict[str, Any], status: int, code: str) -> None:
    lively(site)
    answer = site.post(ALERTS, asked, key=SECRET_KEY)
    assert (answer.status_code, (answer.json or {})["code"]) == (status, code)


@pytest.mark.parametrize(
    ("what", "found", "said"),
    [
        (
            "more than a thousand minutes",
            Look(STARTED, None, 1_234.5, 1_000.0, 1_500, 6_000, Interval(20.25, 448.75)),
            "1,234.5 of 1,500 people, 1,000.0 of 6,000 before: +234.5 minutes, somewhere from +20.2 to +448.8.",
        ),
        (
            "names stay as they are written",
            Look(STARTED, None, None, None, 0, 0, None, problem="the journey `signUp` has no step `EnterCode`"),
            "The journey <code>signUp</code> has no step <code>EnterCode</code>.",
        ),
    ],
)
def test_the_page_tells_what_was_found_as_people_write_it(
    site: Site, ada: FlaskClient, what: str, found: Look, said: str
) -> None:
    made = site.post(ALERTS, {**DROP, "metric": "time_median"}, key=SECRET_KEY)
    desk = StepAlertDesk(site.service.database)
    alert = desk.alert(site.service.ensure_project().id, (made.json or {})["id"])
    with site.service.database.writing() as connection:
        assert note_look(connection, alert, found, today=STARTED)
    assert said in ada.get(PAGE).get_data(as_text=True), what


def test_a_viewer_sees_what_is_watched_and_has_nothing_to_press(site: Site) -> None:
    lively(site)
    assert site.post(ALERTS, DROP, key=SECRET_KEY).status_code == 201
    page = visitor(site, Role.VIEWER).get(PAGE).get_data(as_text=True)
    assert "Drop at" in page
    assert "data-send" not in page.partition("<h1>")[2]


def test_the_page_of_a_project_without_journeys_says_so(site: Site) -> None:
    said = words(visitor(site, Role.ADMIN).get(PAGE))
    assert "Nothing is watched yet" in said
    assert "declare no journey" in said


def test_a_figure_is_watched_and_let_go_on_the_command_line(tmp_path: Path) -> None:
    rules = tmp_path / "rules.way"
    rules.write_text('journey way "The way" { stage s "S" { step pay "Pay" reached by "Paid" } }\n')
    place = ["--data", str(tmp_path / "data")]

    def run(*words: str) -> Any:
        return CliRunner().invoke(cli, [*words, *place])

    assert run("rules", "publish", str(rules)).exit_code == 0
    made = run("alerts", "watch", "drop", "way.pay", "--by", "7", "--within", "2d")
    assert made.output == (
        "alert 1 is watched from now on: Drop at `way.pay` rises by 7.0 points or more: 7 days against the 28 before\n"
    )
    assert "waiting" in run("alerts", "steps").output
    with opened(settings_from(str(tmp_path / "data"))) as service:
        (alert,) = StepAlertDesk(service.database).alerts(service.ensure_project().id)
        with service.database.writing() as connection:
            found = Look(STARTED, None, 1_234.5, 1_000.0, 1_500, 6_000, Interval(20.25, 448.75))
            assert note_look(connection, alert, found, today=STARTED)
    told = "1,234.5 of 1,500 people, 1,000.0 of 6,000 before: +234.5, somewhere from +20.2 to +448.8"
    assert told in run("alerts", "steps").output
    assert run("alerts", "history").output == "nothing was raised yet\n"
    assert run("alerts").output == "nothing to look at\n"
    assert run("alerts", "watch", "mood", "way.pay").exit_code == 2
    assert run("alerts", "unwatch", "1").exit_code == 0
    assert "nothing is watched yet" in run("alerts", "steps").output
