"""What is answered about tracking plans: versions, and what did not fit. Shapes only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsl.values import Instant, JsonValue


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """When a plan was put in force, by whom. version: counts up from 1 in each project."""

    version: int
    published: Instant
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """The plan by which events are judged. version: None before there was any; then everything is allowed."""

    version: PlanVersion | None
    document: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class PlanSample:
    """One message that did not fit: which, when it was received, and the kind of value that it had; never the value."""

    message_id: str
    received: Instant
    found: str


@dataclass(frozen=True, slots=True)
class PlanViolations:
    """How often events of a name did not fit the plan at one place in one way.

    path: where in the message; every item of a list is the same place. rule: the keyword of JSON Schema that was not
    kept, or `unplanned`. warned, blocked: events that were kept, and that were refused. samples: the latest three.
    """

    event: str
    path: str
    rule: str
    warned: int
    blocked: int
    first: Instant
    last: Instant
    samples: tuple[PlanSample, ...]
