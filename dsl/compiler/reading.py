"""What compiled code calls where an expression would be too long: slots as counts and values.

None stands for unknown throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from dsl.facts import Facts, JourneyView
from dsl.needs import Slot
from dsl.values import Duration, Instant


def count_in_last(facts: Facts, key: str, length: Duration) -> int | None:
    """How many times lie in the window, for a condition that needs more of them than are kept."""
    times = facts.recall(key)
    return None if times is None else count_later(times, facts.now - length)


def count_later(times: Sequence[Instant], start: int) -> int:
    """How many of the times are later."""
    return sum(1 for time in times if time > start)


def count_of_days(slot: Slot | None) -> int:
    """The number of a Days slot."""
    return 0 if slot is None else int(slot[0])


def sum_of(slot: Slot | None, missing: int | None) -> int | float | None:
    """The sum of a Total slot."""
    return missing if slot is None else _quotient(int(slot[1]), int(slot[2]))


def average_of(slot: Slot | None, missing: None) -> float | int | None:
    """The mean of a Total slot, None without values."""
    return missing if slot is None or slot[0] == 0 else _quotient(int(slot[1]), int(slot[2]) * int(slot[0]))


def lowest_of(slot: Slot | None, missing: None) -> int | float | None:
    """The lowest value of a Total slot."""
    return missing if slot is None else slot[3]


def highest_of(slot: Slot | None, missing: None) -> int | float | None:
    """The highest value of a Total slot."""
    return missing if slot is None else slot[4]


def different_of(facts: Facts, key: str, missing: int | None) -> int | None:
    """How many different values a Different slot has."""
    slot = facts.slots.get(key)
    if slot is not None and slot["over"]:
        slot = facts.recall(key)
        return None if slot is None else len(slot["values"])
    return missing if slot is None else len(slot["values"])


def recent_sum(facts: Facts, key: str, length: Duration) -> int | float | None:
    """The sum of the values in the window."""
    values = _recent(facts, key, length)
    return None if values is None else _exact_sum(values)[0]


def recent_average(facts: Facts, key: str, length: Duration) -> int | float | None:
    """The mean of the values in the window, None without any."""
    values = _recent(facts, key, length)
    if not values:
        return None
    total = _exact_sum(values)[1]
    return _quotient(total.numerator, total.denominator * len(values))


def recent_lowest(facts: Facts, key: str, length: Duration) -> int | float | None:
    """The lowest value in the window, None without any."""
    values = _recent(facts, key, length)
    return min(values) if values else None


def recent_highest(facts: Facts, key: str, length: Duration) -> int | float | None:
    """The highest value in the window, None without any."""
    values = _recent(facts, key, length)
    return max(values) if values else None


def recent_different(facts: Facts, key: str, length: Duration) -> int | None:
    """How many different values lie in the window."""
    values = _recent(facts, key, length)
    return None if values is None else len(set(values))


def returns_to(journey: JourneyView | None, steps: Sequence[str]) -> int:
    """How often the user returned to one of the steps."""
    if journey is None:
        return 0
    return sum(journey.steps[name].returns for name in steps if name in journey.steps)


def anyone(facts: Facts, holds: Callable[[Facts], bool]) -> bool:
    """True when it holds for a user of the account."""
    return any(holds(member) for member in facts.members())


def no_one(facts: Facts, fails: Callable[[Facts], bool]) -> bool:
    """True when it is known to fail for every user of the account."""
    return all(fails(member) for member in facts.members())


def folded(values: tuple[str, ...]) -> tuple[str, ...]:
    """The texts of a list, with their case ignored."""
    return tuple(value.casefold() for value in values)


def exact(value: int | float) -> Fraction:
    """The number as it is written: 0.1 is one tenth."""
    return Fraction(value) if isinstance(value, int) else Fraction(repr(value))


def _recent(facts: Facts, key: str, length: Duration) -> list[int | float] | None:
    slot = facts.slots.get(key)
    if slot is None:
        return []
    start = facts.now - length
    if slot["lost"] is not None and slot["lost"] > start:
        slot = facts.recall(key)
        if slot is None:
            return None
    return [value for time, value in slot["values"] if time > start]


def _exact_sum(values: Sequence[int | float]) -> tuple[int | float, Fraction]:
    total = sum(map(exact, values), Fraction(0))
    return _quotient(total.numerator, total.denominator), total


def _quotient(numerator: int, denominator: int) -> int | float:
    if numerator % denominator == 0:
        return numerator // denominator
    try:
        return numerator / denominator
    except OverflowError:
        return float("inf") if numerator > 0 else float("-inf")
