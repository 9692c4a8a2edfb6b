"""The impact × effort matrix: where each item lies, so that all of them fit and the four quadrants have equal room.

A value lies at `v ÷ (v + limit)` of its axis: nothing at the edge, the limit in the middle, and whatever is far above
it still on the page. The module in the browser turns places into values by the same rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.console.desk import Desk
from api.console.planning.briefs import brief
from engine.roadmap.board import Board, Line
from engine.roadmap.items import GREATEST_IMPACT, LONGEST_EFFORT, ItemStatus
from engine.roadmap.quadrants import MEANINGS, Limits, Quadrant, Range, quadrant_of

OVER: Final = frozenset({ItemStatus.LAUNCHED, ItemStatus.DROPPED})
"""What is decided needs no place any more."""
UNMARKED: Final = "#545b63"
"""The colour of an item without a stage."""
TICKS: Final = (0.25, 0.5, 1, 2, 4, 10)
"""Of an axis, in limits."""
MOST_NAMED: Final = 24
"""Of more items the names would cover each other: then their numbers stand beside them."""
STEP_ASIDE: Final = 30
"""Pixels between items at the same place."""


@dataclass(frozen=True, slots=True)
class Point:
    """An item on the matrix. x, y: per cent from the left and the top. aside: pixels down, beside others at its place.

    spread: where its ranges begin and end, per cent, for both axes; None where they are points.
    """

    line: Line
    x: float
    y: float
    aside: int
    across: tuple[float, float] | None
    along: tuple[float, float] | None
    brief: Mapping[str, Any]

    @property
    def words(self) -> str:
        """What it is and where it lies, to be read aloud."""
        line = self.line
        quadrant = "" if line.place is None else f", {line.place.quadrant}"
        effort, impact = said(line.effort, "days"), said(line.impact, "users a week")
        return f"{line.item.draft.title}: {effort}, {impact}{quadrant}"

    @property
    def is_turned(self) -> bool:
        """True where its name has no room on the right."""
        return self.x > 62


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis. at: per cent."""

    at: float
    words: str


def place(value: float, limit: float) -> float:
    """Where a value lies on its axis, 0 to 100."""
    return 100 * value / (value + limit)


def said(found: Range | None, unit: str) -> str:
    """A range for reading aloud."""
    return f"no {unit} yet" if found is None else f"{found.middle:.3g} {unit}"


def open_lines(board: Board) -> list[Line]:
    """The items that are still to be decided or done."""
    return [line for line in board.lines if line.item.draft.status not in OVER]


def points(lines: Iterable[Line], limits: Limits, desk: Desk) -> list[Point]:
    """The items, each at its place; what lacks effort or impact stands at the limit, until somebody places it."""
    taken: Counter[tuple[int, int]] = Counter()
    found = []
    for line in lines:
        x = place(limits.effort_days if line.effort is None else line.effort.middle, limits.effort_days)
        impact = limits.users_per_week if line.impact is None else line.impact.middle
        y = 100 - place(impact, limits.users_per_week)
        cell = (round(x / 4), round(y / 6))
        aside = 0 if line.place is None else _inward(y) * STEP_ASIDE * taken[cell]
        taken[cell] += line.place is not None
        across, along = _spread(line.effort, limits.effort_days), _spread(line.impact, limits.users_per_week)
        upward = None if along is None else (100 - along[1], 100 - along[0])
        found.append(Point(line, x, y, aside, across, upward, brief(line, desk)))
    return found


def ticks(limit: float) -> list[Tick]:
    """The marks of an axis."""
    return [Tick(place(each * limit, limit), f"{each * limit:g}") for each in TICKS]


def corners(limits: Limits) -> dict[str, str]:
    """The name of each quadrant by where it lies: above and below the limit of impact, left and right of effort's."""
    much, little = Range(limits.users_per_week, limits.users_per_week), Range(0, 0)
    long, short = Range(limits.effort_days, limits.effort_days), Range(0, 0)
    return {
        "much_short": quadrant_of(much, short, limits).value,
        "much_long": quadrant_of(much, long, limits).value,
        "little_short": quadrant_of(little, short, limits).value,
        "little_long": quadrant_of(little, long, limits).value,
    }


def sentence(lines: Sequence[Line]) -> str:
    """What the matrix shows, in words."""
    placed = Counter(line.place.quadrant for line in lines if line.place is not None)
    if not placed:
        return "No open item has both an effort and an impact yet; give one of them both, and it has a place here."
    told = ", ".join(f"{placed[each]} {each.value}" for each in Quadrant if placed[each])
    rest = len(lines) - sum(placed.values())
    waiting = f" {rest} more {'lacks' if rest == 1 else 'lack'} effort or impact." if rest else ""
    return f"{sum(placed.values())} open items by what they take and what they win: {told}.{waiting}"


def show(board: Board, desk: Desk) -> dict[str, Any]:
    """What the matrix shows."""
    lines = open_lines(board)
    return {
        "points": points(lines, board.limits, desk),
        "is_crowded": sum(line.place is not None for line in lines) > MOST_NAMED,
        "told": sentence(lines),
        "unmarked": UNMARKED,
        "efforts": ticks(board.limits.effort_days),
        "impacts": ticks(board.limits.users_per_week),
        "corners": corners(board.limits),
        "most": {"effort": LONGEST_EFFORT, "impact": GREATEST_IMPACT},
        "meanings": {each.value: words for each, words in MEANINGS.items()},
        "over": len(board.lines) - len(lines),
    }


def _inward(y: float) -> int:
    """Whether items at one place stand below each other or above: always into their own quadrant."""
    return 1 if y % 50 < 25 else -1


def _spread(found: Range | None, limit: float) -> tuple[float, float] | None:
    if found is None or found.low == found.high:
        return None
    return place(found.low, limit), place(found.high, limit)
