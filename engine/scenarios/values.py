"""Values as scenario files write them, read as what the rules declare.

`no` is false where the rules say `yes/no`, and text where they say text; `2.10` is a version or a number; a time may be
`3 days ago`. So nothing needs quotes that reads like what it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from dsl.catalog import LIST_ELEMENT
from dsl.values import (
    Instant,
    JsonValue,
    Kind,
    ValueType,
    format_instant,
    read_number,
    read_version,
)
from engine.scenarios import codes
from engine.scenarios.reader import YES_NO, Reader, meant
from engine.scenarios.times import Unclear, read_time
from engine.scenarios.tree import Group, Items, Leaf, Tree

_EXAMPLES = {
    Kind.NUMBER: "write a number such as `5`",
    Kind.YES_NO: "write `yes` or `no`",
    Kind.VERSION: "write a version such as `2.10.0`",
    Kind.TEXT_LIST: "write `[first, second]`",
    Kind.NUMBER_LIST: "write `[1, 2]`",
}


@dataclass(frozen=True, slots=True)
class Values:
    """Reads values. zone: the project's."""

    reader: Reader
    zone: str

    def read(self, tree: Tree, wanted: ValueType, what: str, *, now: Instant) -> JsonValue:
        """The value as it would be sent, None for nothing. now: what `3 days ago` counts from."""
        if _is_nothing(tree):
            return None
        if wanted.kind in LIST_ELEMENT:
            return self._list(tree, wanted, what, now=now)
        if not isinstance(tree, Leaf):
            self.reader.report(codes.WRONG_SHAPE, tree, f"{what} is one {wanted.kind.value}, not several")
            return None
        if wanted.kind is Kind.TIME:
            found = read_time(tree.text, now=now, before=now, zone=self.zone)
            if not isinstance(found, Unclear):
                return format_instant(found)
            self.reader.report(codes.WRONG_VALUE, tree, f"{what} is a time: {found.message}", found.help)
            return None
        value = _of_kind(tree.text, wanted)
        if value is None:
            allowed = wanted.allowed
            help_ = meant(tree.text, allowed, "it is ") if allowed else _EXAMPLES.get(wanted.kind)
            type_ = "one of the declared values" if allowed else f"a {wanted.kind.value}"
            self.reader.report(codes.WRONG_VALUE, tree, f"{what} is {type_}, not `{tree.text}`", help_)
        return value

    def _list(self, tree: Tree, wanted: ValueType, what: str, *, now: Instant) -> JsonValue:
        if not isinstance(tree, Items):
            self.reader.report(codes.WRONG_SHAPE, tree, f"{what} is a list", _EXAMPLES[wanted.kind])
            return None
        element = ValueType(LIST_ELEMENT[wanted.kind])
        read = [self.read(item, element, f"an element of {what}", now=now) for item in tree.items]
        return [each for each in read if each is not None]


def _of_kind(text: str, wanted: ValueType) -> JsonValue:
    match wanted.kind:
        case Kind.NUMBER:
            return read_number(text)
        case Kind.YES_NO:
            return YES_NO.get(text.lower())
        case Kind.VERSION:
            return text if read_version(text) is not None else None
        case Kind.ONE_OF:
            return text if text in wanted.allowed else None
        case _:
            return text


def as_sent(tree: Tree) -> JsonValue:
    """A value of which the rules say nothing: numbers, `true`, `false` and `null` without quotes, else text."""
    match tree:
        case Items():
            return [as_sent(item) for item in tree.items]
        case Group():
            return {key.text: as_sent(value) for key, value in tree.members}
        case Leaf():
            if not tree.is_plain:
                return tree.text
            if _is_nothing(tree):
                return None
            if tree.text in ("true", "false"):
                return tree.text == "true"
            number = read_number(tree.text)
            return tree.text if number is None else number


def _is_nothing(tree: Tree) -> bool:
    return isinstance(tree, Leaf) and tree.is_plain and tree.text in ("", "~", "null")
