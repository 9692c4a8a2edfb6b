"""What an answer says of how the user felt.

Decides the valence of one answer, −1 to +1, and the feeling where the answer names one; friction, which is behaviour,
is not seen here. VADER is the only model and this the only file that knows it.

The rules, in the order in which the first that applies decides:

1. `feels …` on a chosen choice: that feeling and its valence (`dsl.feelings`); of several choices, the mean.
2. A score and a text in English: 0.7 · score + 0.3 · VADER of the text.
3. A score alone: see `score_valence`.
4. A text in English alone: VADER, marked as inferred.
5. Anything else says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from dsl.feelings import FEELINGS
from dsl.nodes import Question
from dsl.values import JsonValue
from widgets.registry import QUESTION_TYPES, Choosing

SCORE_WEIGHT: Final = 0.7
TEXT_WEIGHT: Final = 0.3

TEXT_LANGUAGES: Final = frozenset({"en"})
"""Base languages whose free text is read. VADER's word list is English."""

NEUTRAL_SCORES: Final[Mapping[str, float]] = MappingProxyType({"nps": 7.5})
"""The score at which a user is neither glad nor sorry, where it is not the middle of the scale.

For NPS the middle of the passives (7 and 8), so that detractors are below it and promoters above.
"""

_WORDS_OF_VALENCE: Final[tuple[tuple[float, str], ...]] = ((0.75, "delighted"), (0.25, "confident"), (-0.25, "neutral"))
_FRUSTRATED_FROM: Final = -0.75
_LONGEST_TEXT: Final = 5000
"""Characters of a text that are read; more say nothing new and cost time."""


@dataclass(frozen=True, slots=True)
class Emotion:
    """What one answer says.

    valence: −1 to +1. feelings: the feelings named, in the order of the answer; empty where no word fits.
    inferred: True when it was read out of free text rather than said by a choice or a score.
    """

    valence: float
    feelings: tuple[str, ...] = ()
    inferred: bool = False

    @property
    def feeling(self) -> str | None:
        """The first feeling, or None."""
        return self.feelings[0] if self.feelings else None


def emotion_of_answer(
    question: Question, value: JsonValue, *, text: str | None = None, language: str | None = None
) -> Emotion | None:
    """What an answer says, or None where it says nothing of feelings.

    value: as in `$answered`: a number, a choice's id, ids, or text. text: free text beside the value. language: of the
    text; None counts as English only for a text without letters outside ASCII.
    """
    words = text if text is not None else value if _is_free_text(question) and isinstance(value, str) else None
    return emotion_of(
        feelings_of_choices(question, value), score=score_valence(question, value), text=words, language=language
    )


def emotion_of(
    feelings: Sequence[str], *, score: float | None = None, text: str | None = None, language: str | None = None
) -> Emotion | None:
    """What named feelings, a score (as a valence) and a text say together, by the rules above; None for nothing."""
    if feelings:
        return Emotion(sum(FEELINGS[feeling] for feeling in feelings) / len(feelings), tuple(feelings))
    said = text_valence(text, language) if text is not None else None
    if score is None:
        return None if said is None else Emotion(said, _words(said), inferred=True)
    if said is None:
        return Emotion(score, _words(score))
    valence = SCORE_WEIGHT * score + TEXT_WEIGHT * said
    return Emotion(valence, _words(valence))


def feelings_of_choices(question: Question, value: JsonValue) -> tuple[str, ...]:
    """The `feels …` of the choices in an answer, in the order of the answer; of a ranking that of the first alone."""
    felt = {choice.key: choice.feels.text for choice in question.choices if choice.feels is not None}
    ids = value if isinstance(value, list) else [value]
    spec = QUESTION_TYPES.get(question.type)
    if spec is not None and spec.choices is Choosing.ORDER:
        ids = ids[:1]
    return tuple(felt[each] for each in ids if isinstance(each, str) and felt.get(each) in FEELINGS)


def score_valence(question: Question, value: JsonValue) -> float | None:
    """The valence of a score: −1 at the low end of the scale, 0 at its neutral score, +1 at its high end.

    In between it is straight on both sides. The neutral score is the middle of the scale, for NPS 7.5. None for a
    question without a scale and for a value outside of it.
    """
    ends = scale_of(question)
    if ends is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low, high = ends
    return valence_on_scale(value, low, high, neutral=NEUTRAL_SCORES.get(question.type))


def valence_on_scale(value: float, low: float, high: float, *, neutral: float | None = None) -> float | None:
    """The valence of a value on a scale, neutral at its middle unless said; None outside of the scale."""
    if not low <= value <= high or low == high:
        return None
    middle = (low + high) / 2 if neutral is None else neutral
    return (value - middle) / (middle - low) if value < middle else (value - middle) / (high - middle)


def scale_of(question: Question) -> tuple[int, int] | None:
    """The ends of a question's scale: as written, else its type's; None where the type has none."""
    spec = QUESTION_TYPES.get(question.type)
    if spec is None or spec.scale is None:
        return None
    if question.scale is not None and not spec.scale.fixed:
        return question.scale.low, question.scale.high
    return spec.scale.low, spec.scale.high


def text_valence(text: str, language: str | None) -> float | None:
    """VADER's compound score of a text, −1 to +1, or None for a language that it cannot read or a blank text."""
    if not text.strip() or not _is_readable(text, language):
        return None
    compound: float = _vader().polarity_scores(text[:_LONGEST_TEXT])["compound"]
    return compound


def mean_valence(valences: Sequence[float]) -> float | None:
    """The mean, or None without any."""
    return sum(valences) / len(valences) if valences else None


def _words(valence: float) -> tuple[str, ...]:
    """The feeling that a score or a text names by itself.

    delighted from 0.75, confident from 0.25, neutral down to −0.25, frustrated from −0.75 down. Between −0.25 and
    −0.75 none: a score cannot tell confusion from doubt; only a choice that `feels …` can.
    """
    for least, word in _WORDS_OF_VALENCE:
        if valence >= least:
            return (word,)
    return ("frustrated",) if valence <= _FRUSTRATED_FROM else ()


def _is_free_text(question: Question) -> bool:
    # E-mail addresses and dates are texts too, but say nothing.
    return question.type == "text"


def _is_readable(text: str, language: str | None) -> bool:
    if language is None:
        return all(char.isascii() for char in text if char.isalpha())
    return language.replace("_", "-").split("-", 1)[0].lower() in TEXT_LANGUAGES


@lru_cache(maxsize=1)
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415  (loads a word list)

    return SentimentIntensityAnalyzer()
