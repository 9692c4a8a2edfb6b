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
    lines = [_line(rules, item, marks, by_theme, opportunities, limits[0], now) for item in items]
    lines.sort(key=lambda line: (*_when(line.item), line.item.id))
    return Board(tuple(lines), tuple(themes), tuple(marks.values()), *limits)


def without_item(opportunities: Sequence[Opportunity], items: Sequence[Item]) -> tuple[Opportunity, ...]:
    """Of each step at which nothing is requested, planned or under way its first opportunity, in their order."""
    over = {ItemStatus.LAUNCHED, ItemStatus.DROPPED}
    cared_for = {(item.draft.journey, item.draft.step) for item in items if item.draft.status not in over}
    found: dict[tuple[str, str], Opportunity] = {}
    for one in opportunities:
        place = (one.journey, one.step)
        if one.status is not Status.DISMISSED and place not in cared_for:
            found.setdefault(place, one)
    return tuple(found.values())


def opportunity_of(item: Item, opportunities: Sequence[Opportunity]) -> Opportunity | None:
    """The opportunity that an item names; of one that names a step only, the most worthwhile there."""
    draft = item.draft
    if draft.opportunity is not None:
        return next((one for one in opportunities if one.id == draft.opportunity), None)
    here = [one for one in opportunities if (one.journey, one.step) == (draft.journey, draft.step) and one.worth]
    return max(here, key=lambda one: one.worth or 0.0, default=None)


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
    opportunities: Sequence[Opportunity],
    limits: Limits,
    now: Instant,
) -> Line:
    draft = item.draft
    opportunity = opportunity_of(item, opportunities)
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
