"""How sure a figure is: intervals around shares, means and scores, at 95 % unless said otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

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
    return None if trials == 0 else _wilson(successes, trials, confidence)


@lru_cache(maxsize=65_536)
def _wilson(successes: int, trials: int, confidence: float) -> Interval:
    """Kept, for it takes a millisecond and a page has hundreds, mostly those of the time before."""
    from scipy.stats import binomtest  # noqa: PLC0415  (0.9 s to import: only where an interval is asked for)

    found = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    return Interval(float(found.low), float(found.high))


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
    half = _student(n - 1, confidence) * math.sqrt(variance / n)
    return Interval(mean - half, mean + half)


@lru_cache(maxsize=65_536)
def _student(freedom: int, confidence: float) -> float:
    from scipy.stats import t  # noqa: PLC0415

    return float(t.ppf((1 + confidence) / 2, freedom))


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
