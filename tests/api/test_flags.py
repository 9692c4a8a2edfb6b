"""Segments and guides asked as flags: what is told, why, and that asking leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.values import MINUTE
from tests.api.asking import ORIGIN, SECRET_KEY, Site, problem

RULES = """event "DNS Check Failed"
event "Domain Verified"
event "Seat Added"

attribute plan: text
account attribute tier: text
attribute seats: number

segment team "Teams" where plan is "team"
segment on_dns where page.path is "/dns"
segment many_failures where did "DNS Check Failed" at least 2 times in last 7 days
segment quiet where not did "Domain Verified"
segment big where seats > 10
segment gold where account.tier is "gold"
segment busy_account where anyone in account did "Seat Added"
persona starter "Starter" where plan is "free"

guide dns_help "Help with DNS" {
  on "DNS Check Failed"
  show modal { title "Two records, {{ plan | "free" }}" }
  once every 7 days
  holdout 0%
  expires 2099-01-01
}

guide for_teams {
  for team
  when page.path is "/team"
  show banner top { title "Hello" }
  priority 90
  once
  holdout 0%
  expires 2099-01-01
}

guide held_out_all {
  when page.path is "/held"
  show modal { title "Never" }
  holdout 100%
  goal "Domain Verified" within 7 days
  expires 2099-01-01
}

guide waiting {
  when page.path is "/waiting"
  wait until idle for 5 seconds
  show modal { title "Still there?" }
  holdout 0%
  expires 2099-01-01
}

guide resting {
  paused
  when page.path is "/rest"
  show modal { title "Rest" }
  expires 2099-01-01
}

