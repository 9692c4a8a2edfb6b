"""An index over the guides of a rule set: what every gate asks, kept for all guides at once.

Built once with the rules; decides nothing that the gates of `engine.decisions` do not decide one by one, which the
tests hold against it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.facts import Facts
from dsl.nodes import GuideKind
from dsl.values import Instant
from engine.arbitration import Sort
from engine.guide_sets import NOBODY, Guides, guides_at, guides_by
from engine.outline import Outline, Wakes
from engine.schedule import Schedule
from engine.sieve import Asked, Sieve, sieve_of
from engine.state import Woken

_MOST_INTERVALS: Final = 64
"""Between the starts and ends of schedules: for how many it is kept who may be shown."""


class Timetable:
    """Which guides may be shown at an instant, as `Schedule.is_open` says of each."""

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        self._schedules = schedules
        ends = {end for each in schedules for end in (each.begins, each.ends) if end is not None}
        self._ends = sorted(ends)
        self._between: dict[int, Guides] = {}
        size = len(schedules)
        local = guides_by(
            (((each.days, each.hours), rank) for rank, each in enumerate(schedules) if each.is_local), size
        )
        self._local = tuple((Schedule(days=days, hours=hours), guides) for (days, hours), guides in local.items())

    def open(self, now: Instant, zone: Callable[[], str]) -> Guides:
        """The guides that may be shown. zone: of the user's clock, asked for only where a guide goes by it."""
        guides = self._of_interval(bisect_right(self._ends, now), now)
        for schedule, going_by in self._local:
            if guides & going_by and not schedule.is_open(now, zone()):
                guides &= ~going_by
        return guides

    def _of_interval(self, number: int, now: Instant) -> Guides:
        known = self._between.get(number)
        if known is None:
            size = len(self._schedules)
            known = guides_at((rank for rank, each in enumerate(self._schedules) if each.is_between(now)), size)
            if len(self._between) >= _MOST_INTERVALS:
                self._between.clear()
            self._between[number] = known
        return known


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """What the gates ask of all guides at once.

    state_rules: those without `on`. paused, drafts, launchers: what they say. for_testers: those with `testers`.
    apart: those with `not with`. shared_out: those with a `rollout` or a `sample` below 100 %.
    quotas: of surveys with `stop after`, by name, the rank and how many. anywhere: those without `at`; standing: the
    others by journey and step. waking: by an event's name, tests of a woken event and whom it wakes then.
    sorts: what `limits` tell guides by; varied: those of which the hash of a person decides it.
    """

    state_rules: Guides
    paused: Guides
    drafts: Guides
    launchers: Guides
    for_testers: Guides
    apart: Guides
    shared_out: Guides
    quotas: Mapping[str, tuple[int, int]]
    timetable: Timetable
    anywhere: Guides
    standing: Mapping[tuple[str, str], Guides]
    waking: Mapping[str, tuple[tuple[Wakes, Guides], ...]]
    audience: Sieve
    conditions: Sieve
    sorts: tuple[tuple[Sort, Guides], ...]
    varied: Guides

    def at(self, stood: Mapping[str, Iterable[str | None]]) -> Guides:
        """The guides whose `at` holds for a user who stands, or stood, at these steps."""
        found = self.anywhere
        for journey, steps in stood.items():
            for step in steps:
                if step is not None:
                    found |= self.standing.get((journey, step), NOBODY)
        return found

    def woken_by(self, woken: Woken, names: Iterable[str]) -> Guides:
        """The guides that an event wakes by one of the names."""
        found = NOBODY
        for name in names:
            for test, guides in self.waking.get(name, ()):
                if guides & ~found and test(woken):
                    found |= guides
        return found

    def is_woken_by(self, woken: Woken, names: Iterable[str]) -> bool:
        """True if an event wakes any guide by one of the names."""
        for name in names:
            for test, _ in self.waking.get(name, ()):
                if test(woken):
                    return True
        return False

    def first_matching(self, facts: Facts, guides: Guides) -> int | None:
        """The first of `matching` alone, quicker: a term that is not so puts all guides out that ask for it.

        Raises what a condition raises.
        """
        left = self.audience.looked_up(facts, guides & self.at(facts.stood_around))
        left = self.conditions.looked_up(facts, left)
        for asking, term in (*self.audience.common, *self.conditions.common):
            if left & asking and not term.holds(facts):
                left &= ~asking
        known: set[Asked] = set()
        while left:
            lowest = left & -left
            rank = lowest.bit_length() - 1
            for each in (*self.audience.others.get(rank, ()), *self.conditions.others.get(rank, ())):
                if each not in known and not each.term.holds(facts):
                    left &= ~(each.guides | lowest)
                    break
                known.add(each)
            else:
                return rank
        return None

    def matching(self, facts: Facts, guides: Guides) -> list[int]:
        """The ranks of those of the guides whose `at`, audience and conditions are true, the first first: everything
        that the facts decide."""
        passing, _ = self.audience.passing(facts, guides & self.at(facts.stood_around))
        return self.conditions.ranks(facts, passing)


def index_of(guides: Sequence[Outline]) -> Index:
    """The index of guides in the order of rank."""
    size, ranked = len(guides), list(enumerate(guides))

    def those(holds: Callable[[Outline], bool]) -> Guides:
        return guides_at((rank for rank, each in ranked if holds(each)), size)

    return Index(
        state_rules=those(lambda each: not each.wakes),
        paused=those(lambda each: each.is_paused),
        drafts=those(lambda each: each.is_draft),
        launchers=those(lambda each: each.kind is GuideKind.FEEDBACK),
        for_testers=those(lambda each: each.is_for_testers),
        apart=those(lambda each: each.is_apart),
        shared_out=those(lambda each: each.is_shared_out),
        quotas={each.name: (rank, each.stop_after) for rank, each in ranked if each.stop_after is not None},
        timetable=Timetable([each.schedule for each in guides]),
        anywhere=those(lambda each: each.is_anywhere),
        standing=guides_by(((place, rank) for rank, each in ranked for place in each.standing), size),
        waking=_waking(guides, size),
        audience=sieve_of([each.audience for each in guides]),
        conditions=sieve_of([each.terms for each in guides]),
        sorts=tuple(
            guides_by(((next(iter(each.sorts)), rank) for rank, each in ranked if len(each.sorts) == 1), size).items()
        ),
        varied=those(lambda each: len(each.sorts) > 1),
    )


def _waking(guides: Sequence[Outline], size: int) -> Mapping[str, tuple[tuple[Wakes, Guides], ...]]:
    pairs = (
        ((name, test), rank) for rank, each in enumerate(guides) for name, tests in each.wakes.items() for test in tests
    )
    found: dict[str, list[tuple[Wakes, Guides]]] = {}
    for (name, test), woken in guides_by(pairs, size).items():
        found.setdefault(name, []).append((test, woken))
    return {name: tuple(tests) for name, tests in found.items()}
