"""Events and what is asked of their properties after `where`."""

from __future__ import annotations

from enum import Enum
from typing import Final

from dsl.catalog import EventType
from dsl.checker.comparisons import AnyOperand, Asked, Test, check_test
from dsl.checker.report import Report, written
from dsl.codes import names
from dsl.nodes import (
    And,
    Comparison,
    Condition,
    DayLiteral,
    EventRef,
    NoneOf,
    Not,
    NumberLiteral,
    Or,
    Path,
    ShareOf,
    TimeLiteral,
    VersionLiteral,
    YesNoLiteral,
)
from dsl.values import ValueType


class Ended(Enum):
    """What ends a `where`, and so what to do about an attribute that stands in it."""

    OPEN = "put parentheses around the `did …`, so that the `and` after it asks about the user"
    TRIGGER = "ask about the user in `when`"
    FACT = "only properties of the event can be asked here"


def check_event(report: Report, ref: EventRef, ended: Ended) -> EventType | None:
    """The event is known, and its `where` asks of its properties."""
    event = report.event(ref.name)
    if event is not None and ref.where is not None:
        _check_where(report, event, ref.where, ended)
    return event


def _check_where(report: Report, event: EventType, condition: Condition, ended: Ended) -> None:
    match condition:
        case And() | Or() | NoneOf():
            for term in condition.terms:
                _check_where(report, event, term, ended)
        case Not():
            _check_where(report, event, condition.term, ended)
        case Comparison():
            found = _property(report, event, condition.subject, ended, condition.operands)
            if found is not None:
                words = f"`{'.'.join(condition.subject.parts)}`"
                asked = Asked(words, found, condition.subject.span)
                test = Test(condition.operator, condition.operands, condition.span, condition.ignoring_case)
                check_test(report, asked, test, lambda path: _property(report, event, path, ended, ()))
        case _:
            # The grammar lets nothing else into a `where`.
            return


def _property(
    report: Report, event: EventType, path: Path, ended: Ended, operands: tuple[AnyOperand, ...]
) -> ValueType | None:
    name = ".".join(path.parts)
    if name in event.properties:
        return event.properties[name]
    catalog = report.project.catalog
    if path.parts[0] == "event" and len(path.parts) == 2 and path.parts[1] in event.properties:
        bare = written(path.parts[1])
        message = "inside `where` names are properties of the event already"
        report.add(names.UNKNOWN_PROPERTY.at(path.span, message, help=f"write `{bare}`", fix=bare))
        return None
    if catalog.subject(path.parts) is not None:
        message = f"`{name}` is no property of `{event.name}` but an attribute of the user"
        report.add(names.ATTRIBUTE_IN_WHERE.at(path.span, message, help=ended.value))
        return None
    report_unknown_property(report, event, path, name, operands)
    return None


def report_unknown_property(
    report: Report, event: EventType, path: Path, name: str, operands: tuple[AnyOperand, ...]
) -> None:
    """Say that an event has no such property, with the nearest ones, or how to declare it."""
    declare = f'declare it: event "{event.name}" {{ {written(name)}: {likely_type(operands)} }}'
    listed = ", ".join(f"`{each}`" for each in event.properties)
    prefix = "event." if path.parts[0] == "event" else ""
    report.unknown(
        names.UNKNOWN_PROPERTY,
        path.span,
        f"event `{event.name}` has no property `{name}`",
        name,
        event.properties,
        write=lambda each: prefix + written(each),
        otherwise=f"its properties are {listed}" if listed else declare,
    )


_LIKELY: Final[dict[type[object], str]] = {
    NumberLiteral: "number",
    ShareOf: "number",
    YesNoLiteral: "yes/no",
    VersionLiteral: "version",
    DayLiteral: "time",
    TimeLiteral: "time",
}


def likely_type(operands: tuple[AnyOperand, ...]) -> str:
    """The type that a name probably has, from what it is compared with."""
    return _LIKELY.get(type(operands[0]), "text") if operands else "text"
