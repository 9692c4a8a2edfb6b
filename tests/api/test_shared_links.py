"""Links that show one page to strangers: what they see, what they never reach, and when it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.console.bare import bare
from api.console.registry import pages
from dsl.values import DAY, HOUR, Duration
from engine.permissions import Role, Scope
from engine.replies import KeyKind
from tests.api.asking import PUBLIC_KEY, Site, problem
from tests.api.projects import project
from tests.api.test_console_pages import cheap_passwords, lively, words
from tests.api.test_roadmap import as_role, said, send

__all__ = ["cheap_passwords"]
LINKS = "/api/v1/shared-links"
SHAREABLE = [each.name for each in pages() if each.shareable]
COLLEAGUE = "Grace Hopper"
_STRANGERS = count()
QUOTE = "the DNS record <b>eats</b> my time"


def share(site: Site, page: str = "find", headers: dict[str, str] | None = None, **wanted: Any) -> dict[str, Any]:
    found: dict[str, Any] = said(send(site, "POST", LINKS, {"page": page, **wanted}, **(headers or {})), 201)
    return found


def look(site: Site, link: dict[str, Any] | str, **asked: str) -> TestResponse:
    """What somebody sees who is not signed in."""
    address = link if isinstance(link, str) else link["url"]
    path = re.sub(r"^https?://[^/]+", "", address)
    # Each from an address of its own: how often one may look is counted.
    stranger = {"REMOTE_ADDR": f"203.0.113.{next(_STRANGERS) % 250}"}
    return site.app.test_client(use_cookies=False).get(path, query_string=asked, environ_overrides=stranger)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> Iterator[Site]:
    """A project in which people are lost, and one said why."""
    with project(tmp_path_factory, new_database) as site:
        fill(site)
        yield site


def fill(site: Site) -> None:
    lively(site)
    properties = {"guide": "stuck", "question": "why", "value": QUOTE, "text": QUOTE, "submission": "s1"}
    answer = {"type": "track", "userId": "u7", "event": "$answered", "properties": properties}
    assert site.post("/v1/batch", {"batch": [answer]}, key=PUBLIC_KEY).status_code == 202
    item = {"title": "Say which record", "journey": "activation", "step": "verify", "owner": COLLEAGUE}
    said(send(site, "POST", "/api/v1/roadmap/items", {**item, "evidence": ["https://t.example/7"]}), 201)
    theme = {"title": "Hard to verify", "journey": "activation", "metric": "completion", "target": 0.7}
    said(send(site, "POST", "/api/v1/roadmap/themes", {**theme, "owner": COLLEAGUE}), 201)
    comment = {"place": "item:1", "text": "not for others"}
    said(send(site, "POST", "/api/v1/comments", comment), 201)


# what is seen


@pytest.mark.parametrize("page", SHAREABLE)
def test_a_stranger_sees_one_page_without_anything_to_press_or_anywhere_to_go(shop: Site, page: str) -> None:
    answer = look(shop, share(shop, page))
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert re.findall(r"<(form|button|input|select|textarea|dialog|nav)\b(?![^>]*data-kept)", text) == []
    assert re.findall(r'href="(?!#|data:|/console/static/)[^"]*"', text) == []
    assert re.findall(r"data-(?:send|csrf|person|project|sign-in|comments|fill)=", text) == []
    assert "u7" not in re.findall(r"\bu\d\b", words(answer))
    assert "@example.com" not in text
    assert COLLEAGUE not in text
    assert "not for others" not in text
    assert "Shown read-only until" in words(answer)


@pytest.mark.parametrize("page", SHAREABLE)
def test_what_users_said_is_seen_only_where_the_maker_ticked_it(shop: Site, page: str) -> None:
    shown = look(shop, share(shop, page, query={"journey": "activation", "step": "verify"}))
    assert "eats" not in shown.get_data(as_text=True)


def test_words_that_were_ticked_are_seen(shop: Site) -> None:
    chosen = {"journey": "activation", "step": "verify"}
    assert "eats" in words(look(shop, share(shop, "feel", query=chosen, words=True)))


def test_the_link_shows_its_own_selection_whatever_the_address_says(shop: Site) -> None:
    link = share(shop, query={"who": "everyone", "format": "csv", "present": ""})
    assert link["query"] == {"who": "everyone"}
    plain, asked = look(shop, link), look(shop, link, who="customers", format="csv", journey="other")
    assert plain.get_data() == asked.get_data()
    assert plain.mimetype == "text/html"
    assert "Everyone: own people and bots too" in words(plain)


def test_nobody_keeps_finds_or_passes_on_the_page(shop: Site) -> None:
    answer = look(shop, share(shop))
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_whoever_has_the_link_opens_nothing_else_with_it(shop: Site) -> None:
    token = share(shop)["url"].rpartition("/")[2]
    client = shop.app.test_client(use_cookies=False)
    assert client.get("/console/p/default/find", headers={"Cookie": f"waypost_session={token}"}).status_code == 303
    assert client.get("/api/v1/funnel", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert client.post(f"/console/shared/{token}").status_code == 405


# when it ends


def is_over(answer: TestResponse) -> bool:
    return (answer.status_code, answer.headers.get("Waypost-Problem")) == (404, "shared_link_over")


def test_a_link_ends_by_itself(shop: Site) -> None:
    link = share(shop, days=1)
    shop.clock.move(Duration(DAY - HOUR))
    assert look(shop, link).status_code == 200
    shop.clock.move(Duration(HOUR))
    assert is_over(look(shop, link))


def test_a_link_that_is_withdrawn_shows_nothing_at_once(shop: Site) -> None:
    link = share(shop)
    assert said(send(shop, "DELETE", f"{LINKS}/{link['id']}"))["over"] is True
    assert is_over(look(shop, link))
    assert send(shop, "DELETE", f"{LINKS}/{link['id']}").status_code == 200
    assert problem(send(shop, "DELETE", f"{LINKS}/99"))["code"] == "no_such_shared_link"


def test_an_admin_switches_links_off_and_on_again(shop: Site) -> None:
    link = share(shop)
    assert "Share a link" in share_dialog(shop)
    off = send(shop, "PATCH", "/api/v1/project", {"shared_links": False})
    assert said(off)["shared_links"] is False
    assert is_over(look(shop, link))
    assert problem(send(shop, "POST", LINKS, {"page": "find"}))["code"] == "sharing_off"
    assert "Share a link" not in share_dialog(shop)
    changes = [each.detail for each in shop.service.auditing.entries(1) if each.action == "settings.change"]
    assert changes[0] == '{"shared_links":false}'
    said(send(shop, "PATCH", "/api/v1/project", {"shared_links": True}))
    assert look(shop, link).status_code == 200


def test_links_that_do_not_work_are_answered_alike(shop: Site) -> None:
    withdrawn, expired = share(shop), share(shop, days=1)
    send(shop, "DELETE", f"{LINKS}/{withdrawn['id']}")
    shop.clock.move(Duration(2 * DAY))
    answers = [look(shop, withdrawn), look(shop, expired), look(shop, "/console/shared/" + "0" * 64)]
    assert all(map(is_over, answers))
    assert len({answer.get_data() for answer in answers}) == 1


@pytest.mark.parametrize("left", ["removed", "a viewer now"])
def test_a_link_ends_with_its_maker(shop: Site, left: str) -> None:
    analyst = as_role(shop, Role.ANALYST)
    link = share(shop, headers=analyst)
    assert look(shop, link).status_code == 200
    as_role(shop, Role.ADMIN)
    number = int(link["by"].split()[1])
    if left == "removed":
        shop.service.staff.remove(1, number)
    else:
        shop.service.staff.set_role(1, number, Role.VIEWER)
    assert is_over(look(shop, link))


def test_a_link_of_a_key_ends_with_the_key(shop: Site) -> None:
    scopes = frozenset({Scope.SHARES_WRITE, Scope.RECORDS_READ})
    key = shop.service.tenancy.create_key(1, KeyKind.SECRET, scopes=scopes)
    link = share(shop, headers={"Authorization": f"Bearer {key.text}"})
    assert look(shop, link).status_code == 200
    shop.service.tenancy.revoke_key(1, key.view.id)
    assert is_over(look(shop, link))


# who makes them


def test_viewers_make_no_links_and_see_none(shop: Site) -> None:
    viewer = as_role(shop, Role.VIEWER)
    assert send(shop, "POST", LINKS, {"page": "find"}, **viewer).status_code == 403
    assert send(shop, "GET", LINKS, **viewer).status_code == 403


def test_nobody_shares_what_they_may_not_see(shop: Site) -> None:
    key = shop.service.tenancy.create_key(1, KeyKind.SECRET, scopes=frozenset({Scope.SHARES_WRITE}))
    refused = send(shop, "POST", LINKS, {"page": "find"}, Authorization=f"Bearer {key.text}")
    assert (refused.status_code, problem(refused)["code"]) == (403, "missing_scope")


@pytest.mark.parametrize("page", ["home", "nothing", "live", "discussion", "settings_keys", "../find"])
def test_only_pages_that_say_so_are_shared(shop: Site, page: str) -> None:
    refused = send(shop, "POST", LINKS, {"page": page})
    assert (refused.status_code, problem(refused)["code"]) == (422, "bad_shared_link")


@pytest.mark.parametrize("wanted", [{"days": 0}, {"days": 91}, {"query": {"a": "x" * 1_001}}, {"query": {"a": 7}}])
def test_what_cannot_be_shared_so_is_refused(shop: Site, wanted: dict[str, Any]) -> None:
    assert send(shop, "POST", LINKS, {"page": "find", **wanted}).status_code == 422


def test_links_are_listed_with_how_often_they_were_opened_and_without_their_secret(shop: Site) -> None:
    link = share(shop, note="the board", days=30)
    look(shop, link)
    look(shop, link)
    listed = said(send(shop, "GET", LINKS))["data"][0]
    assert (listed["note"], listed["opened"], listed["over"]) == ("the board", 2, False)
    assert "url" not in listed
    page = share_dialog(shop)
    assert "the board" in page
    assert link["url"].rpartition("/")[2] not in page


def share_dialog(site: Site) -> str:
    client = site.app.test_client(use_cookies=False)
    return client.get("/console/p/default/find", headers=as_role(site, Role.ADMIN)).get_data(as_text=True)


def test_who_made_and_withdrew_a_link_is_in_the_audit_log_without_its_secret(shop: Site) -> None:
    link = share(shop, note="secret note")
    send(shop, "DELETE", f"{LINKS}/{link['id']}")
    entries = shop.service.auditing.entries(1)
    assert [entry.action for entry in entries[:2]] == ["link.withdraw", "link.share"]
    assert "secret note" not in str(entries)
    assert link["url"].rpartition("/")[2] not in str(entries)


def test_looks_from_one_address_are_counted(shop: Site) -> None:
    client, address = shop.app.test_client(use_cookies=False), {"REMOTE_ADDR": "198.51.100.7"}
    nowhere = "/console/shared/" + "0" * 64
    told = {client.get(nowhere, environ_overrides=address).status_code for _ in range(61)}
    assert told == {404, 429}


# what stands behind it


@pytest.mark.parametrize(
    ("page", "left"),
    [
        ('<a class="x" href="/console/p/a/b">on</a>', '<span class="x">on</span>'),
        ('<a href="#here">on</a>', '<a href="#here">on</a>'),
        ('<a href="javascript:x()">on</a>', "<span>on</span>"),
        ('<a href="https://a.example/console/static/x">on</a>', "<span>on</span>"),
        ("<p>a <form><p>b <button>c</button></p></form> d</p>", "<p>a  d</p>"),
        (
            '<button data-kept aria-expanded="false">fold</button>',
            '<button data-kept aria-expanded="false">fold</button>',
        ),
        (
            '<div data-send="/api" data-module="/console/static/m.js?v=1">x</div>',
            '<div data-module="/console/static/m.js?v=1">x</div>',
        ),
        ('<img src="/api/v1/x"><input name="a"><br>', "<img><br>"),
        ("<p>&lt;form&gt; &amp; &#8222;x&quot;</p>", "<p>&lt;form&gt; &amp; &#8222;x&quot;</p>"),
        ('<svg viewBox="0 0 1 1"><rect fill="#fff"/></svg>', '<svg viewbox="0 0 1 1"><rect fill="#fff"/></svg>'),
        (
            '<script type="application/json">{"a": "<b>"}</script>',
            '<script type="application/json">{"a": "<b>"}</script>',
        ),
        ('<p onclick="x()" title="a &quot;b&quot;">c</p>', '<p title="a &quot;b&quot;">c</p>'),
    ],
)
def test_ways_are_taken_out_whatever_a_page_forgets(page: str, left: str) -> None:
    assert bare(page) == left
