"""Marks on curves: the releases of the product and the publications of rules, the one way for every chart to show them.

A chart over time takes `on_days`: the marks of each of its days, weeks or months. A chart along a journey takes
`on_steps`: the releases that touched each step (`releases_at`), and no publications, which touch no single one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from api.console.desk import Desk
from dsl.nodes import Journey
from dsl.values import Instant, to_datetime
from engine.analytics.curve import CurveMark, MarkKind
from engine.analytics.history import NothingRecorded
from engine.analytics.releases import each_version, releases_of
from engine.mapping.releases import touched_steps
from engine.step_records import marks_of

MOST_TOLD: Final = 6
"""Marks of one day or step that are named; how many more there are is said."""
LONGEST_LABEL: Final = 14


@dataclass(frozen=True, slots=True)
class Told:
    """A mark in words, for what stands beside a chart."""

    at: Instant
    words: str


def marks_in(desk: Desk, begin: Instant, end: Instant) -> tuple[CurveMark, ...]:
    """What was released and published within a period, in its order; nothing where nothing is recorded."""
    try:
        found = marks_of(desk.analyst, desk.project.id, desk.rules)
    except NothingRecorded:
        return ()
    return tuple(each for each in found if begin <= each.time < end)


def all_marks(desk: Desk) -> tuple[CurveMark, ...]:
    """All that was released and published until now."""
    return marks_in(desk, Instant(0), Instant(desk.rules.now + 1))


def on_days(marks: Iterable[CurveMark], days: Sequence[str]) -> list[dict[str, Any]]:
    """The option `marks` of a chart over time. days: its axis, each the first day of what its point stands for; a mark
    belongs to the last of them that is not after it."""
    by_day: dict[str, list[CurveMark]] = {}
    for day, mark in _placed(marks, days):
        by_day.setdefault(day, []).append(mark)
    return [{"day": day, "label": _label(own), "words": words_of(own)} for day, own in sorted(by_day.items())]


def within(marks: Iterable[CurveMark], days: Sequence[str]) -> list[Told]:
    """The marks that a chart over time shows, in words."""
    return [Told(mark.time, words_of([mark])) for _, mark in _placed(marks, days)]


def on_steps(touched: Sequence[Sequence[CurveMark]]) -> list[dict[str, Any]]:
    """The option `marks` of a chart along a journey. touched: of each step, in the order of the axis, its releases."""
    return [{"step": number, "label": _label(own), "words": words_of(own)} for number, own in enumerate(touched) if own]


def releases_at(desk: Desk, journey: Journey, begin: Instant, end: Instant) -> list[list[CurveMark]]:
    """Of each step of a journey the releases of a period that touched it, each version once."""
    try:
        told = desk.analyst.answer(desk.project.id, "releases", desk.rules, releases_of, everyone=True)
    except NothingRecorded:
        told = ()
    inside = [each for each in each_version(told) if begin <= each.at < end]
    steps = [step.name.text for step in journey.steps]
    touched = [(CurveMark(MarkKind.RELEASE, each.version, each.at), touched_steps(each, journey)) for each in inside]
    return [[mark for mark, names in touched if step in names] for step in steps]


def words_of(marks: Sequence[CurveMark]) -> str:
    """Marks in words, each with its day."""
    told = [_told(each) for each in marks[:MOST_TOLD]]
    more = len(marks) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def _placed(marks: Iterable[CurveMark], days: Sequence[str]) -> Iterator[tuple[str, CurveMark]]:
    """Marks with the day of the axis that each belongs to, without those that lie before or after it."""
    places = [date.fromisoformat(day).toordinal() for day in days]
    length = places[1] - places[0] if len(places) > 1 else 1
    for mark in marks:
        own = to_datetime(mark.time).toordinal()
        at = bisect_right(places, own) - 1
        if at >= 0 and own < places[at] + length:
            yield days[at], mark


def _label(marks: Sequence[CurveMark]) -> str:
    first, *others = [each.label if each.kind is MarkKind.RELEASE else f"rules {each.label}" for each in marks]
    name = first if len(first) <= LONGEST_LABEL else first[: LONGEST_LABEL - 1] + "…"
    return f"{name} +{len(others)}" if others else name


def _told(mark: CurveMark) -> str:
    time = to_datetime(mark.time)
    what = f"release {mark.label}" if mark.kind is MarkKind.RELEASE else f"rules version {mark.label}"
    return f"{what} on {time.day} {time:%b}"
