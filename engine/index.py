"""An index over many guides: sets of guides as bits of whole numbers, so that one operation sieves all of them.

Bit n stands for the guide of rank n. Built once with the rules; decides nothing that the gates of `engine.decisions`
do not decide one by one, which the tests hold against it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from dsl.compiler import Term
from dsl.facts import Facts
from dsl.nodes import Show
from dsl.values import Instant, Value
from engine.arbitration import Sort
from engine.schedule import Schedule
from engine.state import Woken
from widgets.registry import SURVEY_FRAME

if TYPE_CHECKING:
    # A guide is compiled where the index is made; here it is only read.
    from engine.ruleset import CompiledGuide

Guides = int
"""A set of guides: bit n is set for the guide of rank n."""

NOBODY: Final[Guides] = 0

RARE: Final = 8
"""A term of fewer guides than this is asked guide by guide."""
MOST_SHARED: Final = 512
"""As many terms are asked for all guides at once, those of the most guides; the others are asked guide by guide."""
_SPARSE: Final = 48
"""Up to so many members a set is read bit by bit."""
_MOST_INTERVALS: Final = 64

Key = TypeVar("Key", bound=Hashable)
Wakes = Callable[[Woken], bool]


def members(guides: Guides) -> Iterator[int]:
    """The ranks in a set, the first first."""
    if guides.bit_count() <= _SPARSE:
        while guides:
            lowest = guides & -guides
            yield lowest.bit_length() - 1
            guides ^= lowest
        return
    digits = bin(guides)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def first(guides: Guides) -> int | None:
    """The rank of the first guide of a set; None of none."""
    return (guides & -guides).bit_length() - 1 if guides else None


def guides_at(ranks: Iterable[int], size: int) -> Guides:
    """The set of some ranks, all below `size`."""
    digits = bytearray(size // 8 + 1)
    for rank in ranks:
        digits[rank >> 3] |= 1 << (rank & 7)
    return int.from_bytes(digits, "little")


def guides_by(pairs: Iterable[tuple[Key, int]], size: int) -> dict[Key, Guides]:
    """Sets by key."""
    ranks: dict[Key, list[int]] = {}
    for key, rank in pairs:
        ranks.setdefault(key, []).append(rank)
    return {key: guides_at(found, size) for key, found in ranks.items()}


class Sifted(NamedTuple):
    """What became of some guides. failed: those of which a term could not be decided for an error."""

    passed: Guides
    false: Guides
    unknown: Guides
    failed: Guides


@dataclass(frozen=True, slots=True)
class _Table:
    """Terms of guides, one of each, that are decided by one value. kept: by value, who is left; else: of others."""

    key: str
    guides: Guides
    kept: Mapping[Value, Guides]
    otherwise: Guides


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A term that is asked for many guides at once; for one at a time where `guides` is empty."""

    term: Term
    guides: Guides


@dataclass(frozen=True, slots=True)
class Sieve:
    """The terms of all guides, all of which must be so for a guide to pass.

    tables: terms decided by a lookup. shared: other terms that many guides have, the most frequent first. rare: those
    that few have, by rank; others: by rank all that stand in no table. has_rare, has_others: the guides with any.
    """

    tables: tuple[_Table, ...]
    shared: tuple[_Asked, ...]
    rare: Mapping[int, tuple[_Asked, ...]]
    others: Mapping[int, tuple[_Asked, ...]]
    has_rare: Guides
    has_others: Guides

    def looked_up(self, facts: Facts, guides: Guides) -> Guides:
        """The guides that the tables leave."""
        values = facts.values
        for table in self.tables:
            value = values.get(table.key)
            guides &= ~table.guides if value is None else table.kept.get(value, table.otherwise)
        return guides

    def passing(self, facts: Facts, guides: Guides) -> tuple[Guides, Guides]:
        """The guides all of whose terms are so, and those that failed with an error."""
        found = self._asked(facts, self.looked_up(facts, guides), is_told_apart=False)
        return found.passed, found.failed

    def sift(self, facts: Facts, guides: Guides) -> Sifted:
        """All of `passing`, and of those that do not pass which are known not to."""
        left, unknown = guides, NOBODY
        values = facts.values
        for table in self.tables:
            value = values.get(table.key)
            if value is None:
                unknown |= table.guides
            else:
                left &= table.kept.get(value, table.otherwise)
        found = self._asked(facts, left, is_told_apart=True)
        unknown |= found.unknown
        left = found.passed | found.unknown
        return Sifted(left & ~unknown, guides & ~left & ~found.failed, left & unknown, found.failed)

    def _asked(self, facts: Facts, guides: Guides, *, is_told_apart: bool) -> Sifted:
        """What the terms that stand in no table say. is_told_apart: what is unknown is told from what is false."""
        if guides.bit_count() <= len(self.shared):
            found = Sifted(guides, NOBODY, NOBODY, NOBODY)
            return _one_by_one(found, self.others, self.has_others, facts, is_told_apart=is_told_apart)
        left, unknown, failed = guides, NOBODY, NOBODY
        for asked in self.shared:
            asking = left & asked.guides
            if not asking:
                continue
            try:
                if asked.term.holds(facts):
                    continue
                if is_told_apart and not asked.term.fails(facts):
                    unknown |= asking
                    continue
            except Exception:
                failed |= asking
            left ^= asking
        unknown &= left
        found = Sifted(left ^ unknown, NOBODY, unknown, failed)
        return _one_by_one(found, self.rare, self.has_rare, facts, is_told_apart=is_told_apart)


