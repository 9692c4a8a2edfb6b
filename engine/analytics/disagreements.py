"""Answers in which the score says one thing and the words another: for a person to read.

Decides what counts as a disagreement, and nothing about what was meant: that is said by whoever reads it. Pure.

The rule, version 1. In one submission, a score and a text disagree where one is on the good side and the other on the
bad: the score at least SCORE_APART from neutral, the text at least TEXT_APART. The text is what was written beside the
score, or the answer to another question of the same submission, in a language that is read (`engine.emotion`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dsl.nodes import Question
from dsl.values import Instant
from engine.analytics.heard import Heard
from engine.emotion import SCORE_WEIGHT, TEXT_WEIGHT, score_valence

RULE_VERSION: Final = 1
SCORE_APART: Final = 0.25
"""From where a score is more than neutral: that of the words `confident` and `neutral` in `engine.emotion`."""
TEXT_APART: Final = 0.5
"""From where a text is more than a stray word: a single word of VADER's list rarely moves a sentence further."""


class Verdict(StrEnum):
    """What whoever reads a disagreement finds."""

    SCORE = "score"
    TEXT = "text"
    BOTH = "both"
    UNCLEAR = "unclear"


VERDICTS: Final = {
    Verdict.SCORE: "the score says what was meant: the words are misread, or meant otherwise",
    Verdict.TEXT: "the words say what was meant: the score is a slip, or the scale was taken the other way round",
    Verdict.BOTH: "both hold, of different things",
    Verdict.UNCLEAR: "it cannot be told",
}
"""What each means."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody made of a disagreement. feeling: one of `dsl.feelings`, where the words name it."""

    verdict: Verdict
    feeling: str | None
    note: str
    by: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A score and a text of one submission that say opposite things; both valences are from −1 to +1.

    id: of this very pair of answers: whoever answers again makes another one. question: the one with the score;
    text_question: the one with the words, often the same. reading: None until somebody has read it.
    """

    id: str
    journey: str
    step: str
    survey: str
    question: str
    text_question: str
    score: float
    score_valence: float
    text: str
    text_valence: float
    language: str | None
    person: int
    user: str | None
    time: Instant
    reading: Reading | None = None

    @property
    def gap(self) -> float:
        """How far apart they are, 0 to 2."""
        return abs(self.score_valence - self.text_valence)


QuestionOf = Callable[[str, str, int], Question | None]
"""The question of a survey's name, its own id, and the survey's version."""


def disagreements(journey: str, told: Iterable[Heard], question_of: QuestionOf) -> tuple[Disagreement, ...]:
    """All disagreements among some answers, the widest first."""
    submissions: dict[tuple[int, str, str], list[Heard]] = {}
    for each in told:
        submissions.setdefault((each.person, each.given.guide, each.given.submission), []).append(each)
    found = [each for answers in submissions.values() for each in _of_submission(journey, answers, question_of)]
    return tuple(sorted(found, key=lambda each: (-each.gap, each.time, each.id)))


def id_of(score_seq: int, text_seq: int) -> str:
    """How a pair of answers is called, by their numbers in the log."""
    return f"{score_seq}-{text_seq}"


def read_id(text: str) -> tuple[int, int] | None:
    """The numbers of a pair of answers; None for what is no id."""
    score, dash, words = text.partition("-")
    if not (dash and score.isascii() and score.isdigit() and words.isascii() and words.isdigit()):
        return None
    numbers = int(score), int(words)
    return numbers if max(numbers) < 2**63 else None


@dataclass(frozen=True, slots=True)
class _Score:
    answer: Heard
    value: float
    valence: float


def _of_submission(journey: str, answers: list[Heard], question_of: QuestionOf) -> Iterator[Disagreement]:
    scores = []
    words: list[tuple[Heard, float]] = []
    for each in answers:
        given = each.given
        question = question_of(given.guide, given.question, given.survey_version)
        valence = None if question is None else score_valence(question, given.value)
        if valence is not None and isinstance(given.value, int | float):
            scores.append(_Score(each, float(given.value), valence))
            if given.text and given.valence is not None:
                # What was stored of both together, without the part of the score.
                words.append((each, (given.valence - SCORE_WEIGHT * valence) / TEXT_WEIGHT))
        elif given.inferred and given.text and given.valence is not None:
            words.append((each, given.valence))
    for score in scores:
        for text, valence in words:
            if _disagree(score.valence, valence):
                yield _made(journey, score, text, valence)


def _disagree(score: float, text: float) -> bool:
    is_good, is_bad = score >= SCORE_APART, score <= -SCORE_APART
    return (is_good and text <= -TEXT_APART) or (is_bad and text >= TEXT_APART)


def _made(journey: str, score: _Score, text: Heard, valence: float) -> Disagreement:
    said = score.answer
    return Disagreement(
        id=id_of(said.seq, text.seq),
        journey=journey,
        step=said.step,
        survey=said.given.guide,
        question=said.given.question,
        text_question=text.given.question,
        score=score.value,
        score_valence=score.valence,
        text=text.given.text or "",
        text_valence=max(-1.0, min(1.0, valence)),
        language=text.given.language,
        person=said.person,
        user=said.user,
        time=Instant(max(said.given.time, text.given.time)),
    )
