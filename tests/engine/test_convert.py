"""The targeting of other tools in the language: what is said, what is not, and what is told about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsl.parser import parse
from dsl.project import load
from engine.convert.conditions import Effect
from engine.convert.sheet import Conversion, snake
from engine.convert.vendors import MODULES, NotOfVendor, convert, vendors

SAMPLES = Path(__file__).parents[2] / "examples/convert"

SAID = {
    "usertour.json": """
persona Trial users: plan is "trial" and not signed_up_at more than 14 days ago
segment Sees Standard for teams: tags include all of "team", "beta"
guide Help with DNS: account.seats between 5 and 20, once every 7 days, at most 3 times, priority 70
guide Help with DNS: wait until element "#dns" is visible, did "domain_added" at least 2 times in last 7 days
wider nothing
fewer $.contents[0].publishedVersion.config.autoStartRules[4].conditions[1]
different $.contents[0].publishedVersion.config.hideRules
aside $.contents[0].type, $.themes[0].variations[0].settings
""",
    "formbricks.json": """
persona Trial, at the end: plan is "trial" and trialEndsAt before 2027-01-01T00:00:00Z
segment Gets Onboarding effort: not signedUpAt more than 14 days ago, device.type is none of "mobile", "tablet"
survey Onboarding effort: on "Domain Added", on page "*/done", once, sample 50%, wait 5 seconds
survey Onboarding effort: stop after 500 responses
survey Onboarding effort: unless saw any survey in last 14 days, expires 2027-06-30T00:00:00Z
survey Onboarding effort: ask rating q1 "How easy?" 1 to 5 stars, ask choice q2 "Why?" optional
wider $.data[0].segment.filters[2].resource
fewer nothing
different $.data[0].displayPercentage
aside $.data[0].questions[2]
""",
    "unleash.json": """
persona Big accounts: seats >= 50, email is not set or not email ends with "@acme.example" ignoring case
segment Gets new-checkout: country is one of "DE", "AT", "CH", appVersion > version "2.10.0", in big_accounts
segment Gets beta.search: plan is not set or plan is not "free" or device.ip in network "10.0.0.0/8"
guide new-checkout: for gets_new_checkout, rollout 25%, from 2026-01-01T00:00:00Z
guide beta.search: for gets_beta_search, paused
wider $.features[1].strategies[0].constraints[1]
fewer nothing
different $.features[0].strategies[0].parameters.rollout
aside nothing
""",
    "growthbook.json": """
