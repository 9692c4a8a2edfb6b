"""Comments: at places of a project, changed by their authors, settled by anybody, gone with whom they tell of."""

from __future__ import annotations

from typing import Any

import pytest

from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site, problem
from tests.api.test_roadmap import as_role, said, send

COMMENTS = "/api/v1/comments"
CELL = "map:activation:trial:thoughts:verify"
RULES = """event "Signed Up"

survey stuck "Stuck" {
  on "Signed Up"
  ask text why "What is in the way?"
  once
  expires 2099-01-01
}
"""


def comment(site: Site, place: str = CELL, text: str = "Who said so?", **headers: str) -> dict[str, Any]:
    found: dict[str, Any] = said(send(site, "POST", COMMENTS, {"place": place, "text": text}, **headers), 201)
    return found


def texts(site: Site, query: str = "", **headers: str) -> list[str]:
    return [each["text"] for each in said(send(site, "GET", f"{COMMENTS}{query}", **headers))["data"]]


def answered(site: Site) -> str:
    """Ada answers a survey; the place of her answer."""
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    properties = {"guide": "stuck", "question": "why", "value": "DNS", "text": "DNS", "submission": "s1"}
    message = {"type": "track", "userId": "ada", "event": "$answered", "properties": properties}
    assert site.post("/v1/batch", {"batch": [message]}, Origin="https://app.example.com").status_code == 202
    return "response:stuck.why.s1"


def test_what_is_said_at_a_place_stands_there_the_latest_first(site: Site) -> None:
    viewer = as_role(site, Role.VIEWER)
    comment(site, text="Who said so?", **viewer)
    comment(site, text="Three of five interviews.")
    comment(site, place="draft", text="Ready?")
    assert texts(site, f"?place={CELL}") == ["Three of five interviews.", "Who said so?"]
    assert texts(site, "?limit=1") == ["Ready?"]
    first = said(send(site, "GET", f"{COMMENTS}?limit=2"))
    assert texts(site, f"?before={first['next']}") == ["Who said so?"]


def test_an_author_is_called_by_name_and_never_by_the_whole_address(site: Site) -> None:
    found = comment(site, **as_role(site, Role.VIEWER))
    assert (found["by"].startswith("member "), found["author"]) == (True, "viewer")
    assert comment(site)["author"].startswith("key ")


def test_words_are_changed_by_their_author_only_and_anybody_may_settle(site: Site) -> None:
    viewer, analyst = as_role(site, Role.VIEWER), as_role(site, Role.ANALYST)
    at = f"{COMMENTS}/{comment(site, **viewer)['id']}"
    refused = send(site, "PATCH", at, {"revision": 1, "text": "mine"}, **analyst)
    assert (refused.status_code, problem(refused)["code"]) == (403, "not_your_comment")
    changed = said(send(site, "PATCH", at, {"revision": 1, "text": "Who said that?"}, **viewer))
    assert (changed["text"], changed["revision"], changed["edited"] is not None) == ("Who said that?", 2, True)
    settled = said(send(site, "PATCH", at, {"revision": 2, "resolved": True}, **analyst))
    assert (settled["resolved"] is not None, settled["resolved_by"].startswith("member ")) == (True, True)
    assert texts(site, "?resolved=false") == []
    opened = said(send(site, "PATCH", at, {"revision": 3, "resolved": False}, **viewer))
    assert (opened["resolved"], opened["resolved_by"]) == (None, None)


def test_whoever_changes_from_an_older_revision_is_told(site: Site) -> None:
    at = f"{COMMENTS}/{comment(site)['id']}"
    said(send(site, "PATCH", at, {"revision": 1, "resolved": True}))
    late = send(site, "PATCH", at, {"revision": 1, "text": "late"})
    assert (late.status_code, problem(late)["code"]) == (409, "stale_item")
    assert texts(site) == ["Who said so?"]


@pytest.mark.parametrize(("role", "status"), [(Role.AUTHOR, 403), (Role.ADMIN, 200)])
def test_a_comment_of_another_one_is_deleted_by_admins_only(site: Site, role: Role, status: int) -> None:
    at = f"{COMMENTS}/{comment(site, **as_role(site, Role.VIEWER))['id']}"
    assert send(site, "DELETE", at, **as_role(site, role)).status_code == status


