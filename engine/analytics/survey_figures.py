"""Figures of the answers to one survey: scores over weeks, the feelings with what was inferred, groups, words. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.feelings import FEELINGS
from dsl.nodes import Question
from engine.analytics.heard import Heard
from engine.analytics.intervals import Interval
from engine.analytics.kpi_figures import Period
from engine.analytics.records import AnswerGiven, emotion_record
from engine.analytics.scores import SCORES, Score
from engine.analytics.standings import WEEKS
from engine.analytics.step_counts import mix

MOST_WEEKS: Final = 106
"""Two years: what a chart of weeks can show."""


@dataclass(frozen=True, slots=True)
class WeekOfScore:
    """The score of what was answered in a week, which begins on a Monday, UTC."""

    day: str
    score: Score


@dataclass(frozen=True, slots=True)
class FeelingTold:
    """One of the six feelings: how many answers name it, and of how many of these it was read from their words."""

    feeling: str
    count: int
    inferred: int
    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of answers to one question, with its first score."""

    name: str
    answers: int
    score: Score


def numbers(given: Iterable[AnswerGiven]) -> list[float]:
    """The answers that are numbers."""
    return [
        float(each.value)
        for each in given
        if isinstance(each.value, int | float) and not isinstance(each.value, bool) and math.isfinite(each.value)
    ]


def first_score(question: Question, given: Iterable[AnswerGiven]) -> Score | None:
    """The score that a question is known by; None for one without any."""
    found = SCORES.get(question.type)
    return None if not found else found[0](numbers(given))


def to_question(told: Iterable[Heard], question: str, version: int) -> list[Heard]:
    """The answers to one question as one version of the survey asks it."""
    return [each for each in told if each.given.question == question and each.given.survey_version == version]


def by_week(question: Question, told: Sequence[Heard], period: Period) -> tuple[WeekOfScore, ...]:
    """The score of each week from the first answer on until the end of the period, also of weeks without any."""
    if not told:
        return ()
    weeks: dict[int, list[AnswerGiven]] = {}
    for each in told:
        weeks.setdefault(WEEKS.number_of(each.given.time), []).append(each.given)
    last = max(*weeks, WEEKS.number_of(period.until))
    first = max(min(weeks), last - MOST_WEEKS + 1)
    found = []
    for number in range(first, last + 1):
        score = first_score(question, weeks.get(number, []))
        if score is not None:
            found.append(WeekOfScore(WEEKS.first_day(number), score))
    return tuple(found)


def feelings_told(told: Sequence[Heard]) -> tuple[FeelingTold, ...]:
    """The six feelings, from the best to the worst; what somebody says overrules what was inferred of the same."""
    given = [each.given for each in told]
    spoken = {(each.person, each.submission) for each in given if each.valence is not None and not each.inferred}
    inferred = Counter(
        each.feeling
        for each in given
        if each.inferred and each.valence is not None and (each.person, each.submission) not in spoken
    )
    return tuple(
        FeelingTold(each.feeling, each.count, inferred[each.feeling], each.share, each.interval)
        for each in mix(emotion_record(given))
        if each.feeling in FEELINGS
    )


def segments(
    question: Question, told: Iterable[Heard], groups_of: Callable[[Heard], Iterable[str]]
) -> tuple[Segment, ...]:
    """The score of each group, the one with the most answers first."""
    groups: dict[str, list[AnswerGiven]] = {}
    for each in told:
        for name in groups_of(each):
            groups.setdefault(name, []).append(each.given)
    found = []
    for name, given in groups.items():
        score = first_score(question, given)
        if score is not None:
            found.append(Segment(name, len(given), score))
    return tuple(sorted(found, key=lambda each: (-each.answers, each.name)))


def has_words(text: str, words: Sequence[str]) -> bool:
    """Whether a text has all of some words in it, in capitals or not."""
    folded = text.casefold()
    return all(word in folded for word in words)


def words_of(query: str) -> tuple[str, ...]:
    """What is looked for: words, and what stands between quotation marks as one."""
    found: list[str] = []
    for number, part in enumerate(query.replace("“", '"').replace("”", '"').split('"')):
        found += [part.strip()] if number % 2 else part.split()
    return tuple(dict.fromkeys(word.casefold() for word in found if word))


def marked(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is one of the words that were looked for."""
    folded = text.casefold()
    if not words or len(folded) != len(text):
        # Some letters become two when folded: then no place in one is a place in the other.
        return [(text, False)]
    hit = [False] * len(text)
    for word in words:
        at = folded.find(word)
        while at >= 0:
            hit[at : at + len(word)] = [True] * len(word)
            at = folded.find(word, at + 1)
    pieces: list[tuple[str, bool]] = []
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or hit[place] is not hit[begin]:
            pieces.append((text[begin:place], hit[begin]))
            begin = place
    return pieces
