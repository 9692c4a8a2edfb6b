"""Funnels in plain Python, slowly and straight from the rules: what every engine is compared with.

`ordered` is the whole of the common case in twelve lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from engine.analytics.funnels import Funnel, Order

Event = tuple[str, str, int]
"""Who, what, when; the place in the list is the order of receipt."""
Reached = dict[str, list[tuple[int, int]]]
"""Of each unit that entered: for each step that it came to, when first, and how long after the entry."""


def reached(history: Sequence[Event], funnel: Funnel, excluded: Sequence[str] = ()) -> Reached:
    """What every unit came to. excluded: the name of each exclusion of the funnel."""
    units: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for seq, (unit, name, time) in enumerate(history):
        place = funnel.steps.index(name) if name in funnel.steps else len(funnel.steps)
        # A rule's `then` knows no steps at the same instant, only what was received first.
        place = 0 if funnel.order is Order.THEN else place
        units[unit].append((time, place * len(history) + seq, name))
    found = {unit: ORACLES[funnel.order](sorted(events), funnel, excluded) for unit, events in units.items()}
    return {unit: steps for unit, steps in found.items() if steps}


def ordered(events: list[tuple[int, int, str]], funnel: Funnel, excluded: Sequence[str]) -> list[tuple[int, int]]:
    entry: dict[int, int] = {}
    first: list[tuple[int, int]] = []
    # At the same instant steps go first, also those of an event that is excluded as well.
    halves = [(time, half, name) for half in (0, 1) for time, _, name in events]
    for time, half, name in sorted(halves, key=lambda each: each[:2]):
        for step in [] if half else reversed(range(len(funnel.steps))):
            if name == funnel.steps[step] and (
                step == 0 or (step - 1 in entry and fits(time - entry[step - 1], funnel))
            ):
                entered = time if step == 0 else entry[step - 1]
                entry[step] = max(entry.get(step, entered), entered)
                if step == len(first):
                    first.append((time, time - entered))
        for place, between in enumerate(funnel.exclusions):
            if half and name == excluded[place]:
                entry = {step: at for step, at in entry.items() if not between.first <= step < between.last}
    return first


def strict(events: list[tuple[int, int, str]], funnel: Funnel, _: Sequence[str]) -> list[tuple[int, int]]:
    first: list[tuple[int, int]] = []
    for start in range(len(events)):
        for length, (time, _place, name) in enumerate(events[start : start + len(funnel.steps)]):
            if name != funnel.steps[length] or not fits(time - events[start][0], funnel):
                break
            # Of chains that come there at the same instant the one whose event is first in the order.
            if length == len(first):
                first.append((time, time - events[start][0]))
    return first


def any_order(events: list[tuple[int, int, str]], funnel: Funnel, excluded: Sequence[str]) -> list[tuple[int, int]]:
    chains: list[list[tuple[int, int]]] = []
    for start, (entered, _, name) in enumerate(events):
        if name not in funnel.steps:
            continue
        done: set[str] = set()
        chain: list[tuple[int, int]] = []
        for time, _place, other in events[start:]:
            if other in excluded or not fits(time - entered, funnel):
                break
            if other in funnel.steps and other not in done:
                done.add(other)
                chain.append((time, time - entered))
        chains.append(chain)
    longest = max(map(len, chains), default=0)
    return [min(chain[step] for chain in chains if len(chain) > step) for step in range(longest)]


def fits(length: int, funnel: Funnel) -> bool:
    return funnel.window is None or length <= funnel.window


ORACLES = {Order.ORDERED: ordered, Order.STRICT: strict, Order.ANY: any_order, Order.THEN: ordered}
"""Neighbours (`directly`) are compared with the language itself, in `tests/engine/test_paths.py`."""


def walked(history: Sequence[Event], steps: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Of each unit that did any of the steps: which, by number, in the order in which it did each first."""
    first: dict[str, dict[int, int]] = defaultdict(dict)
    for unit, name, time in history:
        if name in steps:
            step = steps.index(name)
            first[unit][step] = min(time, first[unit].get(step, time))
    return {unit: tuple(sorted(done, key=lambda step: (done[step], step))) for unit, done in first.items()}


def manner(path: Sequence[int]) -> str:
    """How a path follows the steps in their order."""
    if list(path) == list(range(len(path))):
        return "as designed"
    return "skipped" if list(path) == sorted(path) else "out of order"
