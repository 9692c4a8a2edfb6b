"""Home: the journeys at a glance; for a new project, the way to its first guide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import request

from api.console.desk import Desk
from api.console.registry import Group, Page
from api.snippet import snippet_tag
from dsl.nodes import GuideKind, Journey
from dsl.values import DAY, WEEK, Duration, Instant, format_instant
from engine.analytics.funnel_answer import FunnelAnswer, SharpestDrop
from engine.permissions import Scope
from engine.replies import KeyKind
from engine.stages import Marks, step_labels, step_marks
from engine.storage.roadmap_evidence import latest_event

WINDOW: Final = Duration(7 * DAY)
"""How long a chain of a journey may take to count here."""


@dataclass(frozen=True, slots=True)
class JourneyCard:
    """A journey at a glance."""

    name: str
    label: str
    answer: FunnelAnswer
    marks: Marks
    labels: Mapping[str, str]
    this_week: float | None
    last_week: float | None

    @property
    def sharpest(self) -> SharpestDrop | None:
        """Where the greatest share is lost."""
        return self.answer.sharpest

    @property
    def change(self) -> float | None:
        """Of the share that comes to the end, in points, against the week before."""
        if self.this_week is None or self.last_week is None:
            return None
        return 100 * (self.this_week - self.last_week)


@dataclass(frozen=True, slots=True)
class Errand:
    """One of the things to do before the first guide is seen. where: what it is done on."""

    done: bool
    text: str
    hint: str
    where: str | None = None


def view(desk: Desk) -> Mapping[str, Any]:
    """What Home shows."""
    project = desk.rules.project
    with desk.service.database.reading() as connection:
        has_events = latest_event(connection, desk.project.id) > 0
    cards = [_card(desk, journey) for journey in project.journeys.values()] if has_events else []
    return {
        "cards": cards,
        "errands": None if cards else list(_errands(desk, has_events=has_events)),
        "snippet": _snippet(desk),
        "guides": [each for each in project.guides.values() if each.kind is GuideKind.GUIDE],
        "surveys": [each for each in project.guides.values() if each.kind is not GuideKind.GUIDE],
    }


def _card(desk: Desk, journey: Journey) -> JourneyCard:
    name = journey.name.text
    answer = desk.funnel(name)
    ended = _ended_weeks(desk.funnel(name, breakdown="week", window=WINDOW), desk)
    return JourneyCard(
        name=name,
        label=journey.label.value if journey.label is not None else name,
        answer=answer,
        marks=step_marks(desk.rules.project, name),
        labels=step_labels(journey),
        this_week=ended[-1] if ended else None,
        last_week=ended[-2] if len(ended) > 1 else None,
    )


def _ended_weeks(weekly: FunnelAnswer, desk: Desk) -> list[float | None]:
    """The share that came to the end, of each week whose people had their time: the last one is still open."""
    open_since = format_instant(Instant(desk.rules.now - WEEK - WINDOW))[:10]
    groups = sorted((weekly.groups or {}).items())
    return [steps[-1].rate for week, steps in groups if week <= open_since]


def _errands(desk: Desk, *, has_events: bool) -> Iterator[Errand]:
    project = desk.rules.project
    yield Errand(
        has_events,
        "Paste the snippet",
        "One line in the head of your pages. It turns green with the first event."
        if not has_events
        else "Events come.",
        "snippet",
    )
    yield Errand(
        bool(project.journeys),
        "Describe the journey",
        "Stages and steps in a `.way` file; `waypost push` or the folder `WAYPOST_RULES` brings it here.",
    )
    yield Errand(
        any(each.kind is GuideKind.GUIDE for each in project.guides.values()),
        "Write the first guide",
        "A rule that says when, to whom and what.",
    )


def _snippet(desk: Desk) -> str | None:
    """The line to paste, with the public key; None for those who may not see keys."""
    if not desk.may(Scope.KEYS_READ):
        return None
    keys = desk.service.tenancy.keys([desk.project.id])
    public = [each.shown for each in keys if each.kind is KeyKind.PUBLIC and each.is_alive(desk.rules.now)]
    return snippet_tag(f"{request.url_root}sdk/waypost.js", public[0] if public else "wp_pub_…")


PAGE = Page("home", "", "Home", "The journeys at a glance.", Group.TOP, Scope.RECORDS_READ, view, key="h")
