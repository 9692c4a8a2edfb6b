"""All nodes of a tree, in the order of the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Final, TypeVar

from dsl.nodes import Node

Wanted = TypeVar("Wanted", bound=Node)


def nodes_of(root: Node) -> Iterator[Node]:
    """The node itself and everything below it, each before what it holds."""
    waiting: list[object] = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Node):
            yield each
            waiting.extend(getattr(each, name) for name in reversed(_field_names(type(each))))
        elif isinstance(each, tuple):
            waiting.extend(reversed(each))


def find(root: Node, kind: type[Wanted]) -> Iterator[Wanted]:
    """The nodes of one kind, in the order of the text."""
    return (each for each in nodes_of(root) if isinstance(each, kind))


_FIELDS: Final[dict[type[Node], tuple[str, ...]]] = {}


def _field_names(kind: type[Node]) -> tuple[str, ...]:
    known = _FIELDS.get(kind)
    if known is None:
        known = _FIELDS[kind] = tuple(each.name for each in fields(kind) if each.name != "span")
    return known
