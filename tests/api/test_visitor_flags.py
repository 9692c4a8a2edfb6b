"""Flags that pages ask with the public key: only those that were chosen, and only of the page's own visitor."""

from __future__ import annotations

from typing import Any

import pytest

from engine.permissions import Role
from tests.api.asking import ORIGIN, SECRET_KEY, Site
from tests.api.asking import problem as problem_of
from tests.api.test_console_pages import cheap_passwords, visitor, words  # noqa: F401  (a fixture)
from tests.api.test_flags import RULES

PUBLIC = "/api/v1/flags/public"


@pytest.fixture
def ours(site: Site) -> Site:
    assert site.post("/api/v1/rules", {"files": {"a.way": RULES}}, key=SECRET_KEY).status_code == 200
    batch = [{"type": "identify", "userId": "ada", "traits": {"plan": "team"}}]
    assert site.post("/v1/batch", {"batch": batch}).status_code == 202
    return site


def problem(answer: Any) -> tuple[int, str]:
    found = problem_of(answer)
    return found["status"], found["code"]


def choose(site: Site, *keys: str, revision: int = 0) -> Any:
    head = {"Authorization": f"Bearer {SECRET_KEY}"}
    return site.client.put(PUBLIC, json={"flags": list(keys), "revision": revision}, headers=head)


def ask(site: Site, **said: Any) -> dict[str, Any]:
    answer = site.post("/v1/flags", said, Origin=ORIGIN)
    assert answer.status_code == 200, answer.json
    assert answer.json is not None
    return {each["key"]: each for each in answer.json["flags"]}


def test_without_a_choice_a_page_learns_nothing(ours: Site) -> None:
    assert ask(ours, userId="ada") == {}


def test_a_page_gets_what_was_chosen_for_its_visitor_and_no_more(ours: Site) -> None:
    assert choose(ours, "segment:team", "guide:for_teams", "segment:starter").status_code == 200
    found = ask(ours, userId="ada", context={"page": {"path": "/team"}})
    assert list(found) == ["segment:team", "guide:for_teams", "segment:starter"]
    assert [each["value"] for each in found.values()] == [True, True, False]
    assert found["guide:for_teams"]["content"]["title"] is not None
    assert ask(ours, userId="bob")["segment:team"]["value"] is False


def test_an_anonymous_id_is_never_taken_for_a_user(ours: Site) -> None:
    """Else a page could ask about anybody whose id it can guess, whether the project insists on signatures or not."""
    choose(ours, "segment:team")
    assert ask(ours, anonymousId="ada")["segment:team"]["value"] is False


def test_where_users_are_signed_a_page_asks_about_nobody_without_the_signature(ours: Site) -> None:
    choose(ours, "segment:team")
    head = {"Authorization": f"Bearer {SECRET_KEY}"}
    ours.client.post("/api/v1/project/signing/secrets", json={}, headers=head)
    settings = (ours.get("/api/v1/project").json or {}) | {}
    assert settings
    changed = ours.client.patch("/api/v1/project", json={"signed_users": True}, headers=head)
    assert changed.status_code == 200, changed.json
    assert problem(ours.post("/v1/flags", {"userId": "ada"}, Origin=ORIGIN))[1] == "unsigned_user"


def test_a_secret_key_in_a_page_a_foreign_origin_and_nobody_are_refused(ours: Site) -> None:
    choose(ours, "segment:team")
    assert problem(ours.post("/v1/flags", {"userId": "ada"}, key=SECRET_KEY, Origin=ORIGIN)) == (403, "key_not_allowed")
    elsewhere = ours.post("/v1/flags", {"userId": "ada"}, Origin="https://evil.example")
    assert problem(elsewhere) == (403, "origin_not_allowed")
    assert problem(ours.post("/v1/flags", {}, Origin=ORIGIN))[1] == "no_identity"


def test_what_is_chosen_is_known_limited_and_not_lost_to_somebody_else(ours: Site) -> None:
    assert problem(choose(ours, "segment:teem")) == (404, "unknown_flag")
    assert problem(choose(ours, *[f"segment:{n}" for n in range(101)])) == (422, "too_many_public_flags")
    assert choose(ours, "segment:team").json == {"flags": ["segment:team"], "revision": 1}
    assert problem(choose(ours, "segment:quiet")) == (409, "stale_item")
    assert choose(ours, revision=1).json == {"flags": [], "revision": 2}
    assert ask(ours, userId="ada") == {}


def test_a_flag_that_the_rules_have_no_longer_is_left_out_and_may_stay_chosen(ours: Site) -> None:
    choose(ours, "segment:team", "segment:quiet")
    less = RULES.replace('segment quiet where not did "Domain Verified"\n', "")
    assert ours.post("/api/v1/rules", {"files": {"a.way": less}}, key=SECRET_KEY).status_code == 200
    assert list(ask(ours, userId="ada")) == ["segment:team"]
    assert choose(ours, "segment:team", "segment:quiet", "segment:big", revision=1).status_code == 200


def test_the_console_offers_every_flag_and_says_what_it_means(ours: Site) -> None:
    choose(ours, "segment:team")
    page = visitor(ours, Role.ADMIN).get("/console/p/default/settings/snippet")
    assert "Flags that browsers may ask" in words(page)
    text = page.get_data(as_text=True)
    assert 'value="segment:team" data-as="member" checked' in text
    assert 'value="guide:dns_help" data-as="member"' in text
