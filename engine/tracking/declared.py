"""A tracking plan made from rules: what their `event` and `attribute` declarations say of types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dsl.catalog import FIXED
from dsl.nodes import Attribute
from dsl.project import RuleProject
from dsl.values import JsonValue, Kind, ValueType
from engine.events import GROUP_EVENT, IDENTIFY_EVENT
from engine.tracking.plans import Mode

_IN_JSON: Final[Mapping[Kind, Mapping[str, JsonValue]]] = {
    Kind.TEXT: {"type": "string"},
    Kind.VERSION: {"type": "string"},
    Kind.NUMBER: {"type": "number"},
    Kind.YES_NO: {"type": "boolean"},
    Kind.TIME: {"type": "string", "format": "date-time"},
    Kind.TEXT_LIST: {"type": "array", "items": {"type": "string"}},
    Kind.NUMBER_LIST: {"type": "array", "items": {"type": "number"}},
}
"""Every kind but `one of`, whose values are its own."""


def plan_from(project: RuleProject, *, mode: Mode = Mode.WARN) -> dict[str, JsonValue]:
    """The document of a plan with every event that the rules declare, and the attributes as traits.

    Properties are typed and may be missing; others may come along. A trait may be null, which takes it away.
    """
    events: dict[str, JsonValue] = {}
    for kind, of_account in ((IDENTIFY_EVENT, False), (GROUP_EVENT, True)):
        traits = _traits(project, of_account=of_account)
        if traits:
            events[kind] = {"schema": {"type": "object", "properties": traits}}
    for name, event in sorted(project.catalog.events.items()):
        if event.declared and not name.startswith("$"):
            properties: dict[str, JsonValue] = {each: schema_of(kind) for each, kind in event.properties.items()}
            events[name] = {"schema": {"type": "object", **({"properties": properties} if properties else {})}}
    return {"mode": mode.value, "unplanned": Mode.ALLOW.value, "events": events}


def schema_of(kind: ValueType) -> dict[str, JsonValue]:
    """What a value of a type of the language is in JSON."""
    return {"enum": list(kind.allowed)} if kind.kind is Kind.ONE_OF else dict(_IN_JSON[kind.kind])


def _traits(project: RuleProject, *, of_account: bool) -> dict[str, JsonValue]:
    """The schemas of declared attributes, by the names that are sent; `user_id` and its like are no traits."""
    traits: dict[str, JsonValue] = {}
    for program in project.programs.values():
        for declared in program.declarations:
            if isinstance(declared, Attribute) and declared.of_account is of_account:
                name = declared.source.value if declared.source is not None else declared.name.text
                if name not in FIXED:
                    traits[name] = {"anyOf": [schema_of(declared.type), {"type": "null"}]}
    return dict(sorted(traits.items()))
