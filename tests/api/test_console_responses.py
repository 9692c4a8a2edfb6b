"""Responses as a person meets them: scores, words with tags, groups, the ways through, what disagrees, files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import passwords
from engine.permissions import Role
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site, problem
from tests.api.test_console_pages import visitor, words

EVIL = "<img src=x onerror=alert(1)> the DNS record was missing"
RULES = """
attribute plan: text
event "Signed Up"
event "Domain Verified"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify "Verify the domain" reached by "Domain Verified"
  }
}

persona trial "On trial" where plan is "trial"

survey effort "Effort" {
  at activation.verify
  on "Domain Verified"
  ask effort ease "How easy was it?"
  ask choice cause "What slowed you down?" if ease <= 4 {
    "I did not know what to do" as unclear feels confused
    "It kept failing" as failing feels frustrated
    other
  }
  ask text detail "What should we fix?" optional
  once
  expires 2099-01-01
}

survey relation "Relation" {
  on "Signed Up"
  ask nps score "Would you recommend us?"
  ask text why "Why?" optional
  once
  expires 2099-01-01
}
"""
PAGE = "/console/p/default/responses"


def person(number: int, *, simulated: bool = False) -> list[dict[str, Any]]:
    """Somebody who verified a domain in the week of 12 or of 19 October, and was asked; every fourth is silent."""
    user, day = f"u{number}", 14 if number % 2 else 21
    context: dict[str, Any] = {
        "page": {"path": "/dns"},
        "device": {"type": "mobile" if number % 3 == 0 else "desktop"},
        **({"simulated": True} if simulated else {}),
    }
    at = f"2026-10-{day}T10:{number:02}"

    def track(second: int, event: str, **properties: Any) -> dict[str, Any]:
        told = {"type": "track", "event": event, "userId": user, "properties": properties, "context": context}
        return {**told, "timestamp": f"{at}:{second:02}Z"}

    found: list[dict[str, Any]] = [
        {
            "type": "identify",
            "userId": user,
            "traits": {"plan": "trial" if number % 2 else "pro"},
            "context": context,
            "timestamp": f"{at}:00Z",
        },
        track(1, "Signed Up"),
        track(2, "Domain Verified"),
        track(3, "$shown", guide="effort"),
    ]
    if number % 4 == 0:
        return [*found, track(4, "$dismissed", guide="effort", how="close")]
    ease = 2 if number % 2 else 6
    own = {"guide": "effort", "submission": f"s{number}", "language": "en"}
    found.append(track(4, "$answered", question="ease", value=ease, **own))
    if ease <= 4:
        found.append(track(5, "$answered", question="cause", value="unclear", **own))
    if number in (1, 2):
        found.append(track(6, "$answered", question="detail", value=EVIL, text=EVIL, **own))
    return [*found, track(7, "$completed", guide="effort"), track(8, "Left Page")]


@pytest.fixture(scope="module")
def ada(shared_site: Site) -> Iterator[FlaskClient]:
    """An admin of a project in which 24 people were asked. Whoever changes something puts it back."""
    site = shared_site
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    send(site, *(message for number in range(24) for message in person(number)))
    send(site, *person(31, simulated=True))
    said = {"guide": "relation", "submission": "r1", "language": "en"}
    for question, value in (("score", 10), ("why", "This is terrible and horrible, I hate it.")):
        text = {"text": value} if isinstance(value, str) else {}
        properties = {**said, "question": question, "value": value, **text}
        send(site, {"type": "track", "event": "$answered", "userId": "u1", "properties": properties})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))
        yield visitor(site, Role.ADMIN)


def send(site: Site, *messages: dict[str, Any]) -> None:
    answer = site.post("/v1/batch", {"batch": list(messages)}, key=PUBLIC_KEY, Origin=ORIGIN)
    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["rejected"] == []


def page(client: FlaskClient, **query: str) -> TestResponse:
    answer = client.get(PAGE, query_string={"survey": "effort", **query})
    assert answer.status_code == 200, words(answer)
    if "html" in answer.headers["Content-Type"]:
        assert "<img" not in answer.get_data(as_text=True)
    return answer


def told(client: FlaskClient, **query: str) -> str:
    return words(page(client, **query))


def change(client: FlaskClient, path: str, body: object, method: str = "PATCH") -> TestResponse:
    me = client.get("/api/v1/me").json
    assert me is not None
    return client.open(path, method=method, json=body, headers={"X-CSRF-Token": me["csrf"]})


def number_of(client: FlaskClient) -> int:
    """Of the latest answer in words."""
    (found, *_) = re.findall(r"/api/v1/responses/(\d+)/tags", page(client, tab="words").get_data(as_text=True))
    return int(found)


# figures


def test_scores_come_with_n_an_interval_and_what_was_chosen(ada: FlaskClient) -> None:
    said = told(ada)
    assert "32 answers of 18 people to “Effort”, last 90 days." in said
    assert "Shown to 24, answered by 18: 75.0 % 55.1–88.0 ." in said
    assert "How easy was it? ease , effort, n = 18" in said
    assert "3.33 2.37 to 4.30 ease, 1 to 7" in said
    assert "I did not know what to do 12 100.0 %" in said
    assert "confused 12" in said
    assert "Left out: simulated, bots, internal" in said


def test_the_weeks_are_told_with_what_was_published_and_never_more_than_they_say(ada: FlaskClient) -> None:
    said = told(ada)
    assert "Ease, 1 to 7: 6.00 in the week from 2026-10-19 (n = 6), 2.00 in that from 2026-10-12 (n = 12)." in said
    assert "2026-11-02 – – 0 rules version 1 on 2 Nov" in said


def test_a_selection_of_step_persona_and_period_holds_for_everything(ada: FlaskClient) -> None:
    assert "12 people to “Effort”" in told(ada, persona="trial")
    assert "18 people to “Effort” at “Verify the domain”" in told(ada, at="activation.verify")
    assert "0 answers of 0 people" in told(ada, period="7")
    assert "12 people to “Effort”, 2026-10-12 to 2026-10-18." in told(
        ada, period="dates", since="2026-10-12", until="2026-10-18"
    )
    assert "19 people" in told(ada, who="simulated")
    # What was selected on the pages of the method holds as well.
    assert "at “Verify the domain”" in told(ada, journey="activation", step="verify")
    assert "at “Verify the domain”" not in told(ada, journey="activation", step="verify", at="any")


def test_groups_are_told_apart_and_small_ones_not_judged(ada: FlaskClient) -> None:
    said = told(ada, tab="segments")
    assert "On trial 2.00 2.00 to 2.00 12 in no persona 6.00 6.00 to 6.00 6" in said
    assert "version 1 3.33" in said
    assert "mobile" in said


def test_the_way_through_says_where_people_left_and_who_was_silent(ada: FlaskClient) -> None:
    said = told(ada, tab="way")
    assert "Shown 24 times. To the end: 18, 75.0 %" in said
    assert "How easy was it? 24 18 75.0 % 55.1–88.0 0 6 0" in said
    assert "What slowed you down? 12 12 100.0 %" in said
    assert "Asked: 24 people. Answered: 18. Silent: 6. u0 u12 u16 u20 u4 u8" in said


def test_a_survey_that_belongs_to_no_step_is_read_too(ada: FlaskClient) -> None:
    assert "2 answers of 1 person to “Relation”" in told(ada, survey="relation")


# words and tags


def test_words_are_searched_and_what_people_typed_is_text(ada: FlaskClient) -> None:
    text = page(ada, tab="words", q="DNS missing").get_data(as_text=True)
    assert "&lt;img src=x onerror=alert(1)&gt; the <mark>DNS</mark> record was <mark>missing</mark>" in text
    for query, found in {"q": "dns", "feeling": "delighted", "asked": "cause", "tag": "none"}.items():
        said = told(ada, tab="words", **{query: found})
        assert ("2 of 2 texts" in said) is (query == "q"), query
    assert "None of the 2 texts fits" in told(ada, tab="words", q='"record dns"')


def test_tags_are_put_on_found_by_and_taken_away(ada: FlaskClient) -> None:
    number = number_of(ada)
    address = f"/api/v1/responses/{number}/tags"
    assert change(ada, address, {"add": ["  wrong   words ", "DNS"]}).json == {"tags": ["DNS", "wrong words"]}
    # Somebody else has the page from before: theirs comes in addition, and nothing is there twice.
    assert change(ada, address, {"add": ["dns", EVIL]}).json == {"tags": [EVIL, "DNS", "wrong words"]}
    assert "1 of 2 texts" in told(ada, tab="words", tag="dns")
    assert change(ada, address, {"remove": ["dns", "never there"]}).json == {"tags": [EVIL, "wrong words"]}
    listed = ada.get("/api/v1/responses/tags").json
    assert listed == {"data": [{"tag": EVIL, "answers": 1}, {"tag": "wrong words", "answers": 1}]}
    assert change(ada, address, {"remove": [EVIL, "wrong words"]}).json == {"tags": []}


def test_what_is_no_tag_and_what_is_no_answer_are_refused(ada: FlaskClient) -> None:
    number = number_of(ada)
    for tag in (" ", "a, b", "x" * 101):
        answer = change(ada, f"/api/v1/responses/{number}/tags", {"add": [tag]})
        assert (answer.status_code, problem(answer)["code"]) == (422, "bad_tag"), tag
    answer = change(ada, "/api/v1/responses/999999/tags", {"add": ["x"]})
    assert (answer.status_code, problem(answer)["code"]) == (404, "unknown_response")


# one response, what disagrees, files


def test_a_response_stands_between_what_the_person_did_before_and_after(ada: FlaskClient) -> None:
    said = told(ada, response=str(number_of(ada)))
    assert "How easy was it? 6" in said
    assert said.index("Domain Verified") < said.index("After") < said.index("Left Page")
    # As a comment on the answer leads to it; and there it can be spoken of.
    by_name = told(ada, survey="", answer="effort.detail.s2")
    assert "How easy was it? 6" in by_name
    assert "Nobody has said anything here yet." in by_name
    assert "No such response here" in told(ada, survey="", answer="effort.detail.s99")
    assert "No such response here" in told(ada, response="4711")
    assert "No such response here" in told(ada, response="'; drop")


def test_what_disagrees_is_read_and_can_be_read_again(ada: FlaskClient) -> None:
    text = page(ada, survey="relation", tab="disagreeing").get_data(as_text=True)
    (id_,) = re.findall(r'name="id" value="([\d-]+)"', text)
    body = {"survey": "relation", "id": id_, "verdict": "text", "feeling": "frustrated", "note": "A slip."}
    address = "/api/v1/responses/disagreements"
    assert change(ada, address, body, "POST").status_code == 200
    said = told(ada, survey="relation", tab="disagreeing")
    assert "read the words say what was meant" in said
    assert "frustrated. A slip." in said
    assert change(ada, address, {**body, "verdict": None}, "POST").status_code == 200
    assert "What was meant" in told(ada, survey="relation", tab="disagreeing")
    for other in ({"id": "1-2"}, {"id": "x"}, {"survey": "\0"}):
        answer = change(ada, address, {**body, **other}, "POST")
        assert (answer.status_code, problem(answer)["code"]) == (404, "unknown_disagreement"), other


def test_what_is_shown_is_given_as_a_file(ada: FlaskClient) -> None:
    cases: dict[str, tuple[int, dict[str, str]]] = {
        "answers": (32, {"question": "ease", "value": "6", "user": "u18", "language": "en", "device": "mobile"}),
        "scores": (7, {"question": "ease", "score": "ces", "n": "18"}),
        "weeks": (4, {"week": "2026-10-12", "value": "2.0", "n": "12"}),
        "segments": (6, {"by": "Persona", "group": "On trial", "answers": "12"}),
        "way": (3, {"question": "ease", "shown": "24", "dismissed": "6"}),
    }
    for part, (rows, wanted) in cases.items():
        found = list(csv.DictReader(io.StringIO(page(ada, format="csv", part=part).get_data(as_text=True))))
        assert len(found) == rows, part
        assert [row for row in found if wanted.items() <= row.items()], part
        documents = page(ada, format="json", part=part).json
        assert isinstance(documents, list)
        assert len(documents) == rows
        assert page(ada, format="parquet", part=part).get_data()[:4] == b"PAR1"


def test_a_viewer_reads_figures_and_words_but_nobodys_name(shared_site: Site, ada: FlaskClient) -> None:
    site = shared_site
    site.service.staff.add(1, "bea@example.com", Role.VIEWER, password="correct horse battery")
    viewer = site.app.test_client()
    said = {"email": "bea@example.com", "password": "correct horse battery"}
    assert viewer.post("/console/sign-in", data=said).status_code == 303
    number = str(number_of(ada))
    assert "add a tag" not in page(viewer, tab="words").get_data(as_text=True)
    assert "shown to those who may look people up" in told(viewer, tab="way")
    assert "Who it was" in told(viewer, response=number)
    rows = csv.DictReader(io.StringIO(page(viewer, format="csv").get_data(as_text=True)))
    assert {row["user"] for row in rows} == {""}
    assert change(viewer, f"/api/v1/responses/{number}/tags", {"add": ["x"]}).status_code == 403
