"""How long something takes where not everybody has come to it yet: Kaplan and Meier's estimate, with its median.

Whoever has not come to it counts for as long as they were watched (right-censored): leaving them out would make
everything look fast.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.analytics.distributions import normal_quantile
from engine.analytics.intervals import CONFIDENCE, FEWEST_ANSWERS


@dataclass(frozen=True, slots=True)
class Watched:
    """People with one duration: how many came to it then, and how many were watched so long and did not."""

    duration: int
    came: int
    censored: int


@dataclass(frozen=True, slots=True)
class Median:
    """When a half has come to it, in the unit of the durations. value, low, high: None where that is not reached yet.

    n: people. came: of them, who came to it.
    """

    value: int | None
    low: int | None
    high: int | None
    n: int
    came: int


def median(watched: Sequence[Watched], *, confidence: float = CONFIDENCE) -> Median:
    """The median of Kaplan and Meier's estimate, and its interval; nothing below FEWEST_ANSWERS people.

    E. L. Kaplan, P. Meier, JASA 53 (1958); the interval inverts Greenwood's on the scale of log(−log S) (R. Brookmeyer,
    J. Crowley, Biometrics 38 (1982)): every duration at which a half may still be away.
    """
    n, came = sum(each.came + each.censored for each in watched), sum(each.came for each in watched)
    if n < FEWEST_ANSWERS or came == 0:
        return Median(None, None, None, n, came)
    bound = normal_quantile((1 + confidence) / 2)
    value = low = high = None
    at_risk, away, greenwood = n, 1.0, 0.0
    for each in _by_duration(watched):
        if each.came:
            away *= 1 - each.came / at_risk
            left = at_risk - each.came
            greenwood += math.inf if left == 0 else each.came / (at_risk * left)
            if value is None and away <= 0.5 + 1e-12:
                value = each.duration
            distance = _distance(away, greenwood)
            # The first duration that may be the median, and the first at which surely more than a half has come.
            if low is None and distance >= -bound:
                low = each.duration
            if high is None and distance > bound:
                high = each.duration
        at_risk -= each.came + each.censored
    return Median(value, low, high, n, came)


def _by_duration(watched: Sequence[Watched]) -> list[Watched]:
    """One row a duration, in order: who came at one is at risk together with who was watched until then."""
    found: dict[int, Watched] = {}
    for each in watched:
        known = found.get(each.duration, Watched(each.duration, 0, 0))
        found[each.duration] = Watched(each.duration, known.came + each.came, known.censored + each.censored)
    return [found[duration] for duration in sorted(found)]


def _distance(away: float, greenwood: float) -> float:
    """By how many standard errors the share that is away lies below a half, on the scale of log(−log S)."""
    if away <= 0 or math.isinf(greenwood):
        return 0.0 if away > 0 else math.inf
    error = math.sqrt(greenwood) / abs(math.log(away))
    return (math.log(-math.log(away)) - math.log(math.log(2))) / error
