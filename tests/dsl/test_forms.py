"""A guide as a form and back: nothing is lost, nothing else is touched."""

from __future__ import annotations

import copy
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dsl.formatter import format_program
from dsl.forms import Faulty, NoSuchGuide, Unreadable, Writing, applied, bare, guide_in, read_form
from dsl.nodes import Guide, GuideKind, Program, Unless, When
from dsl.parser import parse
from tests.dsl.programs import clauses, conditions, names, node, texts, tuples
from tests.profiles import examples

CORPUS = Path(__file__).parents[1] / "corpus"
CONDITIONS = [
    line for line in (CORPUS / "conditions.txt").read_text().splitlines() if line and not line.startswith("#")
]
ONBOARDING = (CORPUS / "onboarding.way").read_text()

COMMENTED = """\
# Rules of the onboarding

guide verify_help "Help with DNS records" { # who needs it
  at activation.verify_domain # the hard one
  on "DNS Check Failed"

  # twice, for once may be a typing mistake
  when did "DNS Check Failed" at least 2 times in last 10 minutes # ten is enough
    # or those that struggle
    or friction at activation.verify_domain >= 0.5
  unless did "Domain Verified"

  show tooltip beside "#dns-records" {
    title "Two records to add" # short
    # the words were tested in May
    button "Done" completes
    button "Later" snoozes 1 day
  }

  # once a week
  once every 7 days
  goal "Domain Verified" within 1 day
}
# the end
"""


def form(text: str, name: str = "verify_help") -> dict[str, Any]:
    return copy.deepcopy(read_form(text, name).document)


def row(document: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in document["rows"] if each["kind"] == kind)
    return found


def guide_with(condition: str) -> str:
    return f'guide g {{\n  on "E"\n  when {condition}\n\n  show modal {{\n    title "x"\n  }}\n}}\n'


def comments(text: str) -> list[str]:
    return sorted(each.text for each in parse(text).program.comments)


# Every condition of the language

DRAWN_AS_TEXT = {'not (plan is "trial" or seats > 3) and in stuck_on_dns', 'not any of { plan is "trial"  seats > 3 }'}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_goes_into_the_form_and_comes_back_as_it_was(condition: str) -> None:
    text = guide_with(condition)
    read = read_form(text, "g")
    assert guide_in(Writing().guide(read.document), "g") == read.guide
    assert applied(text, "g", read.document) == text
    assert ('"kind": "text"' in json.dumps(read.document)) is (condition in DRAWN_AS_TEXT)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_row_beside_a_condition_is_added_and_taken_away_again(condition: str) -> None:
    text = guide_with(condition)
    more = form(text, "g")
    new = {"kind": "reached", "values": {"place": "activation.signup", "not": True}}
    row(more, "when")["values"]["condition"]["rows"].append(new)
    longer = applied(text, "g", more)
    fewer = form(longer, "g")
    assert row(fewer, "when")["values"]["condition"]["rows"].pop()["values"] == new["values"]
    assert guide_in(applied(longer, "g", fewer), "g") == guide_in(text, "g")


def test_a_text_row_is_edited_as_text() -> None:
    text = guide_with('not (plan is "trial" or seats > 3) and in stuck_on_dns')
    document = form(text, "g")
    rows = row(document, "when")["values"]["condition"]["rows"]
    assert [each["kind"] for each in rows] == ["text", "in segment"]
    rows[0]["values"]["text"] = "not (seats > 30)"
    assert "when not seats > 30 and in stuck_on_dns" in applied(text, "g", document)


# Only what changed


def changed(edit: Any, text: str = COMMENTED) -> str:
    document = form(text)
    edit(document)
    result = applied(text, "verify_help", document)
    assert bare(form(result)) == bare(json.loads(json.dumps(document)))
    return result


def test_without_a_change_the_text_is_the_same_byte_for_byte() -> None:
    assert applied(COMMENTED, "verify_help", form(COMMENTED)) == COMMENTED


def test_a_changed_value_changes_its_line_only() -> None:
    def edit(document: dict[str, Any]) -> None:
        row(document, "once every")["values"]["every"] = {"amount": 3, "unit": "day"}

    assert changed(edit) == COMMENTED.replace("once every 7 days", "once every 3 days")


def test_a_condition_is_added_below_the_others_and_their_comments_stay() -> None:
    def edit(document: dict[str, Any]) -> None:
        row(document, "when")["values"]["condition"]["rows"].append(
            {"kind": "in segment", "values": {"name": "stuck_on_dns", "not": False}}
        )

    result = changed(edit)
    assert "friction at activation.verify_domain >= 0.5\n    or in stuck_on_dns\n" in result
    assert comments(result) == comments(COMMENTED)


