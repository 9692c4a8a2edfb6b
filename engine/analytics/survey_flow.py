"""How people went through a survey: at each question to how many it was shown, who answered, who left there.

Made from what the log tells of the survey's life, showing by showing. A browser does not tell which question it shows:
that follows from the answers until then, by the questions' own `if` and `then` (`engine.surveys.asked`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from dsl.nodes import Question
from dsl.values import Instant, JsonValue
from engine.analytics.comparing import Share
from engine.analytics.history import History
from engine.analytics.kpi_figures import Period
from engine.analytics.wheres import json_text
from engine.events import GuideEvent
from engine.surveys import asked

_LIFE = (
    GuideEvent.SHOWN.value,
    GuideEvent.ANSWERED.value,
    GuideEvent.SKIPPED.value,
    GuideEvent.COMPLETED.value,
    GuideEvent.DISMISSED.value,
)


@dataclass(frozen=True, slots=True)
class QuestionFlow:
    """A question in some showings. shown: it was asked. dismissed, silent: they sent the survey away at it, or answered
    nothing more; skipped: they passed it over, as they may."""

    question: str
    text: str
    shown: int
    answered: int
    skipped: int
    dismissed: int
    silent: int

    @property
    def rate(self) -> Share:
        """Who answered, of those to whom it was shown."""
        return Share(self.answered, self.shown)


@dataclass(frozen=True, slots=True)
class Flow:
    """The ways through a survey. showings: how often it was shown; completed: how often somebody came to its end."""

    showings: int
    completed: int
    dismissed: int
    questions: tuple[QuestionFlow, ...]

    @property
    def rate(self) -> Share:
        """Who came to the end, of those to whom it was shown."""
        return Share(self.completed, self.showings)


@dataclass(slots=True)
class Showing:
    """One time that somebody saw a survey, and what they did with it."""

    answers: dict[str, JsonValue] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    is_completed: bool = False
    is_dismissed: bool = False


def flow_of(history: History, survey: str, questions: Mapping[str, Question], period: Period) -> Flow:
    """The ways through a survey of those who saw it within a period. questions: as they are asked, in their order."""
    return counted(showings_of(_rows(history, survey, period), period), list(questions.values()))


def showings_of(rows: Iterable[tuple[int, Instant, str, Mapping[str, JsonValue]]], period: Period) -> list[Showing]:
    """Person, instant, name and properties of events, in history order, as showings that began within a period."""
    found: list[Showing] = []
    latest: dict[int, Showing | None] = {}
    for person, time, name, properties in rows:
        if name == GuideEvent.SHOWN:
            begun = Showing() if time < period.until else None
            latest[person] = begun
            if begun is not None:
                found.append(begun)
            continue
        showing = latest.get(person)
        if showing is None:
            continue
        question = properties.get("question")
        if name == GuideEvent.ANSWERED and isinstance(question, str):
            showing.answers[question] = properties.get("value")
            showing.skipped.discard(question)
        elif name == GuideEvent.SKIPPED and isinstance(question, str):
            showing.skipped.add(question)
            showing.answers.pop(question, None)
        elif name == GuideEvent.COMPLETED:
            showing.is_completed = True
        elif name == GuideEvent.DISMISSED:
            showing.is_dismissed = True
    return found


def counted(showings: Sequence[Showing], questions: Sequence[Question]) -> Flow:
    """Showings, counted question by question."""
    shown: Counter[str] = Counter()
    told: dict[str, Counter[str]] = {each.id.text: Counter() for each in questions}
    for showing in showings:
        known = {name: value for name, value in showing.answers.items() if name in told}
        # A question that was skipped is passed like one that has an answer, and is none.
        met = dict.fromkeys(_met(questions, showing, known))
        for name in met:
            shown[name] += 1
            what = _fate(name, showing, known, is_last=name == next(reversed(met)))
            if what is not None:
                told[name][what] += 1
    return Flow(
        showings=len(showings),
        completed=sum(each.is_completed for each in showings),
        dismissed=sum(each.is_dismissed and not each.is_completed for each in showings),
        questions=tuple(
            QuestionFlow(
                question=each.id.text,
                text=each.text.value,
                shown=shown[each.id.text],
                answered=told[each.id.text]["answered"],
                skipped=told[each.id.text]["skipped"],
                dismissed=told[each.id.text]["dismissed"],
                silent=told[each.id.text]["silent"],
            )
            for each in questions
        ),
    )


def _met(questions: Sequence[Question], showing: Showing, known: Mapping[str, JsonValue]) -> Iterator[str]:
    """The questions that were asked in a showing, in their order."""
    until = asked(questions, known)
    # Where the one without an answer was skipped, what follows it was asked as well.
    while until and until[-1] in showing.skipped and until[-1] not in known:
        known = {**known, until[-1]: None}
        further = asked(questions, known)
        if len(further) <= len(until):
            break
        until = further
    yield from until
    yield from (each.id.text for each in questions if each.id.text in showing.answers and each.id.text not in until)


def _fate(name: str, showing: Showing, known: Mapping[str, JsonValue], *, is_last: bool) -> str | None:
    if name in known:
        return "answered"
    if name in showing.skipped:
        return "skipped"
    if not is_last or showing.is_completed:
        return "skipped"
    return "dismissed" if showing.is_dismissed else "silent"


def _rows(history: History, survey: str, period: Period) -> Iterator[tuple[int, Instant, str, Mapping[str, JsonValue]]]:
    events = history.events
    told = events.filter(events.name.isin(list(_LIFE)) & (events.time >= period.since))
    told = told.filter(json_text()(told.properties, "$.guide") == survey)
    wanted = told.select("person", "time", "seq", "name", "properties").order_by("person", "time", "seq")
    row: Mapping[str, Any]
    for row in history.engine.rows(wanted):
        yield row["person"], Instant(row["time"]), row["name"], orjson.loads(row["properties"] or b"{}")
