"""The working draft over HTTP: kept as typed, by several people, looked through, tried by testers, published."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine.permissions import Scope
from engine.replies import KeyKind
from engine.storage.portions import people_of_portion
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem

LIVE = """attribute plan: one of "trial", "pro"

event "Signed Up"

segment qa where email ends with "@ours.example"

# seen by everybody
guide help "Help" {
  on "Signed Up"
  when plan is "trial"

  show modal {
    title "Hello"
  }

  once
  expires 2099-01-01
}
"""
NEW = LIVE.replace('"trial"\n\n  show', '"pro"\n\n  show')
DRAFT = "/api/v1/rules/draft"


@pytest.fixture
def written(site: Site) -> Site:
    """A project with rules in force."""
    assert publish(site, {"rules.way": LIVE}).status_code == 200
    return site


def publish(site: Site, files: dict[str, str]) -> TestResponse:
    return site.post("/api/v1/rules", {"files": files}, key=SECRET_KEY)


def send(site: Site, method: str, path: str, body: object = None, *, key: str = SECRET_KEY) -> TestResponse:
    return site.client.open(path, method=method, json=body, headers={"Authorization": f"Bearer {key}"})


def told(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    document: dict[str, Any] = answer.get_json()
    return document


def save(site: Site, text: str, revision: int, base: int = 1, more: dict[str, str] | None = None) -> TestResponse:
    return send(site, "PUT", DRAFT, {"files": {"rules.way": text, **(more or {})}, "base": base, "revision": revision})


# keeping


def test_what_is_typed_is_kept_with_its_mistakes_and_nothing_of_it_is_in_force(written: Site) -> None:
    assert told(written.get(DRAFT))["files"] is None
    kept = told(save(written, LIVE + "guide {", 0))
    assert (kept["revision"], kept["base"], kept["state"], kept["in_force"]) == (1, 1, "writing", 1)
    again = told(written.get(DRAFT))
    assert again["files"] == {"rules.way": LIVE + "guide {"}
    assert told(written.get("/api/v1/rules"))["files"] == {"rules.way": LIVE}


def test_whoever_sends_second_is_told_and_overwrites_nothing(written: Site) -> None:
    told(save(written, LIVE + "# mine\n", 0))
    told(save(written, LIVE + "# mine, longer\n", 1))
    refused = save(written, LIVE + "# yours\n", 1)
    assert (refused.status_code, problem(refused)["code"]) == (409, "stale_draft")
    assert told(written.get(DRAFT))["files"]["rules.way"].endswith("# mine, longer\n")


def test_a_draft_that_is_over_is_not_taken_for_the_next_one(written: Site) -> None:
    told(save(written, NEW, 0))
    assert told(send(written, "POST", f"{DRAFT}/discard", {"revision": 1}))["files"] is None
    assert save(written, NEW, 1).status_code == 409
    assert told(save(written, NEW, 2))["revision"] == 3


def test_without_a_draft_there_is_nothing_to_review_or_publish(written: Site) -> None:
    assert problem(written.get(f"{DRAFT}/review"))["code"] == "no_draft"
    answer = send(written, "POST", f"{DRAFT}/publish", {"revision": 0})
    assert (answer.status_code, problem(answer)["code"]) == (404, "no_draft")


def test_what_two_people_wrote_is_put_together(written: Site) -> None:
    body = {
        "base": {"rules.way": LIVE},
        "ours": {"rules.way": "# ours\n" + LIVE},
        "theirs": {"rules.way": LIVE + "# theirs\n", "trial.way": "# never in a draft\n"},
    }
    merged = told(send(written, "POST", "/api/v1/rules/merge", body))
    assert merged == {"files": {"rules.way": "# ours\n" + LIVE + "# theirs\n"}, "conflicts": []}
    body["ours"] = {"rules.way": NEW}
    body["theirs"] = {"rules.way": LIVE.replace('when plan is "trial"', "when plan is set")}
    (conflict,) = told(send(written, "POST", "/api/v1/rules/merge", body))["conflicts"]
    assert "#   when plan is set" in conflict["our_lines"]
    assert '#   when plan is "pro"' in conflict["their_lines"]


def test_no_draft_has_the_file_of_testers(written: Site) -> None:
    answer = save(written, LIVE, 0, more={"trial.way": "# mine"})
    assert answer.status_code == 422
    assert "take another name" in problem(answer)["detail"]


# review and publication


def test_a_review_says_what_changes_and_what_is_wrong(written: Site) -> None:
    told(save(written, NEW.replace("once\n", "once\n  priority 200\n"), 0))
    review = told(written.get(f"{DRAFT}/review"))
    assert review["ok"] is False
    assert [each["title"] for each in review["declarations"]] == ["guide help"]
    assert '+   when plan is "pro"' in review["declarations"][0]["lines"]
    assert '-  when plan is "trial"' in review["changes"][0]["diff"]
    assert [each["line"] for each in review["diagnostics"] if each["severity"] == "error"] == [17]
    answer = send(written, "POST", f"{DRAFT}/publish", {"revision": 1})
    assert problem(answer)["code"] == "invalid_rules"
    assert told(written.get(DRAFT))["revision"] == 1


def test_who_would_have_seen_it_is_told_by_guide(written: Site) -> None:
    for number, plan in enumerate(["trial", "trial", "pro"]):
        user = {"userId": f"u{number}"}
        batch = [
            {"type": "identify", "traits": {"plan": plan}, **user},
            {"type": "track", "event": "Signed Up", **user},
        ]
        assert written.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    told(save(written, NEW, 0))
    found = told(written.get(f"{DRAFT}/audience"))
    (guide,) = found["guides"]
    assert (found["people"], guide["guide"], guide["people"]) == (3, "help", [2, 1])
    assert guide["gains"] == {"people": 1, "reasons": {"CONDITION_FALSE": 1}}
    assert guide["losses"] == {"people": 2, "reasons": {"CONDITION_FALSE": 2}}


def test_a_long_history_is_told_in_portions_that_add_up(written: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    colleagues = {"u1", "u2", "u3"}
    for number in range(9):
        user = {"userId": f"u{number}"}
        batch: list[dict[str, Any]] = [
            {"type": "identify", "traits": {"plan": "trial"}, **user},
            {"type": "track", "event": "Signed Up", **user},
        ]
        if user["userId"] in colleagues:
            batch.append({"type": "group", "groupId": "acme", **user})
        assert written.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    told(save(written, NEW, 0))
    monkeypatch.setattr("engine.publications.MOST_REHEARSED", 10)
    monkeypatch.setattr("engine.storage.portions.EVENTS_OF_ONE", 7)
    assert problem(written.get(f"{DRAFT}/audience"))["code"] == "too_much_history"
    first = told(written.get(f"{DRAFT}/audience?portion=0"))
    assert first["portions"] == 3
    rest = [told(written.get(f"{DRAFT}/audience?portion={each}&portions=3")) for each in (1, 2)]
    assert sum(each["people"] for each in (first, *rest)) == 9
    assert sum(each["guides"][0]["losses"]["people"] for each in (first, *rest)) == 9
    assert max(each["people"] for each in (first, *rest)) < 9
    assert problem(written.get(f"{DRAFT}/audience?portion=3&portions=3"))["code"] == "invalid_fields"
    asked = {"files": {"rules.way": NEW}, "sample": True}
    sample = told(written.post("/api/v1/guides/help/backtest", asked, key=SECRET_KEY))
    assert (sample["portions"], sample["people"]) == (3, first["people"])

    with written.service.database.reading() as connection:
        portions = [people_of_portion(connection, 1, each, 3) for each in range(3)]
    names = [{person.name for person in each} for each in portions]
    assert sorted(name for each in names for name in each) == [f"u{number}" for number in range(9)]
    assert [each for each in names if each & colleagues == colleagues] != []


def test_a_published_draft_is_over(written: Site) -> None:
    told(save(written, NEW, 0))
    for place in ("draft", "guide:help"):
        said = written.post("/api/v1/comments", {"place": place, "text": "Why?"}, key=SECRET_KEY)
        assert said.status_code == 201
    published = told(send(written, "POST", f"{DRAFT}/publish", {"revision": 1, "note": "pro, not trial"}))
    assert told(written.get("/api/v1/comments/open"))["data"] == {"guide:help": 1}
    assert published["version"] == 2
    rules = told(written.get("/api/v1/rules"))
    assert (rules["files"], rules["note"]) == ({"rules.way": NEW}, "pro, not trial")
    assert told(written.get(DRAFT))["files"] is None


def test_the_first_rules_of_a_project_come_from_a_draft_too(site: Site) -> None:
    told(save(site, LIVE, 0, base=0))
    assert told(site.get(f"{DRAFT}/review"))["changes"][0]["file"] == "rules.way"
    assert told(send(site, "POST", f"{DRAFT}/publish", {"revision": 1}))["version"] == 1


def test_somebody_who_types_while_it_is_published_goes_on_from_the_new_version(written: Site) -> None:
    told(save(written, NEW, 0))
    told(send(written, "POST", f"{DRAFT}/publish", {"revision": 1}))
    refused = save(written, NEW + "# typed meanwhile\n", 1)
    assert (refused.status_code, problem(refused)["code"]) == (409, "stale_draft")
    now = told(written.get(DRAFT))
    assert (now["files"], now["in_force"]) == (None, 2)
    assert told(save(written, NEW + "# typed meanwhile\n", now["revision"], base=2))["base"] == 2


def test_a_draft_of_older_rules_is_not_published_over_newer_ones(written: Site) -> None:
    told(save(written, NEW, 0))
    publish(written, {"rules.way": LIVE + "# since\n"})
    answer = send(written, "POST", f"{DRAFT}/publish", {"revision": 1})
    assert (answer.status_code, problem(answer)["code"]) == (409, "stale_version")
    told(save(written, NEW + "# since\n", 1, base=2))
    assert told(send(written, "POST", f"{DRAFT}/publish", {"revision": 2}))["version"] == 3


def test_who_may_not_publish_asks_for_a_review_and_the_draft_stays(written: Site) -> None:
    scopes = frozenset({Scope.RULES_READ, Scope.RULES_DRAFT})
    key = written.service.tenancy.create_key(1, KeyKind.SECRET, scopes=scopes).text
    body = {"files": {"rules.way": NEW}, "base": 1, "revision": 0}
    told(send(written, "PUT", DRAFT, body, key=key))
    marked = {"state": "review", "note": "please look", "revision": 1}
    kept = told(send(written, "PUT", f"{DRAFT}/state", marked, key=key))
    assert (kept["state"], kept["note"], kept["revision"]) == ("review", "please look", 2)
    answer = send(written, "POST", f"{DRAFT}/publish", {"revision": 2}, key=key)
    assert (answer.status_code, problem(answer)["code"]) == (403, "missing_scope")
    assert told(save(written, NEW + "# one thing more\n", 2))["state"] == "writing"
    assert told(written.get(DRAFT))["note"] == "please look"


# trials


def decided(site: Site, user: str, email: str) -> list[str]:
    batch = [
        {"type": "identify", "userId": user, "traits": {"email": email, "plan": "trial"}},
        {"type": "track", "event": "Signed Up", "userId": user},
    ]
    answer = site.post("/v1/batch", {"batch": batch, "decide": True, "context": {"page": {"path": "/"}}})
    return [each["guide"] for each in told_of_batch(answer)["decisions"]]


def told_of_batch(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 202, answer.get_data(as_text=True)
    document: dict[str, Any] = answer.get_json()
    return document


def test_testers_see_the_draft_and_everybody_else_what_was_there(written: Site) -> None:
    told(save(written, LIVE.replace("Hello", "Welcome").replace("once\n", "once\n  priority 40\n"), 0))
    trial = told(send(written, "PUT", "/api/v1/rules/trial", {"segment": "qa", "revision": 1}))
    assert (trial["guides"], trial["waiting"]) == (["help"], [])
    assert told(written.get("/api/v1/rules"))["files"]["rules.way"] == LIVE
    assert decided(written, "ada", "ada@ours.example") == ["help_trial"]
    assert decided(written, "bob", "bob@theirs.example") == ["help"]
    # The draft goes on, and knows the version with the trial as its ground.
    draft = told(written.get(DRAFT))
    assert (draft["base"], draft["in_force"], list(draft["files"])) == (2, 2, ["rules.way"])
    assert told(send(written, "POST", f"{DRAFT}/publish", {"revision": draft["revision"]}))["version"] == 3
    assert list(told(written.get("/api/v1/rules"))["files"]) == ["rules.way"]


def test_a_trial_ends_and_leaves_the_rules_as_they_were(written: Site) -> None:
    new = 'guide welcome "Welcome" {\n  draft\n  on "Signed Up"\n  for pros\n  show modal { title "Hi" }\n  once\n}\n'
    told(save(written, LIVE.replace('"trial", ', '"free", "trial", ') + 'segment pros where plan is "pro"\n' + new, 0))
    trial = told(send(written, "PUT", "/api/v1/rules/trial", {"segment": "qa", "revision": 1}))
    assert (trial["guides"], trial["waiting"]) == (["welcome"], ["attribute plan"])
    text = told(written.get("/api/v1/rules"))["files"]["trial.way"]
    assert "draft" not in text.partition("\n")[2]
    assert "segment pros" in text
    told(send(written, "DELETE", "/api/v1/rules/trial"))
    assert told(written.get("/api/v1/rules"))["files"] == {"rules.way": LIVE}
    assert problem(send(written, "DELETE", "/api/v1/rules/trial"))["code"] == "nothing_to_try"
    assert told(written.get(DRAFT))["base"] == 3


@pytest.mark.parametrize(
    ("text", "segment"), [(LIVE, "qa"), (NEW, "nobody"), (LIVE + "# only a comment\n", "qa")], ids=str
)
def test_without_a_changed_guide_or_a_segment_there_is_nothing_to_try(written: Site, text: str, segment: str) -> None:
    told(save(written, text, 0))
    answer = send(written, "PUT", "/api/v1/rules/trial", {"segment": segment, "revision": 1})
    assert (answer.status_code, problem(answer)["code"]) == (422, "nothing_to_try")


# guides in force


def test_guides_are_listed_with_their_standing(written: Site) -> None:
    more = LIVE.replace("guide help", "guide old").replace("2099", "2001") + LIVE.partition("# seen")[2].replace(
        "guide help", "guide later"
    ).partition("everybody\n")[2].replace("once\n", "once\n  from 2098-01-01\n")
    assert publish(written, {"rules.way": more}).status_code == 200
    found = told(written.get("/api/v1/guides"))
    assert [(each["name"], each["standing"]) for each in found["data"]] == [
        ("old", "expired"),
        ("later", "starts later"),
    ]
    assert found["stopped"] is False


def test_one_guide_is_paused_in_its_text_and_the_draft_follows(written: Site) -> None:
    told(save(written, LIVE + "# a note of mine\n", 0))
    paused = told(send(written, "PUT", "/api/v1/guides/help/paused", {"paused": True}))
    assert paused["version"] == 2
    rules = told(written.get("/api/v1/rules"))
    assert rules["note"] == "help paused"
    assert rules["files"]["rules.way"] == LIVE.replace("2099-01-01\n", "2099-01-01\n  paused\n")
    draft = told(written.get(DRAFT))
    assert (draft["base"], draft["files"]["rules.way"]) == (2, rules["files"]["rules.way"] + "# a note of mine\n")
    assert told(written.get("/api/v1/guides"))["data"][0]["standing"] == "paused"
    told(send(written, "PUT", "/api/v1/guides/help/paused", {"paused": False, "note": "all is well"}))
    assert told(written.get("/api/v1/rules"))["files"]["rules.way"] == LIVE
    assert send(written, "PUT", "/api/v1/guides/helpp/paused", {"paused": True}).status_code == 404


def test_guides_are_listed_a_page_at_a_time(written: Site) -> None:
    more = "".join(LIVE.partition("everybody\n")[2].replace("guide help", f"guide g{each}") for each in range(3))
    assert publish(written, {"rules.way": LIVE + more}).status_code == 200
    first = told(written.get("/api/v1/guides?limit=3"))
    assert ([each["name"] for each in first["data"]], first["next"]) == (["help", "g0", "g1"], "g1")
    last = told(written.get("/api/v1/guides?limit=3&after=g1"))
    assert ([each["name"] for each in last["data"]], last["next"]) == (["g2"], None)


# help with writing


def test_completion_offers_real_names_and_values(written: Site) -> None:
    text = 'guide a {\n  when plan is "'
    asked = {"files": {"rules.way": LIVE, "new.way": text}, "file": "new.way", "position": len(text)}
    found = told(send(written, "POST", "/api/v1/rules/complete", asked))["data"]
    assert {'"trial"', '"pro"'} <= {each["insert"] for each in found}


def test_hovering_explains_and_says_nothing_of_nothing(written: Site) -> None:
    asked = {"files": {"rules.way": LIVE}, "file": "rules.way", "position": LIVE.index("plan is")}
    found = told(send(written, "POST", "/api/v1/rules/hover", asked))
    assert "plan" in found["title"]
    assert LIVE[found["start"] : found["end"]] == "plan"
    asked["position"] = 10**6
    assert told(send(written, "POST", "/api/v1/rules/hover", asked))["title"] is None
    asked["file"] = "other.way"
    assert told(send(written, "POST", "/api/v1/rules/hover", asked))["title"] is None


def test_formatting_keeps_comments_and_leaves_alone_what_cannot_be_read(written: Site) -> None:
    form = "/api/v1/rules/format"
    assert told(send(written, "POST", form, {"text": 'event   "A" # first\n'}))["text"] == 'event "A"  # first\n'
    assert told(send(written, "POST", form, {"text": "event {"}))["text"] is None
