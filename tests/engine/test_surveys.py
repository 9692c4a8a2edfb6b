"""Which question follows which, and what an `if` says of earlier answers: one tree for server and browser."""

from __future__ import annotations

import pytest

from dsl.clauses import every
from dsl.nodes import Question
from dsl.project import load
from dsl.values import JsonValue
from engine.surveys import Expression, asked, expression_of, scale_to_wire, truth
from widgets.schemas import documents, validator

SURVEY = """
survey effort "Effort" {{
  ask effort ease "How easy was it?" optional
  ask choice cause "What slowed you down?" optional {{
    "I did not know" as lost
    "It kept failing" then end
    "No time" then ask words
    other
  }}
  ask choices also "What else?" optional {{ "Price" "Speed" "Looks" }}
  ask text words "In your words?" optional
  ask date since "Since when?" optional
  ask consent calls "May we call?" optional
  ask text last "Anything else?"{condition}
  once
  expires 2030-01-01
}}
"""


def questions(condition: str = "") -> tuple[Question, ...]:
    project = load({"rules.way": SURVEY.format(condition=condition)})
    assert project.ok, [each.message for each in project.diagnostics]
    return every(project.guides["effort"], Question)


def tree(condition: str) -> Expression | None:
    *earlier, last = questions(f" if {condition}")
    return expression_of(last, earlier)


def holds(condition: str, answers: dict[str, JsonValue]) -> bool | None:
    every_question = questions(f" if {condition}")
    expression = tree(condition)
    assert expression is not None
    return truth(expression, answers, {each.id.text: each for each in every_question})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("ease <= 4", {"question": "ease", "op": "<=", "value": 4}),
        ("ease between 2 and 4", {"question": "ease", "op": "between", "value": [2, 4]}),
        ("ease is one of 1, 7", {"question": "ease", "op": "is one of", "value": [1, 7]}),
        ("cause is other", {"question": "cause", "op": "is", "value": "other"}),
        ("cause is lost", {"question": "cause", "op": "is", "value": "lost"}),
        ('cause is "No time"', {"question": "cause", "op": "is", "value": "No time"}),
        ('also include "Price"', {"question": "also", "op": "include", "value": "Price"}),
        ("words is set", {"question": "words", "op": "is set", "value": None}),
        (
            'words contains "dns" ignoring case',
            {"question": "words", "op": "contains", "value": "dns", "ignore_case": True},
        ),
        ("since before 2026-01-01", {"question": "since", "op": "before", "value": "2026-01-01T00:00:00Z"}),
        ("calls is yes", {"question": "calls", "op": "is", "value": True}),
        (
            "ease <= 4 and not cause is lost",
            {
                "all": [
                    {"question": "ease", "op": "<=", "value": 4},
                    {"not": {"question": "cause", "op": "is", "value": "lost"}},
                ]
            },
        ),
        (
            "not (ease > 4 or calls is yes)",
            {
                "not": {
                    "any": [
                        {"question": "ease", "op": ">", "value": 4},
                        {"question": "calls", "op": "is", "value": True},
                    ]
                }
            },
        ),
    ],
)
def test_an_if_travels_as_a_tree(condition: str, expected: JsonValue) -> None:
    assert tree(condition) == expected
    # The document's own name makes its references known.
    schema = {"$ref": "https://waypost.invalid/widgets/survey/parts.schema.json#/$defs/expression"}
    assert "parts.schema.json" in " ".join(documents())
    assert validator("survey/schema.json").evolve(schema=schema).is_valid(expected)


