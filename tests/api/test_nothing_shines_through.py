"""Two projects with the same ids in them: whatever is asked of one, nothing of the other is told, and nothing changed.

Everything that somebody typed or sent in the other project holds one word, which no answer may hold. Asked is what
`promised` has of every address of the interface, and every page of the console with what its address may name.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from api.console.registry import pages
from api.cookies import CSRF_HEADER, SESSION
from dsl.values import DAY, Duration
from engine.permissions import Role
from engine.storage import tables
from tests.api.asking import Site
from tests.api.promised import AIM, ASKED, CELL, CELL_PLACE, CONTEXT, DRAFT_FILES, ITEM, RULES, SAID, THEME

WORD = "zanzibar"
OURS, THEIRS = "default", "other"
MAP = "/api/v1/journeys/activation/map"


class Member:
    """An admin of one project, signed in."""

    def __init__(self, site: Site, slug: str, word: str) -> None:
        self.site, self.slug, self.word = site, slug, word
        found = site.service.tenancy.by_slug(slug)
        assert found is not None
        self.project = found.id
        email, roles = f"{word}@{slug}.example", {self.project: Role.ADMIN}
        user = site.service.sign_in.known_elsewhere("https://id.example", email, email=email, roles=roles)
        session = site.service.sign_in.start(user, lasts=Duration(7 * DAY))
        self.headers = {"Cookie": f"{SESSION}={session.cookie}", CSRF_HEADER: session.signed_in.csrf}

    def ask(self, method: str, address: str, body: object = None) -> TestResponse:
        headers = {**self.headers, "Waypost-Project": self.slug}
        return self.site.client.open(address, method=method.upper(), json=body, headers=headers)

    def made(self, method: str, address: str, body: object) -> dict[str, Any]:
        answer = self.ask(method, address, body)
        assert answer.status_code in {200, 201, 204}, answer.get_data(as_text=True)
        return dict(answer.json or {}) if answer.data else {}

    def page(self, name: str, **query: str) -> TestResponse:
        path = next(each.path for each in pages() if each.name == name)
        return self.site.client.get(f"/console/p/{self.slug}/{path}", query_string=query, headers=self.headers)

    def fill(self) -> dict[str, str]:
        """All that can be typed and sent, each with the word; the numbers of what an address may name."""
        word = self.word
        rules = RULES.replace("Help with DNS", word).replace("How easy was it?", f"{word}?")
        self.made("post", "/api/v1/rules", {"files": {"rules.way": rules}, "note": word})
        draft = {"files": {**DRAFT_FILES, f"{word}.way": ""}, "base": 1, "revision": 0}
        self.made("put", "/api/v1/rules/draft", draft)
        self.made("post", "/api/v1/plan", {"plan": {"events": {f"{word} event": {}}}, "note": word})
        for place in (CELL_PLACE, "draft", "account:acme", "guide:verify_help"):
            self.made("post", "/api/v1/comments", {"place": place, "text": word})
        self._send(word)
        care = {"account": "acme", "owner": word, "note": word}
        self.made("post", "/api/v1/accounts/care", care)
        said = {**SAID, "quotes": [word], "text": word, "user": "u1"}
        (evidence,) = self.made("post", "/api/v1/evidence", {"evidence": [said]})["data"]
        self.made("put", f"{MAP}/cells", {**CELL, "text": word})
        self.made("put", f"{MAP}/targets", AIM)
        snapshot = self.made("post", f"{MAP}/snapshots", {"note": word})
        theme = self.made("post", "/api/v1/roadmap/themes", {**THEME, "title": word})
        item = self.made("post", "/api/v1/roadmap/items", {**ITEM, "title": word, "owner": word, "theme": theme["id"]})
        self.made("post", "/api/v1/comments", {"place": f"item:{item['id']}", "text": word})
        hook = {"url": f"https://{word}.example.com/", "kinds": ["alert.raised"], "note": word}
        webhook = self.made("post", "/api/v1/webhooks", hook)
        asked = {"format": "csv", "name": f"{word}.csv", "size": 40}
        imported = self.made("post", "/api/v1/imports", asked)
        self.made("post", "/api/v1/shared-links", {"page": "find", "note": word})
        self.made("post", "/api/v1/keys", {"kind": "public", "name": word})
        self.made("post", "/api/v1/invites", {"email": f"guest@{word}.example", "role": "viewer"})
        self.made("patch", "/api/v1/project", {"name": word, "allowed_origins": [f"https://{word}.example"]})
        made = {"snapshot": snapshot, "webhook": webhook, "import": imported, "item": item, "theme": theme}
        return {name: str(each["id"]) for name, each in {**made, "evidence": evidence}.items()}

    def _send(self, word: str) -> None:
        answer = {"guide": "verify_effort", "question": "detail", "submission": "s1", "value": word, "text": word}
        known = {"userId": "u1", "anonymousId": f"{word}-phone", "context": CONTEXT}
        messages: list[dict[str, object]] = [
            {"type": "identify", "traits": {"plan": word, "name": word}},
            {"type": "group", "groupId": "acme", "traits": {"name": word}},
            {"type": "track", "event": "Signed Up", "properties": {"from": word}},
            {"type": "track", "event": "DNS Check Failed", "properties": {"attempt": word}},
            {"type": "track", "event": f"{word} undeclared"},
            {"type": "track", "event": "Domain Verified"},
            {"type": "track", "event": "$answered", "properties": answer},
        ]
        stamped: list[Any] = [{**each, **known, "messageId": f"m{number}"} for number, each in enumerate(messages)]
        found = self.site.service.receive(self.project, stamped, received=self.site.clock.now, decide=True)
        assert found.accepted == len(messages), found.rejected


@pytest.fixture(scope="module")
def two(shared_site: Site) -> tuple[Member, Member, dict[str, str]]:
    """Somebody of our project, somebody of theirs, and the numbers of what is in theirs."""
    shared_site.client._cookies = None
    shared_site.service.tenancy.add(THEIRS)
    ours, theirs = Member(shared_site, OURS, "ours"), Member(shared_site, THEIRS, WORD)
    numbers = theirs.fill()
    ours.fill()
    return ours, theirs, numbers


def looks(numbers: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    """What the address of each page may name, beside nothing at all."""
    tabs = [{"tab": tab} for tab in ("words", "segments", "way", "disagreeing")]
    snapshot = numbers["snapshot"]
    return {
        "home": [{"whole": "1"}],
        "find": [{"format": "csv"}],
        "prove": [{"part": "before"}],
        "rules": [{"view": "edit"}, {"view": "review"}],
        "responses": [*tabs, {"answer": "verify_effort.detail.s1"}, {"response": "7"}, {"format": "csv"}],
        "versions": [{"version": "1"}],
        "experiments": [{"guide": "verify_help"}],
        "map": [{"snapshot": snapshot}, {"compare": f"snapshot:{snapshot}"}, {"format": "csv"}, {"roadmap": "1"}],
        "discussion": [
            {"place": f"item:{numbers['item']}"},
            {"place": f"item:{numbers['item']}", "part": "2"},
            {"place": f"evidence:{numbers['evidence']}", "part": "2"},
            {"place": "account:acme", "part": "2"},
        ],
        "users": [{"q": "u1"}, {"id": "u1"}, {"id": "u1", "tab": "state"}, {"id": "u1", "format": "json"}],
        "roadmap": [{"item": numbers["item"]}, {"theme": numbers["theme"]}, {"format": "csv"}],
        "review": [{"format": "markdown"}],
        "kpis": [{"format": "csv"}],
        "health": [{"account": "acme"}, {"format": "csv"}],
        "settings_imports": [{"import": numbers["import"]}],
        "settings_scheduled": [{"source": "1"}, {"format": "csv"}],
        "settings_privacy": [{"person": "u1"}],
        "settings_webhooks": [{"webhook": numbers["webhook"]}],
        "settings_audit": [{"format": "csv"}],
        "settings_people": [{"format": "csv"}],
    }


def all_of(member: Member) -> list[str]:
    """Every row that belongs to a project."""
    with member.site.service.database.reading() as connection:
        return [
            f"{table.name} {row}"
            for table in tables.Base.metadata.sorted_tables
            if "project_id" in table.c
            for row in connection.execute(sa.select(table).where(table.c.project_id == member.project))
        ]


def test_every_page_shows_its_own_project_and_nothing_of_another(
    two: tuple[Member, Member, dict[str, str]],
) -> None:
    ours, theirs, numbers = two
    wanted = looks(numbers)
    silent = {"act", "live", "settings_snippet", "settings_catalog", "settings_keys", "settings_project"}
    for page in pages():
        queries = [{"who": "everyone", **query} for query in ({}, *wanted.get(page.name, ()))]
        seen = [theirs.page(page.name, **query).get_data(as_text=True) for query in queries]
        assert page.name in silent or any(WORD in text for text in seen), f"{page.name} shows nothing: no proof"
        for query in queries:
            answer = ours.page(page.name, **query)
            assert answer.status_code < 500, (page.name, query)
            assert WORD not in answer.get_data(as_text=True), (page.name, query)


def test_whatever_is_asked_of_one_project_another_one_stays_as_it_is_and_untold(
    two: tuple[Member, Member, dict[str, str]],
) -> None:
    ours, theirs, _ = two
    before = all_of(theirs)
    asked = [(method, address, body) for method, path, address, body, status in ASKED if is_asked(path, status)]
    for method, address, body in asked:
        answer = ours.ask(method, address, body)
        assert answer.status_code < 500, (method, address)
        assert WORD not in answer.get_data(as_text=True), (method, address)
    assert all_of(theirs) == before
    own = [theirs.ask(*each) for each in asked if each[0] == "get" and "journey" not in each[1]]
    assert sum(WORD in answer.get_data(as_text=True) for answer in own) > 20, "little is ever told: no proof"


def is_asked(path: str, status: int) -> bool:
    """True for what is answered about a project; the session stays, so that there is somebody who asks."""
    return path.startswith("/api/v1/") and path != "/api/v1/session" and status < 300
