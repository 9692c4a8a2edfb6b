"""How sure a figure is: intervals around shares, means and scores, at 95 % unless said otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.analytics.distributions import normal_quantile, student_quantile

CONFIDENCE: Final = 0.95

FEWEST_ANSWERS: Final = 5
"""Below this many answers no mean and no interval is given: "not enough answers"."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The range in which the true figure lies with the confidence asked for; both ends belong to it."""

    low: float
    high: float


def share_interval(successes: int, trials: int, *, confidence: float = CONFIDENCE) -> Interval | None:
    """The Wilson score interval of a share, as fractions of 1; None without trials.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if trials == 0:
        return None
    z, share = normal_quantile((1 + confidence) / 2), successes / trials
    whole = 2 * (trials + z * z)
    centre = (2 * successes + z * z) / whole
    half = z * math.sqrt(4 * successes * (1 - share) + z * z) / whole
    # Exactly 0 and 1 at the ends, where the sums come within a rounding error of them.
    return Interval(0.0 if successes == 0 else centre - half, 1.0 if successes == trials else centre + half)


def mean_interval(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Interval | None:
    """Student's t interval of a mean; None below FEWEST_ANSWERS values.

    Equal values give an interval without width: the sample says nothing of how they vary.
    """
    n = len(values)
    if n < FEWEST_ANSWERS:
        return None
    mean = math.fsum(values) / n
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    if variance == 0:
        return Interval(mean, mean)
    half = student_quantile((1 + confidence) / 2, n - 1) * math.sqrt(variance / n)
    return Interval(mean - half, mean + half)


def difference_interval(
    successes: int, trials: int, other_successes: int, other_trials: int, *, confidence: float = CONFIDENCE
) -> Interval | None:
    """Newcombe's hybrid score interval of a difference of two independent shares, the first less the second.

    None where one of them has no trials. R. G. Newcombe, "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17 (1998), method 10.
    """
    one = share_interval(successes, trials, confidence=confidence)
    other = share_interval(other_successes, other_trials, confidence=confidence)
    if one is None or other is None:
        return None
    first, second = successes / trials, other_successes / other_trials
    low = math.hypot(first - one.low, other.high - second)
    high = math.hypot(one.high - first, second - other.low)
    return Interval(max(-1.0, first - second - low), min(1.0, first - second + high))
