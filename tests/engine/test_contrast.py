"""What tells two groups apart, against figures that others have published and some worked out by hand."""

from __future__ import annotations

import math
from random import Random

import pytest
from scipy.stats import chi2_contingency, false_discovery_control

from engine.analytics.contrast import FEWEST_MET, Contrast, Met, adjusted, contrasts, ratio_of
from engine.analytics.intervals import Interval


def pearson(table: list[list[int]]) -> float:
    return float(chi2_contingency(table, correction=False).pvalue)


PUBLISHED = [
    # A. Agresti, "An Introduction to Categorical Data Analysis" (2007), 2.2: heart attacks of physicians who took a
    # placebo and of those who took aspirin, relative risk 1.82 (1.43, 2.30); Pearson's X² of the table is 25.01.
    ("placebo and aspirin", (189, 11_034, 104, 11_037), 1.82, (1.43, 2.31), 5.7e-7),
    # The example of `scipy.stats.contingency.relative_risk`, and Pearson's X² by the same library.
    ("exposed and not", (27, 122, 44, 487), 2.4495, (1.5837, 3.7887), pearson([[27, 95], [44, 443]])),
    # The example of `scipy.stats.fisher_exact`: whales and sharks in two oceans.
    ("two oceans", (8, 10, 1, 6), 4.8, (0.781, 29.502), 0.0350),
    # R. A. Fisher, "The Design of Experiments" (1935): the lady who tastes tea, three of four cups right; two-sided.
    ("tasting tea", (3, 4, 1, 4), 3.0, (0.501, 17.954), 0.4857),
]


def is_near(found: float, told: float, digits: float = 2e-3) -> bool:
    return math.isclose(found, told, rel_tol=digits, abs_tol=5e-3 if told > 0.01 else 0.0)


@pytest.mark.parametrize(("_of", "counts", "ratio", "ends", "chance"), PUBLISHED, ids=[each[0] for each in PUBLISHED])
def test_ratios_and_their_chances_are_those_that_were_published(
    _of: str, counts: tuple[int, int, int, int], ratio: float, ends: tuple[float, float], chance: float
) -> None:
    found, interval, p = ratio_of(*counts)
    assert is_near(found, ratio)
    assert is_near(interval.low, ends[0])
    assert is_near(interval.high, ends[1])
    assert is_near(p, chance)


def test_five_expected_in_each_cell_are_enough_for_the_quick_test_and_fewer_are_not() -> None:
    # 8 and 2 of 10: five expected everywhere. z = 0.6 ÷ √(¼ · 2/10) = 2.683.
    assert ratio_of(8, 10, 2, 10)[2] == pytest.approx(0.00729, abs=1e-5)
    # 7 and 2 of 10: 4.5 expected. (C(10,7)·C(10,2) + C(10,8)·C(10,1) + C(10,9)) · 2 ÷ C(20,9) = 0.0698.
    exact = 2 * (120 * 45 + 45 * 10 + 10) / math.comb(20, 9)
    assert ratio_of(7, 10, 2, 10)[2] == pytest.approx(exact)


def test_where_a_cell_is_empty_a_half_is_added_to_every_count() -> None:
    # 6 and 0 of 10: (6.5 ÷ 10.5) ÷ (0.5 ÷ 10.5) = 13, deviation √(1/6.5 − 1/10.5 + 1/0.5 − 1/10.5) = 1.40120.
    ratio, interval, chance = ratio_of(6, 10, 0, 10)
    assert ratio == pytest.approx(13)
    assert (interval.low, interval.high) == pytest.approx(
        (13 * math.exp(-1.959964 * 1.40120), 13 * math.exp(1.959964 * 1.40120)), rel=1e-4
    )
    # Of the twenty, six who met it: C(10,6) of C(20,6) ways to be in one group, and the same for the other.
    assert chance == pytest.approx(2 * 210 / 38_760)
    turned, back, same = ratio_of(0, 10, 6, 10)
    assert (turned, back.low, back.high, same) == pytest.approx((1 / 13, 1 / interval.high, 1 / interval.low, chance))


