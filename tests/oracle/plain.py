"""The small words of the oracle: three-valued logic, counts, literals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from dsl import nodes as n
from dsl.moments import start_of
from dsl.values import Kind, ValueType, read_version
from engine.events import Event, EventKind

Truth = bool | None
"""None is "unknown"."""

ANSWER_TYPES = {
    "ease": ValueType(Kind.NUMBER, scale=(1, 7)),
    "cause": ValueType(Kind.TEXT),
    "detail": ValueType(Kind.TEXT),
}


def not_(truth: Truth) -> Truth:
    return None if truth is None else not truth


def all_(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return False if False in found else None if None in found else True


def any_(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return True if True in found else None if None in found else False


def is_plain(event: Event) -> bool:
    return event.kind is EventKind.TRACK and not event.name.startswith("$")


def is_activity(event: Event) -> bool:
    return is_plain(event) or event.kind in (EventKind.PAGE, EventKind.SCREEN)


def counts(test: n.CountTest | None, number: int) -> bool:
    if test is None:
        return number >= 1
    match test.word:
        case n.CountWord.AT_LEAST:
            return number >= test.low
        case n.CountWord.AT_MOST:
            return number <= test.low
        case n.CountWord.EXACTLY:
            return number == test.low
        case n.CountWord.FEWER_THAN:
            return number < test.low
        case n.CountWord.MORE_THAN:
            return number > test.low
        case n.CountWord.BETWEEN:
            assert test.high is not None
            return test.low <= number <= test.high
        case _:
            assert_never(test.word)


def literal(operand: object, kind: ValueType, zone: str) -> object:
    match operand:
        case n.DayLiteral() | n.TimeLiteral():
            return start_of(operand, zone)
        case n.VersionLiteral():
            return read_version(operand.text)
        case n.TextLiteral() if kind.kind is Kind.VERSION:
            return read_version(operand.value)
        case n.TextLiteral() | n.NumberLiteral() | n.YesNoLiteral():
            return operand.value
        case _:
            raise AssertionError(f"not a literal: {operand}")


def fold(value: object) -> object:
    if isinstance(value, str):
        return value.casefold()
    return tuple(fold(each) for each in value) if isinstance(value, tuple) else value
