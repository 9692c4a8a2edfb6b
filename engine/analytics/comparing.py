"""Two groups of people compared: the difference with its intervals, whether the groups are what they should be, and
how many people it takes to see a difference.

Pure: made from counts, whatever engine counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.analytics.distributions import chi_square_tail, normal_quantile, student_quantile
from engine.analytics.intervals import CONFIDENCE, FEWEST_ANSWERS, Interval, difference_interval, share_interval
from engine.analytics.sequential import sequence_interval, widening

ALARM_BELOW: Final = 0.001
"""Sample ratios less likely than this are an alarm (R. Kohavi, D. Tang, Y. Xu, "Trustworthy Online Controlled
Experiments" (2020), chapter 21)."""
_FEWEST_EXPECTED: Final = 5
"""Below so many expected people in a group the chi-square test is not to be trusted."""
POWER: Final = 0.8
LIFT: Final = 0.05
"""What is asked for where nobody says: 80 % power for 5 points."""
_MOST_PEOPLE: Final = 10**12


@dataclass(frozen=True, slots=True)
class Share:
    """A share of people, with its Wilson interval; None of both below FEWEST_ANSWERS people."""

    count: int
    n: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1."""
        return self.count / self.n if self.n >= FEWEST_ANSWERS else None

    @property
    def interval(self) -> Interval | None:
        """At 95 %."""
        return share_interval(self.count, self.n) if self.n >= FEWEST_ANSWERS else None


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of one group less that of another.

    value: None below FEWEST_ANSWERS people in either. fixed: Newcombe's interval, for one look that was planned.
    any_day: the confidence sequence, which holds at all looks together; None while there are too few people for it.
    """

    one: Share
    other: Share

    @property
    def value(self) -> float | None:
        """From −1 to 1."""
        one, other = self.one.value, self.other.value
        return None if one is None or other is None else one - other

    @property
    def fixed(self) -> Interval | None:
        """At 95 %."""
        if self.value is None:
            return None
        return difference_interval(self.one.count, self.one.n, self.other.count, self.other.n)

    @property
    def any_day(self) -> Interval | None:
        """At 95 %, however often one looks."""
        return sequence_interval(self.one.count, self.one.n, self.other.count, self.other.n)


@dataclass(frozen=True, slots=True)
class Moments:
    """Numbers of people, summed up: how many, their sum, and the sum of their squares."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float | None:
        """None below FEWEST_ANSWERS people."""
        return self.total / self.n if self.n >= FEWEST_ANSWERS else None

    @property
    def variance(self) -> float:
        """Of the sample, with n − 1."""
        return max(0.0, (self.squares - self.total**2 / self.n) / (self.n - 1)) if self.n > 1 else 0.0


def mean_difference(one: Moments, other: Moments, *, confidence: float = CONFIDENCE) -> Interval | None:
    """Welch's t interval of a difference of means, the first less the second; None below FEWEST_ANSWERS in either.

    B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved",
    Biometrika 34 (1947).
    """
    if one.mean is None or other.mean is None:
        return None
    difference = one.mean - other.mean
    first, second = one.variance / one.n, other.variance / other.n
    variance = first + second
    if variance == 0:
        return Interval(difference, difference)
    freedom = variance**2 / (first**2 / (one.n - 1) + second**2 / (other.n - 1))
    half = student_quantile((1 + confidence) / 2, freedom) * math.sqrt(variance)
    return Interval(difference - half, difference + half)


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether people were divided as they should have been.

    p: how likely so large a deviation is by chance, of Pearson's chi-square test; None where fewer than five people
    are expected in a group.
    """

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    p: float | None

    @property
    def is_alarm(self) -> bool:
        """True where something other than chance divided them: no difference between such groups means anything."""
        return self.p is not None and self.p < ALARM_BELOW


def sample_ratio(observed: Sequence[int], shares: Sequence[float]) -> SampleRatio:
    """How groups of people compare to the shares that they should have; shares may add up to anything above 0."""
    people, whole = sum(observed), math.fsum(shares)
    expected = tuple(people * share / whole for share in shares)
    if len(observed) < 2 or min(expected) < _FEWEST_EXPECTED:
        return SampleRatio(tuple(observed), expected, None)
    distance = math.fsum((one - other) ** 2 / other for one, other in zip(observed, expected, strict=True))
    return SampleRatio(tuple(observed), expected, chi_square_tail(distance, len(observed) - 1))


@dataclass(frozen=True, slots=True)
class Needed:
    """How many people it takes, in all groups together, to see a lift with some power.

    base: the share without the guide. at_once: for one look when they are all there. any_day: for whoever looks every
    day. None where the lift leads out of 0 to 1.
    """

    base: float
    lift: float
    power: float
    at_once: int | None
    any_day: int | None


def needed(base: float, lift: float, *, held_out: float, power: float = POWER) -> Needed:
    """How many people it takes to tell a share of base + lift from one of base; held_out: the share of the second.

    For one look: J. L. Fleiss, B. Levin, M. C. Paik, "Statistical Methods for Rates and Proportions" (2003), formula
    4.18 without the correction for continuity. For every day: the fewest with which the confidence sequence leaves
    zero out with this power at that moment; looking earlier can only find more.
    """
    other = base + lift
    if not (0 <= base <= 1 and 0 <= other <= 1 and 0 < held_out < 1 and lift != 0):
        return Needed(base, lift, power, None, None)
    alpha, beta = normal_quantile((1 + CONFIDENCE) / 2), normal_quantile(power)
    ratio = (1 - held_out) / held_out
    pooled = (base + ratio * other) / (1 + ratio)
    under_none = alpha * math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    under_lift = beta * math.sqrt(base * (1 - base) + other * (1 - other) / ratio)
    controls = ((under_none + under_lift) / lift) ** 2
    # Per person, of the difference of two shares.
    variance = base * (1 - base) / held_out + other * (1 - other) / (1 - held_out)

    def is_enough(people: int) -> bool:
        reach = float(widening(people)) + beta
        return abs(lift) >= reach * math.sqrt(variance / people)

    return Needed(base, lift, power, math.ceil(controls / held_out), _fewest(is_enough))


def _fewest(is_enough: Callable[[int], bool]) -> int | None:
    low, high = 1, 2
    while not is_enough(high):
        low, high = high, high * 2
        if high > _MOST_PEOPLE:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
