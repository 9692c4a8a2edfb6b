"""Asking for one guide by its name, being told which clicks are events, and asking why nothing is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsl.catalog import Seen
from dsl.project_cache import load_kept
from dsl.values import MINUTE
from engine.clicks import clicks_of
from engine.environments import Environment
from engine.permissions import Scope
from engine.replies import Click, KeyKind
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site

RULES = """event "DNS Check Failed"
event "Domain Verified"
event "Opened DNS help" when clicked "#dns-help" on page "/domains/*"
event "Opened menu" when clicked "nav > button"

attribute plan: text
segment team where plan is "team"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step verify "Verify" reached by "Domain Verified"
  }
}

guide dns_help "Help with DNS" {
  on "DNS Check Failed"
  show modal { title "Two records to add" }
  once every 7 days
  holdout 0%
  expires 2099-01-01
}

guide welcome "Welcome" {
  when plan is "trial"
  show banner top { title "Welcome" }
  until dismissed
  expires 2099-01-01
}

guide next_release "Not announced yet" {
  testers team
  when plan is "team" and page.path is "/new"
  show modal { title "New" }
  expires 2099-01-01
}
"""
CONTEXT = {"page": {"path": "/domains/new"}, "userAgent": "Mozilla/5.0"}
CLICKS = [
    {"event": "Opened DNS help", "selector": "#dns-help", "page": "/domains/*"},
    {"event": "Opened menu", "selector": "nav > button", "page": None},
]


def publish(site: Site, text: str = RULES) -> str:
    answer = site.post("/api/v1/rules", {"files": {"rules.way": text}}, key=SECRET_KEY)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    return str(answer.json["revision"])


def decide(site: Site, *, key: str = PUBLIC_KEY, **more: Any) -> dict[str, Any]:
    answer = site.post("/v1/decide", {"userId": "u1", "context": CONTEXT, **more}, key=key, Origin=ORIGIN)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    return dict(answer.json)


def send(site: Site, event: str, **properties: Any) -> dict[str, Any]:
    message = {"type": "track", "event": event, "userId": "u1", "properties": properties}
    answer = site.post("/v1/batch", {"batch": [message], "context": CONTEXT}, Origin=ORIGIN)
    assert answer.json is not None
    return dict(answer.json)


def guides(reply: dict[str, Any]) -> list[str]:
    return [each["guide"] for each in reply["decisions"]]


class TestByName:
    """`waypost.show(guide)`, and a button that `starts` one."""

    def test_a_guide_is_decided_by_its_name_although_nothing_woke_it(self, site: Site) -> None:
        publish(site)
        assert guides(decide(site)) == []
        reply = decide(site, guide="dns_help")
        assert guides(reply) == ["dns_help"]
        assert reply["decisions"][0]["keep"] is None

    def test_it_is_shown_again_where_its_frequency_would_not_show_it(self, site: Site) -> None:
        publish(site)
        send(site, "$shown", guide="dns_help")
        site.clock.move(MINUTE)
        reply = decide(site, guide="dns_help")
        assert guides(reply) == ["dns_help"]
        path = f"/v1/decisions/{reply['decisions'][0]['id']}/confirm"
        first = site.post(path, {"holder": "tab-1", "context": CONTEXT})
        assert first.json == {"show": True, "reason": "TARGETING_MATCH"}
        second = site.post(path, {"holder": "tab-2", "context": CONTEXT})
        assert second.json == {"show": False, "reason": "OUTRANKED"}

    def test_it_leaves_a_row_with_its_reason(self, site: Site) -> None:
        publish(site)
        decide(site, guide="dns_help")
        decide(site, guide="welcome")
        shown, refused = site.service.recent_decisions(1).items
        assert (shown.trigger, shown.guide, shown.reasons) == ("waypost.show", "dns_help", {"TARGETING_MATCH": 1})
        assert (refused.trigger, refused.guide, refused.reasons) == ("waypost.show", None, {"CONDITION_UNKNOWN": 1})

    def test_what_waits_to_wake_rules_goes_on_waiting(self, site: Site) -> None:
        publish(site)
        send(site, "DNS Check Failed")
        assert guides(decide(site, guide="welcome")) == []
        assert guides(decide(site)) == ["dns_help"]

    @pytest.mark.parametrize("name", ["nobody", "DNS_HELP", "dns_help\0"])
    def test_a_name_that_no_guide_has_shows_nothing(self, site: Site, name: str) -> None:
        publish(site)
        assert guides(decide(site, guide=name)) == []

    @pytest.mark.parametrize("name", ["", 7, "x" * 256])
    def test_what_can_be_no_name_is_refused(self, site: Site, name: object) -> None:
        answer = site.post("/v1/decide", {"userId": "u1", "guide": name}, Origin=ORIGIN)
        assert answer.status_code == 422


class TestClicks:
    """`event "…" when clicked "…"`: the snippet is told once for each revision."""

    def test_who_knows_none_is_told_with_guidance_and_with_a_receipt(self, site: Site) -> None:
        revision = publish(site)
        reply = decide(site, revision="")
        assert (reply["clicks"], reply["revision"]) == (CLICKS, revision)
        message = {"type": "track", "event": "Other", "userId": "u1"}
        receipt = site.post("/v1/batch", {"batch": [message], "decide": True, "revision": "old"}, Origin=ORIGIN).json
        assert receipt is not None
        assert (receipt["clicks"], receipt["revision"]) == (CLICKS, revision)

    def test_who_knows_the_revision_is_told_nothing_until_there_is_another(self, site: Site) -> None:
        revision = publish(site)
        assert decide(site, revision=revision)["clicks"] is None
        changed = publish(site, RULES.replace('event "Opened menu" when clicked "nav > button"\n', ""))
        assert changed != revision
        assert decide(site, revision=revision)["clicks"] == CLICKS[:1]

    def test_who_makes_no_events_of_clicks_is_not_told(self, site: Site) -> None:
        publish(site)
        assert decide(site)["clicks"] is None

    def test_rules_without_any_guide_have_clicks_too(self, site: Site) -> None:
        revision = publish(site, 'event "Opened menu" when clicked "nav > button"\n')
        reply = decide(site, revision="")
        assert (reply["clicks"], reply["revision"]) == (CLICKS[1:], revision)

    def test_a_start_from_the_cache_knows_them(self, tmp_path: Path) -> None:
        first, again = (load_kept({"rules.way": RULES}, folder=tmp_path, seen=Seen(), zone="UTC") for _ in range(2))
        assert clicks_of(first) == clicks_of(again) == tuple(Click(**each) for each in CLICKS)


class TestWhy:
    """What `debug()` is told: names and reasons are for those who build, and for testers of the guide."""

    def test_without_being_asked_nothing_is_told(self, site: Site) -> None:
        publish(site)
        assert decide(site)["considered"] is None

    def test_a_page_in_production_is_told_nothing_of_guides_that_are_not_its_testers(self, site: Site) -> None:
        publish(site)
        reply = decide(site, explain=True)
        assert (reply["considered"], reply["standing"]) == ([], None)
        assert decide(site, explain=True, guide="dns_help")["considered"] == []

    def test_a_tester_is_told_of_the_guide_that_is_tested(self, site: Site) -> None:
        publish(site)
        site.post("/v1/identify", {"userId": "u1", "traits": {"plan": "team"}}, Origin=ORIGIN)
        reply = decide(site, explain=True)
        false = "A `when` is false, or an `unless` is true."
        told = {"guide": "next_release", "reason": "CONDITION_FALSE", "meaning": false}
        assert (reply["considered"], reply["standing"]) == ([told], {"activation": "verify"})

    def test_in_an_environment_for_development_all_is_told(self, site: Site) -> None:
        made = site.service.tenancy.add("default", Environment.DEVELOPMENT, allowed_origins=[ORIGIN])
        public = site.service.create_key(made.id, KeyKind.PUBLIC).text
        secret = site.service.create_key(made.id, KeyKind.SECRET).text
        site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=secret)
        reply = decide(site, key=public, explain=True)
        assert [(each["guide"], each["reason"]) for each in reply["considered"]] == [
            ("next_release", "NOT_IN_AUDIENCE"),
            ("welcome", "CONDITION_UNKNOWN"),
        ]
        assert reply["standing"] == {"activation": "verify"}

    def test_a_key_that_may_read_people_is_told_all_and_one_that_only_writes_events_is_not(self, site: Site) -> None:
        publish(site)
        body = {"userId": "u1", "context": CONTEXT, "explain": True}
        told = site.post("/v1/decide", body, key=SECRET_KEY).json
        assert told is not None
        assert [each["guide"] for each in told["considered"]] == ["next_release", "welcome"]
        narrow = site.service.tenancy.create_key(1, KeyKind.SECRET, scopes=frozenset({Scope.EVENTS_WRITE})).text
        told = site.post("/v1/decide", body, key=narrow).json
        assert told is not None
        assert told["considered"] == []
