"""What people did on a page, by element, and how far down they saw it. A pure fold over what browsers told.

What each figure means is in `docs/reference/heat.md`; how people left its forms is `engine.analytics.heat_forms`.
Browsers may tell anything under a public key: what is no selector, no place and no share is left aside.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from dsl.values import JsonValue
from engine.analytics.comparing import Share
from engine.events import CLICKS_EVENT, SCROLL_EVENT
from engine.rescoring import still_counts

MOST_ELEMENTS: Final = 500
"""Elements of one kind that an answer lists, those that most people met."""
LONGEST_SELECTOR: Final = 1_000
MOST_CLICKS: Final = 100
"""As much of a list is read as a browser would ever send, and some more."""
BINS: Final = 10
"""An element is so many by so many places: where on it people clicked is told by these."""
DEPTHS: Final = tuple(range(10, 101, 10))
"""Shares of a page, in percent."""


class ClickKind(StrEnum):
    """What was done to an element."""

    CLICKS = "clicks"
    RAGE = "rage"
    DEAD = "dead"
    ERRORS = "errors"


SIGNS: Final[Mapping[str, ClickKind]] = {
    "$rage_click": ClickKind.RAGE,
    "$dead_click": ClickKind.DEAD,
    "$error_click": ClickKind.ERRORS,
}
"""Signs of friction that clicks leave, with the kind that each is."""

View: TypeAlias = tuple[int, str, int]
"""A view of a page: whose, of which path, which of theirs."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a browser told of a page in one event."""

    view: View
    name: str
    properties: Mapping[str, JsonValue]

    @property
    def person(self) -> int:
        """Whose page it was."""
        return self.view[0]


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a page was seen, and by how many people."""

    views: int = 0
    people: int = 0


@dataclass(frozen=True, slots=True)
class ElementHeat:
    """What was done to an element of a page.

    of_people: of those who saw the page, who did it; of_views: of the views of it, in which it was done. spots: of
    clicks, how many fell on each of BINS by BINS places, by column and row from the element's top left corner.
    """

    kind: ClickKind
    selector: str
    count: int
    of_people: Share
    of_views: Share
    spots: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DepthReached:
    """Of the views of which it is known, those in which the page was seen down to a share of it, in percent."""

    depth: int
    of_views: Share
    people: int


@dataclass(frozen=True, slots=True)
class ScrollDepth:
    """How far down a page was seen. fold: the share, in percent, that a half of the views showed without scrolling.

    height, viewport: medians, in px. People and views: of whom it is known.
    """

    seen: Seen
    curve: tuple[DepthReached, ...]
    fold: int | None
    height: int | None
    viewport: int | None


@dataclass(frozen=True, slots=True)
class PageHeat:
    """What people did on a page. seen: all views of it. watched: those in which clicks were gathered.

    elements: the kinds in their order, of each the elements that most people met. unlisted: how many elements of each
    kind are left out of the list.
    """

    seen: Seen
    watched: Seen
    elements: tuple[ElementHeat, ...]
    unlisted: Mapping[ClickKind, int]
    scroll: ScrollDepth


@dataclass(slots=True)
class _Tally:
    """Of one element and kind. people, views: of those who were counted before; the others are in the sets."""

    count: int = 0
    people: int = 0
    views: int = 0
    who: set[int] = field(default_factory=set)
    where: set[View] = field(default_factory=set)
    spots: Counter[tuple[int, int]] = field(default_factory=Counter)

    def settle(self) -> None:
        self.people, self.views = self.people + len(self.who), self.views + len(self.where)
        self.who, self.where = set(), set()


@dataclass(slots=True)
class _Deepest:
    depth: int
    fold: int
    height: int
    viewport: int


class HeatFold:
    """Adds up what browsers told, some people at a time: nobody is in two portions."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[ClickKind, str], _Tally] = {}
        self._watched = Seen()
        self._known = Seen()
        self._reached: dict[int, Seen] = dict.fromkeys(DEPTHS, Seen())
        self._sizes: dict[str, Counter[int]] = {name: Counter() for name in ("fold", "height", "viewport")}

    def add(self, told: Iterable[Told]) -> None:
        """Everything that was told of these people."""
        watched: set[View] = set()
        deepest: dict[View, _Deepest] = {}
        for each in told:
            if each.name in {CLICKS_EVENT, SCROLL_EVENT}:
                watched.add(each.view)
            if each.name == SCROLL_EVENT:
                _deepen(deepest, each)
            for kind, selector, spot in clicks_of(each):
                tally = self._tallies.setdefault((kind, selector), _Tally())
                tally.count += 1
                tally.who.add(each.person)
                tally.where.add(each.view)
                if spot is not None:
                    tally.spots[spot] += 1
        for tally in self._tallies.values():
            tally.settle()
        self._watched = _more(self._watched, watched)
        self._known = _more(self._known, deepest)
        for depth in DEPTHS:
            reached = [view for view, found in deepest.items() if found.depth >= depth]
            self._reached[depth] = _more(self._reached[depth], reached)
        for found in deepest.values():
            for name, counts in self._sizes.items():
                counts[getattr(found, name)] += 1

    def answer(self, seen: Seen) -> PageHeat:
        """What it comes to, of a page that was seen so often."""
        elements: list[ElementHeat] = []
        unlisted: dict[ClickKind, int] = {}
        for kind in ClickKind:
            of = self._watched if kind is ClickKind.CLICKS else seen
            found = [_element(key, tally, of) for key, tally in self._tallies.items() if key[0] is kind]
            found.sort(key=lambda each: (-each.of_people.count, -each.count, each.selector))
            elements += found[:MOST_ELEMENTS]
            unlisted[kind] = max(0, len(found) - MOST_ELEMENTS)
        scroll = ScrollDepth(
            seen=self._known,
            curve=tuple(
                DepthReached(depth, Share(reached.views, self._known.views), reached.people)
                for depth, reached in self._reached.items()
            ),
            fold=_middle(self._sizes["fold"]),
            height=_middle(self._sizes["height"]),
            viewport=_middle(self._sizes["viewport"]),
        )
        return PageHeat(seen, self._watched, tuple(elements), unlisted, scroll)


