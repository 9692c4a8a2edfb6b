"""What an answer says of feelings: choices that say so, scores, and English words."""

from __future__ import annotations

import pytest

from dsl.diagnostics import Span
from dsl.feelings import FEELINGS
from dsl.nodes import Choice, Name, Question, Scale, TextLiteral
from dsl.values import JsonValue
from engine.emotion import Emotion, emotion_of_answer, score_valence, text_valence

SPAN = Span("rules.way", 0, 0, 1, 1)
GLAD = "This was great, thank you so much!"
SORRY = "Terrible. It failed again and again and I hate it."


def words(text: str) -> TextLiteral:
    return TextLiteral(text, span=SPAN)


def choice(text: str, feels: str | None = None) -> Choice:
    return Choice(words(text), feels=Name(feels, span=SPAN) if feels else None, span=SPAN)


def question(kind: str, *, scale: tuple[int, int] | None = None, choices: tuple[Choice, ...] = ()) -> Question:
    return Question(
        type=kind,
        id=Name("q", span=SPAN),
        text=words("?"),
        scale=Scale(*scale, span=SPAN) if scale else None,
        choices=choices,
        span=SPAN,
    )


CAUSE = question(
    "choices",
    choices=(choice("lost", "confused"), choice("unsure", "doubtful"), choice("glad", "delighted"), choice("neither")),
)


def test_there_are_six_feelings_each_with_a_valence() -> None:
    assert FEELINGS == {
        "delighted": 1,
        "confident": 0.5,
        "neutral": 0,
        "confused": -0.5,
        "doubtful": -0.6,
        "frustrated": -0.9,
    }


@pytest.mark.parametrize(
    ("asked", "score", "valence"),
    [
        (question("effort"), 1, -1.0),
        (question("effort"), 2, -2 / 3),
        (question("effort"), 4, 0.0),
        (question("effort"), 7, 1.0),
        (question("csat"), 1, -1.0),
        (question("csat"), 3, 0.0),
        (question("csat"), 4, 0.5),
        (question("csat"), 5, 1.0),
        (question("nps"), 0, -1.0),
        (question("nps"), 6, -0.2),
        (question("nps"), 7, -0.5 / 7.5),
        (question("nps"), 8, 0.2),
        (question("nps"), 9, 0.6),
        (question("nps"), 10, 1.0),
        (question("rating"), 3, 0.0),
        (question("rating", scale=(1, 10)), 10, 1.0),
        (question("rating", scale=(0, 4)), 1, -0.5),
        (question("effort"), 8, None),
        (question("effort"), 0, None),
        (question("effort"), True, None),
        (question("effort"), "7", None),
        (question("choice"), 5, None),
        (question("text"), "great", None),
    ],
)
def test_a_score_has_a_valence(asked: Question, score: JsonValue, valence: float | None) -> None:
    found = score_valence(asked, score)
    assert found == (None if valence is None else pytest.approx(valence))


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        (CAUSE, ["lost"], Emotion(-0.5, ("confused",))),
        (CAUSE, "unsure", Emotion(-0.6, ("doubtful",))),
        (CAUSE, ["lost", "unsure"], Emotion(-0.55, ("confused", "doubtful"))),
        (question("rank", choices=CAUSE.choices), ["unsure", "glad", "lost"], Emotion(-0.6, ("doubtful",))),
        (CAUSE, ["neither"], None),
        (CAUSE, ["what?"], None),
        (question("effort"), 7, Emotion(1.0, ("delighted",))),
        (question("effort"), 6, Emotion(pytest.approx(2 / 3), ("confident",))),
        (question("effort"), 4, Emotion(0.0, ("neutral",))),
        (question("effort"), 2, Emotion(pytest.approx(-2 / 3), ())),
        (question("effort"), 1, Emotion(-1.0, ("frustrated",))),
        (question("email"), "glad@example.com", None),
        (question("date"), "2026-01-01T00:00:00Z", None),
        (question("consent"), True, None),
    ],
)
def test_an_answer_says_a_feeling(asked: Question, value: JsonValue, expected: Emotion | None) -> None:
    assert emotion_of_answer(asked, value) == expected


def test_score_and_words_count_seven_to_three() -> None:
    said = text_valence(SORRY, "en")
    assert said is not None
    assert said < -0.5
    found = emotion_of_answer(question("effort"), 7, text=SORRY, language="en")
    assert found == Emotion(pytest.approx(0.7 * 1 + 0.3 * said), ("confident",))


def test_a_choice_that_says_a_feeling_overrules_the_words_beside_it() -> None:
    assert emotion_of_answer(CAUSE, ["glad"], text=SORRY, language="en") == Emotion(1.0, ("delighted",))


@pytest.mark.parametrize(
    ("text", "language", "is_read"),
    [
        (GLAD, "en", True),
        (GLAD, "en-US", True),
        (GLAD, "EN_gb", True),
        (GLAD, None, True),
        ("It’s great…", None, True),
        (GLAD, "de", False),
        ("Das war großartig", None, False),
        ("素晴らしい", None, False),
        ("   ", "en", False),
    ],
)
def test_words_are_read_only_in_english(text: str, language: str | None, is_read: bool) -> None:
    assert (text_valence(text, language) is not None) is is_read


def test_words_in_another_language_leave_the_score_alone() -> None:
    found = emotion_of_answer(question("effort"), 7, text="schrecklich", language="de")
    assert found == Emotion(1.0, ("delighted",))


def test_what_was_only_read_out_of_words_is_marked_as_inferred() -> None:
    found = emotion_of_answer(question("text"), GLAD, language="en")
    assert found is not None
    assert found.inferred
    assert found.valence > 0.5
    said = emotion_of_answer(question("effort"), 7, text=GLAD, language="en")
    assert said is not None
    assert not said.inferred


def test_the_words_of_other_are_read_where_no_choice_says_a_feeling() -> None:
    found = emotion_of_answer(CAUSE, ["other"], text=SORRY, language="en")
    assert found is not None
    assert found.inferred
    assert found.valence < -0.5
