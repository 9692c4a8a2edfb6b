"""What evidence from elsewhere says of a step, source by source. A pure fold, apart from what the product saw."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.feelings import FEELINGS
from dsl.values import Instant
from engine.analytics.intervals import FEWEST_ANSWERS, Interval, mean_interval, share_interval
from engine.evidence import SOURCES, Evidence, Source, Success

MOST_QUOTED: Final = 10
"""How many of the latest words of one source a record shows."""


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """How often a task went well. n: tried, as far as it was said; the rate has a Wilson interval, 95 %.

    unaided_rate: without any help. seconds: the median time of those who completed it, by themselves or with help.
    """

    n: int
    completed: int
    with_help: int
    failed: int
    success_rate: float
    success_interval: Interval | None
    unaided_rate: float
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Quoted:
    """Something said elsewhere. feeling, valence: of the whole piece of evidence that it is from, by its number."""

    evidence: int
    text: str
    feeling: str | None
    valence: float | None
    inferred: bool
    language: str | None
    link: str | None
    time: Instant


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What one source says of a step.

    count: pieces of evidence. mean: of their valence, −1 to +1, over the n that say something of feelings; None below
    FEWEST_ANSWERS. feelings: how many name each. inferred: how many of n were read from words. score: the mean on the
    source's own scale, over `scores` of them.
    """

    source: Source
    label: str
    count: int
    n: int
    mean: float | None
    interval: Interval | None
    feelings: Mapping[str, int]
    inferred: int
    scores: int
    score: float | None
    task: TaskRecord | None
    verbatims: tuple[Quoted, ...]

    @property
    def note(self) -> str | None:
        """What to say instead of a mean."""
        return None if self.n >= FEWEST_ANSWERS else "not enough answers"


def source_records(evidence: Sequence[Evidence]) -> tuple[SourceRecord, ...]:
    """The record of each source that says anything, in the order of the registry. evidence: the newest first."""
    by_source: dict[Source, list[Evidence]] = {}
    for each in evidence:
        by_source.setdefault(each.draft.source, []).append(each)
    return tuple(_source_record(source, by_source[source]) for source in SOURCES if source in by_source)


def _source_record(source: Source, evidence: Sequence[Evidence]) -> SourceRecord:
    felt = [each.emotion for each in evidence if each.emotion is not None]
    valences = [each.valence for each in felt]
    named = Counter(feeling for each in felt for feeling in each.feelings)
    scores = [each.draft.score for each in evidence if each.draft.score is not None]
    return SourceRecord(
        source=source,
        label=SOURCES[source].label,
        count=len(evidence),
        n=len(valences),
        mean=math.fsum(valences) / len(valences) if len(valences) >= FEWEST_ANSWERS else None,
        interval=mean_interval(valences),
        feelings={feeling: named[feeling] for feeling in FEELINGS},
        inferred=sum(each.inferred for each in felt),
        scores=len(scores),
        score=math.fsum(scores) / len(scores) if len(scores) >= FEWEST_ANSWERS else None,
        task=_task_record(evidence),
        verbatims=_quoted(evidence),
    )


def _task_record(evidence: Sequence[Evidence]) -> TaskRecord | None:
    tried = [each.draft for each in evidence if each.draft.success is not None]
    if not tried:
        return None
    outcomes = Counter(draft.success for draft in tried)
    n, alone, helped = len(tried), outcomes[Success.COMPLETED], outcomes[Success.WITH_HELP]
    times = sorted(
        draft.seconds for draft in tried if draft.seconds is not None and draft.success is not Success.FAILED
    )
    middle = len(times) // 2
    return TaskRecord(
        n=n,
        completed=alone,
        with_help=helped,
        failed=outcomes[Success.FAILED],
        success_rate=(alone + helped) / n,
        success_interval=share_interval(alone + helped, n),
        unaided_rate=alone / n,
        seconds=None if not times else times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) / 2,
    )


def _quoted(evidence: Sequence[Evidence]) -> tuple[Quoted, ...]:
    said = [
        Quoted(
            evidence=each.id,
            text=words,
            feeling=None if each.emotion is None else each.emotion.feeling,
            valence=None if each.emotion is None else each.emotion.valence,
            inferred=each.emotion is not None and each.emotion.inferred,
            language=each.draft.language,
            link=each.draft.link,
            time=each.draft.time if each.draft.time is not None else each.created,
        )
        for each in evidence
        for words in each.said
    ]
    return tuple(said[:MOST_QUOTED])
