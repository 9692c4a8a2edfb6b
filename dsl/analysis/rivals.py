"""Guides that wake on the same event: one that always wins over another, and two that a user can get both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from dsl.analysis.consistency import Around, is_possible
from dsl.analysis.facts import TooMany, both
from dsl.analysis.truth import Truth
from dsl.checker.report import Report
from dsl.checker.soundness import Soundness
from dsl.clauses import DEFAULT_PRIORITY, every, one, places, trigger_events, triggers
from dsl.codes import warnings
from dsl.nodes import (
    And,
    Condition,
    Draft,
    Expires,
    For,
    Frequency,
    From,
    Guide,
    GuideKind,
    NotWith,
    OnEvent,
    OnlyBetween,
    OnlyOn,
    OnPage,
    OnSessionStart,
    Paused,
    PlaceRef,
    Priority,
    Rollout,
    Sample,
    Show,
    StopAfter,
    Testers,
    Unless,
    Variant,
    When,
)
from widgets.registry import SURVEY_FRAME

MOST_COMPARED: Final = 50
"""With how many others on the same event a guide is compared: enough for people, and it stays quick for machines."""

_HOLDING_BACK: Final = (
    Frequency,
    NotWith,
    Rollout,
    Sample,
    From,
    OnlyOn,
    OnlyBetween,
    StopAfter,
    Testers,
    Draft,
    Paused,
)
"""Clauses that let a guide step aside at times, so that it does not always win."""


def check_rivals(report: Report, truth: Truth, sound: Soundness) -> None:
    """Compare the guides that wake on the same event."""
    by_event: dict[str, list[Guide]] = {}
    for guide in report.project.guides.values():
        if sound.of(guide) and triggers(guide) and not _is_aside(guide):
            for event in trigger_events(guide):
                by_event.setdefault(event, []).append(guide)
    said: set[str] = set()
    for together in by_event.values():
        for number, guide in enumerate(together):
            if guide.name.text in said:
                continue
            others = [
                *together[max(0, number - MOST_COMPARED) : number],
                *together[number + 1 : number + MOST_COMPARED],
            ]
            if _check_outranked(report, guide, others):
                said.add(guide.name.text)
    for together in by_event.values():
        for number, guide in enumerate(together):
            if guide.name.text not in said:
                earlier = together[max(0, number - MOST_COMPARED) : number]
                if _check_overlap(report, truth, guide, [each for each in earlier if each.name.text not in said]):
                    said.add(guide.name.text)


def _is_aside(guide: Guide) -> bool:
    return any(one(guide, kind) is not None for kind in (Draft, Paused, Testers))


def _check_outranked(report: Report, guide: Guide, others: Iterable[Guide]) -> bool:
    for other in others:
        if _always_wins(report, other, guide):
            mine, theirs = _priority(guide), _priority(other)
            message = f"`{guide.name.text}` is never shown where `{other.name.text}` may be: that one always wins"
            help_ = (
                f"priority {theirs} beats {mine} on the same event, and `{other.name.text}` asks for no more; "
                "narrow it, or turn the priorities round"
            )
            report.add(warnings.OUTRANKED.at(guide.name.span, message, help=help_))
            return True
    return False


def _always_wins(report: Report, winner: Guide, loser: Guide) -> bool:
    """True when the winner may be shown whenever the loser may, and comes first."""
    if _priority(winner) <= _priority(loser) or any(one(winner, kind) is not None for kind in _HOLDING_BACK):
        return False
    if not all(any(_wakes_too(mine, theirs) for mine in triggers(winner)) for theirs in triggers(loser)):
        return False
    return _asks_no_more(report, winner, loser) and _lasts_as_long(winner, loser)


def _asks_no_more(report: Report, winner: Guide, loser: Guide) -> bool:
    """True when all that the winner asks of a user the loser asks too."""
    audience, other_audience = one(winner, For), one(loser, For)
    if audience is not None and (other_audience is None or not set(other_audience.segments) <= set(audience.segments)):
        return False
    if places(winner) and not (places(loser) and _steps(report, places(loser)) <= _steps(report, places(winner))):
        return False
    unless, other_unless = ({each.condition for each in every(guide, Unless)} for guide in (winner, loser))
    return _terms(every(winner, When)) <= _terms(every(loser, When)) and unless <= other_unless


def _lasts_as_long(winner: Guide, loser: Guide) -> bool:
    end, other_end = one(winner, Expires), one(loser, Expires)
    return end is None or (other_end is not None and end.moment == other_end.moment)


Trigger = OnEvent | OnPage | OnSessionStart


def _wakes_too(wider: Trigger, narrower: Trigger) -> bool:
    """True when every event that wakes the narrower wakes the wider."""
    if isinstance(wider, OnEvent) and isinstance(narrower, OnEvent):
        same_event = wider.event.name == narrower.event.name
        same_where = wider.event.where is None or wider.event.where == narrower.event.where
        return same_event and same_where and (not wider.first or narrower.first)
    return wider == narrower


def _terms(clauses: Iterable[When]) -> set[Condition]:
    found: set[Condition] = set()
    for clause in clauses:
        condition = clause.condition
        found |= set(condition.terms) if isinstance(condition, And) else {condition}
    return found


def _steps(report: Report, asked: Sequence[PlaceRef]) -> set[tuple[str, str]]:
    return {(each.journey.text, step.name.text) for each in asked for step in report.project.steps_at(each)}


def _check_overlap(report: Report, truth: Truth, guide: Guide, earlier: Iterable[Guide]) -> bool:
    for other in earlier:
        if _excluded(guide, other) or _limited(report, guide, other):
            continue
        if _wake_together(report, guide, other) and _can_both(report, truth, guide, other):
            message = f"a user can get both `{other.name.text}` and `{guide.name.text}`: they wake on the same event"
            help_ = f"add `limits {{ at most 1 guide per session }}`, or `not with {other.name.text}`"
            report.add(warnings.OVERLAP.at(guide.name.span, message, help=help_))
            return True
    return False


def _excluded(guide: Guide, other: Guide) -> bool:
    """True when one of the two says `not with` the other."""
    return any(
        name.text == named.name.text
        for clause, named in ((one(guide, NotWith), other), (one(other, NotWith), guide))
        if clause is not None
        for name in clause.guides
    )


def _limited(report: Report, guide: Guide, other: Guide) -> bool:
    """True when some limit counts the one, and some the other."""
    counted = {limit.what for each in report.project.limits for limit in each.limits}
    return bool(counted & _counted_as(guide)) and bool(counted & _counted_as(other))


def _counted_as(guide: Guide) -> set[str]:
    shows = [*every(guide, Show), *(variant.show for variant in every(guide, Variant))]
    if guide.kind is GuideKind.GUIDE:
        return {"guide", *(show.widget for show in shows)}
    return {"survey", shows[0].widget if shows else SURVEY_FRAME}


def _wake_together(report: Report, guide: Guide, other: Guide) -> bool:
    """True when one event can wake both."""
    return any(_can_be_one(report, mine, theirs) for mine in triggers(guide) for theirs in triggers(other))


def _can_be_one(report: Report, mine: Trigger, theirs: Trigger) -> bool:
    if not (isinstance(mine, OnEvent) and isinstance(theirs, OnEvent)):
        # Whether one page fits two patterns is not looked into.
        return mine == theirs
    if mine.event.name != theirs.event.name:
        return False
    wheres = [each for each in (mine.event.where, theirs.event.where) if each is not None]
    event = report.project.catalog.event(mine.event.name.value)
    if len(wheres) < 2 or event is None:
        return True
    around = Around(report.project, properties=event.properties)
    ways = Truth(report, Soundness(())).ways(And(tuple(wheres), span=wheres[0].span))
    return ways is None or is_possible(ways, around)


def _can_both(report: Report, truth: Truth, guide: Guide, other: Guide) -> bool:
    """True when one user can meet the conditions of both at one time."""
    mine, theirs = truth.guide_ways(guide), truth.guide_ways(other)
    if mine is None or theirs is None:
        return True
    # At two steps at once is nobody, but for the moment of the event; so narrow a chance is not worth a warning.
    around = Around(report.project, triggers=trigger_events(guide))
    try:
        return is_possible(both([mine, theirs]), around)
    except TooMany:
        return True


def _priority(guide: Guide) -> int:
    clause = one(guide, Priority)
    return DEFAULT_PRIORITY if clause is None else clause.value
