"""What may be said of an effect, in a sentence that somebody reads aloud in a meeting."""

from __future__ import annotations

from dsl.values import DAY, HOUR, MINUTE, WEEK, Duration
from engine.analytics.comparing import ALARM_BELOW, Difference, SampleRatio
from engine.analytics.effect import Basis, Contrast, Effect, Verdict
from engine.analytics.intervals import Interval
from engine.analytics.sequential import FEWEST_IN_ARM


def sentence(effect: Effect) -> str:
    """What may be said of the goal. Never more than the data do."""
    goal, difference = effect.goal, effect.goal.difference
    aim = aim_in_words(effect)
    match effect.verdict:
        case Verdict.NOT_CAUSAL:
            return _not_causal(effect, aim)
        case Verdict.BROKEN:
            return _broken(effect.ratio)
        case Verdict.TOO_FEW:
            mine, others = difference.one.n, difference.other.n
            return (
                f"Not enough people yet: the time to {aim} is over for {mine:,} {goal.one} and {others:,} {goal.other}"
                f", and it takes {FEWEST_IN_ARM} of each."
            )
        case Verdict.CANNOT_TELL:
            return f"Cannot tell yet whether it changes how many {aim}: {_compared(goal)}.{_takes(effect)}"
        case Verdict.HIGHER | Verdict.LOWER:
            more = "More" if effect.verdict is Verdict.HIGHER else "Fewer"
            because = "with it" if effect.basis is Basis.HOLDOUT else f"with `{goal.one}`"
            return f"{more} people {aim} {because}: {_compared(goal)}."


def aim_in_words(effect: Effect) -> str:
    """`reach `Domain Verified` within 1 day`."""
    goal = effect.setup.goal
    what = f"come to {goal}" if goal is not None else "reach the step where they stood"
    return f"{what} within {length_in_words(effect.setup.within)}"


def length_in_words(length: Duration) -> str:
    """A length of time in its largest whole unit: `1 day`, `90 minutes`."""
    for unit, name in ((WEEK, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        number, rest = divmod(length, unit)
        if number and not rest:
            return f"{number} {name}" + ("" if number == 1 else "s")
    return f"{length / 1_000_000:g} seconds"


def points(interval: Interval) -> str:
    """`+2.1 to +14.3 points`."""
    return f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f} points"


def _compared(goal: Contrast) -> str:
    difference, interval = goal.difference, goal.difference.any_day
    told = f"{_share(difference, of_one=True)} {goal.one} against {_share(difference, of_one=False)} {goal.other}"
    if difference.value is None or interval is None:
        return told
    return f"{told}, {100 * difference.value:+.1f} points, somewhere from {points(interval)}, on whatever day you look"


def _share(difference: Difference, *, of_one: bool) -> str:
    side = difference.one if of_one else difference.other
    return f"{side.count:,} of {side.n:,}" + ("" if side.value is None else f" ({side.value:.1%})")


def _takes(effect: Effect) -> str:
    found = effect.needed
    if found is None or found.any_day is None:
        return ""
    people = effect.goal.difference.one.n + effect.goal.difference.other.n
    points_ = f"{100 * found.lift:g} points"
    if effect.days_needed is None or effect.days_needed <= 0:
        return (
            f" A change of {points_} would probably be seen by now, with {people:,} people; a smaller one takes more."
        )
    # Rounded up to what a plan is made with.
    days = max(1, round(effect.days_needed))
    return (
        f" To see {points_} it takes about {found.any_day:,} people; {people:,} are there, the others in about "
        f"{days:,} day{'' if days == 1 else 's'} at this rate."
    )


def _broken(ratio: SampleRatio | None) -> str:
    told = "The groups do not compare"
    if ratio is not None:
        seen = " and ".join(f"{each:,}" for each in ratio.observed)
        wanted = " and ".join(f"{each:,.0f}" for each in ratio.expected)
        told += f": they are of {seen} people, and should be of {wanted} (p < {ALARM_BELOW:g})"
    return f"{told}. Something other than chance divided them; no difference means anything until you know what."


def _not_causal(effect: Effect, aim: str) -> str:
    goal = effect.goal
    advice = "`holdout 10%` in the guide would tell its own share."
    if goal.difference.value is None:
        return (
            f"Nobody is held out, so this can only be before/after, not causal, and there is too little of it. {advice}"
        )
    fixed = goal.difference.fixed
    span = "" if fixed is None else f" ({points(fixed)})"
    return (
        f"Before/after, not causal: {_share(goal.difference, of_one=True)} {aim} after the guide came, "
        f"{_share(goal.difference, of_one=False)} before, {100 * goal.difference.value:+.1f} points{span}. "
        f"Whatever else changed in between is in that too; {advice}"
    )
