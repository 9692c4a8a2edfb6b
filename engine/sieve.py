"""What many guides ask of a user, asked of all guides at once.

A term that several guides have is decided once; comparisons of an attribute with written values are not asked at all
but looked up. Says of every guide what its own conditions say (`engine.decisions`), which the tests hold against it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, assert_never

from dsl.compiler import Among, Bound, Term
from dsl.facts import Facts
from dsl.values import Value
from engine.guide_sets import NOBODY, Guides, guides_at, guides_by, members

RARE: Final = 8
"""A term of fewer guides than this is asked guide by guide."""
MOST_SHARED: Final = 512
"""As many terms are asked for all guides at once, those of the most guides; the others are asked guide by guide."""
COMMON: Final = 16
"""A term that one guide in so many has is asked in any case, before the others."""
MOST_LIMITS: Final = 256
"""So many different limits of one attribute are looked up; terms of more are asked."""
_PAYS: Final = 1
"""So many shared terms are passed by in the time in which one guide is asked for its own."""


class Sifted(NamedTuple):
    """What became of some guides. failed: those of which a term could not be decided for an error."""

    passed: Guides
    false: Guides
    unknown: Guides
    failed: Guides


@dataclass(frozen=True, slots=True)
class _Named:
    """Terms of guides, one of each, that name values. kept: who is left, by value; otherwise: by any other value."""

    key: str
    guides: Guides
    kept: Mapping[Value, Guides]
    otherwise: Guides

    def left_by(self, value: Value) -> Guides:
        """The guides that stay if this is the value."""
        return self.kept.get(value, self.otherwise)


@dataclass(frozen=True, slots=True)
class _Bounded:
    """Terms of guides, one of each, that give a number one bound: all with one operator.

    kept: who is left, by how many of the limits lie before the value.
    """

    key: str
    guides: Guides
    limits: Sequence[int | float]
    kept: Sequence[Guides]
    is_equal_before: bool
    """A limit that is the value itself counts as before it."""

    def left_by(self, value: Value) -> Guides:
        """The guides that stay if this is the value."""
        search = bisect_right if self.is_equal_before else bisect_left
        return self.kept[search(self.limits, value)]


_Table = _Named | _Bounded


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A term that is asked for many guides at once; for one at a time where `guides` is empty."""

    term: Term
    guides: Guides


