"""Guides and surveys with their clauses, limits across them, what is recorded, and the file that holds it all."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from dsl.nodes.catalog import Attribute, EventDeclaration, Feature, Import, Journey, Segment
from dsl.nodes.conditions import Condition, EventRef, PlaceRef
from dsl.nodes.content import Question, Show, Thanks, Translation, Variant
from dsl.nodes.literals import DurationLiteral, Moment, Name, Node, TextLiteral


class PerSession(StrEnum):
    """The one period that is not a duration."""

    SESSION = "session"


@dataclass(frozen=True, slots=True)
class AtMost(Node):
    """`at most 1 guide per session`; `what` in the singular: guide, survey, or a widget's name."""

    number: int
    what: str
    per: DurationLiteral | PerSession


@dataclass(frozen=True, slots=True)
class AtLeastBetween(Node):
    """`at least 10 minutes between guides`; `what` in the singular."""

    duration: DurationLiteral
    what: str


@dataclass(frozen=True, slots=True)
class Limits(Node):
    limits: tuple[AtMost | AtLeastBetween, ...]


@dataclass(frozen=True, slots=True)
class At(Node):
    places: tuple[PlaceRef, ...]


@dataclass(frozen=True, slots=True)
class OnEvent(Node):
    """`on "E" [where COND]`, `on first "E"`."""

    event: EventRef
    first: bool = False


@dataclass(frozen=True, slots=True)
class OnPage(Node):
    """`on page "/domains/*"`."""

    pattern: TextLiteral


@dataclass(frozen=True, slots=True)
class OnSessionStart(Node):
    pass


@dataclass(frozen=True, slots=True)
class For(Node):
    segments: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class When(Node):
    condition: Condition


@dataclass(frozen=True, slots=True)
class Unless(Node):
    condition: Condition


@dataclass(frozen=True, slots=True)
class IdleFor(Node):
    duration: DurationLiteral


@dataclass(frozen=True, slots=True)
class ElementVisible(Node):
    selector: TextLiteral
    duration: DurationLiteral | None = None


@dataclass(frozen=True, slots=True)
class Scrolled(Node):
    percent: int | float


@dataclass(frozen=True, slots=True)
class ExitIntent(Node):
    pass


@dataclass(frozen=True, slots=True)
class OnPageFor(Node):
    duration: DurationLiteral


@dataclass(frozen=True, slots=True)
class Elapsed(Node):
    """`wait 5 seconds`."""

    duration: DurationLiteral


@dataclass(frozen=True, slots=True)
class Wait(Node):
    until: IdleFor | ElementVisible | Scrolled | ExitIntent | OnPageFor | Elapsed


class Ending(StrEnum):
    """What ends a guide for a user in `until …`."""

    ANSWERED = "answered"
    COMPLETED = "completed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Frequency(Node):
    """How often one user may see it.

    `once`: at_most=1 alone. `once every 7 days`: every. `once every 7 days, at most 3 times`: every and at_most.
    `shown at most 3 times per 7 days`: at_most and per. `until dismissed`: until alone.
    """

    every: DurationLiteral | None = None
    at_most: int | None = None
    per: DurationLiteral | None = None
    until: Ending | None = None


@dataclass(frozen=True, slots=True)
class Priority(Node):
    value: int


@dataclass(frozen=True, slots=True)
class NotWith(Node):
    guides: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Rollout(Node):
    percent: int | float


@dataclass(frozen=True, slots=True)
class Sample(Node):
    percent: int | float


@dataclass(frozen=True, slots=True)
class Holdout(Node):
    percent: int | float


@dataclass(frozen=True, slots=True)
class Goal(Node):
    event: EventRef
    within: DurationLiteral


@dataclass(frozen=True, slots=True)
class From(Node):
    moment: Moment


@dataclass(frozen=True, slots=True)
class Expires(Node):
    moment: Moment


@dataclass(frozen=True, slots=True)
class OnlyOn(Node):
    """`only on weekdays`, `only on monday, friday`: ISO weekdays 1 to 7, as written for `weekdays` too (1 to 5)."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OnlyBetween(Node):
    """`only between 09:00 and 17:00`: minutes after midnight; the end is not included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class StopAfter(Node):
    responses: int


@dataclass(frozen=True, slots=True)
class Draft(Node):
    pass


@dataclass(frozen=True, slots=True)
class Paused(Node):
    pass


@dataclass(frozen=True, slots=True)
class Testers(Node):
    segment: Name


Clause: TypeAlias = (
    At
    | OnEvent
    | OnPage
    | OnSessionStart
    | For
    | When
    | Unless
    | Wait
    | Show
    | Variant
    | Question
    | Thanks
    | Translation
    | Frequency
    | Priority
    | NotWith
    | Rollout
    | Sample
    | Holdout
    | Goal
    | From
    | Expires
    | OnlyOn
    | OnlyBetween
    | StopAfter
    | Draft
    | Paused
    | Testers
)


class GuideKind(StrEnum):
    """What a guide declaration is."""

    GUIDE = "guide"
    SURVEY = "survey"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class Guide(Node):
    """`guide`, `survey` or `feedback`: its clauses in the order of the text."""

    kind: GuideKind
    name: Name
    label: TextLiteral | None
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Record(Node):
    """`record [at STEPS] [for PERSONA] [sample N%]`: of whom, and where, pages record what happens."""

    at: At | None = None
    audience: For | None = None
    sample: Sample | None = None

    @property
    def places(self) -> tuple[PlaceRef, ...]:
        """The steps and stages at which somebody stands; () for everywhere."""
        return () if self.at is None else self.at.places

    @property
    def segments(self) -> tuple[Name, ...]:
        """The segments of which somebody is in any; () for everybody."""
        return () if self.audience is None else self.audience.segments

    @property
    def percent(self) -> int | float:
        """The share of these people that is recorded."""
        return 100 if self.sample is None else self.sample.percent


Declaration: TypeAlias = Attribute | EventDeclaration | Journey | Feature | Segment | Limits | Record | Guide | Import


@dataclass(frozen=True, slots=True)
class Comment(Node):
    """`# …` to the end of its line; `text` without the mark and the blanks around it."""

    text: str
    alone: bool
    """True when nothing but blanks stands before it on its line."""
    before_blank: bool = False
    """True when the line after it is blank."""


@dataclass(frozen=True, slots=True)
class Program(Node):
    """One file."""

    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
    after_blank: frozenset[int] = field(default=frozenset(), compare=False)
    """The lines that follow a blank one; the formatter keeps such a gap between two declarations."""
