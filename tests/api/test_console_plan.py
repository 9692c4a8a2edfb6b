"""The pages of the plan: opportunities, the roadmap in its parts, the review, figures, accounts, experiments."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from dsl.values import DAY, Duration, Instant, format_instant
from engine import passwords
from engine.permissions import Role
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_console_pages import visitor, words
from tests.api.test_roadmap import API, TRIAL, as_role, busy, said, send
from tests.engine.roadmaps import RULES

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
    assert "data-open=" not in page.split('<main id="main"')[1].split("</main>")[0]


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


# the review


def test_the_review_of_a_quarter_is_a_page_and_a_file_with_the_same_words(busy: Site, ada: FlaskClient) -> None:
    add(busy, "Explain <b>the records</b>", opportunity=TRIAL, timebox="2026-09")
    told = words(ada.get(f"{PAGES}/review"))
    assert "2026-Q4: There is no theme to move; nothing launched, 1 late" in told
    assert "Explain &lt;b&gt;the records&lt;/b&gt;: scheduled, planned for 2026-09" in told
    assert "The roadmap today" in told
    markdown = ada.get(f"{PAGES}/review?quarter=2026-Q3&format=markdown")
    assert markdown.get_data(as_text=True).startswith("# Review of 2026-Q3")
    assert "planned for 2026-09" in " ".join(row["line"] for row in rows(ada, "review?format=csv"))
    assert "2026-Q4: There" in words(ada.get(f"{PAGES}/review?quarter=1999-Q9"))


# figures


def test_each_figure_stands_with_what_it_means_and_associations_apart(busy: Site, ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/kpis?journey=activation&persona=trial"))
    assert "figures can be told of On trial, of all that was recorded." in told
    assert "Task success Comments" in told
    assert "Of the people who tried a step" in told
    assert "A Verify the domain" in told
    assert "association" not in told
    (found,) = [row for row in rows(ada, "kpis?format=csv") if (row["kpi"], row["of"]) == ("activation", "activation")]
    assert (found["count"], found["n"]) == ("70", "120")
    steps = words(ada.get(f"{PAGES}/kpis?view=steps"))
    assert "Step and retention association, not cause" in steps
    assert "Each is an association, not a cause." in steps
    refused = words(ada.get(f"{PAGES}/kpis?revenue=much"))
    assert "names no number of an event" in refused


@pytest.mark.thorough
def test_a_figure_is_told_week_by_week_with_what_was_released_and_published(busy: Site, ada: FlaskClient) -> None:
    released = {
        "userId": "u1",
        "event": "$release",
        "properties": {"version": "4.2"},
        "timestamp": "2026-10-21T00:00:00Z",
    }
    assert busy.post("/v1/track", released, key=PUBLIC_KEY).status_code == 202
    address = "kpis?kpi=task_success&of=activation.verify"
    page = ada.get(f"{PAGES}/{address}").get_data(as_text=True)
    assert "Task success, Verify the domain, week by week" in page
    told = words(ada.get(f"{PAGES}/{address}&part=trend"))
    assert "1 of 3 full weeks can be told, from the one of 2026-10-12 on." in told
    assert "Marks: release 4.2 on 21 Oct." in told
    weeks = rows(ada, f"{address}&part=trend&format=csv")
    assert [(row["week"], row["n"]) for row in weeks] == [
        ("2026-10-12", "70"),
        ("2026-10-19", "0"),
        ("2026-10-26", "0"),
    ]


# accounts


def test_who_is_busy_but_stuck_stands_with_their_people_and_who_looks_after_them(busy: Site, ada: FlaskClient) -> None:
    for number in range(6):
        user = {"userId": f"c{number}"}
        batch: list[dict[str, Any]] = [{"type": "group", "groupId": f"a{number} <b>", **user}]
        batch += [{"type": "track", "event": "Signed Up", **user} for _ in range(8 - number)]
        batch += [{"type": "track", "event": "Sent", **user} for _ in range(min(number, 1))]
        assert busy.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    care = {"account": "a0 <b>", "owner": "Ada", "note": "Call <i>them</i>"}
    assert busy.post("/api/v1/accounts/care", care, key=SECRET_KEY).status_code == 204
    told = words(ada.get(f"{PAGES}/health"))
    assert "Of 6 accounts 1 are busy but stuck: much activity, few outcomes (“Sent”). 1 of them has somebody" in told
    assert "8 events of 1 person, 0 outcomes. Looked after by Ada" in told
    assert "Call &lt;i&gt;them&lt;/i&gt;" in told
    assert "c0 8 events" in told
    assert [row["account"] for row in rows(ada, "health?standing=busy+but+stuck&format=csv")] == ["a0 <b>"]
    assert "0 accounts" in words(ada.get(f"{PAGES}/health?standing=quiet&owner=Ada"))
    assert "Does much and gets little" in words(ada.get(f"{PAGES}/health?account=a0+%3Cb%3E"))


def test_accounts_are_for_those_who_may_look_people_up(busy: Site) -> None:
    assert visitor(busy, Role.VIEWER).get(f"{PAGES}/health").status_code == 403


# experiments


@pytest.mark.thorough
def test_an_experiment_says_what_may_be_said_and_no_more(busy: Site) -> None:
    rules = RULES.replace("  once\n", "  once\n  holdout 50%\n", 1)
    assert busy.post("/api/v1/rules", {"files": {"rules.way": rules}}, key=SECRET_KEY).status_code == 200
    busy.clock.move(Duration(15 * DAY))
    first = Instant(busy.clock.now - 14 * DAY)
    told = list(divided(first))
    assert busy.service.import_history(1, iter(told), received=busy.clock.now).rejected == ()
    ada = visitor(busy, Role.ADMIN)
    page = ada.get(f"{PAGES}/experiments?guide=verify_help")
    text = words(page)
    assert "1 guide divides its people: 0 have a clear effect, of 1 it cannot be told yet." in text
    assert "Cannot tell yet whether it changes" in text
    assert "the groups are of the size that they should be (p = 1)" in text
    assert "At the step activation.verify" in text
    assert "it takes" in text
    assert "Blocker" in text.split("Without a holdout: before/after, not causal")[1]
    assert re.search(r'"kind": ?"overtime"', page.get_data(as_text=True))
    assert {row["what"] for row in rows(ada, "experiments?guide=verify_help&format=csv")} >= {
        "goal",
        "guardrail",
        "day",
    }
    (row,) = rows(ada, "experiments?format=csv")
    assert (row["guide"], row["one_n"], row["other_n"], row["ratio_alarm"]) == ("verify_help", "40", "40", "False")
    assert "before/after, not causal" in words(ada.get(f"{PAGES}/experiments?guide=blocker"))


def divided(first: Instant) -> Iterator[dict[str, Any]]:
    """Forty who were shown the help and forty who were held out, eight a day; of both the half verified."""
    for number in range(80):
        at = Instant(first + number // 16 * DAY)
        who = {"type": "track", "userId": f"e{number}"}
        yield {**who, "event": "Signed Up", "timestamp": format_instant(at)}
        life = "$held_out" if number % 2 else "$shown"
        later = Instant(at + 1_000_000)
        yield {**who, "event": life, "properties": {"guide": "verify_help"}, "timestamp": format_instant(later)}
        if number % 4 < 2:
            yield {**who, "event": "Verified", "timestamp": format_instant(Instant(at + 60_000_000))}
