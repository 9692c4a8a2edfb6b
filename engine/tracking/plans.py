"""A tracking plan at work: does an event look as planned, and if not, where and how not.

Decides what a violation is and how it is told; what becomes of the event (kept with a warning, or refused) is said by
its mode, and done in `engine.intake`. Schemas are checked before they come here (`engine.tracking.schemas`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from dsl.values import JsonValue
from engine.events import Event, EventKind
from engine.tracking.schemas import Definitions, validator_of
from engine.traits import Operation, changes_of

VIOLATIONS_LIMIT: Final = 5
"""Violations that are told of one event, each at another place or of another kind."""
MEMBERS_LIMIT: Final = 100
"""Values in an event, up to which all that is wrong with it is looked for; of larger ones, the first is told."""
NAME_LIMIT: Final = 80
"""Letters of a member's name in a path; names come from whoever sends."""
PATH_LIMIT: Final = 250
UNPLANNED: Final = "unplanned"
"""The rule that an event breaks whose name is not in the plan."""


class Mode(StrEnum):
    """What becomes of an event that is not as planned."""

    ALLOW = "allow"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which an event is not as planned.

    path: where in the message: `$.properties.items[3].price`. rule: the keyword of JSON Schema that it breaks, or
    `unplanned`. message: names no value that was sent. found: the kind of value that is there: "a text".
    """

    event: str
    path: str
    rule: str
    message: str
    found: str
    mode: Mode

    @property
    def place(self) -> str:
        """The path as it is counted: every item of a list is the same place."""
        parts = self.path.split("[")
        return "[]".join([parts[0], *(part.partition("]")[2] for part in parts[1:])])


@dataclass(frozen=True, slots=True)
class Observed:
    """A violation in one message of a request. index: its place in what was sent."""

    index: int
    message_id: str
    violation: Violation


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """What is planned of the events of a name. schema: of the properties; of the traits that are set, for the rest."""

    name: str
    schema: JsonValue
    mode: Mode
    description: str = ""


@dataclass(frozen=True)
class TrackingPlan:
    """A plan that was read. unplanned: what becomes of tracked events whose name it does not have."""

    events: Mapping[str, PlannedEvent]
    unplanned: Mode = Mode.ALLOW
    definitions: Definitions = field(default_factory=dict)
    _validators: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def judge(self, event: Event) -> tuple[Violation, ...]:
        """How an event is not as planned; nothing where it is."""
        planned = self.events.get(event.name)
        if planned is None:
            if self.unplanned is Mode.ALLOW or event.kind is not EventKind.TRACK or event.name.startswith("$"):
                return ()
            message = f"`{event.name[:NAME_LIMIT]}` is not in the tracking plan"
            return (Violation(event.name, "$.event", UNPLANNED, message, "a text", self.unplanned),)
        member, values = _values(event)
        validator = self._validator(planned)
        if validator.is_valid(values):
            return ()
        found: dict[tuple[str, str], Violation] = {}
        for error in _errors(validator, values):
            for each in _violations(planned, member, error):
                found.setdefault((each.place, each.rule), each)
        return tuple(islice(found.values(), VIOLATIONS_LIMIT))

    def _validator(self, planned: PlannedEvent) -> Any:
        validator = self._validators.get(planned.name)
        if validator is None:
            validator = self._validators[planned.name] = validator_of(planned.schema, self.definitions)
        return validator


NO_PLAN: Final = TrackingPlan({})


def _errors(validator: Any, values: Mapping[str, JsonValue]) -> Iterable[Any]:
    """What is wrong with values: everything, or of large ones the first, for the validator makes a list of all."""
    if _is_small(values):
        found: Iterable[Any] = validator.iter_errors(values)
        return found
    try:
        validator.validate(values)
    except ValueError as error:
        return (error,)
    return ()


def _is_small(values: JsonValue | Mapping[str, JsonValue]) -> bool:
    waiting: list[Any] = [values]
    seen = 0
    while waiting and seen <= MEMBERS_LIMIT:
        value = waiting.pop()
        seen += 1
        if isinstance(value, dict | list):
            if len(value) > MEMBERS_LIMIT:
                return False
            waiting += value.values() if isinstance(value, dict) else value
    return seen <= MEMBERS_LIMIT


def _values(event: Event) -> tuple[str, Mapping[str, JsonValue]]:
    """The member of the message that is planned, and its values: of traits, those that are set."""
    if event.kind not in (EventKind.IDENTIFY, EventKind.GROUP):
        return "properties", event.properties
    setting = (Operation.SET, Operation.SET_ONCE)
    return "traits", {each.name: each.value for each in changes_of(event.traits) if each.operation in setting}


def _violations(planned: PlannedEvent, member: str, error: Any) -> list[Violation]:
    path = _path(member, error.instance_path)
    rule: str = error.kind.name
    value = error.instance
    match rule:
        case "required":
            missing = f"{path}.{str(error.kind.property)[:NAME_LIMIT]}"
            return [_violation(planned, missing, rule, "is missing", "nothing")]
        case "additionalProperties" | "unevaluatedProperties":
            names = [str(name) for name in error.kind.unexpected[:VIOLATIONS_LIMIT]]
            return [
                _violation(planned, f"{path}.{name[:NAME_LIMIT]}", rule, "is not in the plan", _kind(value.get(name)))
                for name in names
            ]
        case _:
            return [_violation(planned, path, rule, _told(rule, error.kind, value), _kind(value))]


def _violation(planned: PlannedEvent, path: str, rule: str, told: str, found: str) -> Violation:
    path = path[:PATH_LIMIT]
    name = path.removeprefix("$.properties.").removeprefix("$.traits.").removeprefix("$.")
    message = f"`{name}` of `{planned.name}` {told}"
    return Violation(planned.name, path, rule, message, found, planned.mode)


def _told(rule: str, kind: Any, value: object) -> str:
    """What is wrong, with what the plan says and without what was sent."""
    match rule:
        case "type":
            told = f"must be {_either(kind.types)}, not {_kind(value)}"
        case "enum":
            options = ", ".join(map(_spelled, kind.options[:10]))
            told = f"is not one of {options}" + (", …" if len(kind.options) > 10 else "")
        case "const":
            told = f"is not {_spelled(kind.expected_value)}"
        case "pattern":
            told = f"does not fit the pattern `{str(kind.pattern)[:NAME_LIMIT]}`"
        case "format":
            told = f"is not of the format `{kind.format}`"
        case "falseSchema":
            told = "must not be there"
        case _ if rule in _LIMITS:
            told = _LIMITS[rule].format(getattr(kind, "limit", getattr(kind, "multiple_of", None)))
        case _:
            told = f"does not fit `{rule}` of the plan"
    return told


_LIMITS: Final = {
    "minimum": "is below {}",
    "maximum": "is above {}",
    "exclusiveMinimum": "is not above {}",
    "exclusiveMaximum": "is not below {}",
    "multipleOf": "is not a multiple of {}",
    "minLength": "has fewer than {} characters",
    "maxLength": "has more than {} characters",
    "minItems": "has fewer than {} items",
    "maxItems": "has more than {} items",
    "minProperties": "has fewer than {} members",
    "maxProperties": "has more than {} members",
    "uniqueItems": "has an item twice",
}


def _path(member: str, parts: Any) -> str:
    path = f"$.{member}"
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{str(part)[:NAME_LIMIT]}"
    return path


def _either(types: Any) -> str:
    return " or ".join(_TYPES.get(each, each) for each in sorted(types, key=lambda each: (each == "null", each)))


_TYPES: Final = {
    "null": "nothing",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "an object",
}


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def _spelled(value: object) -> str:
    return f'"{value[:NAME_LIMIT]}"' if isinstance(value, str) else str(value)[:NAME_LIMIT]
