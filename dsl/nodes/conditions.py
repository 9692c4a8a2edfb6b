"""What is asked about a user."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from dsl.nodes.literals import DurationLiteral, Moment, Name, Node, Operand, Path, TextLiteral


@dataclass(frozen=True, slots=True)
class PlaceRef(Node):
    """`activation.verify_domain`: a step or a stage of a journey."""

    journey: Name
    place: Name


@dataclass(frozen=True, slots=True)
class EventRef(Node):
    """`"Purchase" where amount > 100`: an event, of which only those count whose `where` is true."""

    name: TextLiteral
    where: Condition | None = None


@dataclass(frozen=True, slots=True)
class Always(Node):
    """`true`."""


@dataclass(frozen=True, slots=True)
class And(Node):
    """Two or more terms, flat: an And never holds an And. `all of { … }` is `block=True`, with one term or more."""

    terms: tuple[Condition, ...]
    block: bool = False


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Two or more terms, flat: an Or never holds an Or. `any of { … }` is `block=True`, with one term or more."""

    terms: tuple[Condition, ...]
    block: bool = False


@dataclass(frozen=True, slots=True)
class Not(Node):
    """`not C`; `not reached J.S` and `not in S` are Not too."""

    term: Condition


@dataclass(frozen=True, slots=True)
class NoneOf(Node):
    """`none of { … }`: none of the terms is true, each being known to be false."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class OtherChoice(Node):
    """The bare word `other` as an answer, or a choice named by its id (`as unclear`): `name` is that word."""

    name: str = "other"


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`seats >= 5`, `plan is one of "a", "b"`, `role is set`.

    `operator` is the canonical spelling of an entry of `dsl.operators`; the entry says what operands it takes. In the
    `if` of a question the subject is an earlier question's id, and an operand may be a choice.
    """

    subject: Path
    operator: str
    operands: tuple[Operand | OtherChoice, ...] = ()
    ignoring_case: bool = False


class CountWord(StrEnum):
    """How a number of times is compared."""

    AT_LEAST = "at least"
    AT_MOST = "at most"
    EXACTLY = "exactly"
    FEWER_THAN = "fewer than"
    MORE_THAN = "more than"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True)
class CountTest(Node):
    """`at least 3 times`, `between 2 and 4 times`; `once` and `twice` are 1 and 2 times. `high` only for between."""

    word: CountWord
    low: int
    high: int | None = None


@dataclass(frozen=True, slots=True)
class InLast(Node):
    """`in last 7 days`."""

    duration: DurationLiteral


@dataclass(frozen=True, slots=True)
class SinceEvent(Node):
    """`since "Signed Up"`: begins just after the latest such event."""

    event: TextLiteral


@dataclass(frozen=True, slots=True)
class SinceStep(Node):
    """`since activation.connect_domain`: begins just after the step was first reached."""

    place: PlaceRef


@dataclass(frozen=True, slots=True)
class SinceMoment(Node):
    """`since 2026-01-01`: the day or the instant is included."""

    moment: Moment


Window: TypeAlias = InLast | SinceEvent | SinceStep | SinceMoment


@dataclass(frozen=True, slots=True)
class Did(Node):
    """`did "E" [where …] [count] [window]` and `did not "E" …`.

    Without a count: at least once. `on_days` counts calendar days (`on at least 3 days`) instead of events.
    """

    event: EventRef
    count: CountTest | None = None
    window: Window | None = None
    negated: bool = False
    on_days: bool = False


@dataclass(frozen=True, slots=True)
class DidSequence(Node):
    """`did "A" then "B" [then …] [within D] [in last W | since …]`: some chain in history order.

    Other events in between are allowed.
    """

    events: tuple[EventRef, ...]
    within: DurationLiteral | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class DidDirectly(Node):
    """`did "A" directly then "B" [directly then …] in one session`: neighbours, repeats collapsed."""

    events: tuple[EventRef, ...]
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class DidWithout(Node):
    """`did "A" and not "B" within D`: looks at the latest A only."""

    event: EventRef
    absent: EventRef
    within: DurationLiteral


class Edge(StrEnum):
    """Which of a user's events is meant."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class DidWhen(Node):
    """`first did "E" more than 30 days ago`: a time operator on the time of the user's first or last such event."""

    edge: Edge
    event: EventRef
    operator: str
    operands: tuple[Operand, ...]


class Aggregation(StrEnum):
    """What is made of the values of a property."""

    SUM = "sum of"
    HIGHEST = "highest of"
    LOWEST = "lowest of"
    AVERAGE = "average of"
    DISTINCT = "number of different"


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`sum of amount in "Purchase" in last 30 days > 500`."""

    aggregation: Aggregation
    property: Name
    event: EventRef
    window: Window | None
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class DaysActive(Node):
    """`days active in last 14 days >= 3`."""

    window: InLast
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class AnyoneInAccount(Node):
    """`anyone in account did …`: true if it is true of one of the account's users."""

    did: Did


@dataclass(frozen=True, slots=True)
class AtPlace(Node):
    """`at J.S`: the user stands at the step, or at one of the stage's."""

    place: PlaceRef


@dataclass(frozen=True, slots=True)
class Reached(Node):
    """`reached J.S`."""

    place: PlaceRef


@dataclass(frozen=True, slots=True)
class Completed(Node):
    """`completed activation`, `completed verify_help`: a journey, guide or survey."""

    name: Name


@dataclass(frozen=True, slots=True)
class StuckAt(Node):
    """`stuck at J.S for 15 minutes`."""

    place: PlaceRef
    duration: DurationLiteral


@dataclass(frozen=True, slots=True)
class ReturnedTo(Node):
    """`returned to J.S at least 2 times`; without a count: at least once."""

    place: PlaceRef
    count: CountTest | None = None


@dataclass(frozen=True, slots=True)
class FrictionAt(Node):
    """`friction at J.S >= 0.5`."""

    place: PlaceRef
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Felt(Node):
    """`felt confused or doubtful at J.S in last 7 days`."""

    feelings: tuple[Name, ...]
    place: PlaceRef
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Answered(Node):
    """`answered verify_effort`, `answered verify_effort.ease <= 3`, `answered verify_effort.cause is other`.

    With a question there may be an operator; `other` on the right of `is` is OtherChoice.
    """

    survey: Name
    question: Name | None = None
    operator: str | None = None
    operands: tuple[Operand | OtherChoice, ...] = ()
    ignoring_case: bool = False


@dataclass(frozen=True, slots=True)
class Saw(Node):
    """`saw verify_help [at least 2 times] [in last 2 days]`; `name` None is `saw any survey`."""

    name: Name | None
    count: CountTest | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Dismissed(Node):
    """`dismissed verify_help`."""

    name: Name


@dataclass(frozen=True, slots=True)
class InSegment(Node):
    """`in stuck_on_dns`."""

    name: Name


Condition: TypeAlias = (
    Always
    | And
    | Or
    | Not
    | NoneOf
    | Comparison
    | Did
    | DidSequence
    | DidDirectly
    | DidWithout
    | DidWhen
    | Aggregate
    | DaysActive
    | AnyoneInAccount
    | AtPlace
    | Reached
    | Completed
    | StuckAt
    | ReturnedTo
    | FrictionAt
    | Felt
    | Answered
    | Saw
    | Dismissed
    | InSegment
)
