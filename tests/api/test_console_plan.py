"""The pages of the plan: opportunities, the roadmap in its parts, the review, figures, accounts, experiments."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.console.pages.kpis import PERIODS
from api.console.periods import DATES, back
from api.cookies import SESSION
from dsl.values import DAY, MINUTE, Duration, Instant, format_instant, read_instant
from engine.permissions import Role
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site
from tests.api.projects import project
from tests.api.test_console_pages import words
from tests.api.test_roadmap import API, TRIAL, as_role, busy, messages, said, send
from tests.engine.roadmaps import RULES

__all__ = ["busy"]
PAGES = "/console/p/default"
ACTIVATION = ("activation", "activation")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> Iterator[Site]:
    """A project in which of 60 people on trial 40 leave at the verification, with a roadmap and accounts. One for all
    tests below, which look only."""
    with project(tmp_path_factory, new_database) as site:
        assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
        assert site.service.import_history(1, messages(site.clock.now), received=site.clock.now).rejected == ()
        fill(site)
        yield site


@pytest.fixture
def ada(planned: Site) -> FlaskClient:
    """An admin."""
    return signed_in(planned, Role.ADMIN)


def signed_in(site: Site, role: Role) -> FlaskClient:
    """Somebody of a role."""
    client = site.app.test_client()
    client.set_cookie(SESSION, as_role(site, role)["Cookie"].split("=", 1)[1])
    return client


def add(site: Site, title: str, **members: Any) -> dict[str, Any]:
    """An item of the roadmap."""
    found: dict[str, Any] = said(send(site, "POST", f"{API}/items", {"title": title, **members}), 201)
    return found


def change(site: Site, number: int, **members: Any) -> None:
    """Change an item from its first revision."""
    said(send(site, "PATCH", f"{API}/items/{number}", {"revision": 1, **members}))


def fill(site: Site) -> None:
    """Items in every state, a theme, a decision, accounts."""
    estimate = {"efforts": [{"by": "Bob", "low": 2, "high": 4}], "impact": {"low": 30, "high": 50}}
    add(site, "Explain the records", opportunity=TRIAL, timebox="2026-11", sprint="Sprint 12", **estimate)
    add(site, "Somewhen <b>")
    add(site, "Late", opportunity=TRIAL, timebox="2026-09")
    add(site, "Dropped", opportunity=TRIAL)
    add(site, "=1+1", opportunity=TRIAL, story="So that they go on")
    change(site, 1, title="Explain <i>the records</i>", owner="Ada")
    change(site, 4, status="dropped")
    change(site, 5, status="launched", launched="2026-10-30T08:00:00Z")
    decision = {"status": "dismissed", "why": "They <b>come back</b>", "revision": 0}
    said(send(site, "PUT", "/api/v1/opportunities/activation.verify.paying", decision))
    theme = {
        "title": "Build a wizard",
        "journey": "activation",
        "step": "verify",
        "metric": "completion",
        "target": 0.7,
    }
    said(send(site, "POST", f"{API}/themes", theme), 201)
    said(send(site, "POST", "/api/v1/comments", {"place": "item:1", "text": "Before <i>Friday</i>"}), 201)
    released = {"event": "$release", "properties": {"version": "4.2"}, "timestamp": "2026-10-21T00:00:00Z"}
    assert site.post("/v1/track", {"userId": "bot", **released}, key=PUBLIC_KEY).status_code == 202
    for number in range(6):
        user = {"userId": f"c{number}"}
        batch: list[dict[str, Any]] = [{"type": "group", "groupId": f"a{number} <b>", **user}]
        batch += [{"type": "track", "event": "Signed Up", **user} for _ in range(8 - number)]
        batch += [{"type": "track", "event": "Sent", **user} for _ in range(min(number, 1))]
        assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    care = {"account": "a0 <b>", "owner": "Ada", "note": "Call <i>them</i>"}
    assert site.post("/api/v1/accounts/care", care, key=SECRET_KEY).status_code == 204


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
    assert "preceding event “Records Not Found” before leaving" in told


def test_what_somebody_said_of_an_opportunity_stands_beside_it(ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/opportunities?status=dismissed"))
    assert "Paying dismissed" in told
    assert "Dismissed: “They &lt;b&gt;come back&lt;/b&gt;”" in told
    assert "No opportunities" in words(ada.get(f"{PAGES}/opportunities?status=confirmed"))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("", 2),
        ("?persona=trial", 1),
        ("?stage=first_value&journey=activation", 0),
        ("?persona=nobody&status=odd&by=x&days=y&journey=gone", 2),
    ],
)
def test_opportunities_are_filtered_by_what_the_address_says(ada: FlaskClient, filters: str, found: int) -> None:
    page = ada.get(f"{PAGES}/opportunities{filters}").get_data(as_text=True)
    assert len(re.findall(r'<tbody id="', page)) == found


def test_opportunities_are_a_file_of_those_who_count_here(ada: FlaskClient) -> None:
    (row,) = rows(ada, "opportunities?persona=trial&who=everyone&format=csv")
    assert (row["id"], row["letter"], row["lost"]) == (TRIAL, "A", "40")


def test_an_opportunity_leads_to_a_rule_for_it_and_to_its_items(ada: FlaskClient) -> None:
    page = ada.get(f"{PAGES}/opportunities?who=simulated").get_data(as_text=True)
    (rule,) = [each for each in re.findall(r'href="([^"]+)">A rule for it', page) if "persona=trial" in each]
    assert "step=verify" in rule
    assert "who=simulated" in rule
    assert f"chosen={TRIAL}" in rule
    assert "item=1" in page


def test_a_viewer_may_look_and_not_decide(planned: Site) -> None:
    viewer = signed_in(planned, Role.VIEWER)
    shown = {
        "opportunities": "Verify the domain",
        "roadmap": "Explain &lt;i&gt;the records",
        "roadmap?view=board": "Explain &lt;i&gt;the records",
        "roadmap?item=1": "Explain &lt;i&gt;the records",
    }
    for path, said_there in shown.items():
        page = viewer.get(f"{PAGES}/{path}").get_data(as_text=True)
        assert said_there in page
        assert "data-open=" not in page.split('<main id="main"')[1].split("</main>")[0], path
    assert viewer.get(f"{PAGES}/health").status_code == 403


# the roadmap


def test_an_item_lies_in_the_quadrant_that_the_engine_names(ada: FlaskClient) -> None:
    page = ada.get(f"{PAGES}/roadmap")
    told = words(page)
    assert "1 open items by what they take and what they win: 1 quick win. 2 more lack effort or impact." in told
    text = page.get_data(as_text=True)
    assert 'aria-label="Explain &lt;i&gt;the records&lt;/i&gt;: 3 days, 40 users a week, quick win"' in text
    # 3 ÷ (3 + 10) from the left, 40 ÷ (40 + 10) from below.
    assert 'class="spot" x="23.08%" y="20.00%"' in text
    assert "Somewhen &lt;b&gt; lacks effort and impact" in told


def test_the_board_has_a_column_for_each_timebox_that_is_used_or_proposed(ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/roadmap?view=board"))
    heads = re.findall(r"(without a timebox|20\d\d-\S+) (\d+)(?= )", told.split("puts it back.")[1])
    assert heads[:3] == [("without a timebox", "2"), ("2026-09", "1"), ("2026-11", "1")]
    assert ("2027-Q1", "0") in heads
    assert "Sprint 12 · Ada" in told
    assert "1 should be done and is not" in told
    assert "1 dropped item is not shown" in told
    assert "1 dropped." in words(ada.get(f"{PAGES}/roadmap?view=board&by=status"))


def test_the_intake_says_what_a_request_lacks_and_who_may_override(planned: Site, ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/roadmap?view=intake"))
    assert "1 requests; 0 of them have a step and evidence" in told
    assert "Somewhen &lt;b&gt; step evidence" in told
    assert "Override" in told
    assert "Override" not in words(signed_in(planned, Role.AUTHOR).get(f"{PAGES}/roadmap?view=intake"))


def test_a_theme_shows_its_metric_beside_its_target_and_stages_have_suggestions(ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/roadmap?view=themes"))
    assert "1 open theme; 0 of them at the target" in told
    assert "70.0%" in told
    assert "reads like a feature" in told
    assert "New users do not know what to enter" in told
    assert "Say something" in words(ada.get(f"{PAGES}/roadmap?theme=1"))


def test_what_was_launched_is_followed_and_never_called_a_cause(ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/roadmap?view=launched"))
    assert "1 item launched; none of them by a guide with a holdout" in told
    assert "before/after, not causal" in told


def test_the_roadmap_is_taken_elsewhere_in_the_forms_that_trackers_read(ada: FlaskClient) -> None:
    assert len(rows(ada, "roadmap?format=csv")) == 5
    issues = rows(ada, "roadmap?view=exchange&format=issues")
    assert ("'=1+1", "A Onboarding") in {(each["Title"], each["Stage"]) for each in issues}
    markdown = ada.get(f"{PAGES}/roadmap?format=markdown")
    assert markdown.headers["Content-Type"].startswith("text/markdown")
    assert "So that they go on" in markdown.get_data(as_text=True)
    assert {row["finding"] for row in rows(ada, "roadmap?view=exchange&format=csv")} >= {"no step", "no evidence"}
    assert "1 have no step, 1 no evidence" in words(ada.get(f"{PAGES}/roadmap?view=exchange"))


def test_an_item_shows_who_changed_what_and_what_was_said_of_it(ada: FlaskClient) -> None:
    page = ada.get(f"{PAGES}/roadmap?item=1")
    told = words(page)
    assert "title: Explain the records → Explain &lt;i&gt;the records&lt;/i&gt;" in told
    assert "owner: nothing → Ada" in told
    assert "Bob: 2–4 days" in told
    assert "Before &lt;i&gt;Friday&lt;/i&gt;" in told
    assert 'name="revision" data-as="number" value="2"' in page.get_data(as_text=True)
    assert "launched: nothing → 2026-10-30" in words(ada.get(f"{PAGES}/roadmap?item=5"))
    gone = ada.get(f"{PAGES}/roadmap?item=99")
    assert (gone.status_code, "there is no item 99" in words(gone).lower()) == (404, True)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"view": "board"}, "Explain &lt;i&gt;the records"),
        ({"view": "themes"}, "Build a wizard"),
        ({"item": "1"}, "Explain &lt;i&gt;the records"),
    ],
    ids=["board", "themes", "item"],
)
def test_by_a_link_strangers_see_the_roadmap_without_who_does_what(
    planned: Site, query: dict[str, str], shown: str
) -> None:
    link = said(send(planned, "POST", "/api/v1/shared-links", {"page": "roadmap", "query": query}), 201)
    answer = planned.app.test_client().get(re.sub(r"^https?://[^/]+", "", link["url"]))
    told = words(answer)
    assert shown in told
    assert "Ada" not in told
    assert "Friday" not in told
    assert "data-send" not in answer.get_data(as_text=True)


# the review


def test_the_review_of_a_quarter_is_a_page_and_a_file_with_the_same_words(ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/review"))
    assert "2026-Q4: 0 of 1 themes moved; 1 launched, 1 late" in told
    assert "Late: scheduled, planned for 2026-09" in told
    assert "Build a wizard: completion of “Verify the domain” too few to tell → 58.3%" in told
    assert "The roadmap today" in told
    markdown = ada.get(f"{PAGES}/review?quarter=2026-Q3&format=markdown")
    assert markdown.get_data(as_text=True).startswith("# Review of 2026-Q3")
    assert "planned for 2026-09" in " ".join(row["line"] for row in rows(ada, "review?format=csv"))
    assert "2026-Q4: 0 of 1" in words(ada.get(f"{PAGES}/review?quarter=1999-Q9"))


# figures


@pytest.mark.thorough
def test_each_figure_stands_with_what_it_means_and_associations_apart(ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/kpis?journey=activation&persona=trial"))
    assert "figures can be told of On trial, of all that was recorded." in told
    assert "Task success Comments" in told
    assert "Of the people who tried a step" in told
    assert "A Verify the domain" in told
    assert "association" not in told
    (found,) = [row for row in rows(ada, "kpis?format=csv") if (row["kpi"], row["of"]) == ACTIVATION]
    assert (found["count"], found["n"]) == ("70", "120")
    steps = words(ada.get(f"{PAGES}/kpis?view=steps"))
    assert "Step and retention association, not cause" in steps
    assert "Each is an association, not a cause." in steps
    assert "names no number of an event" in words(ada.get(f"{PAGES}/kpis?revenue=much"))
    for day in ("0001-01-01", "9999-12-31"):
        assert "KPIs" in words(ada.get(f"{PAGES}/kpis?days=dates&since={day}&until={day}"))
    between = "kpis?days=dates&since=2026-10-31&until=2026-10-12"
    assert "2026-10-12 to 2026-10-31." in words(ada.get(f"{PAGES}/{between}"))
    (found,) = [row for row in rows(ada, f"{between}&format=csv") if (row["kpi"], row["of"]) == ACTIVATION]
    assert found["n"] == "120"
    later = rows(ada, "kpis?days=dates&since=2026-10-19&until=2026-10-31&format=csv")
    assert [row["n"] for row in later if (row["kpi"], row["of"]) == ACTIVATION] == ["0"]


def test_a_question_about_the_last_days_stays_the_same_for_a_while_so_that_its_answer_is_kept() -> None:
    now = read_instant("2026-11-02T09:20:00Z") or Instant(0)
    for days in PERIODS.keys() - {DATES}:
        length = Duration(int(days) * DAY)
        assert back(length, now) == back(length, Instant(now + 30 * MINUTE)) <= now - length


@pytest.mark.thorough
def test_a_figure_is_told_week_by_week_with_what_was_released_and_published(ada: FlaskClient) -> None:
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


def test_who_is_busy_but_stuck_stands_with_their_people_and_who_looks_after_them(ada: FlaskClient) -> None:
    told = words(ada.get(f"{PAGES}/health"))
    assert "Of 6 accounts 1 are busy but stuck: much activity, few outcomes (“Sent”). 1 of them has somebody" in told
    assert "8 events of 1 person, 0 outcomes. Looked after by Ada" in told
    assert "Call &lt;i&gt;them&lt;/i&gt;" in told
    assert "c0 8 events" in told
    assert [row["account"] for row in rows(ada, "health?standing=busy+but+stuck&format=csv")] == ["a0 <b>"]
    assert "0 accounts" in words(ada.get(f"{PAGES}/health?standing=quiet&owner=Ada"))
    assert "Does much and gets little" in words(ada.get(f"{PAGES}/health?account=a0+%3Cb%3E"))


# experiments


@pytest.mark.thorough
def test_an_experiment_says_what_may_be_said_and_no_more(busy: Site) -> None:
    rules = RULES.replace("  once\n", "  once\n  holdout 50%\n", 1)
    assert busy.post("/api/v1/rules", {"files": {"rules.way": rules}}, key=SECRET_KEY).status_code == 200
    busy.clock.move(Duration(15 * DAY))
    told = list(divided(Instant(busy.clock.now - 14 * DAY)))
    assert busy.service.import_history(1, iter(told), received=busy.clock.now).rejected == ()
    ada = signed_in(busy, Role.ADMIN)
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
