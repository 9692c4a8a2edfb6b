"""The answer to what came before: the contrast, the step matrix, the flows of a Sankey picture, chains and loops.

Pure: made from a few counts, whatever engine counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.analytics.contrast import Contrast
from engine.analytics.funnel_answer import Times
from engine.analytics.population import Kind

MOST_NAMES: Final = 12
"""How many names the matrix and the flows tell apart; the others are one."""
OTHERS: Final = "(others)"
BEGAN: Final = "(session began)"
END: Final = 0
"""The place of the end; 1 is the last step before it."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Two groups. label: of those the paths are of, such as `left before purchase`; others: `went on to purchase`.

    units, other_units: with a path. straight: of the others or these, who had nothing before it in the session, so that
    there is nothing to compare. open: may still go on, and are in neither group.
    """

    label: str
    others: str
    units: int
    other_units: int
    straight: int
    open: int


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A name and how many were there so many steps before the end: `counts[0]` is the last step."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """How many went from a name at a place to a name at the next, one nearer to the end (place 0)."""

    place: int
    name: str
    to: str
    count: int


@dataclass(frozen=True, slots=True)
class Link:
    """One step after another anywhere in the last steps: of how many, and of how many of the others.

    took: from the last event of the one to the first of the other; None below FEWEST_ANSWERS. condition: of a rule that
    reaches whoever has ever done so in a session of a browser; then: whoever has done one after the other at all.
    """

    name: str
    to: str
    count: int
    others: int
    took: Times | None
    condition: str
    then: str


@dataclass(frozen=True, slots=True)
class CommonPath:
    """The last steps of so many, in order; began: the session began with the first of them."""

    steps: tuple[str, ...]
    began: bool
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class PathsAnswer:
    """What came before the end.

    compared: how many things were contrasted; left_aside: the names that were not, because they are the journey's own
    steps. flows: of a Sankey picture, as many into each node as out of it. steps_back: how far paths reach.
    cohort_where: the condition of a rule that is true of those the paths are of. left_out: who was not counted.
    version: of the data.
    """

    at: str
    cohort: Cohort
    contrast: tuple[Contrast, ...]
    compared: int
    left_aside: tuple[str, ...]
    loops: tuple[Contrast, ...]
    matrix: tuple[MatrixRow, ...]
    flows: tuple[Flow, ...]
    links: tuple[Link, ...]
    paths: tuple[CommonPath, ...]
    took: Times | None
    steps_back: int
    cohort_where: str | None
    left_out: tuple[Kind, ...] = ()
    version: int = 0

    @property
    def telling(self) -> tuple[Contrast, ...]:
        """What tells the group apart, the surest first."""
        return tuple(each for each in self.contrast if each.is_telling)


Pairs = Mapping[tuple[int, str, str], int]
"""How many went from a name at a place to a name at the next (place − 1); the last goes to the end."""


def matrix_of(places: Mapping[tuple[int, str], int], back: int, units: int) -> tuple[MatrixRow, ...]:
    """The step matrix: the most common names first, then all others, then those whose session had not begun."""
    totals: dict[str, int] = defaultdict(int)
    for (_, name), count in places.items():
        totals[name] += count
    kept = _most(totals)
    rows: dict[str, list[int]] = {name: [0] * back for name in kept}
    beyond = [0] * back
    there = [0] * back
    for (place, name), count in places.items():
        rows.get(name, beyond)[place - 1] += count
        there[place - 1] += count
    found = [MatrixRow(name, tuple(counts)) for name, counts in rows.items()]
    if any(beyond):
        found.append(MatrixRow(OTHERS, tuple(beyond)))
    missing = [units - count for count in there]
    return (*found, MatrixRow(BEGAN, tuple(missing))) if any(missing) else tuple(found)


def flows_of(pairs: Pairs, firsts: Mapping[tuple[int, str], int], end: str) -> tuple[Flow, ...]:
    """The flows of a Sankey picture, names that are rare as one. firsts: with what, and where, sessions began."""
    totals: dict[str, int] = defaultdict(int)
    for (place, name, _), count in pairs.items():
        if place > END:
            totals[name] += count
    kept = set(_most(totals))

    def shown(name: str) -> str:
        return name if name in kept else OTHERS

    found: dict[tuple[int, str, str], int] = defaultdict(int)
    for (place, name, to), count in pairs.items():
        found[place, shown(name), end if place == 1 else shown(to)] += count
    for (place, name), count in firsts.items():
        found[place + 1, BEGAN, shown(name)] += count
    order = sorted(found, key=lambda each: (-each[0], -found[each], each))
    return tuple(Flow(place, name, to, found[place, name, to]) for place, name, to in order)


def common_paths(counted: Iterable[tuple[Sequence[str], int]], *, back: int, units: int) -> tuple[CommonPath, ...]:
    """The most common last steps. counted: the steps in order, with how many."""
    return tuple(CommonPath(tuple(steps), len(steps) < back, count, count / units) for steps, count in counted)


def loop_name(names: Sequence[str]) -> str:
    """The name of going round: `cart ⇄ shipping` for there and back, `a → b → c → a` for more."""
    if len(names) == 2:
        return " ⇄ ".join(sorted(names))
    return " → ".join((*names, names[0]))


def _most(totals: Mapping[str, int]) -> list[str]:
    return sorted(totals, key=lambda name: (-totals[name], name))[:MOST_NAMES]
