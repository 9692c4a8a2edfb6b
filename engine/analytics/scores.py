"""The scores of survey questions: NPS, CSAT, CES and plain means, always with n and an interval.

Skipped and dismissed questions are never in a denominator: only answers are passed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.analytics.distributions import normal_quantile
from engine.analytics.intervals import CONFIDENCE, FEWEST_ANSWERS, Interval, mean_interval, share_interval


@dataclass(frozen=True, slots=True)
class Score:
    """One figure of a question: its value is None below FEWEST_ANSWERS answers. count: of a share, how many of n.

    name: `nps`, `csat`, `ces`, `easy` (share of 5 to 7) or `mean`. unit: what the value is (points, share or scale).
    """

    name: str
    value: float | None
    n: int
    interval: Interval | None
    unit: str
    count: int | None = None


def nps(answers: Sequence[float]) -> Score:
    """Net promoter score, −100 to 100: promoters answer 9 or 10, detractors 0 to 6.

    The interval is the adjusted Wald one: ¾ promoter and ¾ detractor are added, and n + 3 (B. Rocks, "Interval
    estimation for the net promoter score", The American Statistician 70 (2016)).
    """
    n = len(answers)
    promoters = sum(answer >= 9 for answer in answers)
    detractors = sum(answer <= 6 for answer in answers)
    if n < FEWEST_ANSWERS:
        return Score("nps", None, n, None, "points")
    good, bad = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    half = normal_quantile((1 + CONFIDENCE) / 2) * math.sqrt((good + bad - (good - bad) ** 2) / (n + 3))
    centre = good - bad
    interval = Interval(max(-100.0, 100 * (centre - half)), min(100.0, 100 * (centre + half)))
    return Score("nps", 100 * (promoters - detractors) / n, n, interval, "points")


def share(name: str, answers: Sequence[float], *, least: float) -> Score:
    """The share of answers of at least `least`, 0 to 1, with the Wilson interval."""
    n = len(answers)
    high = sum(answer >= least for answer in answers)
    if n < FEWEST_ANSWERS:
        return Score(name, None, n, None, "share", high)
    return Score(name, high / n, n, share_interval(high, n), "share", high)


def mean(name: str, answers: Sequence[float]) -> Score:
    """The mean on the question's own scale, with Student's t interval."""
    n = len(answers)
    if n < FEWEST_ANSWERS:
        return Score(name, None, n, None, "scale")
    return Score(name, math.fsum(answers) / n, n, mean_interval(answers), "scale")


SCORES: Final[Mapping[str, tuple[Callable[[Sequence[float]], Score], ...]]] = MappingProxyType(
    {
        "nps": (nps,),
        "csat": (lambda answers: share("csat", answers, least=4),),
        "effort": (lambda answers: mean("ces", answers), lambda answers: share("easy", answers, least=5)),
        "rating": (lambda answers: mean("mean", answers),),
    }
)
"""By question type: the figures that are made of its answers. Other types have a distribution only."""
