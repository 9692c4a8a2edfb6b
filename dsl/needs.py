"""What conditions need to know of a user, and how it is kept.

A need names a bounded summary of the history, its *slot*. Equal needs share one slot, whatever rules they come from;
`key` is the slot's name in the state and says everything that the slot's content depends on. How slots are filled is
in `engine.windows`, how they are read in `dsl.compiler`; what they hold is said here, once, for both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from dsl.nodes import Condition
from dsl.values import Duration, Instant, Value, ValueType, Version

Slot: TypeAlias = Any
"""Plain JSON, laid out as the docstring of its need says; only `engine.windows` writes it."""

KEPT_EVENTS: Final = 1_000
"""How many events or values a window keeps for one user and condition; beyond, the log answers."""


class Source(StrEnum):
    """Whose value an attribute is."""

    USER = "user"
    ACCOUNT = "account"
    CONTEXT = "context"
    EVENT = "event"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value of the user, the account, the request, the triggering event, or an answer (`survey.question`).

    name: as it is sent. default: stands in for unset and blank values, already of its type.
    """

    source: Source
    name: str
    type: ValueType
    default: Value | None = None

    @property
    def key(self) -> str:
        """Two readings of one name as different types are different attributes."""
        default = "" if self.default is None else f" = {self.default!r}"
        return f"{self.source.value}.{self.name}: {self.type}{default}"


@dataclass(frozen=True, slots=True)
class Where:
    """A condition on the properties of an event, with the types that its names had when it was compiled.

    text: its canonical spelling, types, zone and all; two are equal if their texts are.
    types: by the names of the properties, dots and all.
    """

    text: str
    condition: Condition = field(compare=False, repr=False)
    types: Mapping[str, ValueType] = field(compare=False, repr=False)
    zone: str = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tracked:
    """Events of a name whose `where` is true."""

    name: str
    where: Where | None = None

    @property
    def key(self) -> str:
        name = json.dumps(self.name, ensure_ascii=False)
        return name if self.where is None else f"{name} where {_digest(self.where.text)}"


@dataclass(frozen=True, slots=True)
class Shown:
    """`$shown` of one of the guides, given in the order of their names."""

    guides: tuple[str, ...]

    @property
    def key(self) -> str:
        return "shown " + (self.guides[0] if len(self.guides) == 1 else f"any {_digest(json.dumps(self.guides))}")


@dataclass(frozen=True, slots=True)
class Feeling:
    """Answers that say one of the feelings, of guides that belong to one of the steps. All in order of name."""

    feelings: tuple[str, ...]
    journey: str
    steps: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"felt {'|'.join(self.feelings)} at {self.journey}.{'|'.join(self.steps)}"


@dataclass(frozen=True, slots=True)
class Activity:
    """Whatever makes a day an active one (`engine.events.is_activity`)."""

    @property
    def key(self) -> str:
        return "activity"


Occurrence: TypeAlias = Tracked | Shown | Feeling | Activity
"""What is counted."""


@dataclass(frozen=True, slots=True)
class AfterLatest:
    """Begins just after the latest such event, in history order; unknown while there is none."""

    mark: Tracked

    @property
    def key(self) -> str:
        return f" since latest {self.mark.key}"


@dataclass(frozen=True, slots=True)
class AfterReaching:
    """Begins just after one of the steps was first reached; unknown while none is."""

    journey: str
    steps: tuple[str, ...]

    @property
    def key(self) -> str:
        return f" since {self.journey}.{'|'.join(self.steps)}"


@dataclass(frozen=True, slots=True)
class FromInstant:
    """Begins at an instant, included."""

    instant: Instant

    @property
    def key(self) -> str:
        return f" from {self.instant}"


Since: TypeAlias = AfterLatest | AfterReaching | FromInstant | None
"""Where a count begins; None is the beginning of history.

A slot that begins at an AfterLatest or AfterReaching exists from that mark on, empty at first; without it the
condition is unknown. Other slots are missing while they are empty.
"""


