"""What happened to somebody, in lines that pages show: an event or a decision, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import orjson

from dsl.values import Instant, JsonValue, format_instant, to_datetime
from engine.events import GUIDE_EVENTS, GuideEvent, page_path
from engine.friction import SIGNAL_EVENTS
from engine.reasons import Reason
from engine.replies import LoggedDecision, LoggedEvent
from engine.timelines import KINDS, Entry, TimelineKind

_LONGEST: Final = 500
"""Letters of an answer that a line shows; the rest is in what it holds."""
_MEANINGS: Final = {each.value: each.meaning for each in Reason}
_SHOWS: Final = {each.value for each in Reason if each.shows}


@dataclass(frozen=True, slots=True)
class Why:
    """How many of the considered guides were kept away, and by what."""

    count: int
    words: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line. instant: as addresses take it. tag: what kind of thing it is, None for plain events. holds: JSON.

    guide: which one to ask why of; None for what is no guide's.
    """

    instant: str
    clock: str
    title: str
    tag: str | None = None
    tone: str = ""
    note: str | None = None
    said: str | None = None
    reached: tuple[str, ...] = ()
    reasons: tuple[Why, ...] = ()
    guide: str | None = None
    holds: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of a day, in UTC."""

    day: str
    lines: tuple[Line, ...]


def days(entries: Iterable[Entry], labels: Mapping[str, str]) -> list[Day]:
    """A timeline by days. labels: what people call each step, by `JOURNEY.STEP`."""
    return [
        Day(day, tuple(line_of(each, labels) for each in told))
        for day, told in groupby(entries, key=lambda each: _day(each.time))
    ]


def line_of(entry: Entry, labels: Mapping[str, str]) -> Line:
    """A line of a timeline."""
    if entry.decision is not None:
        return _decision(entry.decision)
    assert entry.event is not None  # noqa: S101  (an entry is one of the two)
    return event_line(entry.event, tuple(labels.get(each, each) for each in entry.reached))


def event_line(logged: LoggedEvent, reached: tuple[str, ...] = ()) -> Line:
    """An event as a line."""
    event = logged.event
    values = event.properties or event.traits
    tag: str | None = None
    tone, said, guide, note = "", None, None, page_path(event)
    title = event.name
    if event.name in GUIDE_EVENTS:
        guide, tag = _text(values, "guide"), "guide"
        title = f"{event.name[1:].replace('_', ' ').capitalize()}: {guide or '?'}"
        if event.name == GuideEvent.ANSWERED:
            tag = "answer"
            title = f"Answered {guide or '?'}, {_text(values, 'question') or '?'}"
            said = _answer(values)
    elif event.name in SIGNAL_EVENTS:
        tag, tone, title = "friction", "bad", event.name[1:].replace("_", " ").capitalize()
    elif reached:
        tag, tone = "step reached", "good"
    return Line(
        instant=format_instant(event.time),
        clock=_clock(event.time),
        title=title,
        tag=tag,
        tone=tone,
        note=note,
        said=said,
        reached=reached,
        guide=guide,
        holds=orjson.dumps(dict(values), option=orjson.OPT_INDENT_2).decode() if values else None,
    )


def _decision(made: LoggedDecision) -> Line:
    if made.guide is not None:
        title = f"Decided: {made.guide} goes out" + (f" as {made.variant}" if made.variant else "")
    elif made.held_out is not None:
        title = f"Decided: {made.held_out} is held out"
    else:
        title = "Decided: nothing is shown"
    reasons = tuple(
        Why(count, name.lower().replace("_", " "), _MEANINGS.get(name, ""))
        for name, count in made.reasons.items()
        if name not in _SHOWS and name != Reason.HELD_OUT.value
    )
    note = "on request" if made.trigger is None else f"on {made.trigger}"
    return Line(
        instant=format_instant(made.time),
        clock=_clock(made.time),
        title=title,
        tag="decision",
        note=note + ("" if made.guide is None or made.confirmed is None else ", confirmed by the browser"),
        reasons=reasons,
        guide=made.guide or made.held_out,
    )


def kinds() -> dict[str, str]:
    """The kinds of a timeline, as a choice."""
    return {kind.value: words for kind, words in KINDS.items()}


def kind_of(text: str | None) -> TimelineKind:
    """The kind that an address names; everything, where it names none."""
    return TimelineKind(text) if text in set(TimelineKind) else TimelineKind.ALL


def _answer(values: Mapping[str, JsonValue]) -> str | None:
    value, text = values.get("value"), values.get("text")
    told = value if isinstance(value, str) else None if value is None else orjson.dumps(value).decode()
    if isinstance(text, str) and text and text != told:
        told = f"{told}, “{text}”" if told is not None else text
    return None if told is None else told[:_LONGEST]


def _text(values: Mapping[str, JsonValue], name: str) -> str | None:
    found = values.get(name)
    return found if isinstance(found, str) else None


def _day(at: Instant) -> str:
    time = to_datetime(at)
    return f"{time:%A}, {time.day} {time:%B %Y}"


def _clock(at: Instant) -> str:
    return f"{to_datetime(at):%H:%M:%S}"
