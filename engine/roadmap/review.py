"""The quarterly review: what moved, what did not, maps that nobody looked at, what is new, what to drop.

Pure: made of what the planner reads. How it is written is in `review_text`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from dsl.nodes import Journey
from dsl.project import RuleProject
from dsl.values import DAY, Duration, Instant
from engine.analytics.population import Kind
from engine.analytics.releases import Release
from engine.mapping.releases import Look, stale_because
from engine.roadmap.board import Board, Line
from engine.roadmap.evidence import StepEvidence
from engine.roadmap.items import Change, ItemStatus
from engine.roadmap.metrics import METRICS
from engine.roadmap.news import News
from engine.roadmap.opportunities import Decision, Opportunity, Status
from engine.roadmap.outcomes import Comparison, Outcome, Verdict, is_reached
from engine.roadmap.quadrants import Quadrant
from engine.roadmap.themes import Theme
from engine.roadmap.timeboxes import Timebox, read_timebox

STALE_AFTER: Final = Duration(90 * DAY)
"""A journey of which nobody said anything for so long is stale."""
OLD_REQUEST: Final = Duration(180 * DAY)
"""A request that lacks step or evidence for so long is to be dropped."""
SLIPS: Final = 2
"""An item that was put off so often is to be dropped, or made smaller."""


class Stale(StrEnum):
    """Why a map is stale."""

    NEVER = "nobody has confirmed a step of its map or decided on an opportunity yet"
    OLD = "nobody has looked at its map or its opportunities for more than 90 days"
    RELEASED = "the product was released since somebody looked at it last"
    EMPTY_STEP = "steps to which nobody came"


@dataclass(frozen=True, slots=True)
class ThemeReview:
    """A theme with its metric in the quarter beside the quarter before. is_reached: its target; None where unknown."""

    theme: Theme
    comparison: Comparison
    is_reached: bool | None

    @property
    def has_moved(self) -> bool:
        """True for a clear change for the better."""
        return self.comparison.verdict is Verdict.IMPROVED


@dataclass(frozen=True, slots=True)
class StaleMap:
    """A journey that has to be looked at again. detail: a release, names of steps."""

    journey: str
    why: Stale
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ToDrop:
    """An item that may be dropped, and why."""

    item: int
    title: str
    why: str


@dataclass(frozen=True, slots=True)
class Review:
    """A quarter looked back on. made: when; is_over: False where the quarter still runs. late: due and not launched.

    called: what people call journeys, and their stages and steps as `JOURNEY.STEP`.
    """

    quarter: Timebox
    made: Instant
    is_over: bool
    themes: tuple[ThemeReview, ...]
    launched: tuple[Outcome, ...]
    late: tuple[Line, ...]
    stale: tuple[StaleMap, ...]
    news: News
    to_drop: tuple[ToDrop, ...]
    uncared: tuple[Opportunity, ...]
    left_out: tuple[Kind, ...]
    called: Mapping[str, str] = field(default_factory=dict)

    @property
    def moved(self) -> tuple[ThemeReview, ...]:
        """Themes whose metric is clearly better."""
        return tuple(each for each in self.themes if each.has_moved)

    @property
    def not_moved(self) -> tuple[ThemeReview, ...]:
        """All other themes: worse, not clearly different, or not to be told."""
        return tuple(each for each in self.themes if not each.has_moved)


def theme_review(theme: Theme, comparison: Comparison) -> ThemeReview:
    """A theme with what was measured."""
    return ThemeReview(theme, comparison, is_reached(theme.draft.metric, theme.draft.target, comparison.after))


def late_lines(board: Board, quarter: Timebox, *, now: Instant) -> tuple[Line, ...]:
    """What was to be done by the end of the quarter, or by now, and is neither launched nor dropped."""
    over = {ItemStatus.LAUNCHED, ItemStatus.DROPPED}
    return tuple(
        line
        for line in board.lines
        if line.item.draft.timebox is not None
        and line.item.draft.timebox.end <= min(quarter.end, now)
        and line.item.draft.status not in over
    )


def stale_maps(
    rules: RuleProject,
    decisions: Mapping[str, Decision],
    evidence: Sequence[StepEvidence],
    releases: Sequence[Release],
    looks: Mapping[str, Mapping[str, Look]] = MappingProxyType({}),
    *,
    now: Instant,
) -> tuple[StaleMap, ...]:
    """The journeys that have to be looked at again, each for every reason.

    Whoever decides on an opportunity has looked at its journey; looks: at steps, on the maps, by journey.
    """
    found: list[StaleMap] = []
    for name, journey in rules.journeys.items():
        told = [Look(each.at, each.by) for id_, each in decisions.items() if id_.split(".")[0] == name]
        own_looks = looks.get(name, {})
        looked = max((look.at for look in (*told, *own_looks.values())), default=None)
        if looked is None:
            found.append(StaleMap(name, Stale.NEVER))
        else:
            if now - looked > STALE_AFTER:
                found.append(StaleMap(name, Stale.OLD))
            stale = stale_because(releases, journey, _latest(journey, told, own_looks))
            since = dict.fromkeys(each.version for told in stale.values() for each in sorted(told, key=lambda r: r.at))
            if since:
                found.append(StaleMap(name, Stale.RELEASED, ", ".join(since)))
        own = [each for each in evidence if each.journey == name]
        empty = [each.step for each in own if not sum(group.settled for group in each.groups)]
        if empty:
            found.append(StaleMap(name, Stale.EMPTY_STEP, ", ".join(empty)))
    return tuple(found)


def _latest(journey: Journey, whole: Sequence[Look], looks: Mapping[str, Look]) -> dict[str, Look]:
    """The latest look at each step: at itself, or at the whole journey."""
    found = {}
    for step in journey.steps:
        name = step.name.text
        known = [*whole, *([looks[name]] if name in looks else [])]
        if known:
            found[name] = max(known, key=lambda look: look.at)
    return found


def items_to_drop(board: Board, changes: Sequence[Change], *, now: Instant) -> tuple[ToDrop, ...]:
    """Items that speak against themselves, each with the first reason that holds; what is under way is left alone."""
    found = []
    for line in board.lines:
        draft = line.item.draft
        if draft.status not in {ItemStatus.REQUESTED, ItemStatus.SCHEDULED}:
            continue
        why = _why_drop(line, changes, now)
        if why is not None:
            found.append(ToDrop(line.item.id, draft.title, why))
    return tuple(found)


def slips_of(item: int, changes: Sequence[Change]) -> int:
    """How often an item was put into a later timebox."""
    return sum(
        _later(change.fields["timebox"]) for change in changes if change.item == item and "timebox" in change.fields
    )


def verdict_in_words(comparison: Comparison) -> str:
    """A comparison in one line."""
    unit = METRICS[comparison.metric].unit
    before, after = (
        "too few to tell" if each.value is None else spelled(each.value, unit)
        for each in (comparison.before, comparison.after)
    )
    told = f"{before} → {after}"
    if comparison.difference is not None and comparison.interval is not None:
        low, high = spelled(comparison.interval.low, unit, True), spelled(comparison.interval.high, unit, True)
        told += f" ({spelled(comparison.difference, unit, True)}; {low} to {high})"
    return f"{told}, n = {comparison.before.n:,} and {comparison.after.n:,}: {comparison.verdict}"


def spelled(value: float | None, unit: str, is_difference: bool = False) -> str:
    """A value of a metric with its unit."""
    sign = "+" if is_difference else ""
    if value is None:
        return "not enough"
    match unit:
        case "share":
            return f"{100 * value:{sign}.1f} points" if is_difference else f"{value:.1%}"
        case "seconds":
            size, name = next(
                (s, n) for s, n in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")) if _fits(value, s)
            )
            return f"{value / size:{sign}.1f} {name}"
        case "score":
            return f"{value:{sign}.2f}"
        case _:
            return f"{value:{sign}.1f} {unit}"


def _fits(value: float, size: int) -> bool:
    return abs(value) >= size or size == 1


def _why_drop(line: Line, changes: Sequence[Change], now: Instant) -> str | None:
    item, opportunity = line.item, line.opportunity
    if opportunity is not None and opportunity.status is Status.DISMISSED:
        return f"its opportunity was dismissed: {opportunity.decision.why if opportunity.decision else ''}"
    if item.draft.opportunity is not None and opportunity is None:
        return "its opportunity is gone: hardly anybody is lost there any more"
    if line.place is not None and line.place.quadrant is Quadrant.AVOID and not line.place.is_close:
        return "much effort for little: drop it, or find something smaller"
    if line.missing and item.draft.status is ItemStatus.REQUESTED and now - item.created > OLD_REQUEST:
        return (
            f"requested {Duration(now - item.created) // DAY} days ago, and still without {' and '.join(line.missing)}"
        )
    slips = slips_of(item.id, changes)
    if slips >= SLIPS:
        return f"put off {slips} times: drop it, or make it smaller"
    return None


def _later(pair: tuple[object, object]) -> bool:
    before, after = pair
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    return read_timebox(after).begin > read_timebox(before).begin
