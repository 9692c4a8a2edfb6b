"""A condition as terms that must all be so: what an index over many rules shares between them.

`when a and b` is two terms, `unless a or b` too. A condition is TRUE iff all its terms are, and FALSE iff one of them
is: that is Kleene's `and`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from dsl.compiler.names import Scope, guessed_type, operand_value
from dsl.nodes import Always, And, Comparison, Condition, NoneOf, Not, Or, ShareOf
from dsl.operators import OPERATORS
from dsl.values import Value

_INCLUDES: Final[dict[str, bool]] = {"is": True, "is one of": True, "is not": False, "is none of": False}


@dataclass(frozen=True, slots=True)
class Lookup:
    """A comparison that is decided by looking the value up: TRUE iff there is a value and it is (not) among `values`.

    key: of the attribute in `Facts.values`.
    """

    key: str
    values: frozenset[Value]
    includes: bool


def terms_of(condition: Condition, *, positive: bool = True) -> Iterator[tuple[Condition, bool]]:
    """The terms under which a condition is TRUE (`positive`) or FALSE, each with which of the two it is to be."""
    match condition:
        case Always() if positive:
            return
        case And() if positive:
            for term in condition.terms:
                yield from terms_of(term)
        case Or() if not positive:
            for term in condition.terms:
                yield from terms_of(term, positive=False)
        case NoneOf() if positive:
            for term in condition.terms:
                yield from terms_of(term, positive=False)
        case Not():
            yield from terms_of(condition.term, positive=not positive)
        case _:
            yield condition, positive


def lookup_of(condition: Condition, scope: Scope, *, positive: bool) -> Lookup | None:
    """The lookup that decides a term; None if it takes more than one. Raises CompileError."""
    if not isinstance(condition, Comparison) or condition.operator not in _INCLUDES or condition.ignoring_case:
        return None
    operator = OPERATORS[condition.operator]
    attribute = scope.attribute(condition.subject, guessed_type(condition))
    values: list[Any] = []
    for operand in condition.operands:
        if isinstance(operand, ShareOf):
            return None
        values.append(operand_value(operand, operator, attribute.type.kind, case=True, zone=scope.zone))
    return Lookup(attribute.key, frozenset(values), _INCLUDES[condition.operator] is positive)
