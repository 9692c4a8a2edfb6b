"""Declarations of what is known: attributes, events, journeys, features, segments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dsl.nodes.conditions import Condition, EventRef
from dsl.nodes.literals import DurationLiteral, Literal, Name, Node, TextLiteral
from dsl.values import ValueType


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """`attribute seats: number [default 1]`; `source` is the name as it is sent, where `from "…"` gives another."""

    name: Name
    type: ValueType
    of_account: bool = False
    source: TextLiteral | None = None
    default: Literal | None = None


@dataclass(frozen=True, slots=True)
class Property(Node):
    name: Name
    type: ValueType


@dataclass(frozen=True, slots=True)
class ClickSource(Node):
    """`when clicked "#dns-help" [on page "/domains/*"]`: the snippet sends the event."""

    selector: TextLiteral
    page: TextLiteral | None = None


@dataclass(frozen=True, slots=True)
class EventDeclaration(Node):
    """`event "Domain Added" { domain: text }`."""

    name: TextLiteral
    properties: tuple[Property, ...] = ()
    click: ClickSource | None = None


class Channel(StrEnum):
    """Where a touchpoint that is not in the product takes place."""

    EMAIL = "email"
    SUPPORT = "support"
    MOBILE = "mobile"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Touchpoint(Node):
    """`"/domains/*"` (a page), `"#dns"` (an element), or `"Welcome mail" on email`."""

    text: TextLiteral
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class Step(Node):
    name: Name
    label: TextLiteral | None
    reached_by: tuple[EventRef, ...]
    attempted_by: tuple[EventRef, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    expect_within: DurationLiteral | None = None


@dataclass(frozen=True, slots=True)
class Stage(Node):
    """`stage onboarding "Onboarding" as onboarding { … }`; `phase` from an open list."""

    name: Name
    label: TextLiteral | None
    steps: tuple[Step, ...]
    phase: TextLiteral | None = None


@dataclass(frozen=True, slots=True)
class Journey(Node):
    name: Name
    label: TextLiteral | None
    stages: tuple[Stage, ...]
    outcomes: tuple[EventRef, ...] = ()
    gives_up_after: DurationLiteral | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in their order."""
        return tuple(step for stage in self.stages for step in stage.steps)


@dataclass(frozen=True, slots=True)
class Feature(Node):
    """`feature exports used by "Report Exported" [for PERSONA]`."""

    name: Name
    label: TextLiteral | None
    used_by: tuple[EventRef, ...]
    audience: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment(Node):
    """A named condition; a persona is a segment that maps are drawn for."""

    name: Name
    label: TextLiteral | None
    where: Condition
    is_persona: bool = False


@dataclass(frozen=True, slots=True)
class Import(Node):
    file: TextLiteral
