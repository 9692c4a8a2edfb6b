"""What is in the list?"""

from __future__ import annotations

from typing import Final, TypeAlias

from dsl.operators.registry import Shape, Wants, operator
from dsl.values import Kind

Element: TypeAlias = "str | int | float"
LISTS: Final = frozenset({Kind.TEXT_LIST, Kind.NUMBER_LIST})


@operator(
    "include",
    Shape.VALUE,
    LISTS,
    wants=Wants.ELEMENT,
    example='tags include "beta"',
    inline="a in value",
    can_ignore_case=True,
    spoken="includes",
)
def includes(value: tuple[Element, ...], wanted: Element) -> bool:
    """True when the list holds the value."""
    return wanted in value


@operator(
    "include any of",
    Shape.VALUES,
    LISTS,
    wants=Wants.ELEMENT,
    example='tags include any of "a", "b"',
    opposite="include none of",
    can_ignore_case=True,
    spoken="includes one of",
)
def includes_any(value: tuple[Element, ...], wanted: tuple[Element, ...]) -> bool:
    """True when the list holds at least one of the values."""
    return any(item in value for item in wanted)


@operator(
    "include all of",
    Shape.VALUES,
    LISTS,
    wants=Wants.ELEMENT,
    example='tags include all of "a", "b"',
    can_ignore_case=True,
    spoken="includes all of",
)
def includes_all(value: tuple[Element, ...], wanted: tuple[Element, ...]) -> bool:
    """True when the list holds every one of the values."""
    return all(item in value for item in wanted)


@operator(
    "include none of",
    Shape.VALUES,
    LISTS,
    wants=Wants.ELEMENT,
    example='tags include none of "a", "b"',
    opposite="include any of",
    can_ignore_case=True,
    spoken="includes none of",
)
def includes_none(value: tuple[Element, ...], unwanted: tuple[Element, ...]) -> bool:
    """True when there is a list and it holds none of the values."""
    return not any(item in value for item in unwanted)
