"""Reading an effect every day: how often it is said that there is one where there is none, and how often one is found.

Guides are simulated for thirty days, 2,000 times each: people come, a share of them is held out by chance, and each
reaches the goal or not, independently. Every day the confidence sequence is read (`engine.analytics.sequential`), and
beside it the interval for one look, as somebody would who knows no better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.measure import Report
from engine.analytics.intervals import Interval, share_interval
from engine.analytics.sequential import FEWEST_IN_ARM, variance_of_difference, widening

RUNS, DAYS = 2_000, 30
LIFT = 0.05
_OF_ONE_LOOK = 1.959964
"""Standard errors to each side of a fixed interval."""


@dataclass(frozen=True, slots=True)
class World:
    """What is simulated. people: a day, on average. base: the share that reaches the goal without the guide."""

    people: int
    held_out: float
    base: float


@dataclass(frozen=True, slots=True)
class Looks:
    """In how many of the runs the interval left zero out on any of the days; lifts: above zero, on the first such day;
    naive: the interval for one look left it out.
    """

    found: int
    lifts: int
    naive: int
    runs: int = RUNS

    @property
    def interval(self) -> Interval:
        """Of the share of runs in which anything was found."""
        return self._share(self.found)

    @property
    def interval_of_lifts(self) -> Interval:
        """Of the share of runs in which a lift was found."""
        return self._share(self.lifts)

    def _share(self, count: int) -> Interval:
        known = share_interval(count, self.runs)
        assert known is not None
        return known


def worlds() -> Iterator[World]:
    """Small and large, rare and common, a tenth and a half held out."""
    for held_out in (0.1, 0.5):
        for base in (0.02, 0.1, 0.3, 0.5, 0.9):
            for people in (20, 200, 2_000):
                yield World(people, held_out, base)


def simulate(world: World, lift: float, *, seed: int, runs: int = RUNS, days: int = DAYS) -> Looks:
    """Live through a world some thousand times, reading every day."""
    chance = np.random.default_rng(seed)
    came = chance.poisson(world.people, (runs, days))
    others = chance.binomial(came, world.held_out)
    shown = came - others
    reached, reached_without = chance.binomial(shown, world.base + lift), chance.binomial(others, world.base)
    counts = [each.cumsum(axis=1) for each in (reached, shown, reached_without, others)]
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = ends(*counts)
        naive = _naively(*counts)
    above, below = low > 0, high < 0
    # Whoever looks every day stops on the first that says something: the first such day is the one that counts.
    first = (above | below).argmax(axis=1)
    lifts = above[np.arange(runs), first]
    return Looks(*(int(each.sum()) for each in ((above | below).any(axis=1), lifts, naive.any(axis=1))), runs=runs)


def ends(reached: Any, shown: Any, reached_without: Any, others: Any) -> tuple[Any, Any]:
    """Both ends of `sequence_interval`, of arrays; no numbers where that is None."""
    difference = reached / shown - reached_without / others
    half = widening(shown + others) * np.sqrt(variance_of_difference(reached, shown, reached_without, others))
    half = np.where(np.minimum(shown, others) >= FEWEST_IN_ARM, half, np.nan)
    return np.maximum(-1.0, difference - half), np.minimum(1.0, difference + half)


def _naively(reached: Any, shown: Any, reached_without: Any, others: Any) -> Any:
    """Where the interval of one look leaves zero out."""
    one, other = reached / shown, reached_without / others
    plain = _OF_ONE_LOOK * np.sqrt(one * (1 - one) / shown + other * (1 - other) / others)
    return (np.minimum(shown, others) >= FEWEST_IN_ARM) & (np.abs(one - other) > plain)


def reports() -> list[Report]:
    """The tables of this benchmark."""
    return [false_alarms(), power()]


def false_alarms() -> Report:
    """Guides that change nothing."""
    report = Report(f"Guides that change nothing, read on each of {DAYS} days, {RUNS:,} times each")
    rows, worst = [], 0.0
    for number, world in enumerate(worlds()):
        looks = simulate(world, 0.0, seed=number)
        worst = max(worst, looks.interval.low)
        rows.append([*_spell(world), f"{looks.found / RUNS:.1%}", _span(looks.interval), f"{looks.naive / RUNS:.1%}"])
    head = [
        "people a day",
        "held out",
        "goal without",
        "called an effect",
        "95 % interval",
        "by the interval of one look",
    ]
    report.table(head, rows)
    report.at_most("lower 95 % bound of false alarms, in the worst world", worst, 0.05)
    return report


def power() -> Report:
    """Guides that lift the goal by five points: how often that they lift it is found."""
    report = Report(f"Guides that lift the goal by {100 * LIFT:.0f} points: found within {DAYS} days")
    rows, large = [], 1.0
    for number, world in enumerate(worlds()):
        looks = simulate(world, LIFT, seed=1_000 + number)
        rows.append([*_spell(world), f"{looks.lifts / RUNS:.1%}", _span(looks.interval_of_lifts)])
        if world.people >= 2_000:
            large = min(large, looks.lifts / RUNS)
    report.table(["people a day", "held out", "goal without", "found", "95 % interval"], rows)
    report.at_least("power with 2,000 people a day, in the worst world", large, 0.8)
    return report


def _spell(world: World) -> list[str]:
    return [f"{world.people:,}", f"{world.held_out:.0%}", f"{world.base:.0%}"]


def _span(interval: Interval) -> str:
    return f"{interval.low:.1%} – {interval.high:.1%}"
