"""Two periods compared, so that the comparison may be made again every day: is the difference more than noise?

Everybody counts once in a period, with one number: a share's 0 or 1, a score, a time. The difference of two periods
comes with an interval:

* shares and means: the test-based interval of a permutation test (`engine.analytics.permutation`). Where nothing
  changed, people of both periods are exchangeable, however skewed their numbers; the usual intervals of a small
  period's skewed mean would give false alarms ten times as often as they say;
* quantiles: each with its distribution-free interval between two order statistics (W. J. Conover, "Practical
  Nonparametric Statistics" (1999), 3.2), their difference by the method of variance estimates recovery (G. Y. Zou,
  A. Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008)).

Whoever looks every day is wrong more often than who looks once. Each look is therefore made at a level of
ALARM / LOOKS: over LOOKS looks together an unchanged figure gives a false alarm with a probability of ALARM at most,
however much one day's window shares with the next one's (C. E. Bonferroni's inequality; O. J. Dunn, JASA 56 (1961)).
The confidence sequence of `engine.analytics.sequential` does not serve here: it is of people who are added to two
groups, and these windows move on and forget. The error rate is simulated in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from engine.analytics.distributions import binomial_share
from engine.analytics.intervals import Interval
from engine.analytics.permutation import draw

ALARM: Final = 0.05
"""How likely a false alarm is, at most, within LOOKS looks at a figure that does not change."""
LOOKS: Final = 90
"""Looks, one a day, over which ALARM is promised."""
EACH_LOOK: Final = 1 - ALARM / LOOKS
"""The confidence of the interval of each look."""
FEWEST: Final = 20
"""People in either period below which nothing is said: the intervals lean on limit theorems, or on enough order."""


class Shape(StrEnum):
    """How the numbers of people make a figure."""

    SHARE = "share"
    MEAN = "mean"
    MEDIAN = "median"
    NINTH = "ninth decile"

    @property
    def quantile(self) -> float | None:
        """Below which share of the numbers the figure lies; None where it is no quantile."""
        return {Shape.MEDIAN: 0.5, Shape.NINTH: 0.9}.get(self)


@dataclass(frozen=True, slots=True)
class Sample:
    """The numbers of the people of a period: of each number, how many people have it."""

    numbers: Mapping[float, int]

    @property
    def n(self) -> int:
        """How many people."""
        return sum(self.numbers.values())

    def figure(self, shape: Shape) -> float | None:
        """The figure of the period; None of nobody."""
        n = self.n
        if n == 0:
            return None
        if (share := shape.quantile) is not None:
            return self.ranked(max(1, math.ceil(share * n)))
        return math.fsum(number * people for number, people in self.numbers.items()) / n

    def ranked(self, rank: int) -> float:
        """The number of this rank, from 1 for the least."""
        so_far = 0
        for number in sorted(self.numbers):
            so_far += self.numbers[number]
            if so_far >= rank:
                return number
        raise IndexError(rank)

    def quantile_interval(self, share: float, confidence: float) -> Interval | None:
        """Between which numbers a quantile lies; None where there are too few for this confidence."""
        ranks = _ranks(self.n, share, confidence)
        return None if ranks is None else Interval(self.ranked(ranks[0]), self.ranked(ranks[1]))


@dataclass(frozen=True, slots=True)
class Change:
    """A figure in one period and in the one before. interval: of `difference`; None where too few people are there."""

    recent: float | None
    before: float | None
    n: int
    n_before: int
    interval: Interval | None

    @property
    def difference(self) -> float | None:
        """The recent figure less the one before."""
        return None if self.recent is None or self.before is None else self.recent - self.before


def change(shape: Shape, recent: Sample, before: Sample, *, confidence: float = EACH_LOOK) -> Change:
    """What differs between two periods, at the confidence of one look of many."""
    interval = None
    if min(recent.n, before.n) >= FEWEST:
        interval = _interval(shape, recent, before, confidence)
    return Change(recent.figure(shape), before.figure(shape), recent.n, before.n, interval)


def _interval(shape: Shape, recent: Sample, before: Sample, confidence: float) -> Interval | None:
    share = shape.quantile
    if share is None:
        return draw(recent.numbers, before.numbers).interval(confidence)
    ours, theirs = recent.quantile_interval(share, confidence), before.quantile_interval(share, confidence)
    if ours is None or theirs is None:
        return None
    first, second = recent.figure(shape), before.figure(shape)
    assert first is not None  # noqa: S101  (there are people)
    assert second is not None  # noqa: S101
    low = math.hypot(first - ours.low, theirs.high - second)
    high = math.hypot(ours.high - first, second - theirs.low)
    return Interval(first - second - low, first - second + high)


@lru_cache(maxsize=4_096)
def _ranks(n: int, share: float, confidence: float) -> tuple[int, int] | None:
    """The ranks between which a quantile lies: each missed with half of what is left of the confidence at most."""
    tail = (1 - confidence) / 2
    # Fewer than `low` numbers lie below the quantile only that seldom; so many as `high` or more only that seldom.
    low = _first(n, lambda rank: binomial_share(rank, n, share) > tail)
    high = _first(n, lambda rank: 1 - binomial_share(rank - 1, n, share) <= tail)
    return None if low < 1 or high > n else (low, high)


def _first(n: int, is_it: Callable[[int], bool]) -> int:
    """The first number from 0 to n + 1 of which something is true, that is true of all after it."""
    low, high = 0, n + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_it(middle) else (middle + 1, high)
    return low
