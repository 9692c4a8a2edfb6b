"""Home as a person meets it: the journeys, what changed, what is running, what is to be done, and how one begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine import passwords
from engine.permissions import Role
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_console_pages import visitor, words

HOME = "/console/p/default/"
RULES = """
event "Signed Up"
event "Domain Verified"
event "Never Sent"

journey activation "Activation <b>now</b>" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify "Verify the domain" reached by "Domain Verified" touchpoint "/domains/*"
  }
}

guide help "Help" {
  on "Signed Up"
  holdout 50%
  goal "Domain Verified" within 1 day
  show modal { title "Help" }
  once
  expires 2026-11-10
}

guide greeting "Greeting" {
  on "Signed Up"
  show banner top { title "Hello" }
  once every 1 day
  expires 2026-10-01
}

guide forever "Forever" {
  on "Never Sent"
  show banner top { title "Hello" }
  once
}

survey ease "Ease" {
  on "Domain Verified"
  ask nps score "Would you recommend us?"
  ask text why "Why?" optional
  once
  expires 2099-01-01
}
"""


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))


@pytest.fixture(scope="module")
def ada(shared_site: Site) -> Iterator[FlaskClient]:
    """An admin of a project with a month of people: half of the earlier ones come to the end, all of the later ones."""
    site = shared_site
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    for day, ends in (("13", 10), ("20", 20), ("30", 10)):
        batch = []
        for number in range(20):
            user = f"u{day}-{number}"
            for minute, name in enumerate(["Signed Up", "Domain Verified"][: 2 if number < ends else 1]):
                at = f"2026-10-{day}T00:{minute:02}:00Z"
                batch.append({"type": "track", "userId": user, "event": name, "timestamp": at})
        send(site, *batch)
    send(site, {"type": "track", "userId": "s1", "event": "Signed Up", "context": {"simulated": True}})
    shown = {"type": "track", "event": "$shown", "properties": {"guide": "help"}}
    send(site, {**shown, "userId": "u30-1"}, {**shown, "userId": "u30-2"})
    touched = {"version": "2", "pages": ["/domains/new"]}
    site.post("/v1/track", {"event": "$release", "userId": "u30-1", "properties": touched}, key=SECRET_KEY)
    told = {"guide": "ease", "submission": "s1", "language": "en"}
    why = "This is terrible and horrible, I hate it."
    for question, value in (("score", 10), ("why", why)):
        text = {"text": value} if question == "why" else {}
        properties = {**told, "question": question, "value": value, **text}
        send(site, {"type": "track", "userId": "u30-1", "event": "$answered", "properties": properties})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))
        yield visitor(site, Role.ADMIN)


def send(site: Site, *messages: dict[str, Any]) -> None:
    answer = site.post("/v1/batch", {"batch": list(messages)}, key=PUBLIC_KEY, Origin=ORIGIN)
    assert answer.status_code == 202


def part(client: FlaskClient, name: str, **query: str) -> str:
    answer = client.get(HOME, query_string={"part": name, **query}, headers={"HX-Request": "true"})
    assert answer.status_code == 200, words(answer)
    text = answer.get_data(as_text=True)
    # A part alone, without the frame of a page; what people typed is text.
    assert "<html" not in text
    assert "<b>now" not in text
    return words(answer)


def test_home_stands_at_once_and_asks_for_its_parts(ada: FlaskClient) -> None:
    text = ada.get(HOME).get_data(as_text=True)
    for name in ("journeys", "tasks", "week", "guides", "accounts"):
        assert f'hx-get="/console/p/default/?part={name}"' in text
    assert "come to the end" not in text
    # Whoever has no script gets all of it with the page.
    assert "come to the end" in words(ada.get(f"{HOME}?whole=1"))


def test_the_parts_are_of_those_who_count(ada: FlaskClient) -> None:
    assert "40 of 60 come to the end" in part(ada, "journeys")
    assert "40 of 61 come to the end" in part(ada, "journeys", who="simulated")


def test_what_changed_is_said_in_words_and_chance_is_called_chance(ada: FlaskClient) -> None:
    said = part(ada, "week")
    assert "better “Activation &lt;b&gt;now&lt;/b&gt;”: of the 20 who began in the last full week 100% came to" in said
    assert "50.0 points more than in the week before (" in said
    assert "20 people were here in the last seven days, 20 in the seven before." in said
    assert "Rules version 1 was published on Monday." in said


def test_guides_running_come_with_their_effect_and_how_often_they_were_shown(ada: FlaskClient) -> None:
    said = part(ada, "guides")
    assert "Help not enough people shown 2 times in seven days" in said
    assert "Forever shown 0 times in seven days Nothing is measured" in said
    # What has expired is not running.
    assert "Greeting" not in said


def test_what_is_to_be_done_is_listed_with_where(ada: FlaskClient) -> None:
    answer = ada.get(HOME, query_string={"part": "tasks"}, headers={"HX-Request": "true"})
    said = words(answer)
    assert "expired “Greeting” expired on 1 October 2026: take it out, or renew it." in said
    assert "expires “Help” expires on 10 November." in said
    assert "warning forever never expires (rules.way, line " in said.replace("` ", "").replace(" ` ", "")
    assert "disagrees 1 answer to “Ease” whose score and words disagree waits to be read." in said
    assert "stale The map of “Activation &lt;b&gt;now&lt;/b&gt;” has 1 step that a release touched" in said
    text = answer.get_data(as_text=True)
    assert "/console/p/default/responses?survey=ease&amp;tab=disagreeing&amp;period=all" in text
    assert "/console/p/default/rules?view=edit&amp;guide=help" in text


def test_a_project_where_all_is_well_says_so(site: Site) -> None:
    rules = RULES.partition("guide help")[0].replace('event "Never Sent"', "")
    site.post("/api/v1/rules", {"files": {"rules.way": rules}}, key=SECRET_KEY)
    for event in ("Signed Up", "Domain Verified"):
        send(site, {"type": "track", "userId": "u", "event": event})
    assert "Nothing: no alert" in part(visitor(site, Role.ADMIN), "tasks")


def test_of_many_things_of_a_kind_the_first_are_told_and_how_many_more(site: Site) -> None:
    guide = 'guide g{0} "G{0}" {{ on "Signed Up" show banner top {{ title "Hello" }} once expires 2026-10-0{0} }}\n'
    rules = 'event "Signed Up"\n' + "".join(guide.format(number) for number in range(1, 9))
    assert site.post("/api/v1/rules", {"files": {"rules.way": rules}}, key=SECRET_KEY).status_code == 200
    send(site, {"type": "track", "userId": "u", "event": "Signed Up"})
    said = part(visitor(site, Role.ADMIN), "tasks")
    assert "“G5” expired on 5 October 2026" in said
    assert "“G6”" not in said
    assert "expired 3 more of this kind." in said


def test_a_journey_of_one_step_keeps_none_of_the_others_away(site: Site) -> None:
    alone = 'journey alone "Alone" { stage start "Start" { step first "First" reached by "Signed Up" } }'
    rules = RULES.partition("guide help")[0] + alone
    site.post("/api/v1/rules", {"files": {"rules.way": rules}}, key=SECRET_KEY)
    for event in ("Signed Up", "Domain Verified"):
        send(site, {"type": "track", "userId": "u", "event": event})
    said = part(visitor(site, Role.ADMIN), "journeys")
    assert "Alone It has one step" in said
    assert "1 of 1 come to the end" in said


def test_a_new_project_is_led_step_by_step(site: Site) -> None:
    ada = visitor(site, Role.ADMIN)
    text = ada.get(HOME).get_data(as_text=True)
    assert 'data-address="/api/v1/live?limit=5&amp;everyone=true"' in text
    assert text.count('class="done"') == 0
    # Nothing is counted where nothing has come.
    assert "hx-get" not in text
    send(site, {"type": "track", "userId": "u", "event": "Signed Up"})
    assert ada.get(HOME).get_data(as_text=True).count('class="done"') == 1
    site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY)
    assert "From here to the first guide" not in words(ada.get(HOME))


def test_a_viewer_sees_neither_keys_nor_people(shared_site: Site, ada: FlaskClient) -> None:
    site = shared_site
    site.service.staff.add(1, "bea@example.com", Role.VIEWER, password="correct horse battery")
    viewer = site.app.test_client()
    viewer.post("/console/sign-in", data={"email": "bea@example.com", "password": "correct horse battery"})
    text = viewer.get(HOME).get_data(as_text=True)
    assert "part=accounts" not in text
    assert "come to the end" in part(viewer, "journeys")
    # What may not be asked for is the page, not the part.
    assert "Busy but stuck" not in words(viewer.get(f"{HOME}?part=accounts", headers={"HX-Request": "true"}))
