"""Recordings as they are read: whose, when, what went wrong, and what else happened meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsl.values import SECOND, Instant, JsonValue
from engine.replies import LoggedEvent


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that went wrong in a recording. second: from its beginning. place: journey and step, if any."""

    event: str
    at: Instant
    second: float
    place: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of one person's page. number: in the order of receipt.

    user: the id that people know them by. is_whole: no part of it is missing. packed: bytes that it takes. scrubbed:
    values that were blotted out at the door. moments: one for each journey in whose steps they stood.
    """

    number: int
    id: str
    person: int
    user: str
    is_simulated: bool
    session: str | None
    page: str
    width: int
    height: int
    started: Instant
    ended: Instant
    parts: int
    packed: int
    scrubbed: int
    is_over: bool
    is_whole: bool
    moments: tuple[Happened, ...]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.ended - self.started) / SECOND

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps at which something went wrong, as `journey.step`, each once."""
        return tuple(dict.fromkeys(".".join(each.place) for each in self.moments if each.place is not None))

    @property
    def events(self) -> tuple[str, ...]:
        """What went wrong, each name once."""
        return tuple(dict.fromkeys(each.event for each in self.moments))


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """An event of the person while it was recorded. second: from the beginning."""

    name: str
    kind: str
    second: float
    at: Instant
    path: str | None
    properties: Mapping[str, JsonValue]
    logged: LoggedEvent


@dataclass(frozen=True, slots=True)
class Clip:
    """A place in a recording that shows something that was seen elsewhere. second: from its beginning."""

    recording: str
    second: float
    at: Instant
    event: str
    user: str


@dataclass(frozen=True, slots=True)
class ReplaysAsked:
    """Which recordings: all that is said must hold.

    place: journey and step at which something went wrong; a journey alone where the step is empty. event: what went
    wrong. person: their numbers. people: whoever is among them. since, until: recorded at some time from, and before.
    persona: of whom it is true now. everyone, with_simulated: who counts besides customers. before: by number, for the
    next page.
    """

    place: tuple[str, str] | None = None
    event: str | None = None
    person: tuple[int, ...] | None = None
    people: frozenset[int] | None = None
    since: Instant | None = None
    until: Instant | None = None
    persona: str | None = None
    everyone: bool = False
    with_simulated: bool = False
    before: int | None = None
    limit: int = 50
