"""What an answer to "why, or why not" is made of: gates, statements with their truth, and changes.

Facts only; how they are found is decided in the other modules of this package.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TypeAlias

from dsl.explain import Joined
from dsl.nodes import Node
from dsl.values import Instant, JsonValue
from engine.events import Event, EventKind
from engine.reasons import Reason
from engine.survey_versions import SurveyVersion


class Truth(Enum):
    """Kleene's three values."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    @property
    def opposite(self) -> Truth:
        """Not."""
        return _OPPOSITES[self]

    @classmethod
    def of(cls, is_true: bool) -> Truth:
        """A truth that is always known."""
        return cls.TRUE if is_true else cls.FALSE


_OPPOSITES = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Part:
    """One statement that is to be so, whether it is, and what was found of the user.

    about: the condition in the rules. found: the user's own value in words (`2 so far, the last at …`); None where
    the parts below say it all. below: what it consists of; `joined` says how.
    """

    text: str
    truth: Truth
    found: str | None = None
    about: Node | None = None
    joined: Joined = Joined.PARTS
    below: tuple[Part, ...] = ()


class GateName(StrEnum):
    """The gates in the order in which their reasons are given."""

    SWITCH = "switch"
    CONSENT = "consent"
    PAUSE = "pause"
    TRIGGER = "trigger"
    SCHEDULE = "schedule"
    QUOTA = "quota"
    STEP = "step"
    AUDIENCE = "audience"
    CONDITIONS = "conditions"
    FREQUENCY = "frequency"
    SHARE = "share"
    LIMITS = "limits"
    PLACE = "place"
    HOLDOUT = "holdout"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that may keep the guide away.

    text: what it asks for. found: how it is with the user. reason: why it is closed; None where it is open.
    parts: the statements that it consists of.
    """

    name: GateName
    text: str
    found: str | None = None
    reason: Reason | None = None
    parts: tuple[Part, ...] = ()

    @property
    def is_open(self) -> bool:
        """True where it lets the guide through."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Told:
    """An event that might come, without a time."""

    kind: EventKind
    name: str
    properties: Mapping[str, JsonValue] = field(default_factory=dict)
    traits: Mapping[str, JsonValue] = field(default_factory=dict)
    from_browser: bool = False


@dataclass(frozen=True, slots=True)
class Happens:
    """An event comes, so many times. is_more: the user did it before. words: how a sentence says it."""

    event: Told
    times: int = 1
    is_more: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Becomes:
    """An attribute gets another value; None takes it away. words: the attribute's name in the rules."""

    event: Told
    words: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Asks:
    """The request for guidance tells something else: another page, another device. value: None leaves it out."""

    name: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class Waits:
    """Time passes. because: what has changed then."""

    until: Instant
    because: str


Step: TypeAlias = Happens | Becomes | Asks | Waits


@dataclass(frozen=True, slots=True)
class Change:
    """What would show the guide, tried with the evaluator.

    steps: in their order. events: those that come, with their times, as they were tried. at: when the guide would be
    shown; with only a little time given, `until` is the first instant at which doing the same would not do any more,
    or was not tried: whatever the instant between `at` and it, what is done at `at` may be done then.
    context: what the request tells. text: the change as a sentence.
    """

    steps: tuple[Step, ...]
    events: tuple[Event, ...]
    at: Instant
    until: Instant | None
    context: Mapping[str, JsonValue]
    text: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a guide would be shown to a user at an instant, or why not.

    reason: as the decision gives it; for a guide that was not even considered that of the first gate that is closed.
    stopped_by: the first gate that is closed; None where the guide is shown.
    changes: what would show it, the nearest first. blocked: what no change of the user's could help; None where a
    change is given or none is needed. survey: the version of what it asks, once there is more than one; the answers to
    earlier ones are kept apart.
    """

    guide: str
    label: str | None
    user: str
    at: Instant
    zone: str
    reason: Reason
    gates: tuple[Gate, ...]
    changes: tuple[Change, ...] = ()
    blocked: str | None = None
    survey: SurveyVersion | None = None

    @property
    def is_shown(self) -> bool:
        """True where the guide goes out to the browser."""
        return self.reason.shows

    @property
    def stopped_by(self) -> Gate | None:
        """The first gate that is closed."""
        return next((gate for gate in self.gates if not gate.is_open), None)


def leaves(part: Part) -> Iterator[Part]:
    """The statements that consist of no others."""
    if not part.below:
        yield part
    for each in part.below:
        yield from leaves(each)
