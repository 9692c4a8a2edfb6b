"""Home: the journeys at a glance, what changed, what is to be done; for a new project, the way to its first guide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, render_template, request

from api.console import at_a_glance
from api.console.at_a_glance import UNCOUNTABLE, WINDOW, ended_weeks
from api.console.desk import Desk
from api.console.drawing import asset, send, sentence, spoken
from api.console.first_event import how_to_send
from api.console.linking import url_if
from api.console.pages.live import live_address
from api.console.registry import Group, Page
from dsl.labels import label_of
from dsl.nodes import GuideKind, Journey
from engine.analytics.comparing import Share
from engine.analytics.funnel_answer import FunnelAnswer, SharpestDrop
from engine.analytics.history import NothingRecorded
from engine.errors import WaypostError
from engine.permissions import Scope
from engine.stages import Marks, step_labels, step_marks
from engine.storage.roadmap_evidence import latest_event


@dataclass(frozen=True, slots=True)
class JourneyCard:
    """A journey at a glance. answer: None where it is too short, or too long, to be counted."""

    name: str
    label: str
    answer: FunnelAnswer | None
    marks: Marks
    labels: Mapping[str, str]
    this_week: Share | None
    last_week: Share | None

    @property
    def sharpest(self) -> SharpestDrop | None:
        """Where the greatest share is lost."""
        return None if self.answer is None else self.answer.sharpest

    @property
    def change(self) -> float | None:
        """Of the share that comes to the end, in points, against the week before."""
        if self.this_week is None or self.last_week is None or not (self.this_week.n and self.last_week.n):
            return None
        return 100 * (self.this_week.count / self.this_week.n - self.last_week.count / self.last_week.n)


@dataclass(frozen=True, slots=True)
class Errand:
    """One of the things to do before the first guide is seen. where: the page that it is done on."""

    name: str
    done: bool
    text: str
    hint: str
    where: str | None = None


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Home shows: itself at once, and each of its parts when it is asked for."""
    names = at_a_glance.parts_of(desk)
    part = desk.said.get("part", "")
    if part in names and "HX-Request" in request.headers:
        return send(render_template("home_part.html", desk=desk, asset=asset, **_part(desk, part)))
    with desk.service.database.reading() as connection:
        has_events = latest_event(connection, desk.project.id) > 0
    errands = list(_errands(desk, has_events=has_events))
    # Without a script the parts come with the page, which takes as long as they do.
    is_whole = desk.said.get("whole") == "1"
    shown = {name: _part(desk, name) if is_whole else {"title": title} for name, title in names.items()}
    watches = desk.may(Scope.PEOPLE_READ)
    return {
        "errands": None if all(each.done for each in errands) else errands,
        "how": how_to_send(desk),
        "watched": live_address(desk, everyone=True, limit=5) if watches else None,
        "users": desk.url("users", id="_")[:-1],
        "to_live": url_if(desk, "live"),
        "parts": shown if has_events else {},
        "is_whole": is_whole,
    }


def _part(desk: Desk, name: str) -> dict[str, Any]:
    """One part; what cannot be said says why instead."""
    try:
        found = _PARTS[name](desk)
    except NothingRecorded:
        found = {"refusal": "Nothing is recorded yet of those who count here."}
    except WaypostError as error:
        found = {"refusal": sentence(error)}
    return {"part_name": name, "title": at_a_glance.parts_of(desk)[name], "refusal": None, **found}


def _journeys(desk: Desk) -> dict[str, Any]:
    return {"cards": [_card(desk, journey) for journey in desk.rules.project.journeys.values()]}


def _week(desk: Desk) -> dict[str, Any]:
    return {"news": at_a_glance.week(desk)}


def _guides(desk: Desk) -> dict[str, Any]:
    running, number = at_a_glance.guides(desk)
    kinds = desk.rules.project.kinds.values()
    return {
        "running": running,
        "number": number,
        "surveys": sum(kind is not GuideKind.GUIDE for kind in kinds),
        "to_rules": url_if(desk, "rules"),
        "to_responses": url_if(desk, "responses"),
    }


def _accounts(desk: Desk) -> dict[str, Any]:
    accounts, refusal = at_a_glance.stuck_accounts(desk)
    if refusal is not None:
        return {"refusal": spoken(refusal)}
    return {"accounts": accounts, "to_health": url_if(desk, "health")}


def _tasks(desk: Desk) -> dict[str, Any]:
    return {"tasks": at_a_glance.tasks(desk)}


_PARTS: Final[Mapping[str, Callable[[Desk], dict[str, Any]]]] = {
    "journeys": _journeys,
    "week": _week,
    "guides": _guides,
    "tasks": _tasks,
    "accounts": _accounts,
}


def _card(desk: Desk, journey: Journey) -> JourneyCard:
    name = journey.name.text
    answer: FunnelAnswer | None
    try:
        answer = desk.funnel(name)
        ended = ended_weeks(desk.funnel(name, breakdown="week", window=WINDOW), desk.rules.now)
    except UNCOUNTABLE:
        answer, ended = None, []
    return JourneyCard(
        name=name,
        label=label_of(journey),
        answer=answer,
        marks=step_marks(desk.rules.project, name),
        labels=step_labels(journey),
        this_week=ended[-1] if ended else None,
        last_week=ended[-2] if len(ended) > 1 else None,
    )


def _errands(desk: Desk, *, has_events: bool) -> Iterator[Errand]:
    project = desk.rules.project
    to_form = url_if(desk, "rules", view="edit", tab="form") if desk.may(Scope.RULES_DRAFT) else None
    yield Errand("events", has_events, "Paste the snippet", "One line in the head of your pages, or one of a server.")
    yield Errand(
        "journey",
        bool(project.journeys),
        "Describe the journey",
        "The steps that people go through; here with the form or as text, or with `waypost push` from your own files.",
        to_form,
    )
    yield Errand(
        "guide",
        any(kind is GuideKind.GUIDE for kind in project.kinds.values()),
        "Write the first guide",
        "A rule that says when, to whom and what.",
        to_form,
    )


PAGE = Page("home", "", "Home", "The journeys at a glance.", Group.TOP, Scope.RECORDS_READ, view, key="h")
