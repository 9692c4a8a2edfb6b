"""What arrives, as it arrives: what is told of an event, of a refusal and of a decision, and by which cursor."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.values import SECOND, Duration
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site

RULES = """
event "Signed Up" { plan: text }
segment internal where email ends with "@acme.example"

guide welcome "Welcome" {
  on "Signed Up"
  show modal { title "Welcome" }
  once
  expires 2099-01-01
}
"""
PLAN = {
    "unplanned": "warn",
    "events": {
        "Signed Up": {"schema": {"type": "object", "properties": {"plan": {"type": "string"}}, "required": ["plan"]}},
        "Paid": {"mode": "block", "schema": {"type": "object", "required": ["amount"]}},
    },
}


@pytest.fixture
def watched(site: Site) -> Site:
    """A project with a rule and a tracking plan."""
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    assert site.post("/api/v1/plan", {"plan": PLAN}, key=SECRET_KEY).status_code == 200
    return site


def send(site: Site, *messages: dict[str, Any], user: str = "u1", decide: bool = False) -> None:
    site.clock.move(Duration(SECOND))
    batch = [{"type": "track", "userId": user, **each} for each in messages]
    answer = site.post("/v1/batch", {"batch": batch, "decide": decide}, key=PUBLIC_KEY, Origin=ORIGIN)
    assert answer.status_code in (202, 400, 422), answer.get_data(as_text=True)


def told(site: Site, query: str = "") -> dict[str, Any]:
    answer = site.get(f"/api/v1/live{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert isinstance(answer.json, dict)
    return answer.json


@pytest.mark.parametrize(
    ("name", "properties", "verdict", "path"),
    [
        ("Signed Up", {"plan": "pro"}, "fits", None),
        ("Signed Up", {}, "warned", "$.properties.plan"),
        ("Left", {}, "unplanned", "$.event"),
        ("$step", {}, "no plan", None),
    ],
)
def test_an_event_comes_with_the_verdict_of_the_plan(
    watched: Site, name: str, properties: dict[str, object], verdict: str, path: str | None
) -> None:
    send(watched, {"event": name, "properties": properties})
    (event,) = told(watched)["data"]
    assert (event["type"], event["name"], event["user"], event["verdict"]) == ("event", name, "u1", verdict)
    assert [each["path"] for each in event["faults"]] == ([] if path is None else [path])


def test_what_the_plan_refused_is_told_although_it_is_not_kept(watched: Site) -> None:
    before = told(watched)["next"]
    send(watched, {"event": "Paid", "properties": {}, "messageId": "m1"})
    (refused,) = told(watched, f"?after={before}")["data"]
    assert (refused["type"], refused["name"], refused["verdict"]) == ("refused", "Paid", "refused")
    assert refused["faults"][0]["rule"] == "required"
    # It may be told again for a while, always as the same.
    again = told(watched, f"?after={before}")["data"]
    assert [each["id"] for each in again] == [refused["id"]]


def test_a_decision_comes_with_what_woke_it_and_why(watched: Site) -> None:
    send(watched, {"event": "Signed Up", "properties": {"plan": "pro"}}, decide=True)
    send(watched, {"event": "Signed Up", "properties": {"plan": "pro"}}, user="u2", decide=True)
    events = [each for each in told(watched)["data"] if each["type"] == "decision"]
    assert [(each["user"], each["trigger"], each["guide"]) for each in events] == [
        ("u1", "Signed Up, $session_start", "welcome"),
        ("u2", "Signed Up, $session_start", "welcome"),
    ]
    assert events[0]["reasons"] == [{"reason": "TARGETING_MATCH", "meaning": "It is shown.", "count": 1}]


def test_by_the_cursor_nothing_comes_twice_and_nothing_is_missed(watched: Site) -> None:
    cursor, seen = told(watched)["next"], []
    for number in range(5):
        send(watched, {"event": "Left", "properties": {"n": number}})
        page = told(watched, f"?after={cursor}")
        cursor = page["next"]
        seen += [each["properties"]["n"] for each in page["data"]]
    assert seen == [0, 1, 2, 3, 4]
    assert told(watched, f"?after={cursor}")["data"] == []


def test_of_a_flood_the_latest_are_told_and_that_there_were_more(watched: Site) -> None:
    cursor = told(watched)["next"]
    send(watched, *({"event": "Left", "properties": {"n": number}} for number in range(10)))
    page = told(watched, f"?after={cursor}&limit=3")
    assert [each["properties"]["n"] for each in page["data"]] == [7, 8, 9]
    assert page["passed_over"] is True
    assert told(watched, f"?after={page['next']}&limit=3")["data"] == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?event=Left", ["Left", "Left"]),
        ("?user=u2", ["Left", "Came"]),
        ("?user=u2&event=Left", ["Left"]),
        ("?user=nobody", []),
        ("?event=left", []),
    ],
)
def test_only_one_event_or_one_user_may_be_asked_for(watched: Site, query: str, names: list[str]) -> None:
    send(watched, {"event": "Left"})
    send(watched, {"event": "Left"}, {"event": "Came"}, user="u2")
    assert [each["name"] for each in told(watched, query)["data"]] == names


def test_the_one_switch_says_who_is_told_and_how_many_are_left_out(watched: Site) -> None:
    send(watched, {"event": "Came"})
    send(watched, {"event": "Came", "context": {"simulated": True}}, user="s1")
    send(watched, {"event": "Came", "context": {"userAgent": "Googlebot/2.1"}}, user="b1")
    send(watched, {"type": "identify", "traits": {"email": "eve@acme.example"}}, user="i1")
    cases = {
        "": (["u1"], {"simulated": 1, "bots": 1, "internal": 1}),
        "?simulated=true": (["u1", "s1"], {"bots": 1, "internal": 1}),
        "?everyone=true": (["u1", "s1", "b1", "i1"], {}),
    }
    for query, (users, left_out) in cases.items():
        page = told(watched, query)
        assert [each["user"] for each in page["data"]] == users, query
        assert page["left_out"] == left_out, query
    counted = {each["user"]: each["counts"] for each in told(watched, "?everyone=true")["data"]}
    assert counted == {"u1": True, "s1": False, "b1": False, "i1": False}


@pytest.mark.parametrize("after", ["", "7", "1.2", "1.2.x", "-1.2.3", "1.2.99999999999999999999", "½.1.1"])
def test_another_text_is_no_cursor(watched: Site, after: str) -> None:
    answer = watched.get(f"/api/v1/live?after={after}")
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["path"] == "after"


def test_another_projects_arrivals_are_not_told(watched: Site) -> None:
    watched.service.ensure_project("other", secret_key="wp_sec_otherotherother1234")
    send(watched, {"event": "Left"})
    theirs = watched.get("/api/v1/live?everyone=true", key="wp_sec_otherotherother1234").json
    assert theirs is not None
    assert theirs["data"] == []
