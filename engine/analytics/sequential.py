"""An interval around a difference of shares that may be read every day: a confidence sequence.

A fixed interval holds for one look, planned beforehand. Whoever looks every day and stops when it leaves zero out is
wrong far more often than 5 %. A confidence sequence holds at all looks together, however often and whenever one looks.
The price is its width: about half as wide again as the fixed one.

The sequence is the asymptotic one of I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas, "Time-uniform
central limit theory and asymptotic confidence sequences", The Annals of Statistics 52 (2024), arXiv 2103.06476,
theorem 2.2: Robbins' normal mixture with the variance estimated from the data. With t people and their shares a and b,

    (a − b) ± √( v · 2 (t ρ² + 1) / (t ρ²) · ln( √(t ρ² + 1) / α ) ),    v the variance of a − b.

ρ is fixed before anything is seen, so that the interval is narrowest at OPTIMAL_AT people; being off by ten times in
either direction costs a quarter of the width at most. The error rate is simulated in the long profile of the tests.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Final

from engine.analytics.intervals import CONFIDENCE, Interval

OPTIMAL_AT: Final = 2_000
"""People, in all arms, at which the sequence is narrowest."""

FEWEST_IN_ARM: Final = 20
"""Below so many people in either arm the sequence says nothing: it leans on a limit theorem."""


@cache
def rho_squared(confidence: float = CONFIDENCE, optimal_at: int = OPTIMAL_AT) -> float:
    """ρ² for which the sequence is narrowest at `optimal_at` people: x = 2 ln(1/α) + ln(1 + x), ρ² = x / t."""
    start = -2 * math.log(1 - confidence)
    x = start
    for _ in range(60):
        x = start + math.log1p(x)
    return x / optimal_at


def widening(people: Any, *, confidence: float = CONFIDENCE) -> Any:
    """How many standard errors the sequence reaches to each side at a number of people (1.96 in a fixed interval).

    people: a number, or an array of numbers of numpy.
    """
    import numpy as np  # noqa: PLC0415  (comes with scipy: only where an interval is asked for)

    at = people * rho_squared(confidence)
    return np.sqrt(2 * (at + 1) / at * np.log(np.sqrt(at + 1) / (1 - confidence)))


def variance_of_difference(successes: Any, people: Any, other_successes: Any, other_people: Any) -> Any:
    """The variance of a difference of two shares, each with one success and one failure more than were seen.

    So a share of 0 or 1, which says nothing of how it varies, does not give an interval without width (A. Agresti,
    B. Caffo, The American Statistician 54 (2000)). Numbers, or arrays of numpy.
    """
    one, other = (successes + 1) / (people + 2), (other_successes + 1) / (other_people + 2)
    return one * (1 - one) / people + other * (1 - other) / other_people


def sequence_interval(
    successes: int, people: int, other_successes: int, other_people: int, *, confidence: float = CONFIDENCE
) -> Interval | None:
    """The confidence sequence of a difference of shares, the first less the second, at the people seen by now.

    None below FEWEST_IN_ARM people in either.
    """
    if min(people, other_people) < FEWEST_IN_ARM:
        return None
    difference = successes / people - other_successes / other_people
    variance = variance_of_difference(successes, people, other_successes, other_people)
    half = float(widening(people + other_people, confidence=confidence)) * math.sqrt(variance)
    return Interval(max(-1.0, difference - half), min(1.0, difference + half))