@pytest.mark.parametrize(
    ("condition", "answers", "expected"),
    [
        ("ease <= 4", {"ease": 4}, True),
        ("ease <= 4", {"ease": 5}, False),
        ("ease <= 4", {"ease": "4"}, True),
        ("ease <= 4", {"ease": "a lot"}, None),
        ("ease <= 4", {}, None),
        ("not ease <= 4", {}, None),
        ("ease is not 4", {}, None),
        ("ease <= 4 or calls is yes", {"calls": True}, True),
        ("ease <= 4 and calls is yes", {"calls": False}, False),
        ("ease <= 4 and calls is yes", {"calls": True}, None),
        ("not (ease > 4 or calls is yes)", {"ease": 3, "calls": False}, True),
        ("not (ease > 4 or calls is yes)", {"ease": 3}, None),
        ("words is set", {}, False),
        ("words is not set", {}, True),
        ('words contains "dns" ignoring case', {"words": "My DNS is slow"}, True),
        ('words contains "dns"', {"words": "My DNS is slow"}, False),
        ('also include any of "Price", "Speed"', {"also": ["Looks", "Speed"]}, True),
        ('also include all of "Price", "Speed"', {"also": ["Looks", "Speed"]}, False),
        ("since before 2026-01-01", {"since": "2025-12-31T00:00:00Z"}, True),
        ("since before 2026-01-01", {"since": "2026-01-01T00:00:00Z"}, False),
        ("since after 2026-01-01", {"since": "2026-01-01T00:00:00Z"}, False),
        ("since after 2026-01-01", {"since": "2026-01-02T00:00:00Z"}, True),
        ("calls is no", {"calls": False}, True),
        ("cause is lost", {"cause": "lost"}, True),
        ('cause is one of "lost", "other"', {"cause": "other"}, True),
        ("ease between 2 and 4", {"ease": 2}, True),
        ("ease between 2 and 4", {"ease": 5}, False),
    ],
)
def test_what_an_if_says_of_earlier_answers(
    condition: str, answers: dict[str, JsonValue], expected: bool | None
) -> None:
    assert holds(condition, answers) is expected


@pytest.mark.parametrize(
    ("condition", "answers", "met"),
    [
        ("", {}, ["ease"]),
        ("", {"ease": 7}, ["ease", "cause"]),
        ("", {"ease": 7, "cause": "It kept failing"}, ["ease", "cause"]),
        ("", {"ease": 7, "cause": "No time"}, ["ease", "cause", "words"]),
        ("", {"cause": "lost"}, ["ease", "cause", "also"]),
        ("", {"words": "x"}, ["ease", "cause", "also", "words", "since"]),
        (" if ease <= 4", {"ease": 7, "calls": True}, ["ease", "cause", "also", "words", "since", "calls"]),
        (" if ease <= 4", {"ease": 2, "calls": True}, ["ease", "cause", "also", "words", "since", "calls", "last"]),
        (" if ease <= 4", {"calls": True}, ["ease", "cause", "also", "words", "since", "calls"]),
    ],
    ids=[
        "the first question",
        "then the second",
        "a choice ends it",
        "a choice jumps",
        "a skipped question is passed",
        "several are",
        "not asked: the if is false",
        "asked: the if is true",
        "not asked: what was skipped is unknown",
    ],
)
def test_which_questions_are_met(condition: str, answers: dict[str, JsonValue], met: list[str]) -> None:
    assert list(asked(questions(condition), answers)) == met


@pytest.mark.parametrize(
    "condition", ["words matches /x/", 'words matches "x*"', "since within last 3 days", "ease >= 50% of ease"]
)
def test_what_a_browser_cannot_decide_is_refused_by_the_checker(condition: str) -> None:
    project = load({"rules.way": SURVEY.format(condition=f" if {condition}")})
    assert not project.ok


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask nps q", {"low": 0, "high": 10, "style": "numbers"}),
        ("ask effort q", {"low": 1, "high": 7, "style": "numbers"}),
        ("ask csat q", {"low": 1, "high": 5, "style": "faces"}),
        ("ask rating q", {"low": 1, "high": 5, "style": "stars"}),
        ("ask text q", None),
    ],
)
def test_a_question_has_the_scale_of_its_type(text: str, expected: JsonValue) -> None:
    project = load({"rules.way": f'survey s "S" {{ {text} "?" once expires 2030-01-01 }}'})
    assert scale_to_wire(every(project.guides["s"], Question)[0]) == expected


def test_a_scale_is_as_written() -> None:
    project = load({"rules.way": 'survey s "S" { ask rating q "?" 1 to 10 numbers once expires 2030-01-01 }'})
    assert scale_to_wire(every(project.guides["s"], Question)[0]) == {"low": 1, "high": 10, "style": "numbers"}
