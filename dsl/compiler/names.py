"""What the names in a condition mean, and the values that are written beside them.

Two scopes: a rule, where names are attributes and `event.PROP` is of the triggering event; and a `where`, where
names are properties of the event itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from dsl import patterns
from dsl.catalog import LIST_ELEMENT, Catalog, Owner
from dsl.moments import end_of, start_of
from dsl.needs import Attribute, Source
from dsl.nodes import (
    Comparison,
    DayLiteral,
    DurationLiteral,
    Literal,
    NumberLiteral,
    Operand,
    OtherChoice,
    Path,
    PatternLiteral,
    ShareOf,
    TextLiteral,
    TimeLiteral,
    VersionLiteral,
    YesNoLiteral,
)
from dsl.operators import OPERATORS, Operator, Wants
from dsl.values import (
    NUMBER,
    NUMBER_LIST,
    TEXT,
    TEXT_LIST,
    TIME,
    VERSION,
    YES_NO,
    Kind,
    Value,
    ValueType,
    read_instant,
    read_number,
    read_version,
    spell_number,
)


class CompileError(ValueError):
    """A condition that means nothing; the checker reports all of them, so only unchecked ones come here."""


class Scope(Protocol):
    """What names mean at a place."""

    @property
    def zone(self) -> str: ...

    def attribute(self, path: Path, guess: ValueType) -> Attribute:
        """What a path speaks of; a name that nobody declared is of the type guessed from its comparison."""
        ...


_SOURCES: Final[Mapping[Owner, Source]] = {
    Owner.USER: Source.USER,
    Owner.ACCOUNT: Source.ACCOUNT,
    Owner.CONTEXT: Source.CONTEXT,
    Owner.EVENT: Source.EVENT,
}
_PREFIXES: Final[Mapping[str, Source]] = {
    "account": Source.ACCOUNT,
    "event": Source.EVENT,
    "page": Source.CONTEXT,
    "device": Source.CONTEXT,
}


@dataclass(frozen=True, slots=True)
class RuleScope:
    """Names in a rule. triggers: the events after `on`, of which `event.PROP` speaks."""

    catalog: Catalog
    zone: str
    triggers: tuple[str, ...] = ()

    def attribute(self, path: Path, guess: ValueType) -> Attribute:
        subject = self.catalog.subject(path.parts, triggers=self.triggers)
        if subject is None:
            source = _PREFIXES.get(path.parts[0], Source.USER) if len(path.parts) > 1 else Source.USER
            inner = path.parts[1:] if source in (Source.ACCOUNT, Source.EVENT) else path.parts
            return Attribute(source, ".".join(inner), guess)
        default = None if subject.default is None else constant(subject.default, subject.type.kind, zone=self.zone)
        return Attribute(_SOURCES[subject.owner], subject.key, subject.type, default)


@dataclass(frozen=True, slots=True)
class EventScope:
    """Names in a `where`: properties of the event, dots reaching into objects."""

    types: Mapping[str, ValueType]
    zone: str

    def attribute(self, path: Path, guess: ValueType) -> Attribute:
        name = ".".join(path.parts)
        return Attribute(Source.EVENT, name, self.types.get(name, guess))


def guessed_type(comparison: Comparison) -> ValueType:
    """The type that a comparison takes its subject for."""
    operator = OPERATORS[comparison.operator]
    return type_for(operator, comparison.operands)


_TYPE_OF_LITERAL: Final[Mapping[type, ValueType]] = {
    NumberLiteral: NUMBER,
    ShareOf: NUMBER,
    VersionLiteral: VERSION,
    YesNoLiteral: YES_NO,
    DayLiteral: TIME,
    TimeLiteral: TIME,
}


def type_for(operator: Operator, operands: Sequence[Operand | OtherChoice]) -> ValueType:
    """The type that an operator with these operands takes its subject for."""
    first = operands[0] if operands else None
    if operator.wants is Wants.ELEMENT:
        return NUMBER_LIST if isinstance(first, NumberLiteral) else TEXT_LIST
    if operator.accepts == frozenset({Kind.TIME}):
        return TIME
    return _TYPE_OF_LITERAL.get(type(first), TEXT)


def _network(text: str) -> object:
    try:
        return patterns.network(text)
    except patterns.PatternError as fault:
        raise CompileError(str(fault)) from fault


def operand_value(operand: Operand | OtherChoice, operator: Operator, kind: Kind, *, case: bool, zone: str) -> object:
    """What is passed to the operator's body for an operand; for patterns and networks, a test.

    kind: of the subject. case: False when case is ignored: texts are folded here, the subject's by the code. A
    ShareOf is no constant and does not come here. Raises CompileError for one that does not fit.
    """
    match operator.wants, operand:
        case Wants.PATTERN, PatternLiteral():
            wanted: object = patterns.expression(operand.text, ignoring_case=not case)
        case Wants.PATTERN, _:
            wanted = patterns.glob(_text(operand), ignoring_case=not case)
        case Wants.NETWORK, _:
            wanted = _network(_text(operand))
        case Wants.DURATION, DurationLiteral():
            wanted = operand.length
        case Wants.MOMENT, DayLiteral() if operator.name == "after":
            # The last instant of the day: `after DAY` begins at 00:00 of the next day.
            wanted = end_of(operand, zone) - 1
        case Wants.MOMENT, DayLiteral() | TimeLiteral():
            wanted = start_of(operand, zone)
        case Wants.TEXT, _:
            wanted = _text(operand)
        case _:
            wanted = constant(operand, LIST_ELEMENT.get(kind, kind), zone=zone)
    return wanted if case or not isinstance(wanted, str) else wanted.casefold()


def constant(literal: Literal | Operand | OtherChoice, kind: Kind, *, zone: str) -> Value:
    """A written value as a value of the kind. Raises CompileError if it is none."""
    value: Value | None = None
    match kind, literal:
        case (Kind.TEXT | Kind.ONE_OF, TextLiteral() | OtherChoice() | NumberLiteral()):
            value = _text(literal)
        case (Kind.NUMBER, NumberLiteral()):
            value = literal.value
        case (Kind.NUMBER, TextLiteral()):
            value = read_number(literal.value)
        case (Kind.YES_NO, YesNoLiteral()):
            value = literal.value
        case (Kind.VERSION, VersionLiteral()):
            value = read_version(literal.text)
        case (Kind.VERSION, TextLiteral()):
            value = read_version(literal.value)
        case (Kind.TIME, DayLiteral() | TimeLiteral()):
            value = start_of(literal, zone)
        case (Kind.TIME, TextLiteral()):
            value = read_instant(literal.value)
        case _:
            pass
    if value is None:
        raise CompileError(f"{type(literal).__name__} is not a value of type {kind.value}")
    return value


def _text(operand: Operand | OtherChoice) -> str:
    match operand:
        case TextLiteral():
            return operand.value
        case OtherChoice():
            return operand.name
        case NumberLiteral():
            return spell_number(operand.value)
        case _:
            raise CompileError(f"{type(operand).__name__} stands where a text belongs")
