"""What is in the text?

`ignoring case` folds both sides before the body sees them, except for patterns, where it is an option of the match.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from dsl.operators.registry import Shape, Wants, operator
from dsl.values import Kind

TEXTUAL: Final = frozenset({Kind.TEXT, Kind.ONE_OF})


@operator(
    "contains",
    Shape.VALUE,
    TEXTUAL,
    wants=Wants.TEXT,
    example='account.industry contains "health"',
    inline="a in value",
    opposite="does not contain",
    can_ignore_case=True,
)
def contains(value: str, part: str) -> bool:
    """True when the letters given stand somewhere in the text."""
    return part in value


@operator(
    "does not contain",
    Shape.VALUE,
    TEXTUAL,
    wants=Wants.TEXT,
    example='company does not contain "acme" ignoring case',
    inline="a not in value",
    opposite="contains",
    can_ignore_case=True,
)
def lacks(value: str, part: str) -> bool:
    """True when there is a text and the letters given stand nowhere in it."""
    return part not in value


@operator(
    "starts with",
    Shape.VALUE,
    TEXTUAL,
    wants=Wants.TEXT,
    example='name starts with "A"',
    inline="value.startswith(a)",
    can_ignore_case=True,
)
def starts_with(value: str, prefix: str) -> bool:
    """True when the text begins with the letters given."""
    return value.startswith(prefix)


@operator(
    "ends with",
    Shape.VALUE,
    TEXTUAL,
    wants=Wants.TEXT,
    example='email ends with "@example.com" ignoring case',
    inline="value.endswith(a)",
    can_ignore_case=True,
)
def ends_with(value: str, suffix: str) -> bool:
    """True when the text ends with the letters given."""
    return value.endswith(suffix)


@operator(
    "matches",
    Shape.VALUE,
    TEXTUAL,
    wants=Wants.PATTERN,
    example='page.path matches "/domains/*"',
    inline="a(value)",
    can_ignore_case=True,
    spoken="fits",
)
def matches(value: str, is_match: Callable[[str], bool]) -> bool:
    """True when the pattern fits: `/…/` anywhere in the text unless anchored, `"…*"` the whole of it."""
    # The pattern is passed as a function; see `dsl.patterns`.
    return is_match(value)
