"""A rule set over a recorded history, with the caps running: how often each guide would have come, and what kept it.

The history is lived through event by event with `engine.rehearsal`. Up to the beginning of the window everything stands
as recorded. From there on, what people were shown comes from the rules, and so do caps, limits and holdouts; what they
did of themselves, answers and dismissals too, stays as recorded. So a backtest says who would have been eligible, and
nothing of what a guide would have changed. Pure; decides nothing itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from statistics import quantiles
from typing import Any, Final

from dsl.moments import day_of
from dsl.values import Instant
from engine.context import read_context
from engine.decisions import Decision
from engine.events import GUIDE_EVENTS, Event, GuideEvent
from engine.people import Person
from engine.reasons import Reason
from engine.rehearsal import Rehearsal, shown_by
from engine.ruleset import RuleSet

CAVEAT: Final = (
    "This is eligibility over a recorded history, not effect: people did what they did without these guides, and a "
    "guide that helps would have changed what came after it."
)

_SHOWN_BY_RULES: Final = frozenset({GuideEvent.SHOWN.value, GuideEvent.HELD_OUT.value})
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Removed:
    """What a gate kept away: at how many moments, and how many people at least once."""

    moments: int
    people: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another guide in the way of this one.

    both: people who would have seen both. won, lost: moments at which both could have been shown and this one, or the
    other one, had the place.
    """

    guide: str
    both: int
    won: int
    lost: int


@dataclass(frozen=True, slots=True)
class Delay:
    """From the moment at which a guide first came into question for a person to its first show, in microseconds."""

    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class GuideBacktest:
    """What becomes of one guide.

    shows: how often it would have been shown; by_day: the same by calendar day of the project's zone, every day of the
    window. people: who would have seen it. held_out: who would have been held out from it. considered: moments at which
    it came into question. removed: by reason, in the order of the gates. first_delay: None where nobody saw it.
    """

    guide: str
    shows: int
    by_day: Mapping[date, int]
    people: int
    held_out: int
    considered: int
    removed: Mapping[Reason, Removed]
    first_delay: Delay | None
    overlaps: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """A whole backtest. begin, end: the window, both inclusive; moments: how often guidance was asked for in it.

    portions: more than one where only a portion of the people was lived through: one of so many.
    """

    guides: tuple[GuideBacktest, ...]
    begin: Instant
    end: Instant
    people: int
    events: int
    moments: int
    portions: int = 1


