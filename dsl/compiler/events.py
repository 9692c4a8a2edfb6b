"""Which events count: a name, and a `where` made independent of the catalog it was read with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from dsl.compiler.names import EventScope, guessed_type
from dsl.needs import Tracked, Where
from dsl.nodes import Comparison, Condition, EventRef, Node, Path, ShareOf
from dsl.values import NUMBER, JsonValue, ValueType

if TYPE_CHECKING:
    from dsl.catalog import Catalog
    from dsl.compiler.maker import Maker


def tracked(event: EventRef, maker: Maker) -> Tracked:
    """The events that a reference counts."""
    catalog = None if maker.project is None else maker.project.catalog
    return occurrence(event, catalog, maker.scope.zone)


def occurrence(event: EventRef, catalog: Catalog | None, zone: str) -> Tracked:
    """The events that a reference counts, with the types that the catalog gives their properties."""
    name = event.name.value
    if event.where is None:
        return Tracked(name)
    types: dict[str, ValueType] = {}
    for path, guess in _paths(event.where):
        written = ".".join(path.parts)
        known = None if catalog is None else catalog.property(name, written)
        types[written] = guess if known is None else known.type
    return Tracked(name, Where(_spelled(event.where, types, zone), event.where, types, zone))


def scope_of(where: Where) -> EventScope:
    """What names mean in a `where`."""
    return EventScope(where.types, where.zone)


def _paths(node: object) -> list[tuple[Path, ValueType]]:
    """Every property named, with the type that its comparison takes it for."""
    match node:
        case Comparison():
            shares = [(operand.of, NUMBER) for operand in node.operands if isinstance(operand, ShareOf)]
            return [(node.subject, guessed_type(node)), *shares]
        case Node():
            return [found for each in fields(node) for found in _paths(getattr(node, each.name))]
        case tuple():
            return [found for each in node for found in _paths(each)]
        case _:
            return []


def _spelled(where: Condition, types: Mapping[str, ValueType], zone: str) -> str:
    tree = [_tree(where), {name: str(type_) for name, type_ in types.items()}, zone]
    return json.dumps(tree, ensure_ascii=False, sort_keys=True)


def _tree(node: object) -> JsonValue:
    """A node without its place, as JSON; what does not take part in comparison is left out."""
    if is_dataclass(node) and not isinstance(node, type):
        return [type(node).__name__, *(_tree(getattr(node, each.name)) for each in fields(node) if each.compare)]
    if isinstance(node, tuple):
        return [_tree(each) for each in node]
    if node is None or isinstance(node, bool | int | float | str):
        return node
    return str(node)
