"""A `record` that another one covers wholly: whoever it is of is recorded without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dsl.checker.report import Report, place_words
from dsl.checker.soundness import Soundness
from dsl.codes import warnings
from dsl.nodes import Record

MOST_COMPARED: Final = 200
"""Of more than so many, each with each would take long, and nobody reads them."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """Where and of whom, None for everywhere and for everybody; and how much of that."""

    record: Record
    steps: frozenset[tuple[str, str]] | None
    segments: frozenset[str] | None
    percent: int | float

    def covers(self, other: _Reach) -> bool:
        """Whether everybody of the other one is in here."""
        return (
            (self.steps is None or (other.steps is not None and other.steps <= self.steps))
            and (self.segments is None or (other.segments is not None and other.segments <= self.segments))
            and self.percent >= other.percent
        )


def check_covered(report: Report, sound: Soundness) -> None:
    """Say of each `record` that adds nothing to another one; of two that are alike, of the later one."""
    known = [_reach(report, each) for each in report.project.recorded if sound.of(each)]
    # What records nobody was said to be so.
    found = [each for each in known if each.percent > 0 and each.steps != frozenset()]
    if len(found) > MOST_COMPARED:
        return
    for place, each in enumerate(found):
        for at, other in enumerate(found):
            if other is each or not other.covers(each) or (each.covers(other) and at > place):
                continue
            where = place_words(other.record.span, each.record.span)
            message = f"the `record` in {where} covers this one wholly"
            report.add(warnings.RECORDS_NOTHING.at(each.record.span, message, help="leave one of the two out"))
            break


def _reach(report: Report, record: Record) -> _Reach:
    steps = None
    if record.at is not None:
        found = ((each, step) for each in record.places for step in report.project.steps_at(each))
        steps = frozenset((place.journey.text, step.name.text) for place, step in found)
    segments = None if record.audience is None else frozenset(each.text for each in record.segments)
    return _Reach(record, steps, segments, record.percent)