persona grp_internal: id is one of "ada", "bob"
segment Gets dark-mode: age >= 18, age is not set or age < 65, plan is one of "pro", "team" or tags include "beta"
segment Gets dark-mode: country is not set or country is not "KP"
segment Gets checkout-button: appVersion >= version "2.10.0"
guide dark-mode: for gets_dark_mode, rollout 50%, priority 90
guide checkout-button: variant control 30%, variant green 70%
wider $.features["checkout-button"].rules[0].condition["account.plan"]
fewer nothing
different $.features["checkout-button"].rules[0].variations, $.features["dark-mode"].rules[1].coverage
aside $.features["checkout-button"].rules[0].namespace
""",
}
"""A declaration, then pieces of its text; and the JSON paths of what is not said, by what comes of it."""

EFFECTS = {"wider": Effect.WIDER, "fewer": Effect.NARROWER, "different": Effect.DIFFERENT, "aside": Effect.ASIDE}


def converted(vendor: str, document: Any) -> Conversion:
    return convert(vendors()[vendor], document, source=f"{vendor}.json")


def sample(vendor: str) -> Conversion:
    return converted(vendor, json.loads((SAMPLES / f"{vendor}.json").read_text(encoding="utf-8")))


def test_every_vendor_has_a_sample_and_a_row_here() -> None:
    assert (
        sorted(f"{each}.json" for each in MODULES)
        == sorted(SAID)
        == sorted(each.name for each in SAMPLES.glob("*.json"))
    )


@pytest.mark.parametrize(
    ("file", "line"), [(file, line) for file, text in SAID.items() for line in text.strip().split("\n")]
)
def test_a_sample_says_what_its_tool_says(file: str, line: str) -> None:
    found = sample(file.removesuffix(".json"))
    word, _, rest = line.partition(" ")
    if word in EFFECTS:
        paths = sorted(note.path for note in found.notes if note.effect is EFFECTS[word])
        assert ", ".join(paths) == rest.replace("nothing", "")
        return
    label, _, pieces = rest.partition(": ")
    blocks = [" ".join(block.split()) for block in _declarations(found.text) if f'"{label}"' in block.split("\n")[0]]
    assert any(all(piece in block for piece in pieces.split(", ") if '"' not in piece) for block in blocks)
    assert any(pieces in block for block in blocks) or "," in pieces


def _declarations(text: str) -> list[str]:
    """The declarations, each with its own lines."""
    program = parse(text, file="x.way").program
    return [text[each.span.start : each.span.end] for each in program.declarations]


@pytest.mark.parametrize("vendor", MODULES)
def test_a_sample_passes_check_with_every_guide_a_draft(vendor: str) -> None:
    project = load({"x.way": sample(vendor).text})
    assert project.ok
    assert all(
        "draft" in [type(clause).__name__.lower() for clause in each.clauses] for each in project.guides.values()
    )


@pytest.mark.parametrize("vendor", MODULES)
def test_what_is_not_said_stands_as_a_remark_beside_its_declaration(vendor: str) -> None:
    found = sample(vendor)
    remarks = [line for line in found.text.split("\n") if line.startswith(("# not said: ", "# differs: "))]
    assert all(
        any(f" {note.path} " in line for line in remarks) for note in found.notes if note.effect is not Effect.ASIDE
    )


CONDITIONS = """
unleash | {"contextName": "plan", "operator": "IN", "values": ["a", "b"]} | plan is one of "a", "b"
unleash | {"contextName": "plan", "operator": "IN", "values": []} | not true
unleash | {"contextName": "plan", "operator": "NOT_IN", "values": ["a"]} | plan is not set or plan is not "a"
unleash | {"contextName": "p", "operator": "STR_CONTAINS", "inverted": true} | true
unleash | {"contextName": "plan", "operator": "REGEX", "value": "^a/b$"} | plan matches /^a\\/b$/
unleash | {"contextName": "n", "operator": "NUM_LTE", "value": "2.5"} | n <= 2.5
unleash | {"contextName": "v", "operator": "SEMVER_EQ", "value": "1.2.3"} | v is version "1.2.3"
unleash | {"contextName": "userId", "operator": "IN", "values": ["ada"]} | user_id is "ada"
unleash | {"contextName": "p", "operator": "STR_CONTAINS", "values": ["a"]} | p contains "a"
growthbook | {"plan": "pro"} | plan is "pro"
growthbook | {"plan": null} | plan is not set
growthbook | {"n": {"$gt": 5}} | n > 5
growthbook | {"n": {"$lt": 5}} | n is not set or n < 5
growthbook | {"$nor": [{"p": "a"}, {"p": "b"}]} | (p is not set or p is not "a") and (p is not set or p is not "b")
growthbook | {"beta": false} | beta is not set or beta is no
growthbook | {"mail": {"$not": {"$regex": "@x[.]com$"}}} | mail is not set or not mail matches /@x[.]com$/
growthbook | {"tags": {"$all": ["a", "b"]}} | tags include all of "a", "b"
growthbook | {"at": {"$gte": "2026-01-01T00:00:00Z"}} | not at before 2026-01-01T00:00:00Z
growthbook | {"v": {"$vlt": "2.0.0"}} | v is not set or v < version "2.0.0"
"""


@pytest.mark.parametrize("row", CONDITIONS.strip().split("\n"))
def test_one_condition_and_what_it_is_here(row: str) -> None:
    vendor, condition, wanted = row.split(" | ")
    if vendor == "unleash":
        document: Any = {"segments": [{"id": 1, "name": "asked", "constraints": [json.loads(condition)]}]}
    else:
        document = {"savedGroups": [{"id": "g", "name": "asked", "condition": condition}]}
    found = converted(vendor, document)
    assert found.notes == ()
    assert " ".join(found.text.partition(" where ")[2].split()) == wanted.replace("not at", "not `at`")


NOT_SAID = """
unleash | {"contextName": "sessionId", "operator": "IN", "values": ["a"]} | `sessionId` says nothing of a person
unleash | {"contextName": "x", "operator": "DATE_AFTER", "value": "2026-01-01"} | it asks what time it is now
unleash | {"contextName": "x", "operator": "REGEX", "value": "(?=a)"} | the regular expression cannot be used here
unleash | {"contextName": "x", "operator": "SEMVER_GT", "value": "two"} | `two` is no version such as 2.10.0
unleash | {"contextName": "x", "operator": "NUM_GT", "value": "many"} | the value is no number, so it never applies
unleash | {"contextName": "x", "operator": "SOUNDS_LIKE", "values": ["a"]} | there is no operator `SOUNDS_LIKE` here
unleash | {"contextName": "", "operator": "IN", "values": ["a"]} | the attribute has no name that can be written
growthbook | {"a.b": 1} | `a.b` is inside another attribute: send it as one of its own
growthbook | {"x": {"$size": 2}} | there is no operator `$size` here
growthbook | {"x": {"$regex": "\\\\p{L}"}} | `\\p` in a regular expression is not the same here
growthbook | {"x": {"$inGroup": "nobody"}} | the file does not say who is in this saved group
growthbook | {"x": {"$gt": "b"}} | texts are put in order letter by letter there
growthbook | {"x": {"y": 1}} | a whole object or list cannot be compared
"""


@pytest.mark.parametrize("row", NOT_SAID.strip().split("\n"))
def test_what_cannot_be_said_is_told_with_its_reason_and_takes_in_nobody(row: str) -> None:
    vendor, condition, why = row.split(" | ")
    if vendor == "unleash":
        document: Any = {"segments": [{"id": 1, "name": "asked", "constraints": [json.loads(condition)]}]}
    else:
        document = {"savedGroups": [{"id": "g", "name": "asked", "condition": condition.replace("\\\\\\\\", "\\\\")}]}
    found = converted(vendor, document)
    (note,) = found.notes
    assert note.why.startswith(why.replace("\\\\", "\\"))
    assert note.effect is Effect.NOBODY
    assert "where not true" in found.text


def test_names_are_made_valid_and_unique_and_the_original_stays_the_label() -> None:
    segment = {"constraints": [{"contextName": "Company Size", "operator": "NUM_GT", "value": "5"}]}
    names = ["Big & bold", "big-bold", "1st", "where", "\n", "Größe"]
    document = {"segments": [{**segment, "id": at, "name": name} for at, name in enumerate(names)]}
    found = converted("unleash", document)
    project = load({"x.way": found.text})
    assert project.ok
    assert list(project.segments) == ["big_bold", "big_bold_2", "people_1st", "where", "people", "größe"]
    assert 'attribute company_size from "Company Size": number' in found.text
    assert 'persona big_bold "Big & bold"' in found.text


def test_one_attribute_that_is_compared_as_two_kinds_is_read_as_both() -> None:
    constraints = [
        {"contextName": "build", "operator": "IN", "values": ["7"]},
        {"contextName": "build", "operator": "NUM_LT", "value": "9"},
    ]
    text = converted("unleash", {"segments": [{"id": 1, "name": "asked", "constraints": constraints}]}).text
    assert 'attribute build_number from "build": number' in text
    assert 'where build is "7" and build_number < 9' in text


def test_a_list_too_long_for_one_rule_is_told_and_takes_in_nobody() -> None:
    constraint = {"contextName": "id", "operator": "IN", "values": [f"user-{each}" for each in range(20_000)]}
    found = converted("unleash", {"segments": [{"id": 1, "name": "asked", "constraints": [constraint]}]})
    assert [note.why for note in found.notes] == [
        "the condition is too large for one rule: split it into segments first"
    ]


def test_segments_that_ask_for_one_another_are_told_and_do_not_go_round() -> None:
    def inside(other: str) -> list[dict[str, Any]]:
        root = {"type": "segment", "segmentId": other}
        return [{"connector": None, "resource": {"root": root, "qualifier": {"operator": "userIsIn"}}}]

    segments = [{"id": "a", "title": "A", "filters": inside("b")}, {"id": "b", "title": "B", "filters": inside("a")}]
    found = converted("formbricks", {"data": [], "segments": segments})
    assert [note.why for note in found.notes] == ["the segment is part of itself"]


@pytest.mark.parametrize("document", [{}, [], 5, None, "x", {"features": []}, {"a": {"b": 1}}])
@pytest.mark.parametrize("vendor", MODULES)
def test_a_file_of_something_else_is_refused(vendor: str, document: Any) -> None:
    with pytest.raises(NotOfVendor, match=vendors()[vendor].title):
        converted(vendor, document)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("New checkout (beta)", "new_checkout_beta"),
        ("newCheckout", "new_checkout"),
        ("a--b", "a_b"),
        ("…", "flag"),
        ("2x", "flag_2x"),
    ],
)
def test_a_title_as_a_name(title: str, name: str) -> None:
    assert snake(title, "flag") == name
