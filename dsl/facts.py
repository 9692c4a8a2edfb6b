"""What compiled conditions may ask about a user, at one instant.

A Protocol: the engine fills it from the state, tests from a table. Nothing here computes anything; what the slots
hold is decided in `dsl.needs`.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from typing import Protocol

from dsl.needs import Slot
from dsl.values import Instant, Value


class StepView(Protocol):
    """How far a user is with one step."""

    @property
    def reached_at(self) -> Instant | None: ...
    @property
    def returns(self) -> int: ...
    @property
    def signals(self) -> Mapping[str, int]:
        """Friction signals by name without the `$`, since the step was entered."""
        ...


class JourneyView(Protocol):
    """Where a user is in a journey. `steps` holds those to which anything happened."""

    @property
    def steps(self) -> Mapping[str, StepView]: ...
    @property
    def standing(self) -> str | None: ...
    @property
    def standing_since(self) -> Instant | None: ...
    @property
    def outcome_at(self) -> Instant | None: ...


class GuideView(Protocol):
    """What became of a guide for a user."""

    @property
    def completed_at(self) -> Instant | None: ...
    @property
    def dismissed(self) -> Sequence[Instant]: ...
    @property
    def first_answered_at(self) -> Instant | None: ...
    @property
    def answers(self) -> Mapping[str, object]: ...


class Facts(Protocol):
    """Everything that a condition can ask. Histories hold nothing later than `now`."""

    @property
    def now(self) -> Instant:
        """The instant of the decision; for a `where`, the event's own time."""
        ...

    @property
    def values(self) -> Mapping[str, Value]:
        """Attributes, context, event properties and answers that are set and readable, by `Attribute.key`."""
        ...

    @property
    def unreadable(self) -> Container[str]:
        """The keys of those that were received and cannot be read as their type."""
        ...

    @property
    def slots(self) -> Mapping[str, Slot]:
        """What is kept of the history, by `Need.key`; no entry before the first event that fills it."""
        ...

    @property
    def journeys(self) -> Mapping[str, JourneyView]: ...

    @property
    def guides(self) -> Mapping[str, GuideView]: ...

    @property
    def stood_around(self) -> Mapping[str, Collection[str | None]]:
        """By journey: the steps where the user stood just before and just after the triggering event.

        Without a trigger: the step where the user stands.
        """
        ...

    def members(self) -> Iterable[Facts]:
        """The facts of the users of the account, this one among them; of the others only `now` and `slots`."""
        ...

    def friction(self, journey: str, steps: Sequence[str]) -> float:
        """The friction of the user at steps of a journey, 0 to 1."""
        ...

    def recall(self, key: str) -> Slot | None:
        """A slot as it would be without the limit on how much is kept, made from the log.

        Asked only where the slot says that it left out what the condition needs. None where no log is at hand: the
        condition is then unknown.
        """
        ...