def backtest(
    ruleset: RuleSet,
    people: Sequence[Person],
    *,
    begin: Instant | None = None,
    end: Instant | None = None,
    guides: Iterable[str] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Backtest:
    """Live through the history of some people. progress: told how many events are done.

    begin, end: the window, both inclusive; without them the whole history. guides: those to report; all without.
    Every browser event is a request for guidance; of people without any, as after an import, every event is one.
    """
    events = sorted(
        ((event, number) for number, person in enumerate(people) for event in person.events),
        key=lambda each: each[0].position,
    )
    last = end if end is not None else max((event.time for event, _ in events), default=Instant(0))
    first = begin if begin is not None else min((event.time for event, _ in events), default=Instant(0))
    in_browsers = {number for event, number in events if event.from_browser}
    rehearsal = Rehearsal(ruleset, [each.first_id for each in people])
    tracks: dict[str, _Track] = {name: _Track() for name in ruleset.by_name}
    lived = moments = 0
    for done, (event, who) in enumerate(events, 1):
        progress(done)
        if event.time > last or (event.time >= first and event.name in _SHOWN_BY_RULES):
            continue
        # What was brought in later comes here when it happened, and wakes what it would have woken then.
        rehearsal.take(who, event if event.live else replace(event, live=True))
        if event.time < first:
            continue
        lived += 1
        if event.name in GUIDE_EVENTS or not (event.from_browser or who not in in_browsers):
            continue
        moments += 1
        if rehearsal.is_woken(who, now=event.time):
            decision = rehearsal.ask(who, now=event.time, context=read_context(event.context))
            rehearsal.see(who, decision, now=event.time)
            _note(tracks, decision, who, event, ruleset.project.zone)
    window = (first, last, ruleset.project.zone)
    wanted = tracks if guides is None else dict.fromkeys(guides)
    reports = tuple(_report(name, tracks, window) for name in tracks if name in wanted)
    return Backtest(reports, first, last, len(people), lived, moments)


@dataclass(slots=True)
class _Track:
    """What is noted of a guide while the history is lived through; people by their number."""

    days: Counter[int] = field(default_factory=Counter)
    considered: int = 0
    first_considered: dict[int, Instant] = field(default_factory=dict)
    first_shown: dict[int, Instant] = field(default_factory=dict)
    held_out: set[int] = field(default_factory=set)
    removed: Counter[Reason] = field(default_factory=Counter)
    removed_people: dict[Reason, set[int]] = field(default_factory=dict)
    outranked: Counter[str] = field(default_factory=Counter)
    """By the other guide: how often that one had to stand back for this one."""


def _note(tracks: Mapping[str, _Track], decision: Decision, who: int, event: Event, zone: str) -> None:
    shown = {each.guide for each in shown_by(decision)}
    first = decision.winner.guide if decision.winner is not None else decision.held_out
    for each in decision.considered:
        track = tracks[each.guide]
        track.considered += 1
        track.first_considered.setdefault(who, event.time)
        if each.guide in shown:
            track.days[day_of(event.time, zone)] += 1
            track.first_shown.setdefault(who, event.time)
            continue
        track.removed[each.reason] += 1
        track.removed_people.setdefault(each.reason, set()).add(who)
        if each.reason is Reason.HELD_OUT:
            track.held_out.add(who)
        if each.reason is Reason.OUTRANKED and first is not None:
            tracks[first].outranked[each.guide] += 1


def _report(name: str, tracks: Mapping[str, _Track], window: tuple[Instant, Instant, str]) -> GuideBacktest:
    track, (first, last, zone) = tracks[name], window
    days = range(day_of(first, zone), day_of(last, zone) + 1) if track.days else range(0)
    delays = [at - track.first_considered[who] for who, at in track.first_shown.items()]
    return GuideBacktest(
        guide=name,
        shows=sum(track.days.values()),
        by_day={_EPOCH + timedelta(days=day): track.days[day] for day in days},
        people=len(track.first_shown),
        held_out=len(track.held_out),
        considered=track.considered,
        removed={
            reason: Removed(track.removed[reason], len(track.removed_people[reason]))
            for reason in Reason
            if track.removed[reason]
        },
        first_delay=_delay(delays),
        overlaps=tuple(_overlaps(name, tracks)),
    )


def _delay(delays: Sequence[int]) -> Delay | None:
    if not delays:
        return None
    if len(delays) == 1:
        return Delay(delays[0], delays[0])
    cuts = quantiles(delays, n=10, method="inclusive")
    return Delay(cuts[4], cuts[8])


def _overlaps(name: str, tracks: Mapping[str, _Track]) -> Iterable[Overlap]:
    own = tracks[name]
    for other, track in tracks.items():
        if other == name:
            continue
        both = len(own.first_shown.keys() & track.first_shown.keys())
        overlap = Overlap(other, both, own.outranked[other], track.outranked[name])
        if overlap.both or overlap.won or overlap.lost:
            yield overlap


BACKTEST_COLUMNS: Final[Mapping[str, str]] = {
    "guide": "name of the guide",
    "what": "`considered`, `shown`, `held out`, `removed` by a gate, `day` of shows, or `beside` another guide",
    "name": "the reason of the gate, the day, or the other guide",
    "moments": "how often; beside another guide: how often this one had the place",
    "people": "how many people; beside another guide: who would have seen both",
    "lost": "beside another guide: how often that one had the place",
}
"""The columns of a backtest, with what they mean."""


def backtest_rows(found: Backtest) -> list[dict[str, Any]]:
    """The rows of a backtest, with the keys of BACKTEST_COLUMNS."""
    return [dict(zip(BACKTEST_COLUMNS, (one.guide, *row), strict=True)) for one in found.guides for row in _rows(one)]


def _rows(one: GuideBacktest) -> Iterator[tuple[Any, ...]]:
    yield ("considered", None, one.considered, None, None)
    yield ("shown", None, one.shows, one.people, None)
    yield ("held out", None, None, one.held_out, None)
    for reason, removed in one.removed.items():
        yield ("removed", reason.value, removed.moments, removed.people, None)
    for day, shows in one.by_day.items():
        yield ("day", day.isoformat(), shows, None, None)
    for other in one.overlaps:
        yield ("beside", other.guide, other.won, other.both, other.lost)
