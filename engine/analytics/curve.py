"""What people felt along a journey: step by step, with the band in which the mean lies, and what changed meanwhile.

A pure fold of the answers that belong to its steps. What the words mean is in `docs/reference/records.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dsl.values import Instant
from engine.analytics.intervals import Interval
from engine.analytics.records import AnswerGiven, EmotionRecord, emotion_record
from engine.stages import StageMark


class MarkKind(StrEnum):
    """What may have changed how people feel."""

    RELEASE = "release"
    PUBLICATION = "publication"


@dataclass(frozen=True, slots=True)
class CurveMark:
    """A release of the product, by its version, or a publication of rules, by its number: at what instant."""

    kind: MarkKind
    label: str
    time: Instant


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A step of the curve. stage: of the step, with the letter and colour that it has everywhere.

    emotion: its mean, −1 to +1, is the curve and its interval the band; neither is there below five answers.
    """

    step: str
    label: str
    stage: StageMark
    emotion: EmotionRecord

    @property
    def band(self) -> Interval | None:
        """The range in which the mean lies at 95 %; it may reach beyond the scale, which a picture cuts off."""
        return self.emotion.interval


@dataclass(frozen=True, slots=True)
class EmotionCurve:
    """The emotion along a journey, of everybody or of a group: a persona, or what was said in a day or a week.

    group: its name; of a day or week the first day, `2026-10-26`; None for everybody. since, until: when it was said.
    points: every step, in the order of the journey. marks: what changed within that time, in its order.
    """

    journey: str
    group: str | None
    since: Instant
    until: Instant
    points: tuple[CurvePoint, ...]
    marks: tuple[CurveMark, ...] = ()

    @property
    def n(self) -> int:
        """Answers with a feeling in them, at all steps."""
        return sum(point.emotion.n for point in self.points)

    def marked(self, marks: Iterable[CurveMark]) -> EmotionCurve:
        """The same curve with those of some marks that lie within its time."""
        inside = [mark for mark in marks if self.since <= mark.time < self.until]
        return replace(self, marks=tuple(sorted(inside, key=lambda mark: (mark.time, mark.kind))))


@dataclass(frozen=True, slots=True)
class CurveStep:
    """A step that a curve goes through."""

    step: str
    label: str
    stage: StageMark


def emotion_curve(
    journey: str,
    steps: Sequence[CurveStep],
    answers: Mapping[str, Sequence[AnswerGiven]],
    *,
    since: Instant,
    until: Instant,
    group: str | None = None,
) -> EmotionCurve:
    """The curve of some answers, by the step that they belong to, unmarked; `until` does not belong to its time."""
    points = tuple(
        CurvePoint(
            step=each.step,
            label=each.label,
            stage=each.stage,
            emotion=emotion_record([given for given in answers.get(each.step, ()) if since <= given.time < until]),
        )
        for each in steps
    )
    return EmotionCurve(journey, group, since, until, points)
