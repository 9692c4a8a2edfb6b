"""A condition as terms that must all be so: what an index over many rules shares between them.

`when a and b` is two terms, `unless a or b` too. A condition is TRUE iff all its terms are, and FALSE iff one of them
is: that is Kleene's `and`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from dsl.compiler.names import Scope, guessed_type, operand_value
from dsl.nodes import Always, And, Comparison, Condition, NoneOf, Not, Or, ShareOf
from dsl.operators import OPERATORS
from dsl.values import Kind, Value

_ORDERED: Final = frozenset({"<", "<=", ">", ">="})
_INCLUDES: Final[dict[str, bool]] = {"is": True, "is one of": True, "is not": False, "is none of": False}


@dataclass(frozen=True, slots=True)
class Among:
    """A comparison that is decided by looking the value up: TRUE iff there is a value and it is (not) among `values`.

    key: of the attribute in `Facts.values`.
    """

    key: str
    values: frozenset[Value]
    includes: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison of a number with a written one: TRUE iff there is a value and it is `operator` than the limit.

    key: of the attribute in `Facts.values`. operator: one of `<`, `<=`, `>`, `>=`.
    """

    key: str
    operator: str
    limit: int | float


Lookup: TypeAlias = Among | Bound
"""What decides a term without a call."""


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
    if not isinstance(condition, Comparison) or condition.ignoring_case:
        return None
    operator = OPERATORS[condition.operator]
    attribute = scope.attribute(condition.subject, guessed_type(condition))
    kind = attribute.type.kind
    if any(isinstance(operand, ShareOf) for operand in condition.operands):
        return None
    if operator.name in _ORDERED and operator.opposite is not None and kind is Kind.NUMBER:
        limit: Any = operand_value(condition.operands[0], operator, kind, case=True, zone=scope.zone)
        return Bound(attribute.key, operator.name if positive else operator.opposite, limit)
    if operator.name not in _INCLUDES:
        return None
    values: list[Any] = [operand_value(each, operator, kind, case=True, zone=scope.zone) for each in condition.operands]
    return Among(attribute.key, frozenset(values), _INCLUDES[operator.name] is positive)