def clicks_of(told: Told) -> list[tuple[ClickKind, str, tuple[int, int] | None]]:
    """The elements that something was done to in one event, and where on them."""
    if told.name == CLICKS_EVENT:
        clicks = told.properties.get("clicks")
        rows = clicks[:MOST_CLICKS] if isinstance(clicks, list) else []
        return [click for click in map(_click, rows) if click is not None]
    kind, selector = SIGNS.get(told.name), selector_of(told.properties.get("selector"))
    if kind is None or selector is None:
        return []
    # As everywhere else: a sign is what is one by the thresholds in force.
    if still_counts(told.name.removeprefix("$"), told.properties.get("evidence")) is False:
        return []
    return [(kind, selector, None)]


def depth_of(told: Told) -> int | None:
    """How far down the page was seen, in percent, where an event tells that."""
    depth = number(told.properties.get("depth")) if told.name == SCROLL_EVENT else None
    return None if depth is None or not 0 <= depth <= 100 else int(depth)


def selector_of(value: JsonValue) -> str | None:
    """A selector as it was told; None for what cannot be one."""
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_SELECTOR else None


def number(value: JsonValue) -> float | None:
    """A number as it was told; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def _click(row: JsonValue) -> tuple[ClickKind, str, tuple[int, int] | None] | None:
    match row:
        case [str() as text, int() | float() as x, int() | float() as y] if selector_of(text):
            at = [number(each) for each in (x, y)]
            if any(each is None or not 0 <= each <= 100 for each in at):
                return None
            column, line = (min(BINS - 1, int((each or 0) * BINS // 100)) for each in at)
            return (ClickKind.CLICKS, text, (column, line))
        case _:
            return None


def _deepen(deepest: dict[View, _Deepest], told: Told) -> None:
    """Keep the deepest of what was told of a view, with the sizes that were told with it."""
    depth = depth_of(told)
    known = deepest.get(told.view)
    if depth is None or (known is not None and known.depth >= depth):
        return
    fold, height, viewport = (
        int(min(max(number(told.properties.get(name)) or 0, 0), 10_000_000)) for name in ("fold", "height", "viewport")
    )
    deepest[told.view] = _Deepest(depth, min(fold, 100), height, viewport)


def _more(seen: Seen, views: Iterable[View]) -> Seen:
    found = set(views)
    return Seen(seen.views + len(found), seen.people + len({view[0] for view in found}))


def _element(key: tuple[ClickKind, str], tally: _Tally, of: Seen) -> ElementHeat:
    kind, selector = key
    shares = Share(tally.people, of.people), Share(tally.views, of.views)
    return ElementHeat(kind, selector, tally.count, *shares, dict(sorted(tally.spots.items())))


def _middle(counts: Counter[int]) -> int | None:
    """The lower median: one of the values that were told."""
    whole, so_far = sum(counts.values()), 0
    for value in sorted(counts):
        so_far += counts[value]
        if 2 * so_far >= whole:
            return value
    return None


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies, between two of them in proportion. values: in order."""
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)
