"""The JSON Schema of scenario files, for editors: `waypost test --schema > docs/reference/scenario.schema.json`.

Made from the tables in `engine.scenarios.members`. It knows the words and their places; what the rules know (events,
guides, values) only a run can check.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from engine.scenarios import members
from engine.scenarios.members import Member
from engine.scenarios.times import DURATION, TIME

_VALUES = {"type": "object"}


def schema_document() -> dict[str, Any]:
    """The schema, as JSON Schema of the draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://waypost.dev/schemas/scenario.json",
        "title": "Waypost scenario file",
        **_group(members.FILE, "Stories that rules are tested with.", required=["scenarios"]),
        "$defs": {
            "time": {"type": "string", "pattern": TIME},
            "duration": {"type": "string", "pattern": f"^{DURATION}$"},
            "expectation": {"type": "string", "pattern": members.EXPECTATION},
            "values": _VALUES,
            "answers": {**_VALUES, "minProperties": 1},
            "account": _VALUES,
            "page": {"anyOf": [{"type": "string", "minLength": 1}, _group(members.PAGE, "The parts of a page.")]},
            "device": _group(members.DEVICE, "The parts of a device."),
            "happening": {**_group(members.HAPPENING, "One thing that happens."), "allOf": _rules_of_happenings()},
            "given": _group(members.GIVEN, "What is so before anything happens."),
            "step": _group(members.STEP, "One round trip: something happens, and guidance is asked for."),
            "scenario": _group(members.SCENARIO, "One story.", required=["name"]),
        },
    }


def schema_text() -> str:
    """The schema as the file holds it."""
    return orjson.dumps(schema_document(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _group(table: Mapping[str, Member], doc: str, *, required: list[str] | None = None) -> dict[str, Any]:
    properties = {name: {**member.schema, "description": member.doc} for name, member in table.items()}
    schema = {"type": "object", "description": doc, "additionalProperties": False, "properties": properties}
    return schema if required is None else {**schema, "required": required}


def _rules_of_happenings() -> list[dict[str, Any]]:
    """At most one kind; details with their kind only; a snooze says for how long, an answer how."""
    one_kind = {"not": {"anyOf": [{"required": [a, b]} for a in members.KINDS for b in members.KINDS if a < b]}}
    needed = {"snoozed": ["for"], "answered": ["answers"]}
    return [
        one_kind,
        {"dependentRequired": {**{name: [kind] for name, (kind, _) in members.DETAILS.items()}, **needed}},
    ]
