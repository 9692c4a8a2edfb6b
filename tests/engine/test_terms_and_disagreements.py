"""What is written of most, and what a score and the words beside it say: tables of texts and of answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from dsl.project import load
from dsl.values import Instant
from engine.analytics.disagreements import (
    RULE_VERSION,
    SCORE_APART,
    TEXT_APART,
    VERDICTS,
    disagreements,
    read_id,
)
from engine.analytics.heard import Heard
from engine.analytics.record_tables import COLUMNS
from engine.analytics.records import AnswerGiven
from engine.analytics.standings import TRIES
from engine.analytics.stop_words import STOP_WORDS
from engine.analytics.terms import Text, Trend, frequent_terms, terms_in
from engine.emotion import emotion_of_answer
from engine.survey_versions import questions_of

ROOT = Path(__file__).parents[2]

TEXTS = [
    # text, language, its terms
    ("The DNS records are missing", "en", {"dns", "records", "missing", "dns records"}),
    ("DNS! dns? And the DNS.", "en", {"dns"}),
    ("I don't know what to do", "en", set()),
    ("L'erreur de paiement", "fr", {"erreur", "paiement"}),
    ("Die Rechnung für die Domäne fehlt", "de", {"rechnung", "domäne", "fehlt", "domäne fehlt"}),
    ("El pago no funciona", "es-MX", {"pago", "funciona"}),
    ("لا أجد الفاتورة", "ar", {"أجد", "الفاتورة", "أجد الفاتورة"}),
    ("the customer’s invoice", None, {"customer", "invoice", "customer invoice"}),
    ("I paid 300 EUR in 2026", "en", {"paid", "eur"}),
    ("Error 404 with 2FA", "en", {"error", "2fa"}),
    ("", "en", set()),
]


@pytest.mark.parametrize(("text", "language", "terms"), TEXTS, ids=[text or "nothing" for text, *_ in TEXTS])
def test_terms_are_words_that_say_something(text: str, language: str | None, terms: set[str]) -> None:
    assert terms_in(text, language) == terms


TRENDS = [
    # texts with the term of all now, the same before, trend
    (8, 10, 1, 10, Trend.RISING),
    (1, 10, 8, 10, Trend.FALLING),
    (5, 10, 5, 10, Trend.STEADY),
    (4, 4, 5, 10, Trend.TOO_FEW),
    (2, 10, 1, 10, Trend.TOO_FEW),
]


@pytest.mark.parametrize(("now", "of", "before", "of_before", "trend"), TRENDS)
def test_a_trend_is_told_only_where_the_interval_lies_on_one_side(
    now: int, of: int, before: int, of_before: int, trend: Trend
) -> None:
    def texts(having: int, number: int) -> list[Text]:
        return [Text("invoice" if place < having else "hello", "en") for place in range(number)]

    found = next(each for each in frequent_terms(texts(now, of), texts(before, of_before)) if each.term == "invoice")
    assert (found.count, found.of, found.before, found.of_before) == (now, of, before, of_before)
    assert found.trend is trend
    assert (found.change is None) is (trend is Trend.TOO_FEW)


def test_a_word_that_never_comes_alone_is_told_with_the_other() -> None:
    texts = [Text("missing invoice", "en")] * 3 + [Text("invoice", "en")]
    assert [(each.term, each.count) for each in frequent_terms(texts, [])] == [("invoice", 4), ("missing invoice", 3)]


def test_stop_words_are_known_for_every_language_that_widgets_speak() -> None:
    spoken = (ROOT / "widgets" / "drawing" / "words.ts").read_text()
    listed = spoken[spoken.index("LANGUAGES") : spoken.index("const learnt")]
    known = {line.strip()[:2] for line in listed.splitlines() if "import(" in line}
    assert known | {"en"} == set(STOP_WORDS)


RULES = """
event "Done"
survey q "Q" {
  on "Done"
  ask effort ease "How easy?"
  ask nps likely "How likely?"
  ask choice cause "Why?" { "it broke" feels frustrated }
  ask text detail "What else?" optional
  expires 2099-12-31
}
"""
GLAD, SOUR = "I love it, this is wonderful!", "This is horrible, I hate it!"
SAID = [
    # the answers of one submission: question, value, text beside it; which pairs disagree
    ([("ease", 7, SOUR)], ["ease-ease"]),
    ([("ease", 1, GLAD)], ["ease-ease"]),
    ([("ease", 7, GLAD)], []),
    ([("ease", 4, SOUR)], []),
    ([("ease", 7, None), ("detail", SOUR, None)], ["ease-detail"]),
    ([("likely", 10, None), ("ease", 1, None), ("detail", SOUR, None)], ["likely-detail"]),
    ([("ease", 7, "The button is blue.")], []),
    ([("cause", "it broke", None), ("detail", GLAD, None)], []),
    ([("ease", 7, None)], []),
]


@pytest.mark.parametrize(
    ("answers", "pairs"), SAID, ids=[" and ".join(f"{q} {v}"[:24] for q, v, _ in a) for a, _ in SAID]
)
def test_a_score_and_words_disagree_where_they_lie_on_opposite_sides(
    answers: list[tuple[str, int | str, str | None]], pairs: list[str]
) -> None:
    assert pairs_of([heard(number, *answer) for number, answer in enumerate(answers, 1)]) == pairs


def test_words_in_a_language_that_is_not_read_disagree_with_nothing() -> None:
    assert pairs_of([heard(1, "ease", 7, "Das ist furchtbar, horrible!", language="de")]) == []


def test_words_of_another_submission_are_not_compared() -> None:
    assert pairs_of([heard(1, "ease", 7, None), heard(2, "detail", SOUR, None, submission="later")]) == []


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "a-b", "1-2-3", "1 - 2", f"{2**63}-1"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert read_id(text) is None


def pairs_of(told: list[Heard]) -> list[str]:
    questions = questions_of(load({"q.way": RULES}).guides["q"])
    found = disagreements("way", told, lambda _, name, __: questions.get(name))
    return [f"{each.question}-{each.text_question}" for each in found]


def heard(
    seq: int, name: str, value: int | str, text: str | None, *, language: str = "en", submission: str = "s"
) -> Heard:
    question = questions_of(load({"q.way": RULES}).guides["q"])[name]
    said = emotion_of_answer(question, value, text=text, language=language)
    words = text if text is not None else value if isinstance(value, str) and name == "detail" else None
    given = AnswerGiven(
        person=1,
        guide="q",
        question=name,
        submission=submission,
        value=value,
        text=words,
        feeling=said.feeling if said else None,
        valence=said.valence if said else None,
        inferred=said is not None and said.inferred,
        language=language,
        time=Instant(seq),
    )
    return Heard("step", seq, 1, "u", None, given)


def test_the_page_tells_of_every_column_try_threshold_and_verdict() -> None:
    page = (ROOT / "docs" / "reference" / "records.md").read_text()
    rows = [f"| `{name}` | {column.meaning} |" for columns in COLUMNS.values() for name, column in columns.items()]
    rows += [f"| `{verdict}` | {meaning} |" for verdict, meaning in VERDICTS.items()]
    assert [row for row in rows if row not in page] == []
    told = " ".join(page.split())
    assert f"The rule, version {RULE_VERSION}: in one submission, a score at least {SCORE_APART} from neutral" in told
    assert f"and a text at least {TEXT_APART} on the other" in told
    assert f"leaves: {', '.join(f'`{name}`' for name in TRIES)}." in told
