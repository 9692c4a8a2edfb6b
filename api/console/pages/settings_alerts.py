"""Alerts: which figures of steps are watched, what the last look found, what was raised and when it was over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.drawing import spoken
from api.console.registry import Group, Page
from api.console.turning import turned
from api.schemas.step_alerts import episode_row, state_of
from api.tables import ALL
from dsl.labels import label_of
from engine.permissions import Scope
from engine.stages import place_labels_in_full
from engine.step_alert_desk import StepAlertDesk
from engine.step_alerts import (
    ENDINGS,
    HISTORY_COLUMNS,
    METRICS,
    Direction,
    change_words,
    number_words,
    promise,
    watch_words,
)
from engine.storage.step_alerts import StepAlert

PER_PAGE: Final = 20
TONES: Final = {"raised": "bad", "quiet": "good"}


@dataclass(frozen=True, slots=True)
class Line:
    """An alert as the page shows it."""

    alert: StepAlert
    words: str
    state: str
    found: str


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the page shows, or what was raised as a file."""
    alerts, project = StepAlertDesk(desk.service.database), desk.project.id
    if desk.said.get("format") == "csv":
        rows = map(episode_row, alerts.history(project, limit=ALL))
        return as_file(list(rows), list(HISTORY_COLUMNS), "csv", name="step-alert-history")
    before = desk.number("before", digits=15)
    past = alerts.history(project, before=before, limit=PER_PAGE + 1)
    shown, turning = turned(desk, past, PER_PAGE, before=before)
    journeys = desk.rules.project.journeys
    places = place_labels_in_full(desk.rules.project)
    return {
        "lines": [_line(each) for each in alerts.alerts(project)],
        "tones": TONES,
        "episodes": shown,
        "endings": ENDINGS,
        "metrics": METRICS,
        "places": places,
        "wholes": {name: label_of(journey) for name, journey in journeys.items()},
        "personas": {"": "everybody"} | desk.personas,
        "directions": {each.value: each.value for each in Direction},
        "chosen_place": _place(desk, places),
        **turning,
        "may_write": desk.may(Scope.RULES_WRITE),
        "promise": promise(),
    }


def _line(alert: StepAlert) -> Line:
    return Line(alert, watch_words(alert.watch), state_of(alert), _found(alert))


def _found(alert: StepAlert) -> str:
    look = alert.look
    if look is None:
        return "Not looked at yet; within five minutes."
    if look.problem is not None or look.interval is None or look.difference is None:
        return spoken(look.problem or "nothing could be said")
    unit = METRICS[alert.watch.metric].unit
    unit = "" if unit == "scale" else f" {unit}"
    return (
        f"{number_words(look.recent)} of {look.n:,} people, {number_words(look.before)} of {look.n_before:,} before: "
        f"{change_words(look.difference)}{unit}, somewhere from {change_words(look.interval.low)} to "
        f"{change_words(look.interval.high)}."
    )


def _place(desk: Desk, places: Mapping[str, str]) -> str | None:
    """The step that was selected elsewhere."""
    journey, step = desk.said.get("journey", ""), desk.said.get("step", "")
    return f"{journey}.{step}" if f"{journey}.{step}" in places else None


PAGE = Page(
    "settings_alerts",
    "settings/alerts",
    "Alerts",
    "Be told when a figure of a step changes by more than noise.",
    Group.SETTINGS,
    Scope.RECORDS_READ,
    view,
)
