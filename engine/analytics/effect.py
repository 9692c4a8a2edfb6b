"""The effect of a guide: those who were to see it against those held out from it, and what may be said of that.

Pure: made from the counts of `engine.analytics.arms`, whatever engine counted. Judged by the confidence sequence, so
that it may be read every day; by groups that are of the wrong size nothing is judged at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from dsl.values import DAY, Duration, Instant
from engine.analytics.arms import AFTER, BEFORE, BOTH, EARLIER, HELD_OUT, SHOWN, Cell, Sign, Tally
from engine.analytics.comparing import (
    LIFT,
    POWER,
    Difference,
    Moments,
    Needed,
    SampleRatio,
    Share,
    mean_difference,
    needed,
    sample_ratio,
)
from engine.analytics.intervals import Interval
from engine.analytics.population import Kind


class Basis(StrEnum):
    """What is compared with what."""

    HOLDOUT = "holdout"
    VARIANTS = "variants"
    BEFORE_AFTER = "before/after"


class Verdict(StrEnum):
    """What may be said."""

    HIGHER = "higher"
    LOWER = "lower"
    CANNOT_TELL = "cannot tell yet"
    TOO_FEW = "not enough people"
    BROKEN = "groups do not compare"
    NOT_CAUSAL = "before/after, not causal"


@dataclass(frozen=True, slots=True)
class Contrast:
    """One group against another at one measure; `value`s are shares of people whose time is over."""

    one: str
    other: str
    difference: Difference

    @property
    def verdict(self) -> Verdict:
        """By the confidence sequence."""
        return judged(self.difference.any_day)


@dataclass(frozen=True, slots=True)
class StepContrast:
    """The share that drops at a step of the guide's `at`: of those who stood at it, who did not reach it in time."""

    journey: str
    step: str
    within: Duration
    contrast: Contrast


@dataclass(frozen=True, slots=True)
class Guardrail:
    """Something that the guide should not make worse.

    difference: of shares. means: of feelings, with `interval` Welch's; difference is None there. alone: the share of
    one group only, where the other cannot have any. harms: the interval lies on the wrong side of zero.
    """

    name: str
    meaning: str
    better: str
    difference: Difference | None = None
    means: tuple[Moments, Moments] | None = None
    alone: Share | None = None

    @property
    def value(self) -> float | None:
        """The difference, or the share of the one group."""
        if self.alone is not None:
            return self.alone.value
        if self.means is not None:
            one, other = self.means[0].mean, self.means[1].mean
            return None if one is None or other is None else one - other
        return None if self.difference is None else self.difference.value

    @property
    def interval(self) -> Interval | None:
        """At 95 %: of shares the one that may be read every day, of feelings and of one group that of one look."""
        if self.alone is not None:
            return self.alone.interval
        if self.means is not None:
            return mean_difference(*self.means)
        return None if self.difference is None else self.difference.any_day

    @property
    def sides(self) -> tuple[tuple[int, float | None], ...]:
        """People and figure of each group."""
        if self.alone is not None:
            return ((self.alone.n, self.alone.value),)
        if self.means is not None:
            return tuple((each.n, each.mean) for each in self.means)
        if self.difference is None:
            return ()
        return tuple((each.n, each.value) for each in (self.difference.one, self.difference.other))

    @property
    def harms(self) -> bool | None:
        """None where the data cannot tell."""
        verdict = judged(self.interval)
        if self.alone is not None or verdict not in (Verdict.HIGHER, Verdict.LOWER):
            return None
        return verdict.value != self.better


@dataclass(frozen=True, slots=True)
class DayOfEffect:
    """What could be read at the end of a day (UTC), of all people whose time was over by then."""

    day: str
    difference: Difference


@dataclass(frozen=True, slots=True)
class Group:
    """People by arm or variant: how many came, and of how many the time for the goal is over."""

    name: str
    people: int
    over: int


@dataclass(frozen=True, slots=True)
class Setup:
    """What is measured, as the rules say it.

    goal: in words, `Domain Verified`, or None where it is to reach the step where one stood. holdout: percent.
    variants: name and percent. steps: journey, number of the step, its name, and how long one has for it.
    counted_from: the moment, in words, of a comparison before and after.
    """

    guide: str
    label: str | None
    goal: str | None
    within: Duration
    holdout: float
    variants: tuple[tuple[str, float], ...] = ()
    steps: tuple[tuple[str, int, str, Duration], ...] = ()
    since: Instant | None = None
    counted_from: str | None = None

    @property
    def basis(self) -> Basis:
        """What can be compared."""
        if self.holdout > 0:
            return Basis.HOLDOUT
        return Basis.VARIANTS if len(self.variants) > 1 else Basis.BEFORE_AFTER


