"""Reading a tracking plan that people wrote: the whole of it, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dsl.suggest import did_you_mean, nearest
from dsl.values import JsonValue
from engine.errors import WaypostError
from engine.events import GROUP_EVENT, IDENTIFY_EVENT, SCREEN_EVENT
from engine.tracking.plans import Mode, PlannedEvent, TrackingPlan
from engine.tracking.schemas import Definitions, faults_in

EVENTS_LIMIT: Final = 2_000
"""Events of one plan."""
FAULTS_LIMIT: Final = 100
"""Faults that are told at once."""
_NAME_LIMIT: Final = 255
_OWN_NAMES: Final = (IDENTIFY_EVENT, GROUP_EVENT, "$page", SCREEN_EVENT)
"""Names with a `$` that may be planned: the calls that are no `track`."""
_PLAN_MEMBERS: Final = ("mode", "unplanned", "$defs", "events", "$schema", "description")
_EVENT_MEMBERS: Final = ("description", "mode", "schema")


@dataclass(frozen=True, slots=True)
class PlanFault:
    """Something in a plan that cannot be used. path: `events.Domain Added.schema.properties.n.type`."""

    path: str
    message: str


class PlanRefused(WaypostError):
    """The tracking plan cannot be used; `errors` names each place, and why. The plan in force stays."""

    code = "plan_refused"

    def __init__(self, faults: tuple[PlanFault, ...]) -> None:
        shown = "; ".join(f"`{each.path or 'plan'}`: {each.message}" for each in faults[:3])
        more = f"; and {len(faults) - 3} more" if len(faults) > 3 else ""
        super().__init__(f"this tracking plan cannot be used: {shown}{more}")
        self.faults = faults


def read_plan(document: JsonValue) -> TrackingPlan:
    """The plan of a document. Raises PlanRefused with everything that is wrong."""
    if not isinstance(document, dict):
        raise PlanRefused((PlanFault("", "a tracking plan is a JSON object"),))
    faults = _unknown(document, _PLAN_MEMBERS, "")
    for member in ("$schema", "description"):
        if not isinstance(document.get(member, ""), str):
            faults.append(PlanFault(member, "must be a text"))
    mode = _mode(document.get("mode", Mode.WARN.value), "mode", (Mode.WARN, Mode.BLOCK), faults)
    unplanned = _mode(document.get("unplanned", Mode.ALLOW.value), "unplanned", tuple(Mode), faults)
    definitions = document.get("$defs", {})
    if not isinstance(definitions, dict):
        faults.append(PlanFault("$defs", "must be an object of schemas"))
        definitions = {}
    faults += _faults_in_definitions(definitions)
    told = document.get("events", {})
    if not isinstance(told, dict):
        faults.append(PlanFault("events", "must be an object: the name of an event, and what is planned of it"))
        told = {}
    if len(told) > EVENTS_LIMIT:
        faults.append(PlanFault("events", f"a plan has at most {EVENTS_LIMIT} events, not {len(told)}"))
        told = {}
    # What is wrong with a definition is told once, not for every event that uses it.
    usable = not faults
    events = {name: _event(name, each, mode, definitions if usable else None, faults) for name, each in told.items()}
    if faults:
        raise PlanRefused(tuple(faults[:FAULTS_LIMIT]))
    return TrackingPlan(events, unplanned, definitions)


def _faults_in_definitions(definitions: Definitions) -> list[PlanFault]:
    found: dict[str, PlanFault] = {}
    for name, schema in definitions.items():
        for fault in faults_in(schema, definitions):
            # A definition that another one uses is told of under its own name.
            path = fault.path if fault.path.startswith("$defs.") else _joined(f"$defs.{name[:80]}", fault.path)
            found.setdefault(path, PlanFault(path, fault.message))
    return list(found.values())


def _event(
    name: str, told: JsonValue, mode: Mode, definitions: Definitions | None, faults: list[PlanFault]
) -> PlannedEvent:
    path = f"events.{name[:80]}"
    if not name or len(name) > _NAME_LIMIT or "\0" in name:
        faults.append(PlanFault(path, f"the name of an event has 1 to {_NAME_LIMIT} characters"))
    if name.startswith("$") and name not in _OWN_NAMES:
        known = ", ".join(f"`{each}`" for each in _OWN_NAMES)
        faults.append(PlanFault(path, f"events with a `$` are Waypost's own; of these only {known} can be planned"))
    if not isinstance(told, dict):
        faults.append(PlanFault(path, 'must be an object such as {"schema": {"type": "object"}}'))
        return PlannedEvent(name, True, mode)
    faults += _unknown(told, _EVENT_MEMBERS, path)
    own = _mode(told.get("mode", mode.value), f"{path}.mode", (Mode.WARN, Mode.BLOCK), faults)
    description = told.get("description", "")
    if not isinstance(description, str):
        faults.append(PlanFault(f"{path}.description", "must be a text"))
        description = ""
    schema = told.get("schema", True)
    if definitions is not None:
        faults += [
            PlanFault(_joined(f"{path}.schema", fault.path), fault.message) for fault in faults_in(schema, definitions)
        ]
    return PlannedEvent(name, schema if isinstance(schema, dict | bool) else True, own, description)


def _mode(told: JsonValue, path: str, allowed: tuple[Mode, ...], faults: list[PlanFault]) -> Mode:
    for mode in allowed:
        if told == mode.value:
            return mode
    words = " or ".join(f'"{mode.value}"' for mode in allowed)
    faults.append(PlanFault(path, f"must be {words}"))
    return allowed[0]


def _unknown(told: Mapping[str, JsonValue], known: tuple[str, ...], path: str) -> list[PlanFault]:
    faults: list[PlanFault] = []
    for name in told:
        if name not in known:
            near = did_you_mean([f"`{each}`" for each in nearest(name, known)])
            more = f"; {near}" if near else f"; there are {', '.join(f'`{each}`' for each in known)}"
            faults.append(PlanFault(_joined(path, name[:80]), f"`{name[:80]}` means nothing here{more}"))
    return faults


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name
