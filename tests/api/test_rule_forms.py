"""Rules as forms over HTTP, and questions about rules that nobody has published."""

from __future__ import annotations

import copy
from itertools import count
from typing import Any

import pytest
from werkzeug.test import TestResponse

from dsl.values import MINUTE, Duration, Instant
from engine.unsaved import Matching, Unsaved
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem

AT = "/api/v1/rules"
RULES = """\
attribute plan: one of "free", "trial"

event "Signed Up"
event "DNS Check Failed" { reason: text }
event "Domain Verified"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify "Verify" reached by "Domain Verified" attempted by "DNS Check Failed"
  }
}

segment internal where email ends with "@ours.example"
segment trying where plan is "trial"

# Help where it is hard.
guide help "Help" {
  at activation.verify
  on "DNS Check Failed"
  for trying
  when did "DNS Check Failed" at least 2 times in last 10 minutes # twice
    and event.reason is "NXDOMAIN"
  unless did "Domain Verified"

  show tooltip beside "#dns" {
    title "Two records, {{ first_name | "friend" }}"
    in "de" {
      title "Zwei Einträge"
    }
  }

  once every 7 days
  goal "Domain Verified" within 1 day
  expires 2099-01-01
}
"""
FILES = {"rules.way": RULES}
ASKED = {"files": FILES, "file": "rules.way", "guide": "help"}


def ask(site: Site, path: str, body: object, status: int = 200) -> dict[str, Any]:
    answer = site.post(f"{AT}{path}", body, key=SECRET_KEY)
    assert answer.status_code == status, answer.get_data(as_text=True)
    told: dict[str, Any] = answer.get_json()
    return told


def track(site: Site, user: str, *events: str) -> TestResponse:
    batch: list[dict[str, Any]] = [{"type": "identify", "userId": user, "traits": TRAITS.get(user, {})}]
    batch += [{"type": "track", "userId": user, "event": event} for event in events]
    numbered = [{"messageId": f"{user}{number}", **each} for number, each in enumerate(batch)]
    return site.post("/v1/batch", {"batch": numbered}, key=PUBLIC_KEY)


TRAITS = {
    "ada": {"plan": "trial"},
    "bob": {"plan": "trial"},
    "eve": {"plan": "free"},
    "own": {"plan": "trial", "email": "me@ours.example"},
}
FAILED = ("Signed Up", "DNS Check Failed", "DNS Check Failed")


@pytest.fixture
def people(site: Site) -> Site:
    """Ada stands where the guide helps; Bob has verified, Eve pays nothing, and one is of our own."""
    assert site.post(AT, {"files": {"rules.way": RULES.replace("help", "former")}}, key=SECRET_KEY).status_code == 200
    for user, events in {"ada": FAILED, "bob": (*FAILED, "Domain Verified"), "eve": FAILED, "own": FAILED}.items():
        assert track(site, user, *events).status_code == 202
    return site


def test_the_form_has_the_rows_of_the_guide_and_the_names_of_the_project(site: Site) -> None:
    told = ask(site, "/form", ASKED)
    kinds = [each["kind"] for each in told["document"]["rows"]]
    assert kinds == ["at", "on", "for", "when", "unless", "show", "once every", "goal", "expires"]
    plan = next(each for each in told["choices"]["attributes"] if each["name"] == "plan")
    assert (plan["kind"], plan["allowed"]) == ("one of", ["free", "trial"])
    assert "event.reason" in [each["name"] for each in told["choices"]["attributes"]]
    verify = next(each for each in told["choices"]["steps"] if each["name"] == "activation.verify")
    assert (verify["attempted"], verify["reached"]) == (["DNS Check Failed"], ["Domain Verified"])


def test_what_the_checker_says_stands_at_its_row(site: Site) -> None:
    files = {"rules.way": RULES.replace('unless did "Domain Verified"', 'unless did "Domain Verifed"')}
    document = ask(site, "/form", {**ASKED, "files": files})["document"]
    unless = next(each for each in document["rows"] if each["kind"] == "unless")
    fault = unless["values"]["condition"]["rows"][0]["faults"][0]
    assert (fault["code"], fault["help"]) == ("WP003", 'did you mean "Domain Verified"?')


def test_a_guide_with_mistakes_has_no_form_but_says_where_they_are(site: Site) -> None:
    told = ask(site, "/form", {**ASKED, "files": {"rules.way": RULES.replace("at least 2 times", "at least two")}})
    assert told["document"] is None
    assert told["diagnostics"][0]["line"] == 22


