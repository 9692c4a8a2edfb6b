"""Guides that wake on the same event: one that always wins over another, and two that a user can get both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import Final

from dsl.analysis.consistency import Around, is_possible
from dsl.analysis.facts import Alternatives, TooMany, alternatives, both
from dsl.analysis.settled import Settled, excludes, settled_by
from dsl.analysis.truth import Truth
from dsl.checker.memory import Memory
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
    Name,
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


Trigger = OnEvent | OnPage | OnSessionStart

MOST_EXAMINED: Final = 2_000
"""How many pairs of guides are examined fact by fact, and four more for each guide of a large project."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rival:
    """A guide with what is asked of it again and again. needs: its terms after `when`; excludes: after `unless`.

    settled: for each of its alternatives the values that it leaves to a subject and the steps that it leaves to a
    journey; None if there are too many alternatives.
    """

    guide: Guide
    name: str
    priority: int
    steps_aside: bool
    triggers: tuple[Trigger, ...]
    audience: frozenset[Name] | None
    steps: frozenset[tuple[str, str]] | None
    needs: frozenset[Condition]
    excludes: frozenset[Condition]
    end: Expires | None
    not_with: frozenset[str]
    is_limited: bool
    ways: Alternatives | None
    settled: tuple[Settled, ...] | None


@dataclass(frozen=True, slots=True)
class _Together:
    """What was found of guides on one event. outranked: by whom each is, if by any; free: those of which nothing else
    was found, and nothing had to be examined for that."""

    rivals: Sequence[_Rival]
    outranked: Sequence[_Rival | None]
    free: Sequence[bool]


def check_rivals(report: Report, truth: Truth, sound: Soundness, memory: Memory) -> None:
    """Compare the guides that wake on the same event."""
    by_event: dict[str, list[_Rival]] = {}
    counted = {limit.what for each in report.project.limits for limit in each.limits}
    for guide in report.project.guides.values():
        if sound.of(guide) and triggers(guide) and not _is_aside(guide):
            rival = memory.of("rival", guide, partial(_rival, report, truth, guide, counted))
            for event in trigger_events(guide):
                by_event.setdefault(event, []).append(rival)
    before: dict[object, _Together] = memory.together
    memory.together = {}
    said: set[str] = set()
    outranked: dict[str, list[_Rival | None]] = {}
    for event, together in by_event.items():
        outranked[event] = list(_outranked(together, before.get(event)))
        for rival, other in zip(together, outranked[event], strict=True):
            if other is not None and rival.name not in said:
                _report_outranked(report, rival, other)
                said.add(rival.name)
    overlaps = _Overlaps(report)
    for event, together in by_event.items():
        free = _check_overlaps(overlaps, together, said, before.get(event))
        memory.together[event] = _Together(together, outranked[event], free)


def _unchanged(together: Sequence[_Rival], before: _Together | None) -> tuple[int, int]:
    """How many rivals at the beginning, and at the end, are the same as before."""
    if before is None:
        return 0, 0
    pairs = zip(together, before.rivals, strict=False)
    start = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
    pairs = zip(reversed(together), reversed(before.rivals), strict=False)
    end = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
    return start, min(end, len(together) - start, len(before.rivals) - start)


def _known(number: int, size: int, before: _Together | None, same: tuple[int, int], ahead: int) -> int | None:
    """The place that a rival had, if all with whom it is compared are the same. ahead: how many come after it."""
    if before is None:
        return None
    start, end = same
    if number + ahead < start or (start == size == len(before.rivals)):
        return number
    if number - MOST_COMPARED >= size - end:
        return number - size + len(before.rivals)
    return None


def _outranked(together: Sequence[_Rival], before: _Together | None) -> Iterator[_Rival | None]:
    """The first of its neighbours that always wins over each rival, if one does."""
    same = _unchanged(together, before)
    for number, rival in enumerate(together):
        known = _known(number, len(together), before, same, MOST_COMPARED)
        if known is not None and before is not None:
            yield before.outranked[known]
            continue
        others = [*together[max(0, number - MOST_COMPARED) : number], *together[number + 1 : number + MOST_COMPARED]]
        yield next((other for other in others if _always_wins(other, rival)), None)


def _check_overlaps(
    overlaps: _Overlaps, together: Sequence[_Rival], said: set[str], before: _Together | None
) -> list[bool]:
    """Report those that a user can get together with an earlier one; which are free of that, see `_Together`."""
    same = _unchanged(together, before)
    free: list[bool] = []
    for number, rival in enumerate(together):
        known = _known(number, len(together), before, same, 0)
        if known is not None and before is not None and before.free[known]:
            free.append(True)
            continue
        if rival.name in said:
            free.append(False)
            continue
        left = overlaps.left
        earlier = together[max(0, number - MOST_COMPARED) : number]
        asked = [each for each in earlier if each.name not in said]
        has_overlap = overlaps.check(rival, asked)
        if has_overlap:
            said.add(rival.name)
        free.append(not has_overlap and left == overlaps.left and left > 0 and len(asked) == len(earlier))
    return free


def _rival(report: Report, truth: Truth, guide: Guide, counted: Set[str]) -> _Rival:
    audience, together, asked, ways = one(guide, For), one(guide, NotWith), places(guide), truth.guide_ways(guide)
    return _Rival(
        guide=guide,
        name=guide.name.text,
        priority=_priority(guide),
        steps_aside=any(one(guide, kind) is not None for kind in _HOLDING_BACK),
        triggers=triggers(guide),
        audience=frozenset(audience.segments) if audience is not None else None,
        steps=_steps(report, asked) if asked else None,
        needs=_terms(every(guide, When)),
        excludes=frozenset(each.condition for each in every(guide, Unless)),
        end=one(guide, Expires),
        not_with=frozenset(each.text for each in together.guides) if together is not None else frozenset(),
        is_limited=bool(counted & _counted_as(guide)),
        ways=ways,
        settled=None if ways is None else tuple(settled_by(each, report.project) for each in ways),
    )


