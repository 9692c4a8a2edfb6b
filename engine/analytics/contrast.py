"""What tells one group from another: how many times as often something happened to the first, and how sure that is.

Pure. Common things happen to both groups; what is ordered by the low end of the ratio's interval is what the data
themselves say is more common in the first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engine.analytics.distributions import fisher_exact, normal_quantile, normal_tail
from engine.analytics.intervals import CONFIDENCE, Interval, share_interval

FEWEST_MET: Final = 5
"""How many of both groups together must have met something before it is compared."""
FALSE_SHARE: Final = 0.05
"""What share of those called telling may be so by chance."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """Something that happened in the last steps. kind: event, page, friction or loop. met, of: those the paths are of;
    others_met, others: those they are compared with. ratio: share of the first divided by that of the others. q: the
    smallest share of chance findings among all that would be called telling together with it (Benjamini–Hochberg).
    """

    kind: str
    name: str
    met: int
    of: int
    others_met: int
    others: int
    ratio: float
    interval: Interval
    q: float

    @property
    def share(self) -> float:
        """Of those the paths are of."""
        return self.met / self.of

    @property
    def others_share(self) -> float:
        """Of those they are compared with."""
        return self.others_met / self.others

    @property
    def share_interval(self) -> Interval | None:
        """The interval of `share`."""
        return share_interval(self.met, self.of)

    @property
    def is_telling(self) -> bool:
        """True where the whole interval lies above 1."""
        return self.interval.low > 1

    @property
    def is_sure(self) -> bool:
        """True where it is telling also after as many comparisons as were made."""
        return self.is_telling and self.q <= FALSE_SHARE


@dataclass(frozen=True, slots=True)
class Met:
    """How many of each group something happened to."""

    kind: str
    name: str
    met: int
    others_met: int


def contrasts(found: Iterable[Met], of: int, others: int) -> tuple[Contrast, ...]:
    """Everything that can be compared, the surest difference first. Empty where one group is."""
    compared = [each for each in found if each.met + each.others_met >= FEWEST_MET]
    if not of or not others or not compared:
        return ()
    ratios = [ratio_of(each.met, of, each.others_met, others) for each in compared]
    qs = adjusted([p for _, _, p in ratios])
    made = [
        Contrast(each.kind, each.name, each.met, of, each.others_met, others, ratio, interval, q)
        for each, (ratio, interval, _), q in zip(compared, ratios, qs, strict=True)
    ]
    return tuple(sorted(made, key=lambda one: (-one.interval.low, -one.met, one.kind, one.name)))


def ratio_of(first: int, of_first: int, second: int, of_second: int) -> tuple[float, Interval, float]:
    """The ratio of two shares, its interval, and the probability of shares so far apart where nothing differs.

    Log method (Katz et al., "Obtaining confidence intervals for the risk ratio in cohort studies", Biometrics 34
    (1978)); a half is added to every count where one is empty (S. D. Walter, Biometrika 62 (1975)).
    """
    a, n, b, m = float(first), float(of_first), float(second), float(of_second)
    if 0 in (first, second):
        a, n, b, m = a + 0.5, n + 0.5, b + 0.5, m + 0.5
    ratio = (a / n) / (b / m)
    if first == of_first and second == of_second:
        # Where it happened to all, the method knows of no deviation, and few people would seem to prove no difference.
        n, m = n + 0.5, m + 0.5
    deviation = math.sqrt(max(0.0, 1 / a - 1 / n + 1 / b - 1 / m))
    half = normal_quantile((1 + CONFIDENCE) / 2) * deviation
    chance = _chance(first, of_first, second, of_second)
    return ratio, Interval(ratio * math.exp(-half), ratio * math.exp(half)), chance


def _chance(first: int, of_first: int, second: int, of_second: int) -> float:
    """Fisher's exact test where fewer than five are expected somewhere, else Pearson's (W. G. Cochran's rule, 1954)."""
    met, everyone = first + second, of_first + of_second
    expected = [of * part / everyone for of in (of_first, of_second) for part in (met, everyone - met)]
    if min(expected) < 5:
        return fisher_exact(first, of_first, second, of_second)
    pooled = met / everyone
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / of_first + 1 / of_second))
    return 2 * normal_tail(abs(first / of_first - second / of_second) / deviation)


def adjusted(chances: Sequence[float]) -> list[float]:
    """The q-values of some p-values, in their order.

    Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", J. R. Statist. Soc. B 57 (1995).
    """
    number = len(chances)
    found = [1.0] * number
    least = 1.0
    for rank, place in sorted(enumerate(sorted(range(number), key=lambda each: chances[each]), 1), reverse=True):
        least = min(least, chances[place] * number / rank)
        found[place] = least
    return found
