"""Quantiles and tails of the distributions that figures are judged by.

Of `scipy.stats` nothing is used: it takes a second to import, which the first page after a start would wait for, and
what is asked of it stands in the standard library and in `scipy.special`, which takes a fifth of that.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_NORMAL: Final = NormalDist()
_ALIKE: Final = 1 + 1e-12
"""Tables are as likely as each other where they differ by less: by how they are computed."""


def normal_quantile(share: float) -> float:
    """Below which value of the standard normal distribution a share lies."""
    return _NORMAL.inv_cdf(share)


def normal_tail(value: float) -> float:
    """The share of the standard normal distribution above a value."""
    return math.erfc(value / math.sqrt(2)) / 2


@lru_cache(maxsize=65_536)
def student_quantile(share: float, freedom: float) -> float:
    """Below which value of Student's t distribution a share lies; kept, for a page asks for hundreds."""
    from scipy.special import stdtrit  # noqa: PLC0415  (slow to import: only where it is asked for)

    return float(stdtrit(freedom, share))


def chi_square_quantile(share: float, freedom: float) -> float:
    """Below which value of the chi-square distribution a share lies."""
    from scipy.special import gammaincinv  # noqa: PLC0415

    return 2 * float(gammaincinv(freedom / 2, share))


def chi_square_tail(value: float, freedom: float) -> float:
    """The share of the chi-square distribution above a value."""
    from scipy.special import gammaincc  # noqa: PLC0415

    return float(gammaincc(freedom / 2, value / 2))


def poisson_share(count: int, mean: float) -> float:
    """How likely so many or fewer are, where so many are expected."""
    from scipy.special import pdtr  # noqa: PLC0415

    return float(pdtr(count, mean))


def binomial_share(count: int, trials: int, chance: float) -> float:
    """How likely so many successes or fewer are among some trials; 0 below none."""
    from scipy.special import bdtr  # noqa: PLC0415

    return 0.0 if count < 0 else float(bdtr(count, trials, chance))


def coin_quantile(share: float, tosses: int) -> int:
    """The fewest heads of which so many or fewer are at least that likely."""
    from scipy.special import bdtr  # noqa: PLC0415

    low, high = 0, tosses
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if float(bdtr(middle, tosses, 0.5)) >= share else (middle + 1, high)
    return low


def fisher_exact(first: int, of_first: int, second: int, of_second: int) -> float:
    """How likely shares at least so far apart are where nothing differs: Fisher's exact test, on both sides.

    Every table with these sums counts that is no likelier than the one at hand (R. A. Fisher, 1935; J. O. Irwin, 1935).
    """
    met = first + second

    def likelihood(here: int) -> float:
        """Of a table, but for what all tables with these sums share; its logarithm."""
        return -sum(math.lgamma(each + 1) for each in (here, of_first - here, met - here, of_second - met + here))

    tables = [likelihood(here) for here in range(max(0, met - of_second), min(of_first, met) + 1)]
    most = max(tables)
    bound = likelihood(first) + math.log(_ALIKE)
    unlikely = math.fsum(math.exp(each - most) for each in tables if each <= bound)
    return unlikely / math.fsum(math.exp(each - most) for each in tables)