def _is_aside(guide: Guide) -> bool:
    return any(one(guide, kind) is not None for kind in (Draft, Paused, Testers))


def _report_outranked(report: Report, rival: _Rival, other: _Rival) -> None:
    message = f"`{rival.name}` is never shown where `{other.name}` may be: that one always wins"
    help_ = (
        f"priority {other.priority} beats {rival.priority} on the same event, and `{other.name}` asks for no "
        "more; narrow it, or turn the priorities round"
    )
    report.add(warnings.OUTRANKED.at(rival.guide.name.span, message, help=help_))


def _always_wins(winner: _Rival, loser: _Rival) -> bool:
    """True when the winner may be shown whenever the loser may, and comes first."""
    if winner.priority <= loser.priority or winner.steps_aside or not _asks_no_more(winner, loser):
        return False
    if not all(any(_wakes_too(mine, theirs) for mine in winner.triggers) for theirs in loser.triggers):
        return False
    # `expires` of the two is the same, or the winner has none.
    return winner.end is None or (loser.end is not None and winner.end.moment == loser.end.moment)


def _asks_no_more(winner: _Rival, loser: _Rival) -> bool:
    """True when all that the winner asks of a user the loser asks too."""
    if not (winner.needs <= loser.needs and winner.excludes <= loser.excludes):
        return False
    if winner.audience is not None and (loser.audience is None or not loser.audience <= winner.audience):
        return False
    return winner.steps is None or (loser.steps is not None and loser.steps <= winner.steps)


def _wakes_too(wider: Trigger, narrower: Trigger) -> bool:
    """True when every event that wakes the narrower wakes the wider."""
    if isinstance(wider, OnEvent) and isinstance(narrower, OnEvent):
        same_event = wider.event.name == narrower.event.name
        same_where = wider.event.where is None or wider.event.where == narrower.event.where
        return same_event and same_where and (not wider.first or narrower.first)
    return wider == narrower


def _terms(clauses: Iterable[When]) -> frozenset[Condition]:
    found: set[Condition] = set()
    for clause in clauses:
        condition = clause.condition
        found |= set(condition.terms) if isinstance(condition, And) else {condition}
    return frozenset(found)


def _steps(report: Report, asked: Sequence[PlaceRef]) -> frozenset[tuple[str, str]]:
    found = ((each.journey.text, step.name.text) for each in asked for step in report.project.steps_at(each))
    return frozenset(found)


def _counted_as(guide: Guide) -> set[str]:
    shows = [*every(guide, Show), *(variant.show for variant in every(guide, Variant))]
    if guide.kind is GuideKind.GUIDE:
        return {"guide", *(show.widget for show in shows)}
    return {"survey", shows[0].widget if shows else SURVEY_FRAME}


class _Overlaps:
    """Looks for guides that a user can get both."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.left = MOST_EXAMINED + 4 * len(report.project.guides)
        self._on_one_event: dict[tuple[Condition, Condition], bool] = {}

    def check(self, rival: _Rival, earlier: Iterable[_Rival]) -> bool:
        """Report the first of the earlier ones that a user can get together with this one."""
        for other in earlier:
            if other.name in rival.not_with or rival.name in other.not_with or (rival.is_limited and other.is_limited):
                continue
            if self._wake_together(rival, other) and self._can_both(rival, other):
                message = f"a user can get both `{other.name}` and `{rival.name}`: they wake on the same event"
                help_ = f"add `limits {{ at most 1 guide per session }}`, or `not with {other.name}`"
                self._report.add(warnings.OVERLAP.at(rival.guide.name.span, message, help=help_))
                return True
        return False

    def _wake_together(self, rival: _Rival, other: _Rival) -> bool:
        """True when one event can wake both."""
        return any(self._can_be_one(mine, theirs) for mine in rival.triggers for theirs in other.triggers)

    def _can_be_one(self, mine: Trigger, theirs: Trigger) -> bool:
        if not (isinstance(mine, OnEvent) and isinstance(theirs, OnEvent)):
            # Whether one page fits two patterns is not looked into.
            return mine == theirs
        if mine.event.name != theirs.event.name:
            return False
        event = self._report.project.catalog.event(mine.event.name.value)
        if mine.event.where is None or theirs.event.where is None or event is None:
            return True
        wheres = (mine.event.where, theirs.event.where)
        known = self._on_one_event.get(wheres)
        if known is None:
            around = Around(self._report.project, properties=event.properties)
            known = self._on_one_event[wheres] = _is_possible(And(wheres, span=wheres[0].span), around)
        return known

    def _can_both(self, rival: _Rival, other: _Rival) -> bool:
        """True when one user can meet the conditions of both at one time."""
        if rival.ways is None or other.ways is None or rival.settled is None or other.settled is None:
            return True
        if all(excludes(mine, theirs) for mine in rival.settled for theirs in other.settled):
            return False
        if not self.left:
            return False
        self.left -= 1
        # At two steps at once is nobody, but for the moment of the event; so narrow a chance is not worth a warning.
        around = Around(self._report.project, triggers=trigger_events(rival.guide))
        try:
            return is_possible(both([rival.ways, other.ways]), around)
        except TooMany:
            return True


def _is_possible(condition: Condition, around: Around) -> bool:
    try:
        return is_possible(alternatives(condition, {}), around)
    except TooMany:
        return True


def _priority(guide: Guide) -> int:
    clause = one(guide, Priority)
    return DEFAULT_PRIORITY if clause is None else clause.value
