"""Is it more or less than this?"""

from __future__ import annotations

from typing import Final, TypeVar

from dsl.operators.registry import Shape, operator
from dsl.values import Kind, Version

Ordered = TypeVar("Ordered", int, float, Version)
ORDERED: Final = frozenset({Kind.NUMBER, Kind.VERSION})


@operator(">=", Shape.VALUE, ORDERED, example="seats >= 5", inline="value >= a", opposite="<", spoken="is at least")
def at_least(value: Ordered, limit: Ordered) -> bool:
    """True when the value is the limit or above it."""
    return value >= limit


@operator(">", Shape.VALUE, ORDERED, example="seats > 5", inline="value > a", opposite="<=", spoken="is more than")
def above(value: Ordered, limit: Ordered) -> bool:
    """True when the value is above the limit."""
    return value > limit


@operator("<=", Shape.VALUE, ORDERED, example="seats <= 5", inline="value <= a", opposite=">", spoken="is at most")
def at_most(value: Ordered, limit: Ordered) -> bool:
    """True when the value is the limit or below it."""
    return value <= limit


@operator("<", Shape.VALUE, ORDERED, example="seats < 5", inline="value < a", opposite=">=", spoken="is less than")
def below(value: Ordered, limit: Ordered) -> bool:
    """True when the value is below the limit."""
    return value < limit


@operator(
    "between", Shape.RANGE, ORDERED, example="seats between 5 and 20", inline="a <= value <= b", spoken="is between"
)
def is_between(value: Ordered, low: Ordered, high: Ordered) -> bool:
    """True when the value is in the range; both ends belong to it."""
    return low <= value <= high
