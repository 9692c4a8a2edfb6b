"""How likely it is that so different a group is drawn by chance alone, however skewed the numbers are.

Some of a pool of numbers form a group. If nothing sets them apart, every choice of as many of the pool was as likely:
the permutation test asks how many of these have a sum at least as large (E. J. G. Pitman, Supplement to the J. R.
Statist. Soc. 4 (1937)). The share of those choices is approximated by the double saddlepoint of I. M. Skovgaard,
Journal of Applied Probability 24 (1987), which is right to a few per cent out to one in ten thousand and beyond, where
the normal approximation of skewed numbers is wrong by several times. Sums that come in steps are taken half a step
nearer to the middle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.analytics.distributions import normal_quantile, normal_tail
from engine.analytics.intervals import Interval

_ROUNDS: Final = 100
"""Of Newton's method at most; it takes five to ten."""
_LEAST: Final = 1e-300
"""Taken for zero likelihood, so that it has a quantile."""
_ROUNDING: Final = 1e-12
"""Numbers that differ by this share of themselves are equal: the mean of equal ones may be another by rounding."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A group among a pool, as sums. difference: the mean of the group less that of the others. deviation: the standard
    deviation of `difference` over all choices. score: how many of these deviations so unlikely a difference would be
    away from zero if it were normal; signed.
    """

    difference: float
    deviation: float
    score: float

    def interval(self, confidence: float) -> Interval:
        """The test-based interval of the difference: it leaves zero out exactly where the test does.

        O. S. Miettinen, American Journal of Epidemiology 103 (1976).
        """
        # Next to zero the quotient means nothing, and its limit is the deviation.
        error = self.difference / self.score if abs(self.score) > 0.1 else self.deviation
        half = normal_quantile((1 + confidence) / 2) * error
        return Interval(self.difference - half, self.difference + half)


def draw(group: Mapping[float, int], others: Mapping[float, int]) -> Draw:
    """What sets a group apart from others. Both: of each number, how many have it; neither is empty."""
    import numpy as np  # noqa: PLC0415  (heavy: only where it is asked)

    numbers = sorted({*group, *others})
    of_group = np.array([group.get(number, 0) for number in numbers], float)
    counts = of_group + np.array([others.get(number, 0) for number in numbers], float)
    values = np.array(numbers, float)
    n, everyone = float(of_group.sum()), float(counts.sum())
    mean = float((values * counts).sum() / everyone)
    spread = math.sqrt(max(0.0, float(((values - mean) ** 2 * counts).sum() / everyone)))
    excess = float((of_group * (values - mean)).sum())
    to_difference = everyone / (n * (everyone - n))
    if spread <= _ROUNDING * float(np.abs(values).max()):
        return Draw(0.0, 0.0, 0.0)
    deviation = spread * math.sqrt(n * (everyone - n) / (everyone - 1))
    step = float(np.diff(values).min())
    nearer = math.copysign(max(0.0, abs(excess) - step / 2), excess)
    tail = _tail((values - mean) / spread, counts, n / everyone, abs_sum=nearer / spread)
    # Of a few numbers the likeliest group may be the farthest out, too: it says nothing, whichever side it lies on.
    tail = min(0.5, max(tail, _alike(group, others)))
    score = math.copysign(normal_quantile(1 - tail) if tail > 1e-15 else _far(tail), excess)
    return Draw(excess * to_difference, deviation * to_difference, score)


def _alike(group: Mapping[float, int], others: Mapping[float, int]) -> float:
    """How likely a choice has as many of each number as the group: no tail that it lies in is thinner.

    It counts where few numbers are not alike, which no smooth approximation sees.
    """
    ways = math.fsum(
        _log_choices(people + others.get(number, 0), people) for number, people in group.items() if number in others
    )
    everyone, n = sum(group.values()) + sum(others.values()), sum(group.values())
    return math.exp(min(0.0, ways - _log_choices(everyone, n)))


def _log_choices(everyone: int, chosen: int) -> float:
    return math.lgamma(everyone + 1) - math.lgamma(chosen + 1) - math.lgamma(everyone - chosen + 1)


def _far(tail: float) -> float:
    """The quantile of a tail so thin that one less it is one: by its first terms."""
    logarithm = -2 * math.log(max(tail, _LEAST))
    return math.sqrt(logarithm - math.log(2 * math.pi * logarithm))


def _tail(values: Any, counts: Any, share: float, *, abs_sum: float) -> float:
    """How likely a group of this share has a sum at least as far from zero on the same side.

    values: with a mean of 0 and a standard deviation of 1.
    """
    import numpy as np  # noqa: PLC0415

    if abs_sum < 0:
        return _tail(-values, counts, share, abs_sum=-abs_sum)
    everyone = float(counts.sum())
    free = everyone * share * (1 - share)
    if abs_sum / math.sqrt(free) < 0.01:
        return normal_tail(abs_sum / math.sqrt(free))
    logs = (math.log(1 - share), math.log(share))

    def cost(place: Any) -> float:
        """Convex; its least value is that of the saddlepoint."""
        tilted = np.logaddexp(logs[0], logs[1] + place[0] + place[1] * values)
        return float((counts * tilted).sum() - place[0] * everyone * share - place[1] * abs_sum)

    place = np.array([0.0, abs_sum / free])
    for _ in range(_ROUNDS):
        # Far out it overflows to infinity, and nobody is chosen.
        with np.errstate(over="ignore"):
            chosen = 1 / (1 + (1 - share) / share * np.exp(-(place[0] + place[1] * values)))
        slope = np.array([(counts * chosen).sum() - everyone * share, (counts * chosen * values).sum() - abs_sum])
        weight = counts * chosen * (1 - chosen)
        crossed = (weight * values).sum()
        bend = np.array([[weight.sum(), crossed], [crossed, (weight * values * values).sum()]])
        if np.linalg.det(bend) < 1e-12:
            # As far out as any choice can be.
            return 0.0
        if np.abs(slope).max() < 1e-9 * everyone:
            break
        move, before, length = np.linalg.solve(bend, slope), cost(place), 1.0
        while length > 1e-6 and cost(place - length * move) > before + 1e-12:
            length /= 2
        place = place - length * move
    root = math.sqrt(max(0.0, -2 * cost(place)))
    slant = float(place[1]) * math.sqrt(float(np.linalg.det(bend)) / free)
    if root < 1e-3:
        return normal_tail(root)
    density = math.exp(-root * root / 2) / math.sqrt(2 * math.pi)
    return min(1.0, max(0.0, normal_tail(root) + density * (1 / slant - 1 / root)))
