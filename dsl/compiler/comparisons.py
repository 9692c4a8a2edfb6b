"""Code for comparisons: a value, an operator, what it is compared with.

Each has a positive and a negated form that are both false while the value is unknown, so that plain two-valued code
is exact three-valued logic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dsl.compiler.code import Code, both, fill, negated
from dsl.compiler.maker import Maker, decided
from dsl.compiler.names import CompileError, guessed_type, operand_value
from dsl.compiler.reading import folded
from dsl.needs import Attribute, Source
from dsl.nodes import Comparison, Operand, OtherChoice, ShareOf
from dsl.operators import OPERATORS, Operator, Shape, Wants
from dsl.values import NUMBER, UNREADABLE, UNSET, Kind, ValueType

_FALSE_OF_NOTHING: Final = frozenset({"value == a", "value in a"})
"""Inline forms that are false of None by themselves, since no written value is None: no test for None is needed."""
_MANY: Final = 4
"""From so many values on, looking into a set is quicker than into a tuple."""


def comparison(node: Comparison, maker: Maker, *, positive: bool) -> Code:
    """Code for a comparison of an attribute."""
    attribute = maker.scope.attribute(node.subject, guessed_type(node))
    return compared_attribute(
        attribute, node.operator, node.operands, maker, ignoring_case=node.ignoring_case, positive=positive
    )


def compared_attribute(
    attribute: Attribute,
    operator: str,
    operands: Sequence[Operand | OtherChoice],
    maker: Maker,
    *,
    ignoring_case: bool = False,
    positive: bool,
) -> Code:
    """Code for a comparison of an attribute with operands."""
    if OPERATORS[operator].decided:
        value = fill(
            "values.get(key, unreadable_one if key in unreadable else unset)",
            key=maker.constant(attribute.key),
            unreadable_one=maker.constant(UNREADABLE),
            unset=maker.constant(UNSET),
        )
        maker.needs.add(attribute)
        return decided(maker.apply(OPERATORS[operator].body, value), positive=positive)
    value = maker.value(attribute)
    return compared(value, attribute.type, operator, operands, maker, ignoring_case=ignoring_case, positive=positive)


def compared(
    value: Code,
    type_: ValueType,
    operator: str,
    operands: Sequence[Operand | OtherChoice],
    maker: Maker,
    *,
    ignoring_case: bool = False,
    positive: bool,
) -> Code:
    """Code for a comparison of any value, None being unknown; the value's code stands in it once."""
    meant = OPERATORS[operator]
    shares = [operand for operand in operands if isinstance(operand, ShareOf)]
    known, arguments = _arguments(meant, operands, type_.kind, maker, ignoring_case=ignoring_case)
    if positive and not shares and not ignoring_case and meant.inline in _FALSE_OF_NOTHING:
        return _applied(meant, value, arguments, maker)
    first, again = maker.once(value)
    subject = _case_folded(again, type_.kind, maker) if ignoring_case and meant.wants is not Wants.PATTERN else again
    test = _applied(meant, subject, arguments, maker)
    if not positive:
        opposite = OPERATORS[meant.opposite] if meant.opposite is not None else None
        test = _applied(opposite, subject, arguments, maker) if opposite is not None else negated(test)
    return both([fill("first is not None", first=first), *known, test])


def _arguments(
    operator: Operator,
    operands: Sequence[Operand | OtherChoice],
    kind: Kind,
    maker: Maker,
    *,
    ignoring_case: bool,
) -> tuple[list[Code], list[Code]]:
    """Tests that the operands are known, and the operands as the operator's body takes them."""
    known: list[Code] = []
    arguments: list[Code] = []
    constants: list[object] = []
    for operand in operands:
        if isinstance(operand, ShareOf):
            whole, again = maker.once(maker.value(maker.scope.attribute(operand.of, NUMBER)))
            known.append(fill("whole is not None", whole=whole))
            arguments.append(fill("whole * percent / 100", whole=again, percent=maker.constant(operand.percent)))
            continue
        constant = operand_value(operand, operator, kind, case=not ignoring_case, zone=maker.scope.zone)
        constants.append(constant)
        arguments.append(maker.constant(constant))
    if operator.shape is not Shape.VALUES:
        return known, arguments
    if known:
        raise CompileError(f"`{operator.name}` takes written values, not shares")
    several = frozenset(constants) if len(constants) > _MANY else tuple(constants)
    return known, [maker.constant(several)]


def _applied(operator: Operator, subject: Code, arguments: Sequence[Code], maker: Maker) -> Code:
    if operator.inline is not None:
        parts = dict(zip("ab", arguments, strict=False))
        return fill(operator.inline, value=subject, **parts)
    if operator.needs_now:
        return fill("body(value, a, now=now)", body=maker.constant(operator.body), value=subject, a=arguments[0])
    return maker.apply(operator.body, subject, *arguments)


def _case_folded(subject: Code, kind: Kind, maker: Maker) -> Code:
    match kind:
        case Kind.TEXT | Kind.ONE_OF:
            return fill("subject.casefold()", subject=subject)
        case Kind.TEXT_LIST:
            return maker.apply(folded, subject)
        case _:
            return subject


def answer(survey: str, question: str, type_: ValueType) -> Attribute:
    """The latest answer to a question, as an attribute."""
    return Attribute(Source.ANSWER, f"{survey}.{question}", type_)
