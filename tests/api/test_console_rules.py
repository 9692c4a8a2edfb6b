"""Rules and Versions as a person meets them: what is in force, the review of a draft, the way back, who may what."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import passwords
from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site
from tests.api.test_console_pages import lively, visitor, words
from tests.api.test_drafts import LIVE, NEW, save, send, told

EVIL = "<script>alert(1)</script>"
RULES = "/console/p/default/rules"
VERSIONS = "/console/p/default/versions"
JOURNEY = """
journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
  }
}

survey why "Why?" {
  at activation.signup
  ask text words "What is in the way?"
  once
  expires 2001-01-01
}
"""


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))


@pytest.fixture
def written(site: Site) -> Site:
    """A project with a live guide and an expired survey."""
    assert site.post("/api/v1/rules", {"files": {"rules.way": LIVE + JOURNEY}, "note": EVIL}, key=SECRET_KEY).json
    return site


@pytest.fixture
def ada(written: Site) -> FlaskClient:
    return visitor(written, Role.ADMIN)


def page(client: FlaskClient, path: str = RULES, **query: str) -> str:
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert EVIL not in text
    return text


def rows(text: str) -> list[str]:
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in body.split("</tr>")[:-1]]


def start_of(text: str) -> dict[str, Any]:
    """What the editor begins with."""
    found: dict[str, Any] = json.loads(text.partition("data-start>")[2].partition("</script>")[0])
    return found


# what is in force


FILTERS: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["Help", "Why?"]),
    ({"kind": "survey"}, ["Why?"]),
    ({"standing": "live"}, ["Help"]),
    ({"standing": "paused"}, []),
    ({"q": "create WHY"}, []),
    ({"q": "signup why"}, ["Why?"]),
]


def test_what_is_in_force_is_listed_and_found(ada: FlaskClient) -> None:
    for query, shown in FILTERS:
        assert [each.split()[0] for each in rows(page(ada, **query))] == shown, query


def test_a_guide_says_where_it_stands_and_in_which_state(ada: FlaskClient) -> None:
    help_, why = rows(page(ada))
    assert help_ == "Help help guide anywhere live Pause"
    assert why == "Why? why survey Create account expired Pause"


def test_many_guides_are_shown_a_page_at_a_time(written: Site, ada: FlaskClient) -> None:
    guide = LIVE.partition("everybody\n")[2]
    more = "".join(guide.replace('guide help "Help"', f"guide g{each}") for each in range(120))
    assert written.post("/api/v1/rules", {"files": {"rules.way": LIVE + more}}, key=SECRET_KEY).status_code == 200
    assert [len(rows(page(ada, page=number))) for number in ("0", "1", "9", "x")] == [100, 21, 21, 100]
    assert "page=1" in page(ada)


def test_a_project_without_rules_leads_to_the_first_one(site: Site) -> None:
    client = visitor(site, Role.AUTHOR)
    assert "No guide in force yet" in page(client)
    assert "Nothing published yet" in page(client, VERSIONS)
    assert "No draft" in page(client, view="review")
    assert start_of(page(client, view="edit"))["files"] == {"rules.way": ""}


def test_what_is_paused_stopped_or_tried_is_told(written: Site, ada: FlaskClient) -> None:
    told(send(written, "PUT", "/api/v1/guides/help/paused", {"paused": True}))
    told(send(written, "PUT", "/api/v1/rules/stopped", {"stopped": True}))
    text = page(ada)
    assert rows(text)[0] == "Help help guide anywhere paused Resume"
    assert "All guidance is stopped" in text
    told(save(written, NEW + JOURNEY, 0, base=2))
    told(send(written, "PUT", "/api/v1/rules/trial", {"segment": "qa", "revision": 1}))
    assert "People of qa see help_trial ; everybody else sees what was there before" in words(ada.get(RULES))
    assert rows(page(ada))[-1].startswith("Help help_trial guide anywhere testers only")


# who may what


@pytest.mark.parametrize(
    ("role", "writes", "publishes"),
    [(Role.VIEWER, False, False), (Role.ANALYST, True, False), (Role.AUTHOR, True, True)],
    ids=str,
)
def test_a_page_offers_what_the_role_may_do(written: Site, role: Role, writes: bool, publishes: bool) -> None:
    told(save(written, NEW + JOURNEY, 0))
    client = visitor(written, role)
    assert start_of(page(client, view="edit"))["mayWrite"] is writes
    review, listed = page(client, view="review"), page(client)
    assert ("Publish as version 2" in review) is publishes
    assert ("Show it to them" in review) is publishes
    assert ("It is ready for review" in review) is writes
    assert ("Stop all" in listed) is publishes
    assert (">Pause<" in listed) is publishes
    assert ("Go back to this" in page(client, VERSIONS)) is False


@pytest.mark.thorough
def test_the_rule_that_act_proposes_goes_on_in_the_editor(site: Site) -> None:
    lively(site, people=64)
    client = visitor(site, Role.AUTHOR)
    link = re.search(r'href="([^"]*proposal=1[^"]*)"', client.get("/console/p/default/act").get_data(as_text=True))
    assert link is not None
    begun = start_of(client.get(link[1].replace("&amp;", "&")).get_data(as_text=True))
    assert begun["proposal"]["text"].startswith(f"guide {begun['proposal']['guide']} ")
    assert start_of(page(client, view="edit"))["proposal"] is None


# the editor and the review


def test_the_editor_begins_with_the_draft_else_with_what_is_in_force(written: Site, ada: FlaskClient) -> None:
    begun = start_of(page(ada, guide="help"))
    assert (begun["files"], begun["base"], begun["revision"]) == ({"rules.way": LIVE + JOURNEY}, 1, 0)
    assert (begun["guide"], begun["mayWrite"], begun["tab"]) == ("help", True, "text")
    told(save(written, NEW, 0, more={"other.way": "# </script>" + EVIL}))
    begun = start_of(page(ada, view="edit", line="3", tab="form"))
    assert set(begun["files"]) == {"other.way", "rules.way"}
    assert (begun["revision"], begun["line"], begun["tab"]) == (1, 3, "form")


def test_a_review_shows_what_changes_and_what_is_wrong(written: Site, ada: FlaskClient) -> None:
    told(save(written, NEW + JOURNEY + f'guide fresh "{EVIL}" {{\n  on "Signed Up"\n  priority 200\n}}\n', 0))
    text = words(ada.get(RULES, query_string={"view": "review"}))
    assert "2 things would change against version 1" in text
    assert "changed guide help" in text
    assert "added guide fresh" in text
    assert "it cannot be published" in text
    assert "First mend what is wrong." in text
    assert "+ when plan is &#34;pro&#34;" in text
    assert "Whom it reaches" not in text
    page(ada, view="review")


def test_a_review_of_older_rules_says_what_came_since(written: Site, ada: FlaskClient) -> None:
    told(save(written, NEW, 0))
    told(send(written, "PUT", "/api/v1/rules/stopped", {"stopped": False}))
    answer = written.post("/api/v1/rules", {"files": {"rules.way": LIVE}, "note": "without the survey"}, key=SECRET_KEY)
    assert answer.status_code == 200
    text = words(ada.get(RULES, query_string={"view": "review"}))
    assert "Version 2 was published since this draft was begun from version 1 : “without the survey”" in text
    assert "First put it together with version 2." in text


def test_what_is_ready_for_review_says_so(written: Site, ada: FlaskClient) -> None:
    told(save(written, NEW, 0))
    told(send(written, "PUT", "/api/v1/rules/draft/state", {"state": "review", "note": EVIL, "revision": 1}))
    assert "ready for review" in page(ada)
    assert "Ready for review." in page(ada, view="review")
    assert "Whom it reaches" in page(ada, view="review")


# versions


def test_versions_say_who_when_why_and_what_changed(written: Site, ada: FlaskClient) -> None:
    written.post("/api/v1/rules", {"files": {"rules.way": NEW + JOURNEY}, "note": "for pro"}, key=SECRET_KEY)
    second, first = rows(page(ada, VERSIONS))
    assert second.startswith("Version 2 in force")
    assert second.endswith("for pro")
    assert first.startswith("Version 1")
    assert first.endswith("Go back to this")
    text = words(ada.get(VERSIONS, query_string={"version": "2"}))
    assert "- when plan is &#34;trial&#34;" in text
    assert "+ when plan is &#34;pro&#34;" in text
    against = words(ada.get(VERSIONS, query_string={"version": "1", "against": "2"}))
    assert "+ when plan is &#34;trial&#34;" in against


def test_a_version_that_is_not_there_is_told_and_the_list_shown(ada: FlaskClient) -> None:
    for number in ("9", "0", "-1", "x", "9" * 30, "1.5"):
        text = page(ada, VERSIONS, version=number, against=number, before="x")
        assert "There is no such version in this project." in text
        assert len(rows(text)) == 1
