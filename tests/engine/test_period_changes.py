"""Two periods compared day after day: how often it is wrong where nothing changes, and that a change is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import combinations, product
from math import comb
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analytics.intervals import Interval
from engine.analytics.period_changes import ALARM, EACH_LOOK, FEWEST, LOOKS, Change, Sample, Shape, change
from engine.analytics.permutation import draw
from tests.profiles import examples

RECENT, BEFORE = 7, 28


def sample(*numbers: float) -> Sample:
    return Sample(Counter(numbers))


def exact(group: tuple[float, ...], others: tuple[float, ...]) -> float:
    """How many choices of as many have a sum at least as large, one by one."""
    pool = group + others
    sums = [sum(chosen) for chosen in combinations(pool, len(group))]
    return sum(each >= sum(group) - 1e-9 for each in sums) / len(sums)


@pytest.mark.parametrize(
    ("group", "others"),
    [
        ((1, 1, 1, 1, 0, 1), (0, 0, 1, 0, 0, 1, 0, 0, 0, 0)),
        ((0.9, 0.4, 0, 0, 0.7, 0.2), (0, 0, 0, 0, 0.1, 0, 0, 0.3, 0, 0, 0, 0.5, 0.1, 0)),
        ((7, 7, 6, 7, 5, 7), (1, 2, 7, 5, 6, 3, 4, 6, 7)),
        ((12.5, 20.0, 33.0, 41.0, 2.2, 17.0), (1.0, 2.0, 3.5, 8.0, 5.0, 13.0, 6.0, 2.5, 40.0, 1.5, 11.0, 19.0, 27.0)),
    ],
)
def test_how_unlikely_a_group_is_agrees_with_every_choice_counted(
    group: tuple[float, ...], others: tuple[float, ...]
) -> None:
    found = draw(Counter(group), Counter(others))
    told = 1 - NormalDist().cdf(found.score)
    wanted = exact(group, others)
    assert told == pytest.approx(wanted, rel=0.25)
    assert found.difference == pytest.approx(sum(group) / len(group) - sum(others) / len(others))


def test_the_interval_leaves_zero_out_exactly_where_the_test_does() -> None:
    random = Random(3)  # noqa: S311  (a history, not a secret)
    for _ in range(200):
        group = Counter(random.choice((0, 0, 0, 1)) for _ in range(40))
        others = Counter(random.choice((0, 0, 0, 1)) for _ in range(120))
        found = draw(group, others)
        interval = found.interval(0.9)
        assert (interval.low > 0 or interval.high < 0) == (abs(found.score) > 1.6448536), found


def test_turned_round_it_says_the_opposite() -> None:
    one, other = {1: 30, 0: 70}, {1: 40, 0: 360}
    found, turned = draw(one, other), draw({0: 30, 1: 70}, {0: 40, 1: 360})
    assert found.score == pytest.approx(-turned.score)
    assert found.interval(0.95).low == pytest.approx(-turned.interval(0.95).high)


@pytest.mark.parametrize(
    ("what", "recent", "before"),
    [
        ("nobody differs", {1: 50}, {1: 200}),
        ("too few recently", {1: FEWEST - 1}, {0: 200}),
        ("too few before", {1: 200}, {0: FEWEST - 1}),
        ("nobody", {}, {}),
    ],
)
def test_where_nothing_can_be_said_nothing_is(
    what: str, recent: Mapping[float, int], before: Mapping[float, int]
) -> None:
    for shape in Shape:
        found = change(shape, Sample(recent), Sample(before))
        assert found.interval is None or found.interval.low <= 0 <= found.interval.high, (what, shape)


def test_a_group_as_far_out_as_can_be_is_no_error() -> None:
    found = change(Shape.SHARE, Sample({1: 300}), Sample({0: 5_000}))
    assert found.interval is not None
    assert found.interval.low > 0.5


@pytest.mark.parametrize(
    ("what", "recent", "before"),
    [
        ("almost every choice is as far out", {0.0: 22}, {0.0: 400, 0.2775: 1, 0.5392: 1, 0.640875: 1, 0.53344: 1}),
        ("so is every one, nearly", {0.0: 20}, {0.0: 397, 0.1: 1, 0.3: 1, 0.0975: 1}),
        ("all but two at the top", {7.0: 30}, {7.0: 300, 1.0: 1, 2.5: 1}),
        ("a tenth, which has no exact sum", {0.1: 40}, {0.1: 333}),
        ("equal but for how they were added", {0.3: 60}, {0.3: 20, 0.1 + 0.2: 180}),
        ("a third", {1 / 3: 23}, {1 / 3: 101}),
    ],
)
def test_where_nearly_everybody_has_the_same_number_nothing_is_sure(
    what: str, recent: Mapping[float, int], before: Mapping[float, int]
) -> None:
    for one, other in ((recent, before), (before, recent)):
        interval = draw(one, other).interval(EACH_LOOK)
        assert interval.low <= 0 <= interval.high, what


FEW = st.lists(st.sampled_from([0.0975, 0.1, 0.2, 0.25, 0.3, 0.64, 1.0, 2.5, 7.0, 20.0]), min_size=1, max_size=5)


@given(usual=st.sampled_from([0.0, 0.1, 7.0]), few=FEW, n=st.integers(FEWEST, 90), others=st.integers(FEWEST, 400))
def test_a_few_people_with_other_numbers_give_no_more_false_alarms_than_promised(
    usual: float, few: list[float], n: int, others: int
) -> None:
    """Every choice of the group is counted; half as many again are allowed, as the chance is an approximation."""
    false = 0.0
    rest = n + others - len(few)
    for chosen in product((True, False), repeat=len(few)):
        inside = Counter(number for number, is_in in zip(few, chosen, strict=True) if is_in)
        outside = Counter(few) - inside
        ordinary = n - inside.total()
        group = inside + Counter({usual: ordinary})
        interval = draw(group, outside + Counter({usual: rest - ordinary})).interval(EACH_LOOK)
        if interval.low > 0 or interval.high < 0:
            false += comb(rest, ordinary) / comb(n + others, n)
    assert false <= 1.5 * (1 - EACH_LOOK)


def test_quantiles_lie_between_order_statistics() -> None:
    hundred = sample(*map(float, range(1, 101)))
    assert hundred.figure(Shape.MEDIAN) == 50
    assert hundred.figure(Shape.NINTH) == 90
    # The usual table of ranks for the median of 100 at 95 %.
    assert hundred.quantile_interval(0.5, 0.95) == Interval(40, 61)
    assert sample(*map(float, range(30))).quantile_interval(0.9, EACH_LOOK) is None, "no rank is high enough"


def days(random: Random, draws: Callable[[Random], float], people: int, number: int) -> list[Counter[float]]:
    return [Counter(draws(random) for _ in range(people)) for _ in range(number)]


def looked(shape: Shape, history: list[Counter[float]], end: int) -> Change:
    recent = sum(history[end - RECENT : end], Counter())
    before = sum(history[end - RECENT - BEFORE : end - RECENT], Counter())
    return change(shape, Sample(recent), Sample(before))


def is_alarm(found: Change) -> bool:
    return found.interval is not None and (found.interval.low > 0 or found.interval.high < 0)


UNCHANGED = {
    "a share of one in five": (Shape.SHARE, 12, lambda random: float(random.random() < 0.2)),
    "a rare share": (Shape.SHARE, 6, lambda random: float(random.random() < 0.03)),
    "friction, which few people meet": (
        Shape.MEAN,
        5,
        lambda random: 0.0 if random.random() < 0.8 else round(min(1.0, random.expovariate(4)), 2),
    ),
    "scores of few answers": (Shape.MEAN, 4, lambda random: float(random.choice((1, 2, 5, 6, 6, 7, 7, 7)))),
    "a median of times": (Shape.MEDIAN, 6, lambda random: float(int(60 * random.lognormvariate(3, 1.2)))),
    "the slowest tenth": (Shape.NINTH, 12, lambda random: float(int(60 * random.lognormvariate(3, 1.2)))),
}


@pytest.mark.parametrize("what", list(UNCHANGED))
def test_over_ninety_days_without_a_change_false_alarms_are_as_rare_as_promised(what: str) -> None:
    """In a share of histories of ALARM at most; four standard errors more are allowed for chance."""
    shape, people, draws = UNCHANGED[what]
    random = Random(20)  # noqa: S311
    histories = examples(20, 400)
    alarms = 0
    for _ in range(histories):
        history = days(random, draws, people, RECENT + BEFORE + LOOKS)
        alarms += any(is_alarm(looked(shape, history, end)) for end in range(RECENT + BEFORE, len(history)))
    allowed = ALARM * histories + 4 * (histories * ALARM * (1 - ALARM)) ** 0.5
    assert alarms <= allowed, f"{alarms} of {histories}"


CHANGED = {
    "the drop doubles": (
        Shape.SHARE,
        lambda random: float(random.random() < 0.2),
        lambda random: float(random.random() < 0.4),
    ),
    "people find it harder": (
        Shape.MEAN,
        lambda random: float(random.choice((5, 6, 6, 7, 7))),
        lambda random: float(random.choice((2, 3, 5, 6, 7))),
    ),
    "it takes twice as long": (
        Shape.MEDIAN,
        lambda random: float(int(60 * random.lognormvariate(3, 0.6))),
        lambda random: float(int(120 * random.lognormvariate(3, 0.6))),
    ),
}


@pytest.mark.parametrize("what", list(CHANGED))
def test_a_change_is_found_within_the_week_that_is_compared(what: str) -> None:
    shape, before, after = CHANGED[what]
    random = Random(7)  # noqa: S311
    found, histories = 0, examples(15, 200)
    for _ in range(histories):
        history = days(random, before, 20, RECENT + BEFORE) + days(random, after, 20, RECENT)
        found += any(is_alarm(looked(shape, history, end)) for end in range(RECENT + BEFORE, len(history) + 1))
    assert found >= 0.8 * histories