def test_a_change_is_written_and_everything_else_is_as_it_was(site: Site) -> None:
    document = ask(site, "/form", ASKED)["document"]
    every = next(each for each in document["rows"] if each["kind"] == "once every")
    every["values"]["every"] = {"amount": 3, "unit": "day"}
    changed = {"text": RULES, "guide": "help", "document": document}
    assert ask(site, "/form/apply", changed)["text"] == RULES.replace("every 7 days", "every 3 days")


def test_what_cannot_be_written_is_refused_at_its_field(site: Site) -> None:
    document = ask(site, "/form", ASKED)["document"]
    document["rows"].append({"kind": "holdout", "values": {"percent": 900}})
    refused = site.post(f"{AT}/form/apply", {"text": RULES, "guide": "help", "document": document}, key=SECRET_KEY)
    assert problem(refused)["errors"] == [
        {"path": "document.rows.9.values.percent", "message": "write a share from 0 to 100"}
    ]


def test_a_guide_gets_another_name_wherever_it_is_spoken_of(site: Site) -> None:
    speaks = 'guide after "After" {\n  on "Domain Verified"\n  when saw help\n  show modal { title "x" }\n  always\n}\n'
    files = {**FILES, "other.way": speaks, "third.way": 'event "Seen"\n'}
    told = ask(site, "/form/rename", {"files": files, "guide": "help", "name": " dns help "})
    assert told["guide"] == "dns help"
    assert told["files"] == {
        "rules.way": RULES.replace("guide help ", "guide `dns help` "),
        "other.way": speaks.replace("saw help", "saw `dns help`"),
    }


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("trying", "`trying` is a segment already"),
        ("", "a name has 1 to 128 characters, without quotes, backticks and braces"),
        ('a"b', "a name has 1 to 128 characters, without quotes, backticks and braces"),
    ],
)
def test_a_name_that_cannot_be_is_refused_at_its_field(site: Site, name: str, why: str) -> None:
    refused = site.post(f"{AT}/form/rename", {"files": FILES, "guide": "help", "name": name}, key=SECRET_KEY)
    assert problem(refused)["errors"] == [{"path": "name", "message": why}]


HOSTILE: list[Any] = [
    {"guide": "help", "kind": "guide", "label": "x", "rows": "no list"},
    {"guide": "help", "kind": "guide", "label": "x", "rows": [None, 3, []]},
    {
        "guide": "help",
        "kind": "guide",
        "label": "x",
        "rows": [{"kind": "when", "values": {"condition": {"join": "all"}}}],
    },
    {"guide": "help", "kind": "guide", "label": "x", "rows": [{"kind": "ask", "values": {}, "rows": {}}]},
    {"guide": "help", "kind": "guide", "label": "x", "rows": [{"id": [], "kind": "draft", "values": {}}] * 600},
    {"guide": "help", "kind": "what", "label": 3, "rows": []},
    {"guide": [], "kind": {}, "label": [], "rows": []},
    {},
]
ODD: list[Any] = [
    [],
    {},
    None,
    3,
    True,
    "x",
    [[]],
    {"operator": []},
    {"since": {}},
    {"as": []},
    {"join": [], "rows": []},
]


@pytest.mark.parametrize("document", HOSTILE, ids=range(len(HOSTILE)))
def test_a_document_of_another_form_is_refused_and_breaks_nothing(site: Site, document: Any) -> None:
    refused = site.post(f"{AT}/form/apply", {"text": RULES, "guide": "help", "document": document}, key=SECRET_KEY)
    assert problem(refused)["code"] == "invalid_fields"


def test_no_value_of_any_kind_breaks_a_field(site: Site) -> None:
    menu = site.get(f"{AT}/form").get_json()
    for row in menu["rows"]["clause"]:
        for odd in ODD:
            values = {each["name"]: odd for each in row["fields"]}
            document = {
                "guide": "help",
                "kind": "guide",
                "label": None,
                "rows": [{"kind": row["kind"], "values": values, "id": odd}],
            }
            status = site.post(
                f"{AT}/form/apply", {"text": RULES, "guide": "help", "document": document}, key=SECRET_KEY
            ).status_code
            assert status in {200, 422}, (row["kind"], odd)


def test_rows_nested_without_end_are_refused(site: Site) -> None:
    row: dict[str, Any] = {"kind": "always", "values": {}}
    for _ in range(60):
        row = {"kind": "all", "values": {"block": True}, "rows": [row]}
    document = copy.deepcopy(ask(site, "/form", ASKED)["document"])
    document["rows"].append({"kind": "when", "values": {"condition": {"join": "all", "rows": [row]}}})
    refused = site.post(f"{AT}/form/apply", {"text": RULES, "guide": "help", "document": document}, key=SECRET_KEY)
    assert "deep in each other" in problem(refused)["detail"]


