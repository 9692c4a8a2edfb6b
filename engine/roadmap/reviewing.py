"""Makes the quarterly review: asks the planner what was decided and measured, and the log what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsl.labels import label_of
from dsl.values import MINUTE, Instant
from engine.analytics.history import History, NothingRecorded
from engine.analytics.releases import Release, releases_of
from engine.membership import RulesNow
from engine.roadmap.board import without_item
from engine.roadmap.evidence import PERIOD, Period
from engine.roadmap.gate import is_declared
from engine.roadmap.metrics import stretch_of
from engine.roadmap.news import News, news_of
from engine.roadmap.planner import Planner
from engine.roadmap.readings import Asked, Whose
from engine.roadmap.review import (
    Review,
    ThemeReview,
    items_to_drop,
    late_lines,
    stale_maps,
    theme_review,
)
from engine.roadmap.themes import Theme, ThemeStatus
from engine.roadmap.timeboxes import Timebox
from engine.stages import place_labels

if TYPE_CHECKING:
    from engine.analyst import Analyst

MOST_UNCARED = 5
"""How many opportunities without an item a review names."""


class Reviewer:
    """Looks back on quarters. analyst: what reads the log; without one nothing is told of what is new."""

    def __init__(self, planner: Planner, analyst: Analyst | None = None) -> None:
        self._planner = planner
        self._analyst = analyst

    def review(
        self,
        project_id: int,
        rules: RulesNow,
        quarter: Timebox,
        whose: Whose = Whose(),  # noqa: B008  (frozen)
    ) -> Review:
        """A quarter of a project. One that still runs is looked at as far as it has come."""
        planner, now = self._planner, rules.now
        board = planner.board(project_id, rules, whose)
        opportunities = planner.opportunities(project_id, rules, Asked(whose=whose))
        period = _so_far(quarter, now)
        news, releases = self._from_the_log(project_id, rules, period, whose)
        launched = [
            line.item
            for line in board.lines
            if line.item.draft.launched is not None and quarter.begin <= line.item.draft.launched < quarter.end
        ]
        return Review(
            quarter=quarter,
            made=now,
            is_over=quarter.end <= now,
            themes=self.themes(project_id, rules, quarter, whose),
            launched=planner.outcomes(project_id, rules, launched, whose),
            late=late_lines(board, quarter, now=now),
            stale=stale_maps(
                rules.project,
                planner.decisions(project_id),
                planner.readings.evidence(project_id, rules, PERIOD, whose),
                releases,
                planner.looks(project_id, rules.project.journeys),
                now=now,
            ),
            news=news,
            to_drop=items_to_drop(board, planner.changes(project_id), now=now),
            uncared=without_item(opportunities, [line.item for line in board.lines])[:MOST_UNCARED],
            left_out=whose.left_out,
            called={
                **{name: label_of(journey) for name, journey in rules.project.journeys.items()},
                **place_labels(rules.project, with_stages=True),
            },
        )

    def themes(
        self,
        project_id: int,
        rules: RulesNow,
        quarter: Timebox,
        whose: Whose = Whose(),  # noqa: B008  (frozen)
    ) -> tuple[ThemeReview, ...]:
        """The themes that are not dropped and whose place the rules still have, each with its metric in a quarter."""
        themes = [
            theme
            for theme in self._planner.themes(project_id)
            if theme.draft.status is not ThemeStatus.DROPPED and _has_place(rules, theme)
        ]
        before = Period(quarter.previous.begin, quarter.begin)
        after = _so_far(quarter, rules.now)
        questions = tuple(
            (
                theme.draft.metric,
                stretch_of(rules.project.journeys[theme.draft.journey], stage=theme.draft.stage, step=theme.draft.step),
                (before, after),
            )
            for theme in themes
        )
        found = self._planner.readings.compared(project_id, rules, questions, whose)
        return tuple(theme_review(theme, each) for theme, each in zip(themes, found, strict=True))

    def _from_the_log(
        self, project_id: int, rules: RulesNow, period: Period, whose: Whose
    ) -> tuple[News, tuple[Release, ...]]:
        if self._analyst is None:
            return News(), ()

        def answer(history: History) -> News:
            return news_of(history, rules.project, period)

        def released(history: History) -> tuple[Release, ...]:
            return releases_of(history)

        try:
            # Of everybody: a release is told by a program, or by one of your own.
            releases = self._analyst.answer(project_id, "releases", rules, released, everyone=True)
            news = self._analyst.answer(
                project_id,
                ("roadmap review", period),
                rules,
                answer,
                everyone=whose.everyone,
                with_simulated=whose.with_simulated,
            )
        except NothingRecorded:
            return News(), ()
        return news, releases


def _has_place(rules: RulesNow, theme: Theme) -> bool:
    draft = theme.draft
    journey = rules.project.journeys.get(draft.journey)
    if journey is None or (draft.step is not None and not is_declared(rules.project, draft.journey, draft.step)):
        return False
    return draft.stage is None or any(stage.name.text == draft.stage for stage in journey.stages)


def _so_far(quarter: Timebox, now: Instant) -> Period:
    """A quarter as far as it has come, to the minute that runs, so that what was found of it holds that long."""
    return Period(quarter.begin, Instant(min(quarter.end, -(-now // MINUTE) * MINUTE)))
