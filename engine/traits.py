"""What `traits` say: values that are set, and operations on what is known already.

A member of the traits of an `identify` or a `group` is a value to set; `null` takes it away. Members with one of six
names hold operations instead: `$set`, `$set_once`, `$add`, `$append`, `$remove`, `$unset` (docs/reference/events.md).
Decides what an operation makes of a value; in which order they are folded, and whose they are, is decided in
`engine.state` and `engine.accounts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, assert_never

from dsl.values import JsonValue, read_number

LIST_LIMIT: Final = 1_000
"""Items that `$append` fills a list up to; further ones are not taken."""
ITEM_LIMIT: Final = 255
"""Characters of a text that is an item of a list."""
_INTEGERS: Final = range(-(2**63), 2**63)
"""Whole numbers that every JSON reader here keeps exactly; beyond, a sum is written as a decimal number."""


class Operation(StrEnum):
    """What may be done to a trait, by the member of `traits` that holds it."""

    SET = "$set"
    SET_ONCE = "$set_once"
    ADD = "$add"
    APPEND = "$append"
    REMOVE = "$remove"
    UNSET = "$unset"


OPERATIONS: Final = frozenset(each.value for each in Operation)

_MISTAKEN: Final[Mapping[str, Operation]] = {
    "$setOnce": Operation.SET_ONCE,
    "$increment": Operation.ADD,
    "$union": Operation.APPEND,
    "$prepend": Operation.APPEND,
    "$preInsert": Operation.APPEND,
    "$postInsert": Operation.APPEND,
    "$delete": Operation.UNSET,
}
"""Names that the same operations have elsewhere. Kept as traits they would be lost without a word."""
_SUSPECT: Final = OPERATIONS | _MISTAKEN.keys()


@dataclass(frozen=True, slots=True)
class Change:
    """One operation on one trait."""

    name: str
    operation: Operation
    value: JsonValue

    @property
    def is_absolute(self) -> bool:
        """True where the result does not depend on what was known before."""
        return self.operation in (Operation.SET, Operation.UNSET)


@dataclass(frozen=True, slots=True)
class Fault:
    """An operation that cannot be taken. path: within the traits, such as `$add.seats`."""

    path: str
    message: str


def changes_of(traits: Mapping[str, JsonValue]) -> list[Change]:
    """What traits say, in the order in which it is done: plain members first, then the operations in theirs."""
    if OPERATIONS.isdisjoint(traits):
        return [Change(name, Operation.SET, value) for name, value in traits.items()]
    changes = [Change(name, Operation.SET, value) for name, value in traits.items() if name not in OPERATIONS]
    for operation in Operation:
        told = traits.get(operation.value)
        if isinstance(told, dict):
            changes += [Change(name, operation, value) for name, value in told.items()]
        elif operation is Operation.UNSET and isinstance(told, list):
            changes += [Change(name, operation, None) for name in told if isinstance(name, str)]
    return changes


def changed(current: JsonValue, change: Change) -> JsonValue:
    """What a value is after a change; None is a trait that is not set. What does not fit leaves it as it was."""
    value = change.value
    match change.operation:
        case Operation.SET:
            return value
        case Operation.SET_ONCE:
            return value if current is None else current
        case Operation.ADD:
            return _sum(current, value)
        case Operation.APPEND:
            return _longer(current, value)
        case Operation.REMOVE:
            return _shorter(current, value)
        case Operation.UNSET:
            return None
        case _:
            assert_never(change.operation)


def apply(known: dict[str, JsonValue], traits: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Known values after what some traits say; in place, without a limit."""
    for change in changes_of(traits):
        value = changed(known.get(change.name), change)
        if value is None:
            known.pop(change.name, None)
        else:
            known[change.name] = value
    return known


def told(traits: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """The names that traits speak of, each with a value of the type that it has, as far as that is said."""
    if OPERATIONS.isdisjoint(traits):
        yield from traits.items()
        return
    for change in changes_of(traits):
        match change.operation:
            case Operation.APPEND | Operation.REMOVE:
                yield change.name, _items(change.value)
            case _:
                yield change.name, change.value


def fault_in(traits: Mapping[str, JsonValue]) -> Fault | None:
    """The first operation that cannot be taken, or None."""
    if _SUSPECT.isdisjoint(traits):
        return None
    for wrong, right in _MISTAKEN.items():
        if wrong in traits:
            return Fault(wrong, f"there is no operation `{wrong}`; write `{right.value}`")
    return next((fault for each in Operation if each in traits and (fault := _fault(each, traits[each]))), None)


def _fault(operation: Operation, told: JsonValue) -> Fault | None:
    name = operation.value
    if operation is Operation.UNSET:
        if isinstance(told, list) and all(isinstance(each, str) for each in told):
            return None
        return Fault(name, '`$unset` is a list of names of traits: `["plan"]`')
    if not isinstance(told, dict):
        return Fault(name, f'`{name}` is an object of traits: `{{"{name}": {{"seats": {_EXAMPLES[operation]}}}}}`')
    for trait, value in told.items():
        path = f"{name}.{trait[:100]}"
        match operation:
            case Operation.ADD if isinstance(value, bool) or not isinstance(value, int | float):
                return Fault(path, f"`$add` takes a number for `{trait[:100]}`")
            case Operation.APPEND | Operation.REMOVE if not all(map(_is_item, _items(value))):
                what = f"numbers, true or false, and texts of up to {ITEM_LIMIT} characters"
                return Fault(path, f"`{name}` takes {what}, or a list of them, for `{trait[:100]}`")
            case _:
                pass
    return None


_EXAMPLES: Final[Mapping[Operation, str]] = {
    Operation.SET: "5",
    Operation.SET_ONCE: "5",
    Operation.ADD: "1",
    Operation.APPEND: '"A5"',
    Operation.REMOVE: '"A5"',
}


def _sum(current: JsonValue, more: JsonValue) -> JsonValue:
    before = 0 if current is None else _number(current)
    added = _number(more)
    if before is None or added is None:
        return current
    if isinstance(before, int) and isinstance(added, int) and before + added in _INTEGERS:
        return before + added
    # As people add decimal numbers: ten times 0.1 is 1.
    total = float(Decimal(repr(before)) + Decimal(repr(added)))
    return total if abs(total) != float("inf") else current


def _longer(current: JsonValue, more: JsonValue) -> JsonValue:
    if isinstance(current, dict):
        return current
    kept = _items(current)
    return kept + [each for each in _items(more) if _is_item(each)][: max(0, LIST_LIMIT - len(kept))]


def _shorter(current: JsonValue, less: JsonValue) -> JsonValue:
    if not isinstance(current, list):
        return current
    unwanted = _items(less)
    return [each for each in current if not any(_is_same(each, other) for other in unwanted)]


def _number(value: JsonValue) -> int | float | None:
    match value:
        case bool():
            return None
        case int() | float():
            return value
        case str():
            return read_number(value)
        case _:
            return None


def _items(value: JsonValue) -> list[JsonValue]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _is_item(value: JsonValue) -> bool:
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= ITEM_LIMIT)


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    """Equal as JSON: 1 and 1.0 are, 1 and true are not."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)
