"""The pages of the plan: opportunities, the roadmap in its parts, the review, figures, accounts, experiments."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import passwords
from engine.permissions import Role
from tests.api.asking import Site
from tests.api.test_console_pages import visitor, words
from tests.api.test_roadmap import API, TRIAL, as_role, busy, said, send

__all__ = ["busy"]
PAGES = "/console/p/default"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one takes a quarter of a second, on purpose."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))


@pytest.fixture
def ada(busy: Site) -> FlaskClient:
    """An admin, where of 60 people on trial 40 leave at the verification."""
    return visitor(busy, Role.ADMIN)


def add(site: Site, title: str, **members: Any) -> dict[str, Any]:
    """An item of the roadmap."""
    found: dict[str, Any] = said(send(site, "POST", f"{API}/items", {"title": title, **members}), 201)
    return found


def rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """The file beside a page."""
    answer = client.get(f"{PAGES}/{address}")
    assert answer.headers["Content-Type"].startswith("text/csv"), words(answer)
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


# opportunities


def test_the_steps_where_most_could_be_won_stand_first_with_why_people_leave(ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/opportunities"))
    assert "Most could be won at “Verify the domain” of On trial: 16 a week, somewhere from 11 to 20" in told
    assert "1 A Verify the domain On trial open 21.5 66.7 % 54.1–77.3 40 of 60" in told
    assert "friction rage click: 100% of those lost" in told


def test_what_somebody_said_of_an_opportunity_stands_beside_it(busy: Site, ada: FlaskClient) -> None:
    decision = {"status": "dismissed", "why": "They <b>come back</b>", "revision": 0}
    said(send(busy, "PUT", f"/api/v1/opportunities/{TRIAL}", decision))
    page = ada.get(f"{PAGES}/opportunities?status=dismissed")
    assert "On trial dismissed" in words(page)
    assert "Dismissed: “They &lt;b&gt;come back&lt;/b&gt;”" in words(page)
    assert "No opportunities" in words(ada.get(f"{PAGES}/opportunities?status=confirmed"))


def test_opportunities_are_filtered_by_what_the_address_says(ada: FlaskClient) -> None:
    asked = {
        "": 2,
        "?persona=trial": 1,
        "?stage=first_value&journey=activation": 0,
        "?persona=nobody&status=odd&by=x&days=y&journey=gone": 2,
    }
    found = {each: ada.get(f"{PAGES}/opportunities{each}").get_data(as_text=True) for each in asked}
    assert {each: len(re.findall(r'<tbody id="', page)) for each, page in found.items()} == asked


def test_opportunities_are_a_file_of_those_who_count_here(ada: FlaskClient) -> None:
    (row,) = rows(ada, "opportunities?persona=trial&who=everyone&format=csv")
    assert (row["id"], row["letter"], row["lost"]) == (TRIAL, "A", "40")


def test_an_opportunity_leads_to_a_rule_for_it_and_to_its_items(busy: Site, ada: FlaskClient) -> None:
    item = add(busy, "Explain the records", opportunity=TRIAL)
    page = ada.get(f"{PAGES}/opportunities?who=simulated").get_data(as_text=True)
    (rule,) = [each for each in re.findall(r'href="([^"]+)">A rule for it', page) if "persona=trial" in each]
    assert "step=verify" in rule
    assert "who=simulated" in rule
    assert f"chosen={TRIAL}" in rule
    assert f"item={item['id']}" in page


def test_a_viewer_may_look_and_not_decide(busy: Site) -> None:
    page = visitor(busy, Role.VIEWER).get(f"{PAGES}/opportunities").get_data(as_text=True)
    assert "Verify the domain" in page
    assert "data-open" not in page.split('<main id="main"')[1].split("</main>")[0]


# the roadmap


def test_an_item_lies_in_the_quadrant_that_the_engine_names(busy: Site, ada: FlaskClient) -> None:
    add(
        busy,
        "Explain <i>the records</i>",
        opportunity=TRIAL,
        efforts=[{"low": 2, "high": 4}],
        impact={"low": 30, "high": 50},
    )
    add(busy, "Somewhen")
    page = ada.get(f"{PAGES}/roadmap")
    told = words(page)
    assert "1 open items by what they take and what they win: 1 quick win. 1 more lacks effort or impact." in told
    text = page.get_data(as_text=True)
    assert 'aria-label="Explain &lt;i&gt;the records&lt;/i&gt;: 3 days, 40 users a week, quick win"' in text
    # 3 ÷ (3 + 10) from the left, 40 ÷ (40 + 10) from below.
    assert 'class="spot" x="23.08%" y="20.00%"' in text
    assert "Without a place Somewhen" in told


def test_the_board_has_a_column_for_each_timebox_that_is_used_or_proposed(busy: Site, ada: FlaskClient) -> None:
    add(busy, "Explain the records", opportunity=TRIAL, timebox="2026-11", sprint="Sprint 12", owner="Ada")
    add(busy, "Late", opportunity=TRIAL, timebox="2026-09")
    told = words(ada.get(f"{PAGES}/roadmap?view=board"))
    heads = re.findall(r"(without a timebox|20\d\d-\S+) (\d+)(?= )", told.split("puts it back.")[1])
    assert ("2026-09", "1") in heads
    assert ("2026-11", "1") in heads
    assert "Sprint 12 · Ada" in told
    assert "should be done and is not" in told


def test_the_board_by_status_shows_what_was_dropped_too(busy: Site, ada: FlaskClient) -> None:
    item = add(busy, "Dark mode")
    said(send(busy, "PATCH", f"{API}/items/{item['id']}", {"revision": 1, "status": "dropped"}))
    assert "Dark mode" not in words(ada.get(f"{PAGES}/roadmap?view=board"))
    assert "1 items: 1 dropped." in words(ada.get(f"{PAGES}/roadmap?view=board&by=status"))


def test_the_intake_says_what_a_request_lacks_and_who_may_override(busy: Site, ada: FlaskClient) -> None:
    add(busy, "Dark mode")
    add(busy, "Explain the records", opportunity=TRIAL)
    told = words(ada.get(f"{PAGES}/roadmap?view=intake"))
    assert "2 requests; 1 of them have a step and evidence" in told
    assert "Dark mode step evidence" in told
    assert "Override" in told
    author = busy.app.test_client()
    author.set_cookie("waypost_session", as_role(busy, Role.AUTHOR)["Cookie"].split("=", 1)[1])
    assert "Override" not in words(author.get(f"{PAGES}/roadmap?view=intake"))


def test_a_theme_shows_its_metric_beside_its_target_and_stages_have_suggestions(busy: Site, ada: FlaskClient) -> None:
    theme = {
        "title": "Build a wizard",
        "journey": "activation",
        "step": "verify",
        "metric": "completion",
        "target": 0.7,
    }
    said(send(busy, "POST", f"{API}/themes", theme), 201)
    told = words(ada.get(f"{PAGES}/roadmap?view=themes"))
    assert "1 open theme; 0 of them at the target" in told
    assert "70.0%" in told
    assert "reads like a feature" in told
    assert "New users do not know what to enter" in told


def test_what_was_launched_is_followed_and_never_called_a_cause(busy: Site, ada: FlaskClient) -> None:
    item = add(busy, "Explain the records", opportunity=TRIAL)
    said(send(busy, "PATCH", f"{API}/items/{item['id']}", {"revision": 1, "status": "launched"}))
    told = words(ada.get(f"{PAGES}/roadmap?view=launched"))
    assert "1 item launched; none of them by a guide with a holdout" in told
    assert "before/after, not causal" in told


def test_the_roadmap_is_taken_elsewhere_in_the_forms_that_trackers_read(busy: Site, ada: FlaskClient) -> None:
    add(busy, "=1+1", opportunity=TRIAL, story="So that they go on")
    assert [row["id"] for row in rows(ada, "roadmap?format=csv")] == ["1"]
    (issue,) = rows(ada, "roadmap?view=exchange&format=issues")
    assert (issue["Title"], issue["Stage"]) == ("'=1+1", "A Onboarding")
    markdown = ada.get(f"{PAGES}/roadmap?format=markdown")
    assert markdown.headers["Content-Type"].startswith("text/markdown")
    assert "So that they go on" in markdown.get_data(as_text=True)
    assert {row["finding"] for row in rows(ada, "roadmap?view=exchange&format=csv")} <= {"uncared", "no step"}


def test_an_item_shows_who_changed_what_and_what_was_said_of_it(busy: Site, ada: FlaskClient) -> None:
    item = add(busy, "Explain the records", opportunity=TRIAL, efforts=[{"by": "Bob", "low": 2, "high": 4}])
    changed = {"revision": 1, "title": "Explain <b>each</b> record", "owner": "Ada"}
    said(send(busy, "PATCH", f"{API}/items/{item['id']}", changed))
    said(send(busy, "POST", "/api/v1/comments", {"place": f"item:{item['id']}", "text": "Before <i>Friday</i>"}), 201)
    page = ada.get(f"{PAGES}/roadmap?item={item['id']}")
    told = words(page)
    assert "title: Explain the records → Explain &lt;b&gt;each&lt;/b&gt; record" in told
    assert "owner: nothing → Ada" in told
    assert "Bob: 2–4 days" in told
    assert "Before &lt;i&gt;Friday&lt;/i&gt;" in told
    assert 'name="revision" data-as="number" value="2"' in page.get_data(as_text=True)


def test_an_item_that_is_gone_is_told(ada: FlaskClient) -> None:
    answer = ada.get(f"{PAGES}/roadmap?item=99")
    assert (answer.status_code, "there is no item 99" in words(answer).lower()) == (404, True)
