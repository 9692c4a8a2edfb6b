"""What rules know by name, as TypeScript: an application's calls are then checked while they are written.

One fact per name, from the catalog: events with their properties, attributes, steps, guides. The form is a module
augmentation of `@waypost/js`, whose calls read the interface `Catalog`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from dsl.catalog import BUILT_IN_EVENTS, FIXED, Owner
from dsl.project import RuleProject
from dsl.values import Kind, ValueType

PLAIN: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "string",
    Kind.NUMBER: "number",
    Kind.YES_NO: "boolean",
    Kind.TIME: "string | Date",
    Kind.VERSION: "string",
    Kind.TEXT_LIST: "string[]",
    Kind.NUMBER_LIST: "number[]",
}
"""The TypeScript type of each kind that needs nothing more."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Names:
    """What an application may say.

    events: by name, the properties; None where the rules state none, so that any may be sent. steps: `journey.step`.
    attributes, account_attributes: by the names as they are sent.
    """

    events: Mapping[str, Mapping[str, ValueType] | None]
    attributes: Mapping[str, ValueType]
    account_attributes: Mapping[str, ValueType]
    steps: tuple[str, ...]
    guides: tuple[str, ...]


def names_of(project: RuleProject) -> Names:
    """The names of some rules. Events that Waypost or its snippet sends by itself are left out."""
    by_itself = {*BUILT_IN_EVENTS, *(each.name.value for each in project.clicked)}
    catalog = project.catalog
    users = [subject for subject in catalog.user.values() if subject.owner is Owner.USER and subject.declared]
    accounts = [subject for subject in catalog.account.values() if subject.declared]
    return Names(
        events={
            name: {key: event.properties[key] for key in event.properties if key in event.stated} or None
            for name, event in catalog.events.items()
            if event.declared and name not in by_itself
        },
        attributes={subject.key: subject.type for subject in users if subject.key not in FIXED},
        account_attributes={subject.key: subject.type for subject in accounts},
        steps=tuple(
            f"{journey}.{step.name.text}" for journey, declared in project.journeys.items() for step in declared.steps
        ),
        guides=tuple(project.guides),
    )


def type_of(value: ValueType) -> str:
    """The TypeScript type of what may be sent: `"desktop" | "mobile"`."""
    if value.kind is Kind.ONE_OF:
        return " | ".join(map(_text, value.allowed))
    return PLAIN[value.kind]


def declarations(names: Names) -> str:
    """The text of a `.d.ts` file. Of what there is none, nothing is said: then anything may be sent."""
    parts = [
        _object("events", [f"{_key(name)}: {_properties(stated)}" for name, stated in names.events.items()]),
        _object("attributes", _optional(names.attributes)),
        _object("accountAttributes", _optional(names.account_attributes)),
        _union("steps", names.steps),
        _union("guides", names.guides),
    ]
    inside = "".join(part for part in parts if part)
    return (
        "// Made by `waypost types`: run it again when the rules change.\n"
        'import "@waypost/js";\n\n'
        'declare module "@waypost/js" {\n  interface Catalog {\n' + inside + "  }\n}\n"
    )


def _text(value: str) -> str:
    # JSON with its non-ASCII characters escaped is a string literal of TypeScript, whatever is in it.
    return json.dumps(value)


def _key(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else _text(name)


def _optional(types: Mapping[str, ValueType]) -> list[str]:
    """Nothing has to be sent, and null takes a value away."""
    return [f"{_key(name)}?: {type_of(value)} | null" for name, value in types.items()]


def _properties(stated: Mapping[str, ValueType] | None) -> str:
    return "{ [property: string]: unknown }" if stated is None else f"{{ {'; '.join(_optional(stated))} }}"


def _object(member: str, entries: Iterable[str]) -> str:
    lines = [f"      {entry};\n" for entry in sorted(entries)]
    return f"    {member}: {{\n{''.join(lines)}    }};\n" if lines else ""


def _union(member: str, names: Iterable[str]) -> str:
    lines = [f"      | {_text(name)}\n" for name in sorted(names)]
    return f"    {member}:\n{''.join(lines).rstrip()};\n" if lines else ""
