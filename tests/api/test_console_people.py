"""Users and Live as a person meets them: who is found, what happened to one of them, why, and what is never done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from dsl.values import MINUTE, Duration
from engine import passwords
from engine.permissions import Role
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site
from tests.api.conftest import START
from tests.api.test_console_pages import visitor, words

EVIL = "<script>alert(1)</script>"
RULES = """
attribute plan: text
event "Signed Up"
event "Domain Verified"
segment internal where email ends with "@acme.example"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify "Verify the domain" reached by "Domain Verified"
  }
}

guide help "Help" {
  at activation.verify
  on "Signed Up"
  when plan is "pro"
  holdout 0%
  show modal { title "Help" }
  once
  expires 2099-01-01
}

survey ease "Ease" {
  on "Domain Verified"
  ask effort how "How easy was it?"
  once
  expires 2099-01-01
}
"""
USERS = "/console/p/default/users"


@pytest.fixture(scope="module")
def ada(shared_site: Site) -> Iterator[FlaskClient]:
    """An admin of a project in which Bob signed up, was helped, verified his domain and answered; of others, less."""
    site = shared_site
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    # All at one instant, so that only their order of receipt tells them apart.
    send(site, *({"event": f"n{number}", "timestamp": "2026-10-01T00:00:00Z"} for number in range(120)), user="dora")
    site.clock.now = START
    send(site, {"type": "identify", "traits": {"plan": "pro", "name": EVIL}, "anonymousId": "visitor-7"})
    send(site, {"event": "Signed Up", "properties": {"from": EVIL}}, decide=True)
    send(site, {"event": "$shown", "properties": {"guide": "help"}})
    send(site, {"event": "$rage_click", "properties": {"page": {"path": "/dns"}, "evidence": {}, "v": 1}})
    send(site, {"event": "Domain Verified"})
    answer = {"guide": "ease", "question": "how", "value": 2, "text": EVIL, "submission": "s1"}
    send(site, {"event": "$shown", "properties": {"guide": "ease"}}, {"event": "$answered", "properties": answer})
    send(site, {"event": "Signed Up"}, user="carol")
    send(site, {"event": "Signed Up"}, user="caroline")
    send(site, {"event": "Signed Up", "context": {"simulated": True}}, user="robot")
    send(site, {"type": "identify", "traits": {"email": "eve@acme.example"}}, user="eve-own")
    send(site, {"event": "Signed Up", "context": {"userAgent": "Googlebot/2.1"}}, user="crawler")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))
        yield visitor(site, Role.ADMIN)


def send(site: Site, *messages: dict[str, Any], user: str = "bob", decide: bool = False) -> None:
    site.clock.move(Duration(MINUTE))
    batch = [{"type": "track", "userId": user, **each} for each in messages]
    answer = site.post("/v1/batch", {"batch": batch, "decide": decide}, key=PUBLIC_KEY, Origin=ORIGIN)
    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["rejected"] == []


def asked(client: FlaskClient, **query: str) -> str:
    answer = client.get(USERS, query_string=query)
    assert answer.status_code == 200, words(answer)
    assert EVIL not in answer.get_data(as_text=True)
    return words(answer)


def titles(client: FlaskClient, **query: str) -> list[str]:
    text = client.get(USERS, query_string=query).get_data(as_text=True)
    return re.findall(r'<div class="what"><strong>([^<]*)</strong>', text)


# who is found


def test_without_a_question_the_latest_are_listed(ada: FlaskClient) -> None:
    told = asked(ada)
    assert told.index("caroline") < told.index("carol ") < told.index("bob") < told.index("dora")


def test_somebody_is_found_by_any_id_and_a_part_of_it(ada: FlaskClient) -> None:
    for text in ("bob", "visitor-7", "VISITOR", "sitor"):
        assert "User id bob . Anonymous id: visitor-7 ." in asked(ada, q=text), text


def test_of_several_all_are_listed(ada: FlaskClient) -> None:
    told = asked(ada, q="carol")
    assert "With “carol” in an id" in told
    assert told.index("carol ") < told.index("caroline")


def test_where_nobody_is_found_it_says_so(ada: FlaskClient) -> None:
    for text in ("nobody", "%", "_", EVIL):
        assert "Nobody found" in asked(ada, q=text), text
        assert "Nobody of this id" in asked(ada, id=text), text


def test_the_one_switch_says_who_is_listed_but_anybody_is_found(ada: FlaskClient) -> None:
    cases = {"customers": (False, False), "simulated": (True, False), "everyone": (True, True)}
    for who, listed in cases.items():
        told = asked(ada, who=who)
        assert ("robot" in told, "eve-own" in told) == listed, who
        assert ("crawler" in told) is (who == "everyone"), who
    assert "User id robot" in asked(ada, q="robot")
    assert "User id eve-own" in asked(ada, q="eve-own")


# the timeline


def test_the_timeline_tells_everything_the_latest_first(ada: FlaskClient) -> None:
    assert titles(ada, id="bob") == [
        "Answered ease, how",
        "Shown: ease",
        "Domain Verified",
        "Rage click",
        "Shown: help",
        "Decided: help goes out",
        "Signed Up",
        "$identify",
    ]
    told = asked(ada, id="bob")
    assert "Reached “Verify the domain”" in told
    assert "2, “&lt;script&gt;alert(1)&lt;/script&gt;”" in told


def test_one_kind_may_be_looked_at_alone(ada: FlaskClient) -> None:
    cases = {
        "events": ["Domain Verified", "Signed Up", "$identify"],
        "steps": ["Domain Verified", "Signed Up"],
        "guides": ["Shown: ease", "Shown: help", "Decided: help goes out"],
        "answers": ["Answered ease, how"],
        "friction": ["Rage click"],
    }
    for kind, found in cases.items():
        assert titles(ada, id="bob", kind=kind) == found, kind


def test_a_long_timeline_has_pages_without_a_gap(ada: FlaskClient) -> None:
    seen: list[str] = []
    address: str | None = f"{USERS}?id=dora"
    while address is not None:
        text = ada.get(address).get_data(as_text=True)
        seen += re.findall(r"<strong>(n\d+)</strong>", text)
        link = re.search(r'href="([^"]+)" rel="next"', text)
        address = link[1].replace("&amp;", "&") if link else None
    assert seen == [f"n{number}" for number in reversed(range(120))]


# why


def test_why_is_answered_of_any_moment(ada: FlaskClient) -> None:
    text = ada.get(USERS, query_string={"id": "bob"}).get_data(as_text=True)
    (link,) = [each.replace("&amp;", "&") for each in re.findall(r'href="([^"]+guide=help[^"]*)">why', text)[-1:]]
    assert "shown Help at 2026-11-02T09:02:00Z: It is shown." in words(ada.get(link))
    now = asked(ada, id="bob", tab="explain", guide="help")
    assert "not shown Help" in now
    assert "has just happened" in now


def test_what_cannot_be_answered_is_said_and_what_was_typed_stays(ada: FlaskClient) -> None:
    cases = [
        ("help", "yesterday", "This is no time; write it as 2026-03-04T10:00:00Z"),
        ("help", "2999-01-01T00:00:00Z", "still to come"),
        ("hepl", "", "There is no guide or survey `hepl` in the rules in force; did you mean `help`?"),
        ("help", "2020-01-01T00:00:00Z", "There is no guide or survey `help`"),
    ]
    for guide, at, fault in cases:
        answer = ada.get(USERS, query_string={"id": "bob", "tab": "explain", "guide": guide, "at": at})
        assert fault in words(answer)
        assert f'value="{at}"' in answer.get_data(as_text=True)


# state, export, erasure


def test_the_state_tells_traits_steps_and_guides(ada: FlaskClient) -> None:
    told = asked(ada, id="bob", tab="state")
    assert "plan pro" in told
    assert "activation: through" in told
    assert "help 1 2 Nov 2026, 09:03" in told


def test_everything_kept_of_somebody_is_given_as_a_file(ada: FlaskClient) -> None:
    answer = ada.get(f"{USERS}?id=bob&format=json")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.json is not None
    assert answer.json["user_id"] == "bob"


@pytest.mark.parametrize(("role", "may"), [(Role.ADMIN, True), (Role.AUTHOR, False)])
def test_only_who_may_erase_is_offered_it(shared_site: Site, ada: FlaskClient, role: Role, may: bool) -> None:
    site = shared_site
    if role is not Role.ADMIN:
        site.service.staff.add(1, "bea@example.com", role, password="correct horse battery")
        ada = site.app.test_client()
        said = {"email": "bea@example.com", "password": "correct horse battery"}
        assert ada.post("/console/sign-in", data=said).status_code == 303
    text = ada.get(USERS, query_string={"id": "bob"}).get_data(as_text=True)
    assert ('data-send="/api/v1/users/bob" data-method="DELETE"' in text) is may


# live


def test_live_asks_for_those_who_count_and_only_for_what_is_wanted(ada: FlaskClient) -> None:
    text = ada.get("/console/p/default/live").get_data(as_text=True)
    assert 'data-address="/api/v1/live?limit=50"' in text
    assert PUBLIC_KEY in text
    wanted = {"who": "everyone", "event": "Signed Up", "user": EVIL}
    text = ada.get("/console/p/default/live", query_string=wanted).get_data(as_text=True)
    assert "everyone=true&amp;event=Signed+Up&amp;user=%3Cscript%3E" in text
    assert EVIL not in text
    assert '<option value="Domain Verified">' in text


@pytest.mark.parametrize("page", ["users", "live"])
def test_a_viewer_looks_nobody_up(shared_site: Site, ada: FlaskClient, page: str) -> None:
    shared_site.service.staff.add(1, f"vi-{page}@example.com", Role.VIEWER, password="correct horse battery")
    viewer = shared_site.app.test_client()
    viewer.post("/console/sign-in", data={"email": f"vi-{page}@example.com", "password": "correct horse battery"})
    assert viewer.get(f"/console/p/default/{page}").status_code == 403
