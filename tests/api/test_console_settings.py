"""The settings pages as an admin meets them: what they show, to whom; and nothing of users' making is alive there."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.console.registry import Group, pages
from engine.couriers import Brought, Courier
from engine.permissions import Role
from engine.webhook_desk import WebhookDesk
from engine.webhooks import HookKind
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_console_pages import cheap_passwords, lively, visitor, words  # noqa: F401  (a fixture)

HOSTILE = (
    '<img src=x onerror="alert(1)">',
    "'\"></textarea><script>alert(1)</script>",
    "{{ 7 * 7 }}${7*7}",
    "javascript:alert(1)//",
    "=cmd|'/c calc'!A1",
    "+1+1",
    "@SUM(1)",
    "-2+3",
    "\t=1+1",
    "\u202egnp.exe 日本語 \x85",
)
"""What people may send as a name or a value, and what no page, and no sheet, may take for its own."""

SETTINGS = [each for each in pages() if each.group is Group.SETTINGS]


@pytest.fixture
def ada(site: Site) -> FlaskClient:
    return visitor(site, Role.ADMIN)


def at(client: FlaskClient, page: str, **query: str) -> TestResponse:
    """A settings page."""
    return client.get(f"/console/p/default/settings/{page}", query_string=query)


def me(client: FlaskClient) -> dict[str, str]:
    """The headers that the pages send with."""
    answer = client.get("/api/v1/me").json
    assert answer is not None
    return {"X-CSRF-Token": answer["csrf"], "Waypost-Project": "default"}


def ask(client: FlaskClient, method: str, path: str, body: object = None) -> TestResponse:
    data = None if body is None else orjson.dumps(body)
    return client.open(path, method=method, data=data, headers=me(client), content_type="application/json")


def rows(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))


# projects and environments


def test_somebody_makes_an_environment_and_a_project_and_is_its_first_admin(site: Site, ada: FlaskClient) -> None:
    made = ask(ada, "POST", "/api/v1/project/environments", {"environment": "staging"})
    assert (made.status_code, made.json and made.json["environment"]) == (201, "staging")
    assert ask(ada, "POST", "/api/v1/project/environments", {"environment": "staging"}).status_code == 409
    shop = ask(ada, "POST", "/api/v1/projects", {"project": "shop", "name": "Shop", "zone": "Europe/Berlin"})
    assert shop.json == {
        "project": "shop",
        "environment": "production",
        "name": "Shop",
        "zone": "Europe/Berlin",
        "allowed_origins": [],
        "signed_users": False,
        "shared_links": True,
        "role": "admin",
    }
    listed = ask(ada, "GET", "/api/v1/projects").json
    assert listed is not None
    assert [(each["project"], each["environment"]) for each in listed["data"]] == [
        ("default", "production"),
        ("default", "staging"),
        ("shop", "production"),
    ]
    assert "default/staging" in words(at(ada, "project"))
    assert ada.get("/console/p/shop/settings/people").status_code == 200


def test_a_project_needs_a_name_for_addresses(ada: FlaskClient) -> None:
    for name in ("", "Shop", "a/b", "-shop", "shop " * 20):
        answer = ask(ada, "POST", "/api/v1/projects", {"project": name})
        assert (answer.status_code, answer.json and answer.json["code"]) == (422, "bad_project_name"), name


def test_who_is_admin_nowhere_makes_no_project(site: Site) -> None:
    author = visitor(site, Role.AUTHOR)
    assert ask(author, "POST", "/api/v1/projects", {"project": "shop"}).status_code == 403
    told = at(author, "project").get_data(as_text=True)
    assert "Make a project" not in told
    assert "<form" not in told.split('id="main"')[1].split("</main>")[0]


def test_settings_show_roles_only_what_is_theirs(site: Site) -> None:
    viewer = visitor(site, Role.VIEWER)
    told = {each.name: viewer.get(f"/console/p/default/{each.path}").status_code for each in SETTINGS}
    closed = {"settings_keys", "settings_people", "settings_audit"}
    assert told == {name: 403 if name in closed else 200 for name in told}
    assert "Keys are shown to admins only" in words(at(viewer, "snippet"))
    assert PUBLIC_KEY not in at(viewer, "snippet").get_data(as_text=True)


# keys


def test_keys_are_shown_with_what_they_may_and_how_they_end(site: Site, ada: FlaskClient) -> None:
    made = ask(ada, "POST", "/api/v1/keys", {"kind": "secret", "name": "billing", "scopes": ["events:write"]}).json
    assert made is not None
    page = at(ada, "keys")
    assert made["key"] not in page.get_data(as_text=True), "a secret is seen once"
    assert f"{made['shown']} billing 1 thing events:write" in words(page)
    ask(ada, "POST", f"/api/v1/keys/{made['id']}/rotate", {"grace": 3600})
    assert f"{made['shown']} billing ends" in words(at(ada, "keys"))
    ask(ada, "DELETE", f"/api/v1/keys/{made['id']}")
    assert f"{made['shown']} billing" not in words(at(ada, "keys")).replace("billing 1 thing", "")
    assert f"{made['shown']} billing withdrawn" in words(at(ada, "keys", show="all"))


# people


def test_the_last_admin_has_no_button_to_go_and_others_have(site: Site, ada: FlaskClient) -> None:
    site.service.staff.add(1, "bob@example.com", Role.VIEWER, password="correct horse battery")
    text = at(ada, "people").get_data(as_text=True)
    assert "the last admin" in words(at(ada, "people"))
    assert "/api/v1/members/2" in text
    assert 'data-send="/api/v1/members/1"' not in text
    ask(ada, "PATCH", "/api/v1/members/2", {"role": "admin"})
    assert 'data-send="/api/v1/members/1"' in at(ada, "people").get_data(as_text=True)
    assert [row["email"] for row in rows(at(ada, "people", format="csv"))] == ["ada@example.com", "bob@example.com"]


def test_links_that_still_work_are_listed_without_their_secret(ada: FlaskClient) -> None:
    made = ask(ada, "POST", "/api/v1/invites", {"email": "kim@example.com", "role": "analyst"}).json
    assert made is not None
    page = at(ada, "people")
    assert "kim@example.com join as analyst" in words(page)
    assert made["token"] not in page.get_data(as_text=True)


# the tracking plan


def test_the_plan_is_shown_with_what_did_not_fit_it(site: Site, ada: FlaskClient) -> None:
    lively(site)
    assert "No plan is in force" in words(at(ada, "plan"))
    plan = {"events": {"Signed Up": {"schema": {"type": "object", "required": ["source"]}}}}
    assert ask(ada, "POST", "/api/v1/plan", {"plan": plan, "note": "first"}).status_code == 200
    site.post("/v1/track", {"userId": "u1", "event": "Signed Up", "messageId": "m-77"}, key=PUBLIC_KEY)
    told = words(at(ada, "plan"))
    assert "Version 1 is in force since 2 Nov 2026, 09:00 : “first”." in told
    assert re.search(r"Signed Up \$\S+ required 1 0", told)
    assert "m-77" in told
    assert [row["latest_message"] for row in rows(at(ada, "plan", format="csv"))] == ["m-77"]
    assert "nothing" in words(at(ada, "plan", event="Other")).lower()
    ask(ada, "DELETE", "/api/v1/plan/violations")
    assert "every event fits the plan" in words(at(ada, "plan"))


# privacy


def test_a_user_is_looked_up_erased_and_stands_in_the_list_by_number_only(site: Site, ada: FlaskClient) -> None:
    lively(site)
    assert "Erase this user" in words(at(ada, "privacy", person="u1"))
    assert "Nobody with the id “nobody”" in words(at(ada, "privacy", person="nobody"))
    assert ask(ada, "DELETE", "/api/v1/users/u1").status_code == 200
    assert "Nobody with the id “u1”" in words(at(ada, "privacy", person="u1"))
    told = words(at(ada, "privacy"))
    assert re.search(r"person \d+ member 1 \d+", told)
    assert "u1" not in told.split("What was erased")[1].split("Copies")[0]


def test_a_viewer_is_shown_no_single_person(site: Site) -> None:
    viewer = visitor(site, Role.VIEWER)
    lively(site)
    site.service.privacy.record_person_export(1, "u1", "/exports/u1.json")
    told = words(at(viewer, "privacy", person="u1"))
    assert "Erase" not in told.split("What was erased")[0]
    assert "u1.json" not in told


# the audit log


def test_the_audit_log_is_filtered_paged_verified_and_saved(site: Site, ada: FlaskClient) -> None:
    for number in range(60):
        ask(ada, "PATCH", "/api/v1/project", {"name": f"Shop {number}"})
    first = at(ada, "audit")
    assert "settings.change" in words(first)
    assert 'rel="next"' in first.get_data(as_text=True)
    older = re.search(r'href="([^"]+)" rel="next"', first.get_data(as_text=True))
    assert older is not None
    assert "member.add" in words(ada.get(older[1].replace("&amp;", "&"))).split("Verify")[0]
    only = at(ada, "audit", action="member.add", actor="command line", since="2026-11-02", until="2026-11-02")
    assert [row["action"] for row in rows(at(ada, "audit", format="csv", action="member.add"))] == ["member.add"]
    assert "member 1" in words(only)
    assert "Nothing that fits" in words(at(ada, "audit", since="2026-11-03"))
    assert "None is missing" in words(at(ada, "audit", verify="1")).replace("none is", "None is")
    assert at(ada, "audit", action="<script>", since="soon", before="x").status_code == 200


def test_the_audit_log_is_filtered_over_the_interface_too(site: Site, ada: FlaskClient) -> None:
    ask(ada, "PATCH", "/api/v1/project", {"name": "Shop"})
    answer = site.get("/api/v1/audit?action=settings.change&actor=member 1&limit=1").json
    assert answer is not None
    assert [entry["detail"] for entry in answer["data"]] == [{"name": "Shop"}]
    assert rows(site.get("/api/v1/audit?format=csv&action=settings.change"))[0]["actor"] == "member 1"
    assert site.get("/api/v1/audit?action=nothing").status_code == 422


# the snippet


def test_the_snippet_has_the_key_in_every_form(site: Site, ada: FlaskClient) -> None:
    for way, mark in {
        "plain": "integrity=",
        "react": "WaypostProvider",
        "bundled": 'from "@waypost/js"',
        "server": "/v1/track",
    }.items():
        page = at(ada, "snippet", way=way).get_data(as_text=True).replace("&#34;", '"').replace("&#39;", "'")
        assert mark in page, way
        assert way == "server" or PUBLIC_KEY in page
    assert "script-src 'self' http://localhost;" in at(ada, "snippet").get_data(as_text=True).replace("&#39;", "'")


def test_the_snippet_page_turns_green_with_the_first_event_of_a_page(site: Site, ada: FlaskClient) -> None:
    site.post("/v1/track", {"userId": "u1", "event": "From a server"}, key=SECRET_KEY)
    assert "not yet" in words(at(ada, "snippet"))
    message = {"anonymousId": "a1", "event": "Opened", "context": {"page": {"path": "/start"}}}
    site.post("/v1/track", message, key=PUBLIC_KEY, Origin="https://app.example.com")
    assert "yes The latest event of a page is Opened from /start" in words(at(ada, "snippet"))


# hostile content


def hostile(site: Site) -> None:
    """A project in which everything that users can name is hostile."""
    for number, text in enumerate(HOSTILE):
        message: dict[str, Any] = {
            "userId": f"u{number}{text}",
            "event": text,
            "properties": {text: text},
            "context": {"page": {"path": text}},
            "messageId": f"{number}{text}"[:100],
        }
        site.post("/v1/track", message, key=PUBLIC_KEY, Origin="https://app.example.com")
        site.post("/v1/identify", {"userId": f"u{number}{text}", "traits": {text: text}}, key=PUBLIC_KEY)


def test_what_users_name_is_inert_on_every_settings_page(site: Site, ada: FlaskClient) -> None:
    lively(site)
    plan = {"unplanned": "warn", "events": {text: {"description": text} for text in HOSTILE}}
    assert ask(ada, "POST", "/api/v1/plan", {"plan": plan, "note": HOSTILE[1]}).status_code == 200
    hostile(site)
    for page in SETTINGS:
        for tab in ("events", "attributes"):
            query = {"person": f"u0{HOSTILE[0]}", "tab": tab, "q": ""}
            answer = ada.get(f"/console/p/default/{page.path}", query_string=query)
            assert answer.status_code == 200, words(answer)
            text = answer.get_data(as_text=True)
            for each in ("<img", "<script>alert", "</textarea><script", 'href="javascript:'):
                assert each not in text, (page.name, each)
            assert text.count("<script") == text.count("</script>"), page.name
        cells = [cell for row in files(ada, page.path) for cell in row.values()]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def files(client: FlaskClient, path: str) -> list[dict[str, str]]:
    """The rows of the file beside a page, where it has one."""
    answer = client.get(f"/console/p/default/{path}", query_string={"format": "csv"})
    return rows(answer) if answer.headers["Content-Type"].startswith("text/csv") else []


# webhooks


def test_a_webhook_is_made_tested_changed_and_its_secret_seen_once(site: Site, ada: FlaskClient) -> None:
    assert "No webhook yet" in words(at(ada, "webhooks"))
    wanted = {"url": "https://hooks.example.com/in", "kinds": ["answer.received"], "note": "the warehouse"}
    made = ask(ada, "POST", "/api/v1/webhooks", wanted).json
    assert made is not None
    page = at(ada, "webhooks")
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in page.get_data(as_text=True)
    assert "https://hooks.example.com/in the warehouse answer.received" in words(page)
    assert ask(ada, "POST", "/api/v1/webhooks/1/test").status_code == 201
    assert "msg_1 test 2 Nov 2026, 09:00 waiting 0" in words(at(ada, "webhooks"))
    assert "data-goes-on" in at(ada, "webhooks").get_data(as_text=True)
    assert ask(ada, "PATCH", "/api/v1/webhooks/1", {"revision": 1, "is_on": False}).status_code == 200
    late = ask(ada, "PATCH", "/api/v1/webhooks/1", {"revision": 1, "note": "mine"})
    assert (late.status_code, late.json and late.json["code"]) == (409, "stale_item")
    assert "https://hooks.example.com/in off the warehouse" in words(at(ada, "webhooks"))
    again = ask(ada, "POST", "/api/v1/webhooks/1/secret").json
    assert again is not None
    assert again["secret"] != made["secret"]
    acts = [row["action"] for row in rows(at(ada, "audit", format="csv"))]
    assert acts[:3] == ["webhook.change", "webhook.change", "webhook.add"]
    assert made["secret"] not in at(ada, "audit", format="csv").get_data(as_text=True)


def test_of_an_address_a_viewer_sees_where_it_leads_and_no_more(site: Site) -> None:
    viewer, now = visitor(site, Role.VIEWER), site.clock.now
    desk, url = WebhookDesk(site.service.database), "https://hooks.example.com/services/T0/password"
    desk.add(1, url, [HookKind.ALERT_RAISED], by="key 1", now=now)
    assert "https://hooks.example.com/… alert.raised" in words(at(viewer, "webhooks"))
    listed = ask(viewer, "GET", "/api/v1/webhooks").json
    assert listed is not None
    assert listed["data"][0]["url"] == "https://hooks.example.com/…"


def test_an_address_within_the_network_is_refused_at_its_field(ada: FlaskClient) -> None:
    answer = ask(ada, "POST", "/api/v1/webhooks", {"url": "https://169.254.169.254/", "kinds": ["alert.raised"]})
    assert (answer.status_code, answer.json and answer.json["code"]) == (422, "bad_webhook")


def test_a_webhook_of_a_chat_tool_hears_of_some_guides_and_is_told_again(site: Site, ada: FlaskClient) -> None:
    page = at(ada, "webhooks").get_data(as_text=True)
    boxes = dict(re.findall(r'name="kinds" value="([a-z.]+)" data-as="member"( checked)?', page))
    assert {kind for kind, checked in boxes.items() if not checked} == {"guide.decided", "guide.shown"}
    wanted = {"url": "https://hooks.example.com/in", "kinds": ["guide.shown"], "format": "teams", "guides": ["help"]}
    assert ask(ada, "POST", "/api/v1/webhooks", wanted).status_code == 201
    assert "to Microsoft Teams only of help" in words(at(ada, "webhooks"))
    changed = ask(ada, "PATCH", "/api/v1/webhooks/1", {"revision": 1, "format": "slack", "guides": []})
    assert (changed.json or {})["format"] == "slack"
    ask(ada, "POST", "/api/v1/webhooks/1/test")
    address = "/api/v1/webhooks/deliveries/1/resend"
    waits = ask(ada, "POST", address)
    assert (waits.status_code, (waits.json or {})["code"]) == (409, "nothing_to_resend")

    class Taking(Courier):
        def bring(self, *_: object) -> Brought:
            return Brought(200, None)

    WebhookDesk(site.service.database).bring(Taking(), clock=site.clock, renew=lambda: True)
    assert "Resend" in words(at(ada, "webhooks"))
    assert (ask(ada, "POST", address).json or {})["state"] == "waiting"
    assert ask(ada, "POST", "/api/v1/webhooks/deliveries/9/resend").status_code == 404
    bad = ask(ada, "POST", "/api/v1/webhooks", {**wanted, "format": "fax"})
    assert (bad.json or {})["code"] == "invalid_fields"