guide split {
  when page.path is "/split"
  variant a 50% { show modal { title "A" } }
  variant b 50% { show modal { title "B" } }
  holdout 0%
  expires 2099-01-01
}
"""


def publish(site: Site, text: str = RULES) -> str:
    answer = site.post("/api/v1/rules", {"files": {"rules.way": text}}, key=SECRET_KEY)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    return str(answer.json["revision"])


@pytest.fixture(scope="module")
def filled(shared_site: Site) -> Site:
    """u1 is on a team and failed twice; u2 pays nothing; both are of a gold account whose u2 added a seat."""
    site = shared_site
    publish(site)
    said: list[dict[str, Any]] = [
        {"type": "identify", "userId": "u1", "traits": {"plan": "team"}},
        {"type": "identify", "userId": "u2", "traits": {"plan": "free"}},
        {"type": "group", "userId": "u1", "groupId": "acme", "traits": {"tier": "gold"}},
        {"type": "group", "userId": "u2", "groupId": "acme"},
        {"type": "track", "userId": "u2", "event": "Seat Added"},
        {"type": "track", "userId": "u2", "event": "Domain Verified"},
        {"type": "track", "userId": "u1", "event": "DNS Check Failed"},
        {"type": "track", "userId": "u1", "event": "DNS Check Failed"},
        {"type": "track", "anonymousId": "a1", "event": "Domain Verified"},
    ]
    answer = site.post("/v1/batch", {"batch": said}, Origin=ORIGIN)
    assert answer.json is not None
    assert (answer.json["accepted"], answer.json["rejected"]) == (len(said), [])
    return site


def ask(site: Site, flag: str, user: str = "u1", path: str | None = None, **context: Any) -> dict[str, Any]:
    if path is not None:
        context["page"] = {"path": path}
    answer = site.post("/api/v1/flags", {"flag": flag, "user": user, "context": context}, key=SECRET_KEY)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return dict(answer.json or {})


ASKED = [
    ("segment:team", "u1", None, True, "TARGETING_MATCH"),
    ("segment:team", "u2", None, False, "CONDITION_FALSE"),
    ("segment:team", "nobody", None, False, "CONDITION_UNKNOWN"),
    ("segment:big", "u1", None, False, "CONDITION_UNKNOWN"),
    ("segment:on_dns", "u1", "/dns", True, "TARGETING_MATCH"),
    ("segment:on_dns", "u1", "/else", False, "CONDITION_FALSE"),
    ("segment:on_dns", "u1", None, False, "CONDITION_UNKNOWN"),
    ("segment:many_failures", "u1", None, True, "TARGETING_MATCH"),
    ("segment:many_failures", "u2", None, False, "CONDITION_FALSE"),
    ("segment:quiet", "u1", None, True, "TARGETING_MATCH"),
    ("segment:quiet", "a1", None, False, "CONDITION_FALSE"),
    ("segment:quiet", "nobody", None, True, "TARGETING_MATCH"),
    ("segment:gold", "u1", None, True, "TARGETING_MATCH"),
    ("segment:gold", "u2", None, True, "TARGETING_MATCH"),
    ("segment:busy_account", "u1", None, True, "TARGETING_MATCH"),
    ("segment:busy_account", "a1", None, False, "CONDITION_FALSE"),
    ("persona:starter", "u2", None, True, "TARGETING_MATCH"),
    ("segment:starter", "u2", None, True, "TARGETING_MATCH"),
    ("guide:dns_help", "u1", None, True, "TARGETING_MATCH"),
    ("guide:dns_help", "u2", None, False, "NOT_TRIGGERED"),
    ("guide:for_teams", "u1", "/team", True, "TARGETING_MATCH"),
    ("guide:dns_help", "u1", "/team", False, "OUTRANKED"),
    ("guide:for_teams", "u2", "/team", False, "NOT_IN_AUDIENCE"),
    ("guide:for_teams", "u1", "/else", False, "CONDITION_FALSE"),
    ("guide:for_teams", "nobody", "/team", False, "NOT_IN_AUDIENCE"),
    ("guide:held_out_all", "u2", "/held", False, "HELD_OUT"),
    ("guide:waiting", "u2", "/waiting", True, "WAITING_FOR_BROWSER"),
    ("guide:resting", "u2", "/rest", False, "PAUSED"),
    ("guide:split", "u2", "/split", True, "SPLIT"),
    ("guide:split", "nobody", "/split", True, "SPLIT"),
]


@pytest.mark.parametrize(
    ("flag", "user", "path", "value", "reason"), ASKED, ids=[f"{row[0]} {row[1]} {row[2]}" for row in ASKED]
)
def test_a_flag_is_what_the_rules_say(
    filled: Site, flag: str, user: str, path: str | None, value: bool, reason: str
) -> None:
    told = ask(filled, flag, user, path)
    assert (told["value"], told["reason"], told["key"]) == (value, reason, flag)
    assert (told["content"] is not None) == (value and flag.startswith("guide:"))


def test_a_guide_tells_what_it_says_to_the_user(filled: Site) -> None:
    told = ask(filled, "guide:dns_help")
    assert (told["widget"], told["content"]["title"]) == ("modal", "Two records, team")
    assert ask(filled, "guide:split", "u2", "/split")["variant"] in {"a", "b"}


def test_who_refuses_guidance_is_decided_nothing(filled: Site) -> None:
    told = ask(filled, "guide:for_teams", path="/team", consent={"guidance": False})
    assert (told["value"], told["reason"]) == (False, "NO_CONSENT")


@pytest.mark.parametrize(
    "flag", ["guide:dns_hlep", "segment:dns_help", "persona:team", "team", "segment:", ":", "journey:x", "guide:\0"]
)
def test_a_flag_that_is_none_is_not_found(filled: Site, flag: str) -> None:
    answer = filled.post("/api/v1/flags", {"flag": flag, "user": "u1"}, key=SECRET_KEY)
    assert (answer.status_code, problem(answer)["code"]) == (404, "unknown_flag")


def test_a_misspelled_flag_is_told_the_right_one(filled: Site) -> None:
    answer = filled.post("/api/v1/flags", {"flag": "guide:dns_hlep", "user": "u1"}, key=SECRET_KEY)
    assert "`guide:dns_help`" in problem(answer)["detail"]


def test_all_flags_are_listed_page_by_page(filled: Site) -> None:
    first = filled.get("/api/v1/flags?limit=9").json
    assert first is not None
    rest = filled.get(f"/api/v1/flags?after={first['next']}").json
    assert rest is not None
    keys = [each["key"] for each in [*first["data"], *rest["data"]]]
    assert (keys[0], keys[7], rest["next"], len(keys)) == ("segment:team", "persona:starter", None, 14)
    assert (first["data"][0]["label"], first["next"]) == ("Teams", "guide:dns_help")
    gone = filled.get("/api/v1/flags?after=guide:removed")
    assert (gone.status_code, problem(gone)["code"]) == (422, "invalid_fields")


class TestNothingIsLeftBehind:
    """However often a flag is asked, the next request for guidance is answered as if it had not been."""

    def test_what_waits_to_wake_a_rule_goes_on_waiting(self, site: Site) -> None:
        publish(site)
        site.post("/v1/track", {"event": "DNS Check Failed", "userId": "u1"}, Origin=ORIGIN)
        assert [ask(site, "guide:dns_help")["value"] for _ in range(3)] == [True] * 3
        for shown in (["dns_help"], []):
            reply = site.post("/v1/decide", {"userId": "u1"}, Origin=ORIGIN).json
            assert reply is not None
            assert [each["guide"] for each in reply["decisions"]] == shown
        assert ask(site, "guide:dns_help")["reason"] == "NOT_TRIGGERED"

    def test_no_decision_no_person_and_no_hold_out_is_written(self, site: Site) -> None:
        publish(site)
        site.post("/v1/track", {"event": "Domain Verified", "userId": "u1"}, Origin=ORIGIN)
        for user in ("u1", "never seen"):
            assert ask(site, "guide:held_out_all", user, "/held")["reason"] == "HELD_OUT"
            assert ask(site, "guide:waiting", user, "/waiting")["value"] is True
        assert site.service.recent_decisions(1).items == ()
        assert [each.event.name for each in site.service.recent_events(1).items] == ["Domain Verified"]
        assert site.service.user(1, user_id="never seen") is None

    def test_no_place_is_reserved_and_a_reserved_one_counts(self, site: Site) -> None:
        publish(site)
        asked = {"userId": "u1", "context": {"page": {"path": "/waiting"}}}
        site.post("/v1/track", {"event": "Domain Verified", "userId": "u1"}, Origin=ORIGIN)
        assert ask(site, "guide:waiting", path="/waiting")["value"] is True
        reply = site.post("/v1/decide", asked, Origin=ORIGIN).json
        assert reply is not None
        path = f"/v1/decisions/{reply['decisions'][0]['id']}/confirm"
        confirmed = site.post(path, {"holder": "tab", "context": asked["context"]}, Origin=ORIGIN).json
        assert confirmed is not None
        assert confirmed["show"] is True
        site.clock.move(MINUTE)
        assert ask(site, "guide:waiting", path="/waiting")["value"] is True

    def test_stopped_guidance_is_disabled(self, site: Site) -> None:
        publish(site)
        key = {"Authorization": f"Bearer {SECRET_KEY}"}
        assert site.client.put("/api/v1/rules/stopped", json={"stopped": True}, headers=key).status_code == 200
        assert ask(site, "guide:split", path="/split")["reason"] == "DISABLED"
        assert ask(site, "segment:on_dns", path="/dns")["value"] is True

    def test_before_any_rules_there_is_no_flag(self, site: Site) -> None:
        listed = site.get("/api/v1/flags").json
        assert listed is not None
        assert listed["data"] == []
        answer = site.post("/api/v1/flags", {"flag": "segment:team", "user": "u1"}, key=SECRET_KEY)
        assert answer.status_code == 404


def test_the_flags_that_are_true_are_what_a_page_is_told_next(site: Site) -> None:
    publish(site)
    paths = ["/team", "/held", "/waiting", "/rest", "/split", "/else"]
    people = [f"{plan} at {path}" for plan in ("team", "free") for path in paths]
    for user in people:
        plan, _, path = user.split(" ")
        said: list[dict[str, Any]] = [{"type": "identify", "userId": user, "traits": {"plan": plan}}]
        if path in {"/team", "/else"}:
            said.append({"type": "track", "userId": user, "event": "DNS Check Failed"})
        site.post("/v1/batch", {"batch": said}, Origin=ORIGIN)
    names = ["dns_help", "for_teams", "held_out_all", "waiting", "resting", "split"]
    expected = {}
    for user in people:
        path = user.split(" ")[2]
        flags = {name: ask(site, f"guide:{name}", user, path) for name in names}
        expected[user] = {name: told["content"] for name, told in flags.items() if told["value"]}
    assert {name for told in expected.values() for name in told} == {"dns_help", "for_teams", "waiting", "split"}
    for user in people:
        context = {"page": {"path": user.split(" ")[2]}}
        reply = site.post("/v1/decide", {"userId": user, "context": context}, Origin=ORIGIN).json
        assert reply is not None
        assert {each["guide"]: each["content"] for each in reply["decisions"]} == expected[user], user
