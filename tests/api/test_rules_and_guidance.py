"""Rules are published whole or not at all, and guidance comes in the same round trip as the event that wakes it."""

from __future__ import annotations

import pytest

from dsl.values import MINUTE
from engine.replies import KeyKind
from tests.api.asking import ORIGIN, SECRET_KEY, Site, problem
from widgets.schemas import validator

RULES = """event "DNS Check Failed" {
  reason: text
}

guide dns_help "Help with DNS" {
  on "DNS Check Failed"
  when event.reason is "NXDOMAIN"

  show tooltip beside "#dns" {
    title "Two records to add"
    body "Hello {{ first_name | \\"there\\" }}"
    button "Done" completes
  }

  once every 7 days
  priority 80
  expires 2099-01-01
}
"""
FAILED = {"type": "track", "event": "DNS Check Failed", "userId": "u1", "properties": {"reason": "NXDOMAIN"}}
CONTEXT = {"page": {"path": "/domains/new"}, "userAgent": "Mozilla/5.0"}


def publish(site: Site, text: str = RULES) -> dict[str, object]:
    answer = site.post("/api/v1/rules", {"files": {"rules.way": text}, "note": "first"}, key=SECRET_KEY)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    return dict(answer.json)


def test_before_the_first_publication_there_are_no_rules(site: Site) -> None:
    assert site.get("/api/v1/rules").json == {
        "version": None,
        "revision": None,
        "published": None,
        "by": None,
        "note": None,
        "files": {},
        "stopped": False,
    }


def test_rules_are_published_and_read_back(site: Site) -> None:
    published = publish(site)
    assert (published["version"], published["changed"]) == (1, True)
    current = site.get("/api/v1/rules").json
    assert current is not None
    assert current["files"] == {"rules.way": RULES}
    assert (current["version"], current["revision"], current["note"]) == (1, published["revision"], "first")
    assert current["published"] == "2026-11-02T09:00:00Z"
    assert current["by"].startswith("key ")


def test_the_same_rules_again_change_nothing(site: Site) -> None:
    first = publish(site)
    again = publish(site)
    assert (again["changed"], again["version"], again["revision"]) == (False, 1, first["revision"])


def test_broken_rules_are_refused_with_every_message_and_the_old_ones_stay(site: Site) -> None:
    first = publish(site)
    broken = RULES.replace('on "DNS Check Failed"', 'on "DNS Chek Failed"').replace("priority 80", "priority 800")
    answer = site.post("/api/v1/rules", {"files": {"rules.way": broken}}, key=SECRET_KEY)
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (422, "invalid_rules")
    messages = {one["line"]: one for one in document["diagnostics"] if one["severity"] == "error"}
    unknown = messages[6]
    assert (unknown["code"], unknown["file"], unknown["column"]) == ("WP003", "rules.way", 6)
    assert unknown["message"] == "unknown event `DNS Chek Failed`"
    assert unknown["help"] == 'did you mean "DNS Check Failed"?'
    assert messages[16]["message"] == "`800` cannot stand here"
    current = site.get("/api/v1/rules").json
    assert current is not None
    assert current["revision"] == first["revision"]


def test_a_decision_comes_in_the_reply_to_its_event(site: Site) -> None:
    publish(site)
    answer = site.post("/v1/batch", {"batch": [FAILED], "decide": True, "context": CONTEXT}, Origin=ORIGIN)
    assert answer.status_code == 202
    assert answer.json is not None
    (decision,) = answer.json["decisions"]
    assert (decision["guide"], decision["kind"], decision["priority"]) == ("dns_help", "tooltip", 80)
    assert decision["content"]["title"] == "Two records to add"
    assert decision["wait"] is None
    assert decision["expires"].startswith("2099-01-0")
    assert list(validator("decision.schema.json").iter_errors(decision)) == []


def test_without_decide_nothing_is_decided_and_the_next_request_for_guidance_finds_it(site: Site) -> None:
    publish(site)
    answer = site.post("/v1/batch", {"batch": [FAILED]})
    assert answer.json is not None
    assert answer.json["decisions"] == []
    asked = site.post("/v1/decide", {"userId": "u1", "context": CONTEXT})
    assert asked.status_code == 200
    assert asked.json is not None
    assert [one["guide"] for one in asked.json["decisions"]] == ["dns_help"]
    assert asked.json["revision"]
    assert asked.json["ttl"] >= 0


def test_history_wakes_no_rule(site: Site) -> None:
    publish(site)
    answer = site.post("/v1/import", {"batch": [FAILED], "decide": True, "context": CONTEXT})
    assert answer.json is not None
    assert (answer.json["accepted"], answer.json["decisions"]) == (1, [])
    asked = site.post("/v1/decide", {"userId": "u1", "context": CONTEXT})
    assert asked.json is not None
    assert asked.json["decisions"] == []


def test_a_single_track_may_ask_for_guidance_too(site: Site) -> None:
    publish(site)
    message = {name: value for name, value in FAILED.items() if name != "type"}
    answer = site.post("/v1/track", {**message, "decide": True, "context": CONTEXT}, Origin=ORIGIN)
    assert answer.json is not None
    assert [one["guide"] for one in answer.json["decisions"]] == ["dns_help"]


