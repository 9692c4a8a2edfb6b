"""Themes: problems with the metric that says when they are solved, and suggestions for each stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from api.console.desk import Desk
from api.console.planning.choices import journey_labels, places, timeboxes
from api.planning import reviewer
from engine.permissions import Scope
from engine.roadmap.board import Board
from engine.roadmap.metrics import METRICS
from engine.roadmap.review import ThemeReview, spelled, verdict_in_words
from engine.roadmap.themes import Starter, Theme, ThemeStatus, starters_for
from engine.roadmap.timeboxes import quarter_of
from engine.stages import StageMark, stage_marks


@dataclass(frozen=True, slots=True)
class Told:
    """A theme with how it does. now: its metric in the quarter so far, in words; None where its place is gone."""

    theme: Theme
    mark: StageMark | None
    count: int
    target: str
    now: str | None
    is_reached: bool | None
    fill: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested theme with what a new one is filled with."""

    starter: Starter
    fill: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Those of a stage."""

    mark: StageMark
    journey: str
    listed: tuple[Suggestion, ...]


def show(board: Board, desk: Desk) -> dict[str, Any]:
    """What the themes show."""
    rules, quarter = desk.rules.project, quarter_of(desk.rules.now)
    reviews = {each.theme.id: each for each in reviewer().themes(desk.project.id, desk.rules, quarter, desk.whose)}
    counted = Counter(line.item.draft.theme for line in board.lines)
    told = [_told(theme, counted[theme.id], reviews.get(theme.id), desk) for theme in board.themes]
    return {
        "told_themes": told,
        "told": sentence(told),
        "quarter": quarter,
        "spoken_of": desk.said.get("theme"),
        "suggestions": _suggestions(desk),
        "journeys": journey_labels(rules),
        "places": places(rules, with_stages=True),
        "metric_kinds": {metric.value: kind for metric, kind in METRICS.items()},
        "theme_statuses": [each.value for each in ThemeStatus],
        "timeboxes": [str(each) for each in timeboxes(desk.rules.now, [each.draft.due for each in board.themes])],
        "may_write": desk.may(Scope.ROADMAP_WRITE),
    }


def sentence(themes: list[Told]) -> str:
    """What the list shows, in words."""
    open_ones = [each for each in themes if each.theme.draft.status is ThemeStatus.OPEN]
    if not open_ones:
        return "No open theme. A theme names a problem that people have, and the metric that says when it is solved."
    reached = sum(bool(each.is_reached) for each in open_ones)
    number = len(open_ones)
    return f"{number} open theme{'' if number == 1 else 's'}; {reached} of them at the target this quarter so far."


def _told(theme: Theme, count: int, review: ThemeReview | None, desk: Desk) -> Told:
    draft, rules = theme.draft, desk.rules.project
    marks = stage_marks(rules)
    journey = rules.journeys.get(draft.journey)
    stages = () if journey is None else journey.stages
    own = next((stage for stage in stages if any(step.name.text == draft.step for step in stage.steps)), None)
    stage = draft.stage or (None if own is None else own.name.text)
    return Told(
        theme=theme,
        mark=marks.get(stage or ""),
        count=count,
        target=spelled(draft.target, METRICS[draft.metric].unit),
        now=None if review is None else verdict_in_words(review.comparison),
        is_reached=None if review is None else review.is_reached,
        fill={
            "@send": url_for("roadmap.change_theme", theme_id=theme.id),
            "revision": theme.revision,
            "title": draft.title,
            "place": _place(draft.journey, draft.stage, draft.step),
            "metric": draft.metric.value,
            "target": f"{draft.target:g}",
            "due": "" if draft.due is None else str(draft.due),
            "status": draft.status.value,
            "owner": draft.owner or "",
        },
    )


def _place(journey: str, stage: str | None, step: str | None) -> str:
    """A place as the choice of the form names it; a step says its stage."""
    return f"{journey}//{step}" if step else f"{journey}/{stage or ''}/"


def _suggestions(desk: Desk) -> list[Suggestions]:
    rules = desk.rules.project
    marks = stage_marks(rules)
    return [
        Suggestions(
            marks[stage.name.text],
            name,
            tuple(
                Suggestion(
                    each,
                    {
                        "@send": url_for("roadmap.add_theme"),
                        "title": each.title,
                        "place": _place(name, stage.name.text, None),
                        "metric": each.metric.value,
                        "target": "",
                    },
                )
                for each in starters_for(stage)
            ),
        )
        for name, journey in rules.journeys.items()
        for stage in journey.stages
    ]