def test_a_rule_to_begin_with_becomes_text_of_this_project(site: Site) -> None:
    listed = ask(site, "/starts", {"files": FILES})["data"]
    assert "announcement" in [each["name"] for each in listed]
    assert [each["name"] for each in listed if each["needs"] != []] == []
    said = {"goal": "Domain Verified", "title": "News", "page": "/domains"}
    told = ask(site, "/starts/begin", {"files": FILES, "start": "announcement", "values": said})
    assert told["guide"] == "news"
    assert ask(site, "/check", {"files": {**FILES, "new.way": told["text"]}})["ok"]


def test_an_empty_project_is_told_what_a_rule_needs(site: Site) -> None:
    listed = {each["name"]: each["needs"] for each in ask(site, "/starts", {"files": {}})["data"]}
    assert listed["help_when_stuck"] == ["a step of a journey", "an event"]


def test_the_preview_has_the_sentences_and_each_language(site: Site) -> None:
    told = ask(site, "/preview", ASKED)
    assert told["sentences"][0].startswith("Shown to ")
    assert [(each["language"], each["decision"]["content"]["title"]) for each in told["looks"]] == [
        ("", "Two records, friend"),
        ("de", "Zwei Einträge"),
    ]


def test_who_matches_now_leaves_out_what_only_a_request_tells(people: Site) -> None:
    told = ask(people, "/matching", {"files": FILES, "guide": "help"})
    assert (told["people"], told["count"], told["looked_at"], told["all"]) == (["ada"], 1, 4, 4)
    assert told["left_out"] == ['event.reason is "NXDOMAIN"']
    everyone = ask(people, "/matching", {"files": FILES, "guide": "help", "everyone": True})
    assert sorted(everyone["people"]) == ["ada", "own"]


def test_who_matches_now_is_asked_of_the_text_that_is_not_published(people: Site) -> None:
    files = {"rules.way": RULES.replace("  for trying\n", "")}
    assert sorted(ask(people, "/matching", {"files": files, "guide": "help"})["people"]) == ["ada", "eve"]
    people.clock.move(Duration(11 * MINUTE))
    assert ask(people, "/matching", {"files": files, "guide": "help"})["count"] == 0


def test_who_matches_is_answered_in_bounded_time_and_says_of_how_many(people: Site) -> None:
    service, ticks = people.service, count(people.clock(), MINUTE)
    slow = Unsaved(service.database, service.publications, clock=lambda: Instant(next(ticks)), part=1)
    found = slow.matching(1, FILES, "help", in_force=service.rules_now(1).ruleset)
    assert isinstance(found, Matching)
    assert (found.looked_at, found.all) == (1, 4)


def test_who_matches_follows_what_the_other_declarations_say(people: Site) -> None:
    asked = {"files": FILES, "guide": "help"}
    assert ask(people, "/matching", asked)["people"] == ["ada"]
    elsewhere = RULES.replace('reached by "Signed Up"', 'reached by "Domain Verified"')
    elsewhere = elsewhere.replace('reached by "Domain Verified" attempted', 'reached by "Signed Up" attempted')
    assert ask(people, "/matching", {**asked, "files": {"rules.way": elsewhere}})["people"] == []


def test_who_matches_is_counted_once_a_minute_and_forgotten_with_the_people(people: Site) -> None:
    service = people.service
    unsaved = Unsaved(service.database, service.publications, clock=people.clock)
    in_force = service.rules_now(1).ruleset
    first = unsaved.matching(1, FILES, "help", in_force=in_force)
    assert track(people, "ivy", *FAILED).status_code == 202
    assert unsaved.matching(1, FILES, "help", in_force=in_force) is first
    unsaved.forget()
    assert unsaved.matching(1, FILES, "help", in_force=in_force) is not first


def test_why_not_is_answered_for_text_that_is_not_published(people: Site) -> None:
    told = ask(people, "/explain", {"files": FILES, "guide": "help", "user": "eve"})
    assert (told["shown"], told["stopped_by"]) == (False, "audience")
    assert (
        problem(people.post(f"{AT}/explain", {"files": FILES, "guide": "help", "user": "zoe"}, key=SECRET_KEY))[
            "status"
        ]
        == 404
    )


def test_questions_about_rules_with_errors_say_the_errors(people: Site) -> None:
    files = {"rules.way": RULES.replace('plan is "trial"', 'plan is "trail"')}
    for path, more in (("/matching", {}), ("/explain", {"user": "eve"})):
        refused = people.post(f"{AT}{path}", {"files": files, "guide": "help", **more}, key=SECRET_KEY)
        assert problem(refused)["code"] == "invalid_rules"