def _one_by_one(
    found: Sifted, asked: Mapping[int, tuple[_Asked, ...]], having: Guides, facts: Facts, *, is_told_apart: bool
) -> Sifted:
    """Go on with the guides that passed, or may pass, each with terms of its own; a term is decided once."""
    passed, _, unknown, failed = found
    known: dict[_Asked, bool | None] = {}
    for rank in members((passed | unknown) & having):
        guide = 1 << rank
        try:
            verdict = _verdict(asked[rank], facts, known, is_told_apart=is_told_apart)
        except Exception:
            verdict = False
            failed |= guide
        if verdict:
            continue
        passed &= ~guide
        unknown = unknown | guide if verdict is None else unknown & ~guide
    return Sifted(passed, NOBODY, unknown, failed)


def _verdict(
    asked: Iterable[_Asked], facts: Facts, known: dict[_Asked, bool | None], *, is_told_apart: bool
) -> bool | None:
    """Kleene's `and`: None is unknown."""
    is_known = True
    for each in asked:
        if each not in known:
            known[each] = each.term.holds(facts) or (None if is_told_apart and not each.term.fails(facts) else False)
        verdict = known[each]
        if verdict is False:
            return False
        is_known = is_known and verdict is True
    return True if is_known else None


def sieve_of(terms: Sequence[Iterable[Term]]) -> Sieve:
    """The sieve of guides, given by the terms of each in the order of rank."""
    size = len(terms)
    looked_up: dict[str, dict[int, Term]] = {}
    askers: dict[tuple[int, bool], tuple[Term, list[int]]] = {}
    for rank, each in enumerate(terms):
        for term in each:
            own = looked_up.setdefault(term.lookup.key, {}) if term.lookup is not None else None
            if own is not None and rank not in own:
                own[rank] = term
                continue
            ranks = askers.setdefault((id(term.condition), term.positive), (term, []))[1]
            if not ranks or ranks[-1] != rank:
                ranks.append(rank)
    shared: list[_Asked] = []
    rare: dict[int, list[_Asked]] = {}
    others: dict[int, list[_Asked]] = {}
    for term, ranks in sorted(askers.values(), key=lambda each: -len(each[1])):
        is_shared = len(ranks) >= RARE and len(shared) < MOST_SHARED
        asked = _Asked(term, guides_at(ranks, size) if is_shared else NOBODY)
        if is_shared:
            shared.append(asked)
        for rank in ranks:
            others.setdefault(rank, []).append(asked)
            if not is_shared:
                rare.setdefault(rank, []).append(asked)
    return Sieve(
        tables=tuple(_table(key, own, size) for key, own in looked_up.items()),
        shared=tuple(shared),
        rare={rank: tuple(found) for rank, found in rare.items()},
        others={rank: tuple(found) for rank, found in others.items()},
        has_rare=guides_at(rare, size),
        has_others=guides_at(others, size),
    )


