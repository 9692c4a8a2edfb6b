"""What a comparison operator is, and the one list of them.

An operator is declared once, beside its body. Grammar terminals, checker, compiler, completion, formatter and the
reference page read this registry; none of them keeps a list of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeVar

from dsl.values import Kind
from widgets.registry import BROWSER_OPERATORS

Body = TypeVar("Body", bound=Callable[..., bool])


class Shape(Enum):
    """What stands after the operator's word."""

    NOTHING = "nothing"
    VALUE = "one value"
    VALUES = "a list of values, separated by commas"
    RANGE = "two values with `and` between them"
    DURATION = "a duration"
    MOMENT = "a date or a time"


class Wants(Enum):
    """Of what kind the operands are."""

    NOTHING = "nothing"
    SAME = "the kind of the subject"
    ELEMENT = "the kind of the subject's elements"
    TEXT = "text"
    PATTERN = "a pattern between slashes, or text with *"
    NETWORK = "a network such as 10.0.0.0/8"
    DURATION = "a duration"
    MOMENT = "a date or a time"


@dataclass(frozen=True, slots=True)
class Operator:
    """One comparison operator.

    name: the canonical spelling; `suffix` is the word after the operand (`more than 3 days ago`).
    accepts: the kinds of subject that it may be asked of.
    body: the meaning over values that are set and readable: `body(value, *operands)`, with `now=` where `needs_now`.
      `VALUES` are passed as one tuple. Unset and unreadable values never reach it: the answer is unknown, except
      where `decided` is true, in which case the body gets the value or `Missing`.
    inline: the same meaning as a Python expression over `value`, `a`, `b`, `now`; compiled code uses it where present.
    opposite: the operator that is true exactly when this one is false and the value is known.
    example: a line of the language, checked by the tests and shown in the reference.
    spoken: how an explanation says it; its name unless it reads better otherwise.
    """

    name: str
    family: str
    shape: Shape
    wants: Wants
    accepts: frozenset[Kind]
    body: Callable[..., bool]
    doc: str
    example: str
    inline: str | None = None
    opposite: str | None = None
    suffix: str | None = None
    also: tuple[str, ...] = ()
    can_ignore_case: bool = False
    needs_now: bool = False
    decided: bool = False
    spoken: str = ""

    @property
    def is_for_browsers(self) -> bool:
        """True where the `if` of a question may use it: a browser compares what the survey's schema lists."""
        return self.name in BROWSER_OPERATORS


_OPERATORS: Final[dict[str, Operator]] = {}

OPERATORS: Final[Mapping[str, Operator]] = MappingProxyType(_OPERATORS)
"""Every comparison operator by its canonical spelling, in the order of declaration."""


def operator(  # noqa: PLR0913  (a declaration: every field is named at the call)
    name: str,
    shape: Shape,
    accepts: frozenset[Kind],
    *,
    example: str,
    wants: Wants = Wants.SAME,
    inline: str | None = None,
    opposite: str | None = None,
    suffix: str | None = None,
    also: tuple[str, ...] = (),
    can_ignore_case: bool = False,
    needs_now: bool = False,
    decided: bool = False,
    spoken: str | None = None,
) -> Callable[[Body], Body]:
    """Declare the decorated function to be the body of an operator; its docstring is the operator's documentation."""

    def declare(body: Body) -> Body:
        if name in _OPERATORS:
            raise ValueError(f"operator `{name}` is declared twice")
        _OPERATORS[name] = Operator(
            name=name,
            family=body.__module__.rpartition(".")[2],
            shape=shape,
            wants=wants,
            accepts=accepts,
            body=body,
            doc=(body.__doc__ or "").strip(),
            example=example,
            inline=inline,
            opposite=opposite,
            suffix=suffix,
            also=also,
            can_ignore_case=can_ignore_case,
            needs_now=needs_now,
            decided=decided,
            spoken=name if spoken is None else spoken,
        )
        return body

    return declare
