"""The ways through a survey: to how many each question was shown, who answered, skipped, sent it away, fell silent."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.project import load
from dsl.values import Instant
from engine.analytics.kpi_figures import Period
from engine.analytics.survey_figures import marked, words_of
from engine.analytics.survey_flow import counted, showings_of
from engine.survey_versions import questions_of

SURVEY = """
event "Left"
survey effort "Effort" {
  on "Left"
  ask effort ease "How easy?"
  ask choice cause "What slowed you down?" if ease <= 4 { "a" as words  "b" as access then end }
  ask text detail "What else?" optional
  once
  expires 2099-01-01
}
"""
QUESTIONS = list(questions_of(load({"a.way": SURVEY}).guides["effort"]).values())
ALWAYS = Period(Instant(0), Instant(1_000))

SHOWN, DONE, AWAY = ("$shown", None, None), ("$completed", None, None), ("$dismissed", None, None)


def ease(value: int) -> tuple[str, str, Any]:
    return ("$answered", "ease", value)


def ways(*people: list[tuple[str, str | None, Any]]) -> dict[str, tuple[int, int, int, int, int]]:
    rows = []
    for person, events in enumerate(people):
        for at, (name, question, value) in enumerate(events):
            properties: dict[str, Any] = {"guide": "effort", "question": question, "value": value}
            rows.append((person, Instant(at + 1), name, properties))
    flow = counted(showings_of(rows, ALWAYS), QUESTIONS)
    return {
        each.question: (each.shown, each.answered, each.skipped, each.dismissed, each.silent) for each in flow.questions
    }


@pytest.mark.parametrize(
    ("events", "ease_", "cause", "detail"),
    [
        # shown, answered, skipped, sent away, silent
        ([SHOWN], (1, 0, 0, 0, 1), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
        ([SHOWN, AWAY], (1, 0, 0, 1, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
        # Who found it easy is not asked for a cause.
        ([SHOWN, ease(7), AWAY], (1, 1, 0, 0, 0), (0, 0, 0, 0, 0), (1, 0, 0, 1, 0)),
        ([SHOWN, ease(2), AWAY], (1, 1, 0, 0, 0), (1, 0, 0, 1, 0), (0, 0, 0, 0, 0)),
        # `then end` ends it.
        ([SHOWN, ease(2), ("$answered", "cause", "access"), DONE], (1, 1, 0, 0, 0), (1, 1, 0, 0, 0), (0, 0, 0, 0, 0)),
        (
            [SHOWN, ease(2), ("$answered", "cause", "words"), ("$skipped", "detail", None), DONE],
            (1, 1, 0, 0, 0),
            (1, 1, 0, 0, 0),
            (1, 0, 1, 0, 0),
        ),
        # Answered again, after going back: the latest counts.
        (
            [SHOWN, ease(2), ease(7), ("$answered", "detail", "x"), DONE],
            (1, 1, 0, 0, 0),
            (0, 0, 0, 0, 0),
            (1, 1, 0, 0, 0),
        ),
        # An answer without a showing in the period is none of its showings.
        ([ease(2)], (0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
    ],
)
def test_each_way_is_counted_at_the_questions_that_were_met(
    events: list[tuple[str, str | None, Any]], ease_: object, cause: object, detail: object
) -> None:
    assert ways(events) == {"ease": ease_, "cause": cause, "detail": detail}


def test_showings_of_several_people_and_of_one_again_are_apart() -> None:
    found = ways([SHOWN, ease(7), SHOWN, AWAY], [SHOWN, ease(1)])
    assert found["ease"] == (3, 2, 0, 1, 0)
    assert (found["cause"][4], found["detail"][4]) == (1, 1)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ()),
        ("DNS record", ("dns", "record")),
        ('"two words" more', ("two words", "more")),
        ("“Two Words”", ("two words",)),
        ('half "open', ("half", "open")),
        ("dns DNS", ("dns",)),
    ],
)
def test_words_are_looked_for_one_by_one_and_together_in_quotation_marks(query: str, words: tuple[str, ...]) -> None:
    assert words_of(query) == words


@pytest.mark.parametrize(
    ("text", "words", "pieces"),
    [
        ("the DNS and the dns", ("dns",), [("the ", False), ("DNS", True), (" and the ", False), ("dns", True)]),
        ("aaa", ("aa",), [("aaa", True)]),
        ("none", ("x",), [("none", False)]),
        ("", ("x",), []),
        # Folded, it would be longer: nothing is marked rather than something else.
        ("Straße", ("strasse",), [("Straße", False)]),
    ],
)
def test_what_was_looked_for_is_marked_and_no_letter_is_lost(
    text: str, words: tuple[str, ...], pieces: list[tuple[str, bool]]
) -> None:
    assert marked(text, words) == pieces
    assert "".join(piece for piece, _ in marked(text, words)) == text