@dataclass(frozen=True, slots=True)
class Effect:
    """The answer. goal: of all who were to see it; variants: of each variant, against the same others.

    in_both: people found in both arms, who are in neither. waiting: whose time for the goal is not over. earlier: who
    came before the shares were last changed (`setup.since`). ratio: None where nothing was divided. days: for a chart.
    """

    setup: Setup
    basis: Basis
    groups: tuple[Group, ...]
    goal: Contrast
    variants: tuple[Contrast, ...]
    steps: tuple[StepContrast, ...]
    guardrails: tuple[Guardrail, ...]
    days: tuple[DayOfEffect, ...]
    ratio: SampleRatio | None
    needed: Needed | None
    days_needed: float | None
    in_both: int
    waiting: int
    earlier: int
    left_out: tuple[Kind, ...]
    version: int

    @property
    def verdict(self) -> Verdict:
        """What may be said of the goal."""
        if self.basis is Basis.BEFORE_AFTER:
            return Verdict.NOT_CAUSAL
        if self.ratio is not None and self.ratio.is_alarm:
            return Verdict.BROKEN
        return self.goal.verdict


def judged(interval: Interval | None) -> Verdict:
    """What an interval of a difference says."""
    if interval is None:
        return Verdict.TOO_FEW
    if interval.low > 0:
        return Verdict.HIGHER
    return Verdict.LOWER if interval.high < 0 else Verdict.CANNOT_TELL


_MEANINGS: Final[Mapping[Sign, str]] = {
    Sign.FRICTION: "people who met a sign of friction",
    Sign.DISMISSED: "people who dismissed this guide",
    Sign.DISMISSED_OTHERS: "people who dismissed another guide",
    Sign.ANSWERED: "people who answered another survey",
}
FEELINGS: Final = "feelings"
"""The guardrail of what people answered to other surveys."""

Test = Callable[[Cell], bool]


def effect_of(
    setup: Setup,
    cells: Sequence[Cell],
    *,
    now: Instant,
    left_out: tuple[Kind, ...],
    version: int,
    lift: float = LIFT,
    power: float = POWER,
) -> Effect:
    """Put the counts together. lift, power: what the number of people that it takes is told for."""
    basis = setup.basis
    names = _names(setup)
    counted = [cell for cell in cells if any(test(cell) for test in names.values())]
    (one, of_one), (other, of_others) = _sides(basis, names)
    goal = Contrast(one, other, _difference(counted, of_one, of_others, lambda cell: cell.goal))
    days = tuple(_days(counted, of_one, of_others, until=now))
    divided = None if basis is Basis.BEFORE_AFTER else _ratio(setup, counted)
    base = goal.difference.other.value
    enough = None
    if base is not None and basis is not Basis.BEFORE_AFTER:
        enough = needed(base, lift, held_out=_share_of_others(setup), power=power)
    return Effect(
        setup=setup,
        basis=basis,
        groups=tuple(_group(name, [cell for cell in counted if test(cell)]) for name, test in names.items()),
        goal=goal,
        variants=tuple(_variants(setup, basis, counted, names)),
        steps=tuple(_steps(setup, counted, (one, of_one), (other, of_others))),
        guardrails=tuple(_guardrails(counted, of_one, of_others, basis)),
        days=days,
        ratio=divided,
        needed=enough,
        days_needed=_days_needed(enough, counted, now),
        in_both=sum(cell.people for cell in cells if cell.arm == BOTH),
        waiting=sum(cell.people for cell in counted) - sum(_over(cell) for cell in counted),
        earlier=sum(cell.people for cell in cells if cell.arm == EARLIER),
        left_out=left_out,
        version=version,
    )


def _names(setup: Setup) -> dict[str, Test]:
    """The groups, by name: of a holdout the two arms; else the variants, or before and after."""
    match setup.basis:
        case Basis.HOLDOUT:
            return {SHOWN: _arm(SHOWN), HELD_OUT: _arm(HELD_OUT)}
        case Basis.VARIANTS:
            return {name: _variant(name) for name, _ in setup.variants}
        case Basis.BEFORE_AFTER:
            return {AFTER: _arm(AFTER), BEFORE: _arm(BEFORE)}


def _sides(basis: Basis, names: Mapping[str, Test]) -> tuple[tuple[str, Test], tuple[str, Test]]:
    """Whom the headline compares: of variants the second with the first."""
    first, second = list(names.items())[:2]
    return (second, first) if basis is Basis.VARIANTS else (first, second)


def _share_of_others(setup: Setup) -> float:
    """Of those whom the headline compares, the share of those whom it compares with."""
    if setup.basis is Basis.HOLDOUT:
        return setup.holdout / 100
    (_, first), (_, second) = setup.variants[:2]
    return first / (first + second)


def _arm(arm: str) -> Test:
    return lambda cell: cell.arm == arm


def _variant(name: str) -> Test:
    return lambda cell: cell.arm == SHOWN and cell.variant == name


