"""What was felt week by week at one step of a map, with what was released and published meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from api.console.desk import Desk
from api.console.marks import marks_in, on_days
from dsl.values import DAY, WEEK, Instant
from engine import step_records
from engine.analytics.curve import CurvePoint
from engine.analytics.history import NothingRecorded
from engine.analytics.standings import WEEKS
from engine.mapping.model import JourneyMap, StepOnMap
from engine.roadmap.metrics import Metric
from engine.step_records import By, RecordsAsked

HOW_FAR: Final = 26
"""Weeks that the chart goes back."""


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a step. marks: what was released and published in it."""

    day: str
    point: CurvePoint | None
    marks: str


@dataclass(frozen=True, slots=True)
class OverTime:
    """The weeks of a step, as a chart and as a table."""

    step: StepOnMap
    told: str
    chart: dict[str, Any]
    weeks: list[Week]


def over_time(desk: Desk, drawn: JourneyMap) -> OverTime | None:
    """The weeks of the step that is looked at, else of the worst drop, else of the one where most was said; None where
    nobody said anything."""
    step = drawn.step(desk.step or drawn.worst) or max(
        drawn.steps, key=lambda each: each.figure(Metric.EMOTION).n, default=None
    )
    if step is None:
        return None
    now = desk.rules.now
    # From midnight on, so that the question is the same all day and its answer can be kept.
    since = Instant(now - now % DAY - HOW_FAR * WEEK)
    asked = RecordsAsked(
        drawn.journey,
        by=By.WEEK,
        since=since,
        where=desk.persona_where,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
    )
    try:
        found = step_records.curves(desk.analyst, desk.project.id, asked, desk.rules).curves
    except NothingRecorded:
        return None
    points = {
        curve.group: next((each for each in curve.points if each.step == step.step), None)
        for curve in found
        if curve.group is not None
    }
    if not any(point is not None and point.emotion.n for point in points.values()):
        return None
    first = min(day for day in points)
    days = [
        day for day in map(_week_of, (Instant(since + number * WEEK) for number in range(HOW_FAR + 1))) if day >= first
    ]
    marks = {each["day"]: each for each in on_days(marks_in(desk, since, Instant(now + 1)), days)}
    weeks = [Week(day, points.get(day), marks[day]["words"] if day in marks else "") for day in days]
    told = f"What people said they felt at “{step.label}”, week by week, with the range in which the mean lies."
    return OverTime(step, told, _chart(weeks, list(marks.values())), weeks)


def _chart(weeks: list[Week], marks: list[dict[str, Any]]) -> dict[str, Any]:
    bands = [None if each.point is None else each.point.band for each in weeks]
    return {
        "kind": "overtime",
        "unit": "score",
        "name": "emotion",
        "days": [each.day for each in weeks],
        "value": [None if each.point is None else each.point.emotion.mean for each in weeks],
        "counts": [f"n = {0 if each.point is None else each.point.emotion.n}" for each in weeks],
        "bands": [
            {
                "name": "95 %",
                "low": [None if band is None else max(-1.0, band.low) for band in bands],
                "high": [None if band is None else min(1.0, band.high) for band in bands],
            }
        ],
        "marks": marks,
    }


def _week_of(at: Instant) -> str:
    return WEEKS.first_day(WEEKS.number_of(at))