def test_two_tabs_that_confirm_get_one_yes(site: Site) -> None:
    publish(site)
    answer = site.post("/v1/batch", {"batch": [FAILED], "decide": True, "context": CONTEXT}, Origin=ORIGIN)
    assert answer.json is not None
    path = f"/v1/decisions/{answer.json['decisions'][0]['id']}/confirm"
    first = site.post(path, {"holder": "tab-1", "context": CONTEXT})
    assert first.json == {"show": True, "reason": "TARGETING_MATCH"}
    assert site.post(path, {"holder": "tab-1", "context": CONTEXT}).json == first.json
    second = site.post(path, {"holder": "tab-2", "context": CONTEXT})
    assert second.json is not None
    assert second.json["show"] is False


def test_after_it_was_shown_it_is_capped(site: Site) -> None:
    publish(site)
    answer = site.post("/v1/batch", {"batch": [FAILED], "decide": True, "context": CONTEXT}, Origin=ORIGIN)
    assert answer.json is not None
    decision = answer.json["decisions"][0]["id"]
    shown = {
        "type": "track",
        "event": "$shown",
        "userId": "u1",
        "properties": {"guide": "dns_help", "decision": decision},
    }
    assert site.post("/v1/batch", {"batch": [shown]}, Origin=ORIGIN).status_code == 202
    site.clock.move(MINUTE)
    again = site.post("/v1/batch", {"batch": [FAILED], "decide": True, "context": CONTEXT}, Origin=ORIGIN)
    assert again.json is not None
    assert (again.json["accepted"], again.json["decisions"]) == (1, [])


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import"])
def test_a_message_sent_twice_has_one_effect(site: Site, path: str) -> None:
    body = {"batch": [{**FAILED, "messageId": "m1"}]}
    first, again = site.post(path, body).json, site.post(path, body).json
    assert first is not None
    assert again is not None
    assert (first["accepted"], first["duplicates"]) == (1, 0)
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    assert len(site.service.history(1, user_id="u1")) == 1


def test_the_address_of_a_browser_is_the_users_and_that_of_a_server_is_not(site: Site) -> None:
    site.post("/v1/batch", {"batch": [{**FAILED, "messageId": "b"}]}, Origin=ORIGIN, User_Agent="Mozilla/5.0 (X11)")
    site.post("/v1/batch", {"batch": [{**FAILED, "messageId": "s"}]}, User_Agent="our-backend/1.0")
    events = {logged.event.message_id: logged.event for logged in site.service.history(1, user_id="u1")}
    assert events["b"].context["ip"] == "127.0.0.1"
    assert events["b"].context["userAgent"] == "Mozilla/5.0 (X11)"
    assert events["b"].from_browser
    assert "ip" not in events["s"].context
    assert "userAgent" not in events["s"].context
    assert not events["s"].from_browser


def test_a_person_is_found_by_each_of_the_ids(site: Site) -> None:
    site.post("/v1/identify", {"userId": "u/1 ü", "anonymousId": "anon-1", "traits": {"plan": "trial"}})
    by_user = site.get("/api/v1/users/u%2F1%20%C3%BC").json
    by_anonymous = site.get("/api/v1/users/anon-1").json
    assert by_user is not None
    assert by_user["user_id"] == "u/1 ü"
    assert by_user["anonymous_ids"] == ["anon-1"]
    assert by_user == by_anonymous


def test_what_is_known_of_a_person_is_told_in_words_and_times(site: Site) -> None:
    journey = 'journey j "J" {\n  stage s "S" {\n    step fix "Fix it" reached by "Fixed"\n  }\n}\nevent "Fixed"\n'
    publish(site, RULES + journey)
    site.post("/v1/identify", {"userId": "u1", "traits": {"plan": "trial"}, "timestamp": "2026-11-02T08:00:00Z"})
    site.post("/v1/batch", {"batch": [FAILED]}, Origin=ORIGIN)
    shown = {"event": "$shown", "userId": "u1", "properties": {"guide": "dns_help"}}
    site.post("/v1/track", shown, Origin=ORIGIN)
    told = site.get("/api/v1/users/u1").json
    assert told is not None
    state = told["state"]
    assert (state["first_seen"], state["last_event"]) == ("2026-11-02T08:00:00Z", "2026-11-02T09:00:00Z")
    assert (state["traits"], state["account_id"], state["account"]) == ({"plan": "trial"}, None, {})
    assert state["session"] == {"number": 1, "start": "2026-11-02T09:00:00Z", "last": "2026-11-02T09:00:00Z"}
    guide = state["guides"]["dns_help"]
    assert (guide["shown"], guide["shown_count"], guide["completed"]) == (["2026-11-02T09:00:00Z"], 1, None)
    stands = state["journeys"]["j"]
    assert (stands["standing"], stands["since"], stands["outcome"]) == ("fix", "2026-11-02T08:00:00Z", None)
    assert stands["steps"]["fix"]["entered"] == "2026-11-02T08:00:00Z"


def test_projects_do_not_see_each_other(site: Site) -> None:
    other = site.service.ensure_project("other")
    secret = site.service.create_key(other.id, KeyKind.SECRET).text
    publish(site)
    served = site.post("/v1/batch", {"batch": [FAILED], "decide": True, "context": CONTEXT}, Origin=ORIGIN)
    assert served.json is not None
    decision = served.json["decisions"][0]["id"]
    rules = site.get("/api/v1/rules", key=secret).json
    assert rules is not None
    assert rules["files"] == {}
    assert problem(site.get("/api/v1/users/u1", key=secret))["code"] == "unknown_user"
    stolen = site.post(f"/v1/decisions/{decision}/confirm", {}, key=secret)
    assert problem(stolen)["code"] == "unknown_decision"
