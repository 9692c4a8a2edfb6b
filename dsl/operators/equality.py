"""Is it this value, or one of these?"""

from __future__ import annotations

from typing import Final

from dsl.operators.registry import Shape, Wants, operator
from dsl.values import UNSET, Kind, Missing, Scalar, Value

SINGLE: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.YES_NO, Kind.VERSION, Kind.ONE_OF})
LISTED: Final = frozenset({Kind.TEXT, Kind.NUMBER, Kind.VERSION, Kind.ONE_OF})
ANY: Final = frozenset(Kind)


@operator(
    "is", Shape.VALUE, SINGLE, example='plan is "trial"', inline="value == a", opposite="is not", can_ignore_case=True
)
def equals(value: Scalar, wanted: Scalar) -> bool:
    """True when the value is the one given. Upper and lower case differ unless `ignoring case`."""
    return value == wanted


@operator(
    "is not",
    Shape.VALUE,
    SINGLE,
    example='plan is not "trial"',
    inline="value != a",
    opposite="is",
    can_ignore_case=True,
)
def differs(value: Scalar, unwanted: Scalar) -> bool:
    """True when there is a value and it is another than the one given."""
    return value != unwanted


@operator(
    "is one of",
    Shape.VALUES,
    LISTED,
    example='plan is one of "trial", "pro"',
    inline="value in a",
    opposite="is none of",
    can_ignore_case=True,
)
def is_one_of(value: Scalar, wanted: tuple[Scalar, ...]) -> bool:
    """True when the value is in the list."""
    return value in wanted


@operator(
    "is none of",
    Shape.VALUES,
    LISTED,
    example='plan is none of "free", "trial"',
    inline="value not in a",
    opposite="is one of",
    also=("is not one of",),
    can_ignore_case=True,
)
def is_none_of(value: Scalar, unwanted: tuple[Scalar, ...]) -> bool:
    """True when there is a value and it is not in the list."""
    return value not in unwanted


@operator(
    "is set",
    Shape.NOTHING,
    ANY,
    wants=Wants.NOTHING,
    example="role is set",
    opposite="is not set",
    decided=True,
    spoken="is known",
)
def is_set(value: Value | Missing) -> bool:
    """True when there is a value. Blank text is not set; an empty list is; a value of the wrong type is."""
    return value is not UNSET


@operator(
    "is not set",
    Shape.NOTHING,
    ANY,
    wants=Wants.NOTHING,
    example="role is not set",
    opposite="is set",
    decided=True,
    spoken="is not known",
)
def is_not_set(value: Value | Missing) -> bool:
    """True when there is no value, or blank text."""
    return value is UNSET