def needs_mark(since: Since) -> bool:
    """True where a slot that is missing means unknown rather than empty."""
    return isinstance(since, AfterLatest | AfterReaching)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often. Slot: the number."""

    of: Occurrence
    since: Since = None

    @property
    def key(self) -> str:
        return f"tally {self.of.key}{_since(self.since)}"


@dataclass(frozen=True, slots=True)
class Days:
    """On how many calendar days of the zone. Slot: `[number, the latest day]`, the day None at first."""

    of: Occurrence
    zone: str
    since: Since = None

    @property
    def key(self) -> str:
        return f"days {self.of.key}{_since(self.since)}"


@dataclass(frozen=True, slots=True)
class First:
    """When first. Slot: the instant."""

    of: Occurrence

    @property
    def key(self) -> str:
        return f"first {self.of.key}"


@dataclass(frozen=True, slots=True)
class Times:
    """The latest times, `depth` of them at most. Slot: ascending instants.

    "At least k times in the last W" is one comparison with the k-th from the end. No more than KEPT_EVENTS are kept; a
    condition that needs more asks `Facts.recall`.
    """

    of: Occurrence
    depth: int

    @property
    def key(self) -> str:
        return f"times {self.of.key}"


@dataclass(frozen=True, slots=True)
class DayTimes:
    """The latest time of each of the latest `depth` calendar days with such an event. Slot: as in Times."""

    of: Occurrence
    zone: str
    depth: int

    @property
    def key(self) -> str:
        return f"day times {self.of.key}"


@dataclass(frozen=True, slots=True)
class Chain:
    """Events in this order, others in between, from first to last within `within`.

    Slot: for each place, the latest possible time of the first event of a chain that has come this far, or None; the
    last one tells when the latest complete chain began.
    """

    of: tuple[Tracked, ...]
    within: Duration | None = None
    since: Since = None

    @property
    def key(self) -> str:
        within = "" if self.within is None else f" within {self.within}"
        return f"chain {' then '.join(each.key for each in self.of)}{within}{_since(self.since)}"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Tracked events next to each other in one session, repeats collapsed: a run of one name is one place, and fits
    if one of its events does.

    Slot: `{"done": begin of the latest complete chain or None, "run": name, "session": number, "before": [...],
    "now": [...]}`, the lists as in Chain, for the run before this one and for this one.
    """

    of: tuple[Tracked, ...]
    since: Since = None

    @property
    def key(self) -> str:
        return f"neighbours {' then '.join(each.key for each in self.of)}{_since(self.since)}"


@dataclass(frozen=True, slots=True)
class Alone:
    """The latest event of a kind after which none of another came. Slot: its instant; missing if one came."""

    of: Tracked
    absent: Tracked

    @property
    def key(self) -> str:
        return f"alone {self.of.key} without {self.absent.key}"


@dataclass(frozen=True, slots=True)
class Total:
    """Number, sum, lowest and highest of a property's readable numbers.

    Slot: `[number, numerator, denominator, lowest, highest]`. The sum is exact: numbers are added as they are written,
    so that 0.1 and 0.2 are 0.3; numerator and denominator are texts, since they may be long.
    """

    of: Tracked
    property_name: str
    type: ValueType
    since: Since = None

    @property
    def key(self) -> str:
        return f"total {json.dumps(self.property_name)} in {self.of.key}{_since(self.since)}"


@dataclass(frozen=True, slots=True)
class Different:
    """The different readable values of a property. Slot: `{"values": [in order of coming], "over": bool}`.

    After KEPT_EVENTS different values it is `over` and takes no more: `Facts.recall` is asked.
    """

    of: Tracked
    property_name: str
    type: ValueType
    since: Since = None

    @property
    def key(self) -> str:
        return f"different {json.dumps(self.property_name)}: {self.type} in {self.of.key}{_since(self.since)}"


@dataclass(frozen=True, slots=True)
class Recent:
    """The readable values of a property in a window of this length, the latest KEPT_EVENTS of them.

    Slot: `{"values": [[instant, value], ...] ascending, "lost": the time of the latest one left out, or None}`. A
    window that begins at or after `lost` is whole; for a longer one `Facts.recall` is asked.
    """

    of: Tracked
    property_name: str
    type: ValueType
    length: Duration

    @property
    def key(self) -> str:
        return f"recent {json.dumps(self.property_name)}: {self.type} in {self.of.key}"


Kept: TypeAlias = Tally | Days | First | Times | DayTimes | Chain | Neighbours | Alone | Total | Different | Recent
"""Needs that have a slot."""


@dataclass(frozen=True, slots=True)
class AccountWide:
    """The slot of every user of the account, kept per user; read through `Facts.members`."""

    need: Kept

    @property
    def key(self) -> str:
        return f"account-wide {self.need.key}"


Need: TypeAlias = Attribute | Kept | AccountWide


def merged(first: Kept, second: Kept) -> Kept:
    """One need whose slot serves both; they have the same key."""
    if isinstance(first, Times | DayTimes) and isinstance(second, Times | DayTimes):
        return replace(first, depth=max(first.depth, second.depth))
    if isinstance(first, Recent) and isinstance(second, Recent):
        return replace(first, length=max(first.length, second.length))
    return first


def spell(value: object) -> str:
    """A canonical spelling of a value, in which equal values of different types differ."""
    if isinstance(value, Version):
        return f"version {value.release} {value.stage}"
    return json.dumps(value, ensure_ascii=False)


def _since(since: Since) -> str:
    return "" if since is None else since.key


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8"), digest_size=6).hexdigest()
