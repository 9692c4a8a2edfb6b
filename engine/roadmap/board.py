"""The roadmap as one sees it: items with their stage's letter and colour, what they lack, and where they lie.

Pure: made of what is stored and of the opportunities of the moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.project import RuleProject
from dsl.values import Instant
from engine.roadmap.items import Item, ItemStatus, Missing, effort_of, missing_of
from engine.roadmap.opportunities import Opportunity, Status
from engine.roadmap.quadrants import Limits, Place, Range, place_of
from engine.roadmap.themes import Theme
from engine.stages import StageMark, stage_marks, stage_of

UNTIMED: Final = "without a timebox"


@dataclass(frozen=True, slots=True)
class Line:
    """An item with what follows from it. mark: of its stage; None without a step, or where the rules have it no more.

    impact: users a week, its own estimate or that of its opportunity. place: None as long as impact or effort is not
    known.
    """

    item: Item
    mark: StageMark | None
    theme: Theme | None
    opportunity: Opportunity | None
    missing: tuple[Missing, ...]
    impact: Range | None
    effort: Range | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class Board:
    """A project's roadmap. marks: of all stages, in the order of the rules, for the legend."""

    lines: tuple[Line, ...]
    themes: tuple[Theme, ...]
    marks: tuple[StageMark, ...]
    limits: Limits
    limits_revision: int


def board_of(
    rules: RuleProject,
    items: Sequence[Item],
    themes: Sequence[Theme],
    opportunities: Sequence[Opportunity],
    limits: tuple[Limits, int],
    *,
    now: Instant,
) -> Board:
    """The board: what is planned for the earliest timebox first, then what has none, in the order of its making."""
    marks = stage_marks(rules)
    by_theme = {theme.id: theme for theme in themes}
    by_id = {one.id: one for one in opportunities}
    lines = [_line(rules, item, marks, by_theme, by_id, limits[0], now) for item in items]
    lines.sort(key=lambda line: (*_when(line.item), line.item.id))
    return Board(tuple(lines), tuple(themes), tuple(marks.values()), *limits)


def without_item(opportunities: Sequence[Opportunity], items: Sequence[Item]) -> tuple[Opportunity, ...]:
    """Opportunities, in their order, at whose step nothing is requested, planned or under way."""
    over = {ItemStatus.LAUNCHED, ItemStatus.DROPPED}
    cared_for = {(item.draft.journey, item.draft.step) for item in items if item.draft.status not in over}
    return tuple(
        one for one in opportunities if one.status is not Status.DISMISSED and (one.journey, one.step) not in cared_for
    )


def impact_of(item: Item, opportunity: Opportunity | None) -> Range | None:
    """Users a week that an item could win: as somebody estimated it, else as its opportunity says."""
    if item.draft.impact is not None:
        return item.draft.impact
    if opportunity is None or opportunity.worth is None:
        return None
    ends = opportunity.worth_interval
    low, high = (opportunity.worth, opportunity.worth) if ends is None else (ends.low, ends.high)
    return Range(low, high, opportunity.worth)


def _line(
    rules: RuleProject,
    item: Item,
    marks: Mapping[str, StageMark],
    themes: Mapping[int, Theme],
    opportunities: Mapping[str, Opportunity],
    limits: Limits,
    now: Instant,
) -> Line:
    draft = item.draft
    opportunity = opportunities.get(draft.opportunity or "")
    impact, effort = impact_of(item, opportunity), effort_of(draft)
    journey = rules.journeys.get(draft.journey or "")
    stage = stage_of(journey, draft.step or "") if journey is not None else None
    return Line(
        item=item,
        mark=marks.get(stage or ""),
        theme=themes.get(draft.theme or 0),
        opportunity=opportunity,
        missing=missing_of(draft),
        impact=impact,
        effort=effort,
        place=place_of(impact, effort, limits, now=now),
    )


def _when(item: Item) -> tuple[bool, int, int]:
    timebox = item.draft.timebox
    return (True, 0, 0) if timebox is None else (False, *timebox.order)