def test_any_of_these_becomes_all_of_these_and_the_comments_stay() -> None:
    def edit(document: dict[str, Any]) -> None:
        row(document, "when")["values"]["condition"]["join"] = "all"

    result = changed(edit)
    assert "\n    # or those that struggle\n    and friction" in result
    assert comments(result) == comments(COMMENTED)


def test_a_condition_is_taken_away_and_the_comments_of_the_others_stay() -> None:
    def edit(document: dict[str, Any]) -> None:
        condition = row(document, "when")["values"]["condition"]
        condition["join"] = "all"  # of one there is no other way
        del condition["rows"][0]

    result = changed(edit)
    assert 'did "DNS Check Failed" at least' not in result
    assert {"twice, for once may be a typing mistake", "or those that struggle"} <= set(comments(result))


def test_a_clause_is_taken_away_with_its_line() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["rows"].remove(row(document, "at"))

    result = changed(edit)
    assert "at activation.verify_domain # the hard one" not in result
    assert "who needs it" in result


def test_a_clause_is_put_where_the_form_has_it() -> None:
    def edit(document: dict[str, Any]) -> None:
        at = document["rows"].index(row(document, "on")) + 1
        document["rows"].insert(at, {"kind": "for", "values": {"segments": ["self_serve"]}})

    assert '  on "DNS Check Failed"\n  for self_serve\n' in changed(edit)


def test_buttons_change_places_with_their_comments() -> None:
    def edit(document: dict[str, Any]) -> None:
        rows = row(document, "show")["rows"]
        rows[1], rows[2] = rows[2], rows[1]

    result = changed(edit)
    assert result.index('button "Later"') < result.index("# the words were tested") < result.index('button "Done"')
    assert comments(result) == comments(COMMENTED)


def test_another_element_and_another_label_leave_the_content_alone() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["label"] = "DNS help"
        row(document, "show")["values"]["selector"] = "#records"

    expected = COMMENTED.replace('"Help with DNS records"', '"DNS help"').replace("#dns-records", "#records")
    assert changed(edit) == expected


def test_other_declarations_stay_as_they_are_even_where_they_are_not_formatted() -> None:
    text = COMMENTED + 'guide   other {\n   on "X"   # odd\n show modal { title "x" } }\n'

    def edit(document: dict[str, Any]) -> None:
        row(document, "goal")["values"]["within"] = {"amount": 2, "unit": "day"}

    assert changed(edit, text) == text.replace("within 1 day", "within 2 days")


def test_a_text_over_several_lines_keeps_its_lines() -> None:
    document = form(ONBOARDING)
    body = next(each for each in row(document, "show")["rows"] if each["kind"] == "body")
    body["values"]["text"] = 'First "line"\n\n  Second, {{ first_name | "there" }}'
    result = applied(ONBOARDING, "verify_help", document)
    assert bare(form(result)) == bare(document)
    assert '    body """\n      First "line"\n' in result


# Random programs


GUIDES = node(
    Guide, kind=st.sampled_from(GuideKind), name=names, label=st.none() | texts, clauses=tuples(clauses, 1, 4)
)


@settings(max_examples=examples(60, 600), deadline=None, suppress_health_check=list(HealthCheck))
@given(GUIDES, st.data())
def test_any_guide_goes_into_the_form_and_back_and_a_row_can_be_taken_away(guide: Guide, data: st.DataObject) -> None:
    text = COMMENTED + "\n" + format_program(Program((guide,), span=guide.span))
    name = guide.name.text
    # A text of nothing but blanks is a mistake in a rule, and a field not filled in.
    assume(name != "verify_help" and not re.search(r'"\s*"', text))
    document = form(text, name)
    assert applied(text, name, document) == text
    assert guide_in(Writing().guide(document), name) == guide
    assert bare(form(Writing().guide(document), name)) == bare(document)
    gone = data.draw(st.integers(0, len(guide.clauses) - 1))
    del document["rows"][gone]
    result = applied(text, name, document)
    assert guide_in(result, name).clauses == guide.clauses[:gone] + guide.clauses[gone + 1 :]
    assert result.startswith(COMMENTED.removesuffix("# the end\n"))


CONDITIONED = tuples(clauses | node(When, condition=conditions()) | node(Unless, condition=conditions()), 1, 5)


def with_comments(text: str, chance: random.Random) -> str:
    """A comment above some lines, and one at the end of some: nowhere inside of a text of several lines."""
    lines: list[str] = []
    is_inside = False
    for number, line in enumerate(text.split("\n")):
        lines += [] if is_inside or chance.random() < 0.7 else [f"  # above {number}"]
        is_inside ^= line.count('"""') % 2 == 1
        is_whole = line.strip() and not is_inside and '"""' not in line
        lines.append(f"{line} # beside {number}" if is_whole and chance.random() < 0.3 else line)
    return "\n".join(lines)