Together = tuple[Guides, Term]
"""The guides that a term is asked for at once, and the term. A bare pair: unpacking is the cost of the loop."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """The terms of all guides, all of which must be so for a guide to pass.

    tables: terms decided by a lookup. common: other terms that a good part of the guides have; shared: that several
    have, the most frequent first; rare: that few have, by rank. others: by rank those that are shared or rare.
    has_rare, has_others: the guides with any.
    """

    tables: tuple[_Table, ...]
    common: tuple[Together, ...]
    shared: tuple[Together, ...]
    rare: Mapping[int, tuple[Asked, ...]]
    others: Mapping[int, tuple[Asked, ...]]
    has_rare: Guides
    has_others: Guides

    def looked_up(self, facts: Facts, guides: Guides) -> Guides:
        """The guides that the tables leave."""
        values = facts.values
        for table in self.tables:
            value = values.get(table.key)
            guides &= ~table.guides if value is None else table.left_by(value)
        return guides

    def passing(self, facts: Facts, guides: Guides) -> tuple[Guides, Guides]:
        """The guides all of whose terms are so, and those that failed with an error."""
        found = self._asked(facts, self.looked_up(facts, guides), is_told_apart=False)
        return found.passed, found.failed

    def ranks(self, facts: Facts, guides: Guides) -> list[int]:
        """The ranks of the guides that pass, the first first."""
        found, asked, having = self._asked_together(facts, self.looked_up(facts, guides), is_told_apart=False)
        left = found.passed
        judged = _judged(left & having, asked, facts, is_told_apart=False).passed if having else []
        others = left & ~having
        return judged if not others else sorted((*judged, *members(others)))

    def sift(self, facts: Facts, guides: Guides) -> Sifted:
        """All of `passing`, and of those that do not pass which are known not to."""
        left, unknown = guides, NOBODY
        values = facts.values
        for table in self.tables:
            value = values.get(table.key)
            if value is None:
                unknown |= table.guides
            else:
                left &= table.left_by(value)
        found = self._asked(facts, left, is_told_apart=True)
        unknown |= found.unknown
        left = found.passed | found.unknown
        return Sifted(left & ~unknown, guides & ~left & ~found.failed, left & unknown, found.failed)

    def _asked(self, facts: Facts, guides: Guides, *, is_told_apart: bool) -> Sifted:
        """What the terms that stand in no table say. is_told_apart: what is unknown is told from what is false."""
        found, asked, having = self._asked_together(facts, guides, is_told_apart=is_told_apart)
        return _one_by_one(found, asked, having, facts, is_told_apart=is_told_apart) if having else found

    def _asked_together(
        self, facts: Facts, guides: Guides, *, is_told_apart: bool
    ) -> tuple[Sifted, Mapping[int, tuple[Asked, ...]], Guides]:
        """What the terms say that are asked for many guides at once; what is left to ask of each, and of whom."""
        found = Sifted(guides, NOBODY, NOBODY, NOBODY)
        if self.common:
            found = _all_at_once(found, self.common, facts, is_told_apart=is_told_apart)
        if self.shared and (found.passed | found.unknown).bit_count() * _PAYS > len(self.shared):
            return _all_at_once(found, self.shared, facts, is_told_apart=is_told_apart), self.rare, self.has_rare
        return found, self.others, self.has_others


def _all_at_once(found: Sifted, asked: Iterable[Together], facts: Facts, *, is_told_apart: bool) -> Sifted:
    """Go on with the guides that passed, or may pass: each term is asked once for all that have it."""
    left, _, unknown, failed = found
    left |= unknown
    for guides, term in asked:
        asking = left & guides
        if not asking:
            continue
        try:
            if term.holds(facts):
                continue
            if is_told_apart and not term.fails(facts):
                unknown |= asking
                continue
        except Exception:
            failed |= asking
        left ^= asking
    unknown &= left
    return Sifted(left ^ unknown, NOBODY, unknown, failed)


def _one_by_one(
    found: Sifted, asked: Mapping[int, tuple[Asked, ...]], having: Guides, facts: Facts, *, is_told_apart: bool
) -> Sifted:
    """Go on with the guides that passed, or may pass, each with terms of its own."""
    may_pass = found.passed | found.unknown
    judged = _judged(may_pass & having, asked, facts, is_told_apart=is_told_apart)
    size = having.bit_length()
    uncertain = guides_at(judged.unknown, size) if judged.unknown else NOBODY
    left = may_pass & ~having | guides_at(judged.passed, size) | uncertain
    unknown = found.unknown & left | uncertain
    return Sifted(left & ~unknown, NOBODY, unknown, found.failed | judged.failed)


class _Judged(NamedTuple):
    """Ranks of which all terms are so, or may be; and the guides that failed with an error."""

    passed: list[int]
    unknown: list[int]
    failed: Guides


def _judged(guides: Guides, asked: Mapping[int, tuple[Asked, ...]], facts: Facts, *, is_told_apart: bool) -> _Judged:
    """What the terms of each of the guides say; a term is decided once."""
    known: dict[Asked, bool | None] = {}
    staying: list[int] = []
    doubtful: list[int] = []
    failed = NOBODY
    for rank in members(guides):
        is_known = True
        try:
            for each in asked[rank]:
                if each in known:
                    said = known[each]
                elif each.term.holds(facts):
                    said = known[each] = True
                else:
                    said = known[each] = None if is_told_apart and not each.term.fails(facts) else False
                if not said:
                    if said is False:
                        break
                    is_known = False
            else:
                (staying if is_known else doubtful).append(rank)
        except Exception:
            failed |= 1 << rank
    return _Judged(staying, doubtful, failed)


def sieve_of(terms: Sequence[Iterable[Term]]) -> Sieve:
    """The sieve of guides, given by the terms of each in the order of rank."""
    size = len(terms)
    looked_up: dict[tuple[str, str], dict[int, Term]] = {}
    askers: dict[tuple[int, bool], tuple[Term, list[int]]] = {}
    for rank, each in enumerate(terms):
        for term in each:
            table = _table_of(term)
            # A second term on the same table is asked like any other.
            if table is None or looked_up.setdefault(table, {}).setdefault(rank, term) is not term:
                _note(askers, term, rank)
    for table in [table for table, own in looked_up.items() if _is_too_long(own)]:
        for rank, term in looked_up.pop(table).items():
            _note(askers, term, rank)
    common: list[Together] = []
    shared: list[Together] = []
    rare: dict[int, list[Asked]] = {}
    others: dict[int, list[Asked]] = {}
    for term, ranks in sorted(askers.values(), key=lambda each: -len(each[1])):
        is_shared = len(ranks) >= RARE and len(shared) < MOST_SHARED
        asked = Asked(term, guides_at(ranks, size) if is_shared else NOBODY)
        if is_shared and len(ranks) * COMMON >= size:
            common.append((asked.guides, term))
            continue
        if is_shared:
            shared.append((asked.guides, term))
        for rank in ranks:
            others.setdefault(rank, []).append(asked)
            if not is_shared:
                rare.setdefault(rank, []).append(asked)
    return Sieve(
        tables=tuple(_table(each, own, size) for each, own in looked_up.items()),
        common=tuple(common),
        shared=tuple(shared),
        rare={rank: tuple(found) for rank, found in rare.items()},
        others={rank: tuple(found) for rank, found in others.items()},
        has_rare=guides_at(rare, size),
        has_others=guides_at(others, size),
    )


def _note(askers: dict[tuple[int, bool], tuple[Term, list[int]]], term: Term, rank: int) -> None:
    """That a guide asks for a term; equal terms have one condition."""
    ranks = askers.setdefault((id(term.condition), term.positive), (term, []))[1]
    if rank not in ranks[-1:]:
        ranks.append(rank)


def _is_too_long(own: Mapping[int, Term]) -> bool:
    """True for a table of so many different bounds that it would be large and settle little."""
    limits = {term.lookup.limit for term in own.values() if isinstance(term.lookup, Bound)}
    return len(limits) > MOST_LIMITS


def _table(table: tuple[str, str], own: Mapping[int, Term], size: int) -> _Table:
    key, operator = table
    if not operator:
        return _named(key, {r: term.lookup for r, term in own.items() if isinstance(term.lookup, Among)}, size)
    return _bounded(key, operator, {r: term.lookup for r, term in own.items() if isinstance(term.lookup, Bound)}, size)


def _table_of(term: Term) -> tuple[str, str] | None:
    """What tells the tables apart: the attribute, and the operator of a bound."""
    match term.lookup:
        case Among(key=key):
            return key, ""
        case Bound(key=key, operator=operator):
            return key, operator
        case None:
            return None
        case _:
            assert_never(term.lookup)


def _named(key: str, own: Mapping[int, Among], size: int) -> _Named:
    including = guides_at((rank for rank, lookup in own.items() if lookup.includes), size)
    named = guides_by(((value, rank) for rank, lookup in own.items() for value in lookup.values), size)
    everybody = (1 << size) - 1
    return _Named(
        key=key,
        guides=guides_at(own, size),
        # Out are those that include other values only, and those that exclude this one.
        kept={value: everybody & ~(including ^ naming) for value, naming in named.items()},
        otherwise=everybody & ~including,
    )


def _bounded(key: str, operator: str, own: Mapping[int, Bound], size: int) -> _Bounded:
    by_limit = guides_by(((bound.limit, rank) for rank, bound in own.items()), size)
    limits = sorted(by_limit)
    asking = guides_at(own, size)
    below = [NOBODY]
    for limit in limits:
        below.append(below[-1] | by_limit[limit])
    everybody = (1 << size) - 1
    # `>` and `>=` keep the limits before the value, `<` and `<=` those after it.
    is_upward = operator in (">", ">=")
    return _Bounded(
        key=key,
        guides=asking,
        limits=limits,
        kept=[everybody & ~(asking & ~before if is_upward else before) for before in below],
        is_equal_before=operator in (">=", "<"),
    )