def test_ones_own_comment_is_deleted_by_oneself(site: Site) -> None:
    viewer = as_role(site, Role.VIEWER)
    assert send(site, "DELETE", f"{COMMENTS}/{comment(site, **viewer)['id']}", **viewer).status_code == 200
    assert texts(site) == []


def test_how_many_are_open_is_counted_by_place(site: Site) -> None:
    settled = comment(site)
    comment(site)
    comment(site, place="item:12")
    said(send(site, "PATCH", f"{COMMENTS}/{settled['id']}", {"revision": 1, "resolved": True}))
    assert said(send(site, "GET", f"{COMMENTS}/open"))["data"] == {CELL: 1, "item:12": 1}


@pytest.mark.parametrize(
    "place",
    ["", "nowhere", "nowhere:1", "map:activation", "map::trial:thoughts:", "item:twelve", "item:", "map:a:b:\x07:d"],
)
def test_what_is_no_place_is_refused_with_those_that_there_are(site: Site, place: str) -> None:
    refused = send(site, "POST", COMMENTS, {"place": place, "text": "Why?"})
    assert refused.status_code == 422
    assert place == "" or "write `" in problem(refused)["detail"]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4_001, "a\x00b"])
def test_what_says_nothing_or_too_much_is_refused(site: Site, text: str) -> None:
    assert send(site, "POST", COMMENTS, {"place": "draft", "text": text}).status_code == 422


def test_what_is_said_of_single_users_is_for_those_who_may_look_people_up(site: Site) -> None:
    place = answered(site)
    viewer, analyst = as_role(site, Role.VIEWER), as_role(site, Role.ANALYST)
    made = comment(site, place=place, **analyst)
    assert texts(site, **viewer) == []
    assert send(site, "GET", f"{COMMENTS}?place={place}", **viewer).status_code == 403
    assert send(site, "POST", COMMENTS, {"place": place, "text": "x"}, **viewer).status_code == 403
    hidden = send(site, "PATCH", f"{COMMENTS}/{made['id']}", {"revision": 1, "resolved": True}, **viewer)
    assert (hidden.status_code, problem(hidden)["code"]) == (404, "no_such_comment")
    assert said(send(site, "GET", f"{COMMENTS}/open", **viewer))["data"] == {}


def test_nothing_is_said_of_an_answer_that_is_not_there(site: Site) -> None:
    assert send(site, "POST", COMMENTS, {"place": "response:stuck.why.s9", "text": "x"}).status_code == 422


def test_comments_on_the_answer_of_a_user_go_when_the_user_is_erased(site: Site) -> None:
    place = answered(site)
    comment(site, place=place, text="Ada means her DNS host")
    comment(site, text="stays")
    exported = site.service.privacy.export(1, "ada")
    assert exported is not None
    assert exported.records["comment"][0]["text"] == "Ada means her DNS host"
    site.service.privacy.erase(1, "ada")
    assert texts(site) == ["stays"]


def test_of_a_member_who_is_removed_the_words_stay_and_the_name_goes(site: Site) -> None:
    found = comment(site, **as_role(site, Role.VIEWER))
    as_role(site, Role.ADMIN)
    site.service.staff.remove(1, int(found["by"].split()[1]))
    left = said(send(site, "GET", COMMENTS))["data"][0]
    assert (left["text"], left["author"]) == ("Who said so?", None)


def test_every_change_is_in_the_audit_log_without_its_words(site: Site) -> None:
    at = f"{COMMENTS}/{comment(site, place='item:12', text='secret words')['id']}"
    said(send(site, "PATCH", at, {"revision": 1, "text": "other words"}))
    said(send(site, "PATCH", at, {"revision": 2, "resolved": True}))
    said(send(site, "PATCH", at, {"revision": 3, "resolved": False}))
    said(send(site, "DELETE", at))
    entries = site.service.auditing.entries(1)
    assert [entry.action for entry in entries[:5]] == [
        "comment.delete",
        "comment.reopen",
        "comment.resolve",
        "comment.change",
        "comment.add",
    ]
    assert "words" not in str(entries)
