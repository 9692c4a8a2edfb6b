"""A team's roadmap over HTTP: from where users leave to what is done, who may what, and whose change is lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from api.cookies import CSRF_HEADER, SESSION
from dsl.values import DAY, Duration, Instant, format_instant
from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site, problem
from tests.engine.roadmaps import RULES

API = "/api/v1/roadmap"
OPPORTUNITIES = "/api/v1/opportunities"
TRIAL = "activation.verify.trial"


def messages(now: Instant) -> Iterator[dict[str, Any]]:
    """Of 60 people on trial 40 leave at the verification, of 60 who pay 10; it is 20 days ago."""
    for number in range(120):
        plan = "trial" if number < 60 else "pro"
        at = now - 20 * DAY
        who = {"userId": f"u{number}", "context": {"page": {"path": "/domains/7/dns"}}}
        yield {"type": "identify", "traits": {"plan": plan}, **who, "timestamp": format_instant(Instant(at))}
        names = ["Signed Up"]
        if number % 60 >= (40 if plan == "trial" else 10):
            names += ["Verified", "Sent"]
        elif plan == "trial":
            names += ["Records Not Found", "$rage_click"]
        for later, name in enumerate(names, 1):
            time = format_instant(Instant(at + later * 1_000_000))
            properties = {"page": {"path": "/domains/7/dns"}, "v": 1} if name.startswith("$") else {}
            yield {"type": "track", "event": name, "properties": properties, **who, "timestamp": time}


@pytest.fixture
def busy(site: Site) -> Site:
    """A project with a journey, two personas, and a step at which one of them leaves."""
    published = site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY)
    assert published.status_code == 200, published.get_data(as_text=True)
    receipt = site.service.import_history(1, messages(site.clock.now), received=site.clock.now)
    assert receipt.rejected == ()
    return site


def send(site: Site, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
    given = headers or {"Authorization": f"Bearer {SECRET_KEY}"}
    data = None if body is None else orjson.dumps(body)
    return site.app.test_client(use_cookies=False).open(path, method=method, data=data, headers=given)


def said(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def as_role(site: Site, role: Role) -> dict[str, str]:
    """The headers of somebody of the console."""
    service = site.service
    user = service.sign_in.known_elsewhere("https://id.example", role, email=f"{role}@a.example", roles={1: role})
    session = service.sign_in.start(user, lasts=Duration(DAY))
    return {"Cookie": f"{SESSION}={session.cookie}", CSRF_HEADER: session.signed_in.csrf}


# the story


def test_from_where_users_leave_to_what_is_done_about_it(busy: Site) -> None:
    first = said(busy.get(OPPORTUNITIES))["data"][0]
    assert (first["id"], first["status"], first["lost"], first["settled"]) == (TRIAL, "proposed", 40, 60)
    assert first["best"]["persona"] == "paying"
    assert [(cause["kind"], cause["name"]) for cause in first["causes"]] == [
        ("friction", "rage_click"),
        ("preceding event", "Records Not Found"),
    ]

    confirmed = {"status": "confirmed", "why": "seen in three interviews", "revision": 0}
    said(send(busy, "PUT", f"{OPPORTUNITIES}/{TRIAL}", confirmed))
    again = said(busy.get(f"{OPPORTUNITIES}/{TRIAL}"))
    assert (again["mark"]["stage"], again["mark"]["letter"]) == (again["stage"], "A")
    assert (again["status"], again["decision"]["why"], again["decision"]["by"]) == (
        "confirmed",
        "seen in three interviews",
        "key 2",
    )

    theme = {"title": "Hard to verify", "journey": "activation", "step": "verify", "metric": "completion"}
    theme = said(send(busy, "POST", f"{API}/themes", {**theme, "target": 0.8, "due": "2026-Q4"}), 201)
    wanted = {
        "title": "Say what the record is for",
        "kind": "bug",
        "theme": theme["id"],
        "opportunity": TRIAL,
        "efforts": [{"by": "Ada", "low": 2, "high": 4}],
        "timebox": "2026-11",
    }
    item = said(send(busy, "POST", f"{API}/items", wanted), 201)
    assert (item["status"], item["stage"]["letter"], item["step"]) == ("scheduled", "A", "verify")
    assert (item["place"]["quadrant"], item["missing"]) == ("quick win", [])

    board = said(busy.get(API))
    assert [stage["letter"] for stage in board["stages"]] == ["A", "B"]
    assert [each["id"] for each in board["items"]] == [item["id"]]
    assert said(busy.get(f"{API}/audit"))["uncared"] == []

    launched = said(send(busy, "PATCH", f"{API}/items/{item['id']}", {"revision": 1, "status": "launched"}))
    assert launched["launched"] == format_instant(busy.clock.now)
    (outcome,) = said(busy.get(f"{API}/outcomes"))["data"]
    assert (outcome["comparison"]["verdict"], outcome["note"]) == ("cannot tell yet", "before/after, not causal")
    (change,) = said(busy.get(f"{API}/items/{item['id']}/changes"))["data"]
    assert change["fields"]["status"] == ["scheduled", "launched"]

    review = said(busy.get(f"{API}/review"))
    assert [section["title"] for section in review["sections"]][:3] == ["What moved", "What did not", "Launched"]
    assert [each["theme"]["title"] for each in review["not_moved"]] == ["Hard to verify"]


def test_a_request_without_step_and_evidence_waits_until_an_admin_says_why(busy: Site) -> None:
    refused = problem(send(busy, "POST", f"{API}/items", {"title": "Dark mode", "timebox": "2026-12"}))
    assert (refused["status"], refused["code"]) == (422, "not_schedulable")
    item = said(send(busy, "POST", f"{API}/items", {"title": "Dark mode"}), 201)
    assert (item["status"], item["missing"]) == ("requested", ["step", "evidence"])
    place = f"{API}/items/{item['id']}"
    for change in ({"timebox": "2026-12"}, {"sprint": "23"}, {"status": "in progress"}, {"status": "launched"}):
        assert problem(send(busy, "PATCH", place, {"revision": 1, **change}))["code"] == "not_schedulable"

    said_why = {"revision": 1, "why": "promised to Acme", "timebox": "2026-12"}
    for role in (Role.VIEWER, Role.ANALYST, Role.AUTHOR):
        refused = problem(send(busy, "POST", f"{place}/override", said_why, **as_role(busy, role)))
        assert refused["code"] == "missing_scope"
    admin = as_role(busy, Role.ADMIN)
    assert problem(send(busy, "POST", f"{place}/override", {**said_why, "why": " "}, **admin))["code"] == "no_reason"
    done = said(send(busy, "POST", f"{place}/override", said_why, **admin))
    assert (done["status"], done["timebox"], done["override"]["why"]) == ("scheduled", "2026-12", "promised to Acme")
    entry = said(busy.get("/api/v1/audit"))["data"][0]
    assert (entry["action"], entry["target"], entry["actor"]) == ("roadmap.override", "item 1", done["override"]["by"])


def test_viewers_read_and_analysts_write(busy: Site) -> None:
    viewer, analyst = as_role(busy, Role.VIEWER), as_role(busy, Role.ANALYST)
    for path in (API, OPPORTUNITIES, f"{API}/items", f"{API}/export", f"{API}/review"):
        assert send(busy, "GET", path, **viewer).status_code == 200
    assert problem(send(busy, "POST", f"{API}/items", {"title": "X"}, **viewer))["code"] == "missing_scope"
    made = said(send(busy, "POST", f"{API}/items", {"title": "X"}, **analyst), 201)
    assert made["by"].startswith("member ")


# nobody's change is lost


def test_a_lost_update_is_told(busy: Site) -> None:
    said(send(busy, "POST", f"{API}/items", {"title": "X"}), 201)
    said(send(busy, "PATCH", f"{API}/items/1", {"revision": 1, "owner": "Ada"}))
    late = problem(send(busy, "PATCH", f"{API}/items/1", {"revision": 1, "owner": "Bob"}))
    assert (late["status"], late["code"]) == (409, "stale_item")
    assert "revision 2" in late["detail"]
    assert problem(send(busy, "DELETE", f"{API}/items/1?revision=1"))["code"] == "stale_item"
    assert said(busy.get(f"{API}/items/1"))["owner"] == "Ada"
    assert said(send(busy, "DELETE", f"{API}/items/1?revision=2")) == {"deleted": 1}
    assert problem(busy.get(f"{API}/items/1"))["code"] == "no_such_item"


def test_two_people_decide_about_an_opportunity_and_the_second_is_told(busy: Site) -> None:
    said(send(busy, "PUT", f"{OPPORTUNITIES}/{TRIAL}", {"status": "confirmed", "why": "yes", "revision": 0}))
    late = send(busy, "PUT", f"{OPPORTUNITIES}/{TRIAL}", {"status": "dismissed", "why": "no", "revision": 0})
    assert problem(late)["code"] == "stale_item"
    for status in ("confirmed", "dismissed"):
        silent = {"status": status, "revision": 1}
        assert problem(send(busy, "PUT", f"{OPPORTUNITIES}/{TRIAL}", silent))["code"] == "no_reason"
    said(send(busy, "PUT", f"{OPPORTUNITIES}/{TRIAL}", {"status": "proposed", "revision": 1}))
    assert said(busy.get(f"{OPPORTUNITIES}?status=proposed"))["data"][0]["revision"] == 2


def test_limits_and_themes_know_their_revision_too(busy: Site) -> None:
    wanted = {"effort_days": 5, "users_per_week": 1000, "revision": 0}
    assert said(send(busy, "PUT", f"{API}/limits", wanted))["revision"] == 1
    assert problem(send(busy, "PUT", f"{API}/limits", wanted))["code"] == "stale_item"
    theme = {"title": "T", "journey": "activation", "metric": "friction", "target": 0.1}
    said(send(busy, "POST", f"{API}/themes", theme), 201)
    said(send(busy, "POST", f"{API}/items", {"title": "X", "theme": 1}), 201)
    assert said(send(busy, "PATCH", f"{API}/themes/1", {"revision": 1, "status": "solved"}))["revision"] == 2
    assert problem(send(busy, "PATCH", f"{API}/themes/1", {"revision": 1, "target": 0.2}))["code"] == "stale_item"
    said(send(busy, "DELETE", f"{API}/themes/1?revision=2"))
    assert said(busy.get(f"{API}/items/1"))["theme"] is None


# pages, files


def test_lists_are_read_a_page_at_a_time(busy: Site) -> None:
    for number in range(5):
        said(send(busy, "POST", f"{API}/items", {"title": f"Item {number}"}), 201)
    seen, after = [], 0
    while after is not None:
        page = said(busy.get(f"{API}/items?limit=2&after={after}"))
        seen += [each["title"] for each in page["data"]]
        after = page["next"]
    assert seen == [f"Item {number}" for number in range(5)]
    first = said(busy.get(f"{OPPORTUNITIES}?limit=1"))
    second = said(busy.get(f"{OPPORTUNITIES}?limit=1&after={first['next']}"))
    assert [page["data"][0]["persona"] for page in (first, second)] == ["trial", "paying"]
    assert second["next"] is None


def test_a_roadmap_kept_elsewhere_is_taken_in_once_and_audited(busy: Site) -> None:
    sheet = "title,step,evidence,timebox,status\nFix it,verify,said so,2026-12,planned\nDark mode,,,2026-Q4,planned\n"
    sheet += "Odd,nowhere,x,,\n"
    tried = said(send(busy, "POST", f"{API}/import", {"csv": sheet, "keep": False}))
    assert (tried["rows"], tried["kept"], said(busy.get(f"{API}/items"))["data"]) == (3, 2, [])
    taken = said(send(busy, "POST", f"{API}/import", {"csv": sheet}))
    assert (taken["kept"], taken["no_step"], taken["waiting"]) == (2, ["Dark mode"], ["Dark mode"])
    assert taken["uncared"] == []
    assert [each["line"] for each in taken["problems"]] == [4]
    again = said(send(busy, "POST", f"{API}/import", {"csv": sheet}))
    assert (again["kept"], again["known"]) == (0, 2)
    statuses = [(each["title"], each["status"], each["wish"]) for each in said(busy.get(f"{API}/items"))["data"]]
    assert statuses == [("Fix it", "scheduled", None), ("Dark mode", "requested", "2026-Q4")]


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_an_export_is_a_formula(busy: Site, title: str) -> None:
    said(send(busy, "POST", f"{API}/items", {"title": title, "owner": title, "evidence": [title]}), 201)
    text = busy.get(f"{API}/export?format=csv").get_data(as_text=True)
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["Title"] == f"'{title}"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row.values() if cell)


def test_an_export_that_is_taken_in_again_says_the_same(busy: Site) -> None:
    said(send(busy, "POST", f"{API}/items", {"title": "=1+1", "kind": "debt"}), 201)
    text = busy.get(f"{API}/export?format=csv").get_data(as_text=True)
    again = said(send(busy, "POST", f"{API}/import", {"csv": text}))
    assert (again["kept"], again["known"], again["problems"]) == (0, 1, [])


def test_the_review_is_a_page_without_scripts_in_which_no_title_is_markup(busy: Site) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    said(send(busy, "POST", f"{API}/items", {"title": nasty, "opportunity": TRIAL}), 201)
    page = busy.get(f"{API}/review?format=html")
    text = page.get_data(as_text=True)
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "&lt;img src=x" in text
    assert "<img" not in text
    assert "<script" not in text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    written = busy.get(f"{API}/review?format=markdown").get_data(as_text=True)
    assert written.startswith("# Review of 2026-Q4")


def test_the_review_tells_of_sources_devices_and_pages_that_nobody_planned_for(busy: Site) -> None:
    def views(first: int, time: str, device: str, address: str, came_from: str) -> Iterator[dict[str, Any]]:
        for number in range(first, first + 6):
            context = {"page": {"path": "/pricing"}, "device": {"type": device, "browser": "Chrome"}}
            properties = {"path": "/pricing", "url": address, "referrer": came_from}
            yield {
                "type": "page",
                "userId": f"v{number}",
                "timestamp": time,
                "context": context,
                "properties": properties,
            }

    before = views(0, "2026-09-20T10:00:00Z", "desktop", "https://shop.example/", "https://search.example/")
    within = views(6, "2026-10-20T10:00:00Z", "tablet", "https://shop.example/?utm_source=fair", "")
    release = {"type": "track", "event": "$release", "userId": "v1", "timestamp": "2026-10-30T10:00:00Z"}
    history = [*before, *within, {**release, "properties": {"version": "2.0"}}]
    assert busy.service.import_history(1, history, received=busy.clock.now).rejected == ()
    parts = {each["title"]: each["lines"] for each in said(busy.get(f"{API}/review"))["sections"]}
    assert parts["New sources"] == ["fair: 6 people"]
    assert parts["New devices"] == ["tablet Chrome: 6 people"]
    assert parts["Pages that no touchpoint names"] == ["/pricing: 6 people"]
    earlier = said(busy.get(f"{API}/review?quarter=2026-Q3"))["sections"]
    assert [each["lines"] for each in earlier if each["title"] == "New sources"] == [[]]


@pytest.mark.parametrize(("form", "begins"), [("csv", b"id,journey,stage"), ("parquet", b"PAR1")])
def test_all_opportunities_come_as_a_file(busy: Site, form: str, begins: bytes) -> None:
    answer = busy.get(f"{OPPORTUNITIES}?format={form}&limit=1")
    assert answer.status_code == 200
    assert answer.get_data().startswith(begins)


def test_every_stage_gets_suggestions(busy: Site) -> None:
    found = said(busy.get(f"{API}/starters"))["data"]
    assert [(each["mark"]["letter"], len(each["themes"]) >= 2) for each in found] == [("A", True), ("B", True)]