def _sum(cells: Iterable[Cell], test: Test, read: Callable[[Cell], Tally]) -> Share:
    found = sum((read(cell) for cell in cells if test(cell)), Tally())
    return Share(found.count, found.n)


def _difference(cells: Sequence[Cell], one: Test, other: Test, read: Callable[[Cell], Tally]) -> Difference:
    return Difference(_sum(cells, one, read), _sum(cells, other, read))


def _over(cell: Cell) -> int:
    """People whose time is over; everybody has the same time for dismissing as for the goal."""
    return cell.signs[Sign.DISMISSED].n


def _group(name: str, cells: Sequence[Cell]) -> Group:
    return Group(name, sum(cell.people for cell in cells), sum(_over(cell) for cell in cells))


def _variants(setup: Setup, basis: Basis, cells: Sequence[Cell], names: Mapping[str, Test]) -> Iterable[Contrast]:
    if basis is Basis.HOLDOUT:
        for name, _ in setup.variants:
            difference = _difference(cells, _variant(name), names[HELD_OUT], lambda cell: cell.goal)
            yield Contrast(name, HELD_OUT, difference)
    elif basis is Basis.VARIANTS:
        (first, of_first), *others = names.items()
        for name, test in others:
            yield Contrast(name, first, _difference(cells, test, of_first, lambda cell: cell.goal))


def _steps(
    setup: Setup, cells: Sequence[Cell], one: tuple[str, Test], other: tuple[str, Test]
) -> Iterable[StepContrast]:
    for journey, place, step, within in setup.steps:

        def dropped(cell: Cell, key: tuple[str, int] = (journey, place)) -> Tally:
            reached = cell.steps[key]
            return Tally(reached.n, reached.n - reached.count)

        difference = _difference(cells, one[1], other[1], dropped)
        yield StepContrast(journey, step, within, Contrast(one[0], other[0], difference))


def _guardrails(cells: Sequence[Cell], one: Test, other: Test, basis: Basis) -> Iterable[Guardrail]:
    for sign, meaning in _MEANINGS.items():
        better = "higher" if sign is Sign.ANSWERED else "lower"
        if sign is Sign.DISMISSED and basis is not Basis.VARIANTS:
            share = _sum(cells, one, lambda cell: cell.signs[Sign.DISMISSED])
            yield Guardrail(sign.value, meaning, better, alone=share)
            continue
        difference = _difference(cells, one, other, lambda cell, sign=sign: cell.signs[sign])  # type: ignore[misc]
        yield Guardrail(sign.value, meaning, better, difference)
    means = (_moments(cells, one), _moments(cells, other))
    yield Guardrail(FEELINGS, "what answers to other surveys said, −1 to +1", "higher", means=means)


def _moments(cells: Sequence[Cell], test: Test) -> Moments:
    found = [cell.feelings for cell in cells if test(cell)]
    return Moments(sum(x.n for x in found), sum(x.total for x in found), sum(x.squares for x in found))


def _days(cells: Sequence[Cell], one: Test, other: Test, *, until: Instant) -> Iterable[DayOfEffect]:
    """From the first day on which somebody's time was over to the last that has one, and not into the future."""
    over = [cell for cell in cells if cell.goal.n]
    if not over:
        return
    first, last = min(cell.day for cell in over), min(max(cell.day for cell in over), until // DAY)
    by_day: dict[int, list[Cell]] = {}
    for cell in over:
        by_day.setdefault(cell.day, []).append(cell)
    mine, others = Tally(), Tally()
    for day in range(first, last + 1):
        for cell in by_day.get(day, ()):
            mine = mine + cell.goal if one(cell) else mine
            others = others + cell.goal if other(cell) else others
        shares = Difference(Share(mine.count, mine.n), Share(others.count, others.n))
        yield DayOfEffect(_date(day), shares)


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()


def _ratio(setup: Setup, cells: Sequence[Cell]) -> SampleRatio:
    """All who came, whether their time is over or not: held out, and each variant."""
    held = setup.holdout
    shares = [(1 - held / 100) * percent for _, percent in setup.variants] or [100 - held]
    tests = [_variant(name) for name, _ in setup.variants] or [_arm(SHOWN)]
    if held > 0:
        shares, tests = [*shares, held], [*tests, _arm(HELD_OUT)]
    return sample_ratio([sum(cell.people for cell in cells if test(cell)) for test in tests], shares)


def _days_needed(enough: Needed | None, cells: Sequence[Cell], now: Instant) -> float | None:
    """Days until so many came for whom looks every day, as fast as they came until now; 0 when they did."""
    people = sum(_over(cell) for cell in cells)
    if enough is None or enough.any_day is None or people == 0:
        return None
    days = max(1.0, now / DAY - min(cell.day for cell in cells))
    return max(0.0, (enough.any_day - people) / (people / days))