def _table(key: str, own: Mapping[int, Term], size: int) -> _Table:
    lookups = [(rank, term.lookup) for rank, term in own.items() if term.lookup is not None]
    including = guides_at((rank for rank, lookup in lookups if lookup.includes), size)
    named = guides_by(((value, rank) for rank, lookup in lookups for value in lookup.values), size)
    everybody = (1 << size) - 1
    return _Table(
        key=key,
        guides=guides_at(own, size),
        # Out are those that include other values only, and those that exclude this one.
        kept={value: everybody & ~(including ^ naming) for value, naming in named.items()},
        otherwise=everybody & ~including,
    )


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

    def first_matching(self, facts: Facts, guides: Guides) -> int | None:
        """The first of `matching` alone, quicker: a term that is not so puts all guides out that ask for it.

        Raises what a condition raises.
        """
        left = self.audience.looked_up(facts, guides & self.at(facts.stood_around))
        left = self.conditions.looked_up(facts, left)
        known: set[_Asked] = set()
        while left:
            lowest = left & -left
            rank = lowest.bit_length() - 1
            asked = (*self.audience.others.get(rank, ()), *self.conditions.others.get(rank, ()))
            for each in asked:
                if each not in known and not each.term.holds(facts):
                    left &= ~(each.guides | lowest)
                    break
                known.add(each)
            else:
                return rank
        return None

    def matching(self, facts: Facts, guides: Guides) -> Guides:
        """Those of the guides whose `at`, audience and conditions are true: everything that the facts decide."""
        passing, _ = self.audience.passing(facts, guides & self.at(facts.stood_around))
        return self.conditions.passing(facts, passing)[0]


def index_of(guides: Sequence[CompiledGuide]) -> Index:
    """The index of guides in the order of rank."""
    size, ranked = len(guides), list(enumerate(guides))

    def those(holds: Callable[[CompiledGuide], bool]) -> Guides:
        return guides_at((rank for rank, each in ranked if holds(each)), size)

    sorts = [_sorts(each) for each in guides]
    return Index(
        state_rules=those(lambda each: not each.is_edge),
        paused=those(lambda each: each.is_paused),
        drafts=those(lambda each: each.is_draft),
        launchers=those(lambda each: each.is_launcher),
        for_testers=those(lambda each: each.testers is not None),
        apart=those(lambda each: bool(each.not_with)),
        shared_out=those(lambda each: each.percent < 100 or each.sample < 100),
        quotas={each.name: (rank, each.stop_after) for rank, each in ranked if each.stop_after is not None},
        timetable=Timetable([each.schedule for each in guides]),
        anywhere=those(lambda each: each.at is None),
        standing=guides_by(((place, rank) for rank, each in ranked for place in each.standing), size),
        waking=_waking(guides, size),
        audience=sieve_of([_audience(each) for each in guides]),
        conditions=sieve_of([each.terms for each in guides]),
        sorts=tuple(
            guides_by(((next(iter(own)), rank) for rank, own in enumerate(sorts) if len(own) == 1), size).items()
        ),
        varied=guides_at((rank for rank, own in enumerate(sorts) if len(own) > 1), size),
    )


def _waking(guides: Sequence[CompiledGuide], size: int) -> Mapping[str, tuple[tuple[Wakes, Guides], ...]]:
    pairs = (
        ((name, test), rank) for rank, each in enumerate(guides) for name, tests in each.wakes.items() for test in tests
    )
    found: dict[str, list[tuple[Wakes, Guides]]] = {}
    for (name, test), woken in guides_by(pairs, size).items():
        found.setdefault(name, []).append((test, woken))
    return {name: tuple(tests) for name, tests in found.items()}


def _audience(guide: CompiledGuide) -> list[Term]:
    return [Term(each, positive=True) for each in (guide.audience, guide.testers) if each is not None]


def _sorts(guide: CompiledGuide) -> frozenset[Sort]:
    """What a guide may be to `limits`, whoever sees it."""
    shows: list[Show | None] = [each.show for each in guide.variants]
    return frozenset(
        Sort(guide.kind, show.widget if show is not None else SURVEY_FRAME) for show in shows or [guide.show]
    )