def edit(document: dict[str, Any], chance: random.Random) -> None:
    """Change the order of the rows, or how conditions are joined, or put a row in."""
    rows = document["rows"]
    groups = [each["values"]["condition"] for each in rows if each["kind"] in {"when", "unless"}]
    group = chance.choice(groups) if groups else None
    match chance.choice(["order", "join", "condition", "row"]):
        case "join" if group is not None and len(group["rows"]) > 1:
            group["join"] = "any" if group["join"] == "all" else "all"
        case "condition" if group is not None:
            new = {"kind": "reached", "values": {"place": "a.b", "not": True}}
            group["rows"].insert(chance.randint(0, len(group["rows"])), new)
        case "row":
            rows.insert(chance.randint(0, len(rows)), {"kind": "draft", "values": {}})
        case _:
            chance.shuffle(rows)


@pytest.mark.thorough
@settings(max_examples=examples(200, 2_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    node(Guide, kind=st.just(GuideKind.GUIDE), name=names, label=st.none(), clauses=CONDITIONED), st.integers(0, 10**6)
)
def test_no_comment_is_lost_whatever_is_changed(guide: Guide, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  (drawn by hypothesis)
    text = with_comments(format_program(Program((guide,), span=guide.span)), chance)
    assume(not re.search(r'"\s*"', text) and not parse(text).diagnostics)
    name = guide.name.text
    document = form(text, name)
    assert applied(text, name, document) == text
    edit(document, chance)
    result = applied(text, name, document)
    assert guide_in(result, name) == guide_in(Writing().guide(document), name)
    assert comments(result) == comments(text)


# What cannot be read or written


def test_a_guide_that_is_not_there_and_one_with_mistakes_have_no_form() -> None:
    with pytest.raises(NoSuchGuide):
        read_form(COMMENTED, "other")
    with pytest.raises(Unreadable) as caught:
        read_form(COMMENTED.replace("at least 2 times", "at least two times"), "verify_help")
    assert caught.value.found[0].span.line == 8


FAULTY: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": "at", "values": {"places": []}}, "rows.0.values.places", "choose at least one"),
    ({"kind": "at", "values": {"places": ["no step"]}}, "rows.0.values.places", "`no step` cannot stand here"),
    ({"kind": "on", "values": {"event": {"name": "", "where": None}}}, "rows.0.values.event.name", "choose an event"),
    ({"kind": "expires", "values": {"moment": "30 June"}}, "rows.0.values.moment", "2027-06-30"),
    ({"kind": "holdout", "values": {"percent": 120}}, "rows.0.values.percent", "0 to 100"),
    (
        {"kind": "when", "values": {"condition": {"join": "all", "rows": []}}},
        "rows.0.values.condition",
        "add a condition",
    ),
    (
        {
            "kind": "when",
            "values": {
                "condition": {
                    "join": "all",
                    "rows": [
                        {"kind": "compare", "values": {"subject": "plan", "test": {"operator": "is", "operands": []}}}
                    ],
                }
            },
        },
        "rows.0.values.condition.rows.0.values.test.operands",
        "takes 1 value",
    ),
    ({"kind": "text", "values": {"text": "priority high"}}, "rows.0", "priority"),
    ({"kind": "text", "values": {"text": "draft } guide x {"}}, "rows.0", "braces"),
    ({"kind": "nothing", "values": {}}, "rows.0", "cannot stand here"),
]


@pytest.mark.parametrize(("new", "path", "said"), FAULTY, ids=[f"{path} {said}" for _, path, said in FAULTY])
def test_what_cannot_be_written_is_told_at_its_field(new: dict[str, Any], path: str, said: str) -> None:
    document = form(COMMENTED)
    document["rows"].insert(0, new)
    with pytest.raises(Faulty) as caught:
        applied(COMMENTED, "verify_help", document)
    assert caught.value.faults[0].path == path
    assert said in caught.value.faults[0].message


def test_every_fault_is_told_at_once() -> None:
    document = form(COMMENTED)
    row(document, "once every")["values"]["every"] = {"amount": 3, "unit": "month"}
    row(document, "goal")["values"]["event"] = {"name": " ", "where": None}
    with pytest.raises(Faulty) as caught:
        applied(COMMENTED, "verify_help", document)
    assert [each.path for each in caught.value.faults] == ["rows.5.values.every", "rows.6.values.event.name"]


def test_a_name_that_is_typed_with_blanks_is_put_in_backticks() -> None:
    document = form(COMMENTED)
    document["rows"].insert(0, {"kind": "for", "values": {"segments": ["big customers"]}})
    assert "for `big customers`" in applied(COMMENTED, "verify_help", document)
