"""Can one value meet several comparisons at once?

Tries values: whether a comparison of numbers, versions or times is true changes only at the values that are written,
so it is enough to try those, and one in every gap between them. The operators' own bodies decide. Where there are more
values than can be tried (free texts, lists), the answer is yes unless the written values settle it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from dsl import patterns
from dsl.moments import end_of, start_of
from dsl.nodes import (
    DayLiteral,
    DurationLiteral,
    NumberLiteral,
    Operand,
    OtherChoice,
    PatternLiteral,
    TextLiteral,
    TimeLiteral,
    VersionLiteral,
    YesNoLiteral,
)
from dsl.operators import OPERATORS, Shape, Wants
from dsl.values import UNREADABLE, UNSET, Instant, Kind, Version, read_version

Tried: TypeAlias = object
"""A value, or Missing."""

NOW: Final = Instant(10**16)
"""Some instant to measure times against; which one makes no difference."""

_EQUALITIES: Final = frozenset({"is", "is not", "is one of", "is none of"})
_POSITIVE: Final = frozenset({"is", "is one of"})


@dataclass(frozen=True, slots=True)
class Domain:
    """What values there are.

    values: all of them, where they can be listed. whole: numbers are whole. low, high: the least and the greatest.
    may_lack: there may be no value.
    """

    kind: Kind
    values: tuple[object, ...] | None = None
    whole: bool = False
    low: float | None = None
    high: float | None = None
    may_lack: bool = True


@dataclass(frozen=True, slots=True)
class Comparing:
    """One comparison of a value that is to be true, or known to be false."""

    operator: str
    operands: Sequence[Operand | OtherChoice]
    holds: bool
    ignoring_case: bool = False


def can_meet(comparisons: Sequence[Comparing], domain: Domain, *, zone: str) -> bool:
    """False only if no value of the domain, nor the lack of one, meets all comparisons."""
    tests = [_test_of(each, zone=zone) for each in comparisons]
    candidates = _candidates(comparisons, domain, zone=zone)
    if candidates is None:
        return True
    return any(all(test(each) for test in tests) for each in candidates)


def _test_of(comparing: Comparing, *, zone: str) -> Callable[[Tried], bool]:
    operator = OPERATORS[comparing.operator]
    if operator.decided:
        return lambda value: operator.body(value) is comparing.holds
    fold = comparing.ignoring_case and operator.wants is not Wants.PATTERN
    operands = [_constant(each, comparing, zone=zone) for each in comparing.operands]
    if any(each is None for each in operands):
        # Compared with another value (`80% of seats`): any known value may do.
        return lambda value: value is not UNSET and value is not UNREADABLE
    if fold:
        operands = [each.casefold() if isinstance(each, str) else each for each in operands]
    arguments = [tuple(operands)] if operator.shape is Shape.VALUES else operands
    now = {"now": NOW} if operator.needs_now else {}

    def test(value: Tried) -> bool:
        if value is UNSET or value is UNREADABLE:
            return False
        compared = value.casefold() if fold and isinstance(value, str) else value
        return operator.body(compared, *arguments, **now) is comparing.holds

    return test


def _constant(  # noqa: PLR0911  (one case a kind of operand)
    operand: Operand | OtherChoice, comparing: Comparing, *, zone: str
) -> object | None:
    wants = OPERATORS[comparing.operator].wants
    match operand:
        case PatternLiteral():
            return patterns.expression(operand.text, ignoring_case=comparing.ignoring_case)
        case TextLiteral() if wants is Wants.PATTERN:
            return patterns.glob(operand.value, ignoring_case=comparing.ignoring_case)
        case TextLiteral() if wants is Wants.NETWORK:
            return patterns.network(operand.value)
        case TextLiteral():
            return operand.value
        case OtherChoice():
            return operand.name
        case NumberLiteral() | YesNoLiteral():
            return operand.value
        case VersionLiteral():
            return read_version(operand.text)
        case DayLiteral() | TimeLiteral():
            return end_of(operand, zone) - 1 if comparing.operator == "after" else start_of(operand, zone)
        case DurationLiteral():
            return operand.length
        case _:
            return None


def _candidates(comparisons: Sequence[Comparing], domain: Domain, *, zone: str) -> Iterable[Tried] | None:
    """Values such that, if any value meets all comparisons, one of these does; None if there are too many."""
    missing = [UNSET, UNREADABLE] if domain.may_lack else []
    if domain.values is not None:
        return [*missing, *domain.values]
    constants = [
        _constant(operand, each, zone=zone)
        for each in comparisons
        if not OPERATORS[each.operator].decided
        for operand in each.operands
    ]
    match domain.kind:
        case Kind.NUMBER:
            return [*missing, *_numbers([each for each in constants if isinstance(each, int | float)], domain)]
        case Kind.VERSION:
            return [*missing, *_versions([each for each in constants if isinstance(each, Version)])]
        case Kind.TIME:
            return None if _mixes_times(comparisons) else [*missing, *_times(comparisons, constants)]
        case Kind.YES_NO:
            return [*missing, True, False]
        case _:
            return _texts(comparisons, constants, missing)


def _numbers(constants: Sequence[int | float], domain: Domain) -> list[int | float]:
    points = sorted({*constants, *(each for each in (domain.low, domain.high) if each is not None), 0})
    if domain.whole:
        tried: list[int | float] = [int(point) + step for point in points for step in (-1, 0, 1)]
    else:
        between = [(first + second) / 2 for first, second in pairwise(points)]
        tried = [*points, *between, points[0] - 1, points[-1] + 1]
    low, high = domain.low, domain.high
    return [each for each in tried if (low is None or each >= low) and (high is None or each <= high)]


_RELEASED: Final = ((2, 0, ""),)
_LOWEST_STAGE: Final = ((0, 0, ""),)
_LONGER_THAN_ANY: Final = (0,) * 8


def _versions(constants: Sequence[Version]) -> list[Version]:
    """The versions written, one just above each, and the lowest of all."""
    tried = [Version((), _LOWEST_STAGE)]
    for each in constants:
        is_release = each.stage == _RELEASED
        release = (*each.release, *_LONGER_THAN_ANY, 1) if is_release else each.release
        tried += [each, Version(release, _RELEASED if is_release else (*each.stage, *_LOWEST_STAGE))]
    return tried


def _mixes_times(comparisons: Sequence[Comparing]) -> bool:
    """True when times are compared with dates and with now: how the two lie is not known."""
    relative = {OPERATORS[each.operator].needs_now for each in comparisons if not OPERATORS[each.operator].decided}
    return len(relative) > 1


def _times(comparisons: Sequence[Comparing], constants: Sequence[object]) -> list[int]:
    lengths = [each for each in constants if isinstance(each, int)]
    relative = any(OPERATORS[each.operator].needs_now for each in comparisons)
    points = [NOW, *(NOW - each for each in lengths), *(NOW + each for each in lengths)] if relative else lengths
    return [point + step for point in points or [NOW] for step in (-1, 0, 1)]


def _texts(
    comparisons: Sequence[Comparing], constants: Sequence[object], missing: Sequence[Tried]
) -> Iterable[Tried] | None:
    asked = [each for each in comparisons if not OPERATORS[each.operator].decided]
    if any(each.ignoring_case for each in asked):
        # Which of its spellings a text has is not settled by what is written.
        return None
    texts = [each for each in constants if isinstance(each, str)]
    settled = any(
        (each.operator in _POSITIVE and each.holds) or (each.operator in _EQUALITIES - _POSITIVE and not each.holds)
        for each in asked
    )
    if settled:
        return [*missing, *(each for each in texts if each.strip())]
    if asked and not all(each.operator in _EQUALITIES for each in asked):
        return None
    other = "x" + "".join(texts)
    return [*missing, *texts, other]