def test_what_happened_to_nobody_says_nothing() -> None:
    ratio, interval, chance = ratio_of(0, 10, 0, 10)
    assert (ratio, chance) == (1.0, 1.0)
    assert interval.low < 0.05
    assert interval.high > 20


def test_what_happened_to_all_of_few_people_does_not_prove_that_nothing_differs() -> None:
    # √(1/3 − 1/3.5 + 1/3 − 1/3.5) = 0.30861.
    ratio, interval, chance = ratio_of(3, 3, 3, 3)
    assert (ratio, chance) == (1.0, 1.0)
    assert (interval.low, interval.high) == pytest.approx((0.5461, 1.8310), abs=1e-4)
    many = ratio_of(3_000, 3_000, 3_000, 3_000)[1]
    assert 0.999 < many.low < 1 < many.high < 1.001


BENJAMINI_HOCHBERG = [
    # p, and q as R's `p.adjust(p, "BH")` and `scipy.stats.false_discovery_control` give it
    (0.0001, 0.0015),
    (0.0004, 0.003),
    (0.0019, 0.0095),
    (0.0095, 0.035625),
    (0.0201, 0.0603),
    (0.0278, 0.06385714),
    (0.0298, 0.06385714),
    (0.0344, 0.0645),
    (0.0459, 0.0765),
    (0.3240, 0.486),
    (0.4262, 0.58118182),
    (0.5719, 0.714875),
    (0.6528, 0.75323077),
    (0.7590, 0.81321429),
    (1.0000, 1.0),
]
"""The fifteen comparisons of the paper itself (J. R. Statist. Soc. B 57 (1995), section 3.2: thrombolysis after a heart
attack), of which it calls the first four real at 5 %."""


def test_the_example_of_benjamini_and_hochberg_comes_out_as_they_say() -> None:
    order = list(range(len(BENJAMINI_HOCHBERG)))
    Random(3).shuffle(order)  # noqa: S311  (an order, not a secret)
    found = dict(zip(order, adjusted([BENJAMINI_HOCHBERG[place][0] for place in order]), strict=True))
    assert [found[place] for place in sorted(order)] == pytest.approx([q for _, q in BENJAMINI_HOCHBERG])
    assert sum(q <= 0.05 for q in found.values()) == 4


def test_any_chances_are_adjusted_as_scipy_does_it() -> None:
    draw = Random(5)  # noqa: S311  (chances, not secrets)
    assert adjusted([]) == []
    for _ in range(300):
        chances = [draw.choice([0.0, 0.01, 0.5, 1.0, draw.random()]) for _ in range(draw.randint(1, 9))]
        assert adjusted(chances) == pytest.approx(list(false_discovery_control(chances)))


def test_the_surest_difference_comes_first_and_what_few_met_is_not_compared() -> None:
    found = contrasts(
        [
            Met("event", "common", 90, 88),
            Met("event", "telling", 40, 10),
            Met("event", "rare", FEWEST_MET - 1, 0),
            Met("friction", "large but unsure", 5, 0),
            Met("page", "less often", 5, 30),
        ],
        of=100,
        others=100,
    )
    assert [one.name for one in found] == ["telling", "common", "large but unsure", "less often"]
    assert [(one.is_telling, one.is_sure) for one in found] == [(True, True), *[(False, False)] * 3]
    assert (found[0].share, found[0].others_share, found[0].ratio) == pytest.approx((0.4, 0.1, 4.0))
    # Four were compared, not five.
    chances = [ratio_of(one.met, 100, one.others_met, 100)[2] for one in found]
    assert [one.q for one in found] == pytest.approx(list(false_discovery_control(chances)))


def test_what_is_telling_by_itself_is_not_sure_after_many_comparisons() -> None:
    one = Contrast("event", "x", 20, 100, 10, 100, 2.0, Interval(1.01, 4.0), 0.0501)
    assert (one.is_telling, one.is_sure) == (True, False)


@pytest.mark.parametrize(("of", "others"), [(0, 9), (9, 0)])
def test_without_one_of_the_groups_nothing_is_compared(of: int, others: int) -> None:
    assert contrasts([Met("event", "x", of, others)], of, others) == ()
