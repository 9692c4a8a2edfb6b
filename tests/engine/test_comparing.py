"""Two groups compared: figures against statsmodels 0.15 and published examples, sequences against simulation."""

from __future__ import annotations

import math
import random

import numpy
import pytest
import scipy.stats

from benchmarks.bench_effect import LIFT, World, ends, simulate, worlds
from engine.analytics import distributions
from engine.analytics.comparing import Difference, Moments, Share, mean_difference, needed, sample_ratio
from engine.analytics.intervals import share_interval
from engine.analytics.sequential import FEWEST_IN_ARM, OPTIMAL_AT, rho_squared, sequence_interval, widening


@pytest.mark.parametrize("seed", range(40))
def test_quantiles_and_tails_are_those_of_scipy(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    share, freedom, value = draw.choice([0.025, 0.5, 0.975]), draw.choice([1, 2, 7.3, 1e5]), draw.uniform(0, 12)
    count, tosses, people, others = (draw.randint(1, most) for most in (90, 3_000, 300, 3_000))
    first, second = draw.randint(0, people), draw.randint(0, min(others, draw.choice([3, 3_000])))
    table = [[first, people - first], [second, others - second]]
    wilson = scipy.stats.binomtest(first, people).proportion_ci(method="wilson")
    mine = share_interval(first, people)
    assert mine is not None
    found = [
        (distributions.normal_quantile(share), scipy.stats.norm.ppf(share)),
        (distributions.normal_tail(value), scipy.stats.norm.sf(value)),
        (distributions.student_quantile(share, freedom), scipy.stats.t.ppf(share, freedom)),
        (distributions.chi_square_quantile(share, freedom), scipy.stats.chi2.ppf(share, freedom)),
        (distributions.chi_square_tail(5 * value, freedom), scipy.stats.chi2.sf(5 * value, freedom)),
        (distributions.poisson_share(count, 8 * value), scipy.stats.poisson.cdf(count, 8 * value)),
        (distributions.coin_quantile(0.025, tosses), scipy.stats.binom.ppf(0.025, tosses, 0.5)),
        (distributions.fisher_exact(first, people, second, others), scipy.stats.fisher_exact(table).pvalue),
        (mine.low, wilson.low),
        (mine.high, wilson.high),
    ]
    assert [one for one, _ in found] == pytest.approx([other for _, other in found], rel=1e-8, abs=1e-12)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        # confint_proportions_2indep(method="newcomb"); the first three are examples (a) to (c) of Newcombe (1998)
        ((56, 70), (48, 80), 0.0524314725, 0.3338726540),
        ((9, 10), (3, 10), 0.1705227239, 0.8090179735),
        ((6, 7), (2, 7), 0.0582279275, 0.8062496375),
        ((10, 10), (0, 10), 0.6075093504, 1.0),
        ((412, 4500), (31, 500), 0.0036053819, 0.0495646997),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = Difference(Share(*one), Share(*other)).fixed
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def moments(values: list[float]) -> Moments:
    return Moments(len(values), sum(values), sum(value**2 for value in values))


def test_the_interval_of_a_difference_of_means_is_welchs() -> None:
    # CompareMeans.tconfint_diff(usevar="unequal")
    found = mean_difference(moments([1, 2, 3, 4, 5, 9]), moments([2, 2, 3, 7, 1, 0, 4]))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((-1.9447318857, 4.5161604571), abs=1e-9)


def test_five_equal_answers_on_both_sides_give_an_interval_without_width() -> None:
    found = mean_difference(moments([3] * 5), moments([1] * 5))
    assert found is not None
    assert (found.low, found.high) == (2, 2)


def test_below_five_people_nothing_is_said() -> None:
    few = Difference(Share(2, 4), Share(3, 50))
    assert (few.value, few.fixed, few.any_day) == (None, None, None)
    assert mean_difference(moments([1, 2, 3, 4]), moments([1, 2, 3, 4, 5])) is None


@pytest.mark.parametrize(
    ("observed", "shares", "p", "is_alarm"),
    [
        # statsmodels.stats.gof.chisquare
        ((4600, 400), (90, 10), 2.4284674729758432e-06, True),
        ((510, 490, 98), (45, 45, 10), 0.40377340505212, False),
        ((9_000, 1_000), (90, 10), 1.0, False),
    ],
)
def test_groups_of_the_wrong_size_are_an_alarm(
    observed: tuple[int, ...], shares: tuple[float, ...], p: float, is_alarm: bool
) -> None:
    found = sample_ratio(observed, shares)
    assert found.p == pytest.approx(p, rel=1e-9)
    assert found.is_alarm is is_alarm


def test_a_handful_of_people_is_never_an_alarm() -> None:
    assert sample_ratio((30, 0), (90, 10)).p is None


@pytest.mark.parametrize(
    ("held_out", "people"),
    # samplesize_proportions_2indep_onetail(0.05, 0.3, 0.8): 1376.299 in each; 753.728 who see it, of ten times that
    [(0.5, 2753), (0.9, 7538)],
)
def test_the_people_needed_for_one_look(held_out: float, people: int) -> None:
    assert needed(0.3, 0.05, held_out=held_out).at_once == people


def test_whoever_looks_every_day_needs_about_twice_as_many() -> None:
    found = needed(0.3, 0.05, held_out=0.5)
    assert found.at_once is not None
    assert found.any_day is not None
    assert 1.5 < found.any_day / found.at_once < 2.5


@pytest.mark.parametrize(
    ("base", "lift", "held_out"), [(0.98, 0.05, 0.1), (0.3, 0.0, 0.1), (0.3, 0.05, 0.0)], ids=["above 1", "none", "all"]
)
def test_what_no_number_of_people_can_show(base: float, lift: float, held_out: float) -> None:
    found = needed(base, lift, held_out=held_out)
    assert (found.at_once, found.any_day) == (None, None)


def test_the_sequence_is_narrowest_where_it_was_meant_to_be() -> None:
    def width(rho: float) -> float:
        at = OPTIMAL_AT * rho
        return 2 * (at + 1) / at * math.log(math.sqrt(at + 1) / 0.05)

    best = rho_squared()
    assert width(best) < min(width(best * 1.01), width(best * 0.99))
    assert float(widening(OPTIMAL_AT)) == pytest.approx(math.sqrt(width(best)))


def test_the_sequence_is_wider_than_the_interval_of_one_look_and_holds_it() -> None:
    found = Difference(Share(700, 2_000), Share(600, 2_000))
    assert found.fixed is not None
    assert found.any_day is not None
    assert found.any_day.low < found.fixed.low < 0.05 < found.fixed.high < found.any_day.high


def test_the_sequence_says_nothing_of_a_few_people() -> None:
    assert sequence_interval(10, 200, 0, FEWEST_IN_ARM - 1) is None
    assert sequence_interval(0, 20, 0, 20) is not None


def test_the_sequence_of_a_share_of_nothing_has_a_width() -> None:
    found = sequence_interval(0, 900, 0, 100)
    assert found is not None
    assert found.low < -0.01 < 0.01 < found.high


def test_the_simulation_reads_the_sequence_that_people_are_shown() -> None:
    sizes, shares = (1, 19, 20, 21, 137, 2_000, 60_000), (0.0, 0.02, 0.3, 0.5, 0.97, 1.0)
    arms = [(round(size * share), size) for size in sizes for share in shares]
    grid = [(*one, *other) for one in arms for other in arms]
    low, high = ends(*numpy.array(grid).T)
    shown = [sequence_interval(*counts) for counts in grid]
    assert sum(each is None for each in shown) > 500
    assert [(each.low, each.high) if each else None for each in shown] == [
        None if math.isnan(down) else (pytest.approx(down, abs=1e-12), pytest.approx(up, abs=1e-12))
        for down, up in zip(low.tolist(), high.tolist(), strict=True)
    ]


def test_a_lift_is_found_only_where_the_first_day_that_says_something_says_so() -> None:
    world = World(200, 0.5, 0.5)
    up, down, none = (simulate(world, lift, seed=3, runs=300) for lift in (0.1, -0.1, 0.0))
    assert up.lifts == up.found == 300
    assert (down.lifts, down.found) == (0, 300)
    assert 0 <= none.lifts <= none.found < 20


def test_looking_every_day_is_safe_and_with_the_interval_of_one_look_it_is_not() -> None:
    looks = simulate(World(200, 0.1, 0.3), 0.0, seed=7)
    assert looks.interval.low <= 0.05
    assert looks.naive > 4 * looks.found
    assert looks.naive / looks.runs > 0.2


@pytest.mark.slow
@pytest.mark.parametrize("world", list(worlds()), ids=str)
def test_a_guide_that_changes_nothing_is_called_an_effect_in_one_of_twenty_at_most(world: World) -> None:
    looks = simulate(world, 0.0, seed=11)
    assert looks.interval.low <= 0.05


@pytest.mark.slow
@pytest.mark.parametrize("world", [each for each in worlds() if each.people == 2_000], ids=str)
def test_five_points_are_found_within_a_month_where_many_come(world: World) -> None:
    assert simulate(world, LIFT, seed=12).lifts / 2_000 >= 0.8
