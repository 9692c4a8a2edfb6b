"""What is kept of one person: a fold of their events, bounded, and the same whatever the batching.

State equals a replay of the log in (time, seq) order, byte for byte in `to_json`. An event that is earlier than the
state's position cannot be folded any more: that person is rebuilt from the log (`replay`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.needs import Slot
from dsl.values import Instant, JsonValue
from engine.events import Event, in_history_order
from engine.exposures import Answer, GuideHistory
from engine.journeys import JourneyProgress, StepProgress
from engine.plan import StatePlan, plan_for
from engine.sessions import Session

__all__ = [
    "Answer",
    "Folded",
    "GuideHistory",
    "JourneyProgress",
    "StatePlan",
    "StepProgress",
    "UserState",
    "Woken",
    "fold",
    "plan_for",
    "replay",
]


@dataclass(slots=True)
class UserState:
    """What is kept of one person. `fold` changes it in place; everything in it is JSON.

    revision: of the plan that it was folded with; under another plan it is rebuilt.
    traits, account: as received; the later by event time wins, null takes away. account: what this person's own
      `group` calls said; what all of them said is in `engine.accounts`.
    position: (time, seq) of the latest event folded.
    journeys, guides: of every journey and guide of the plan to which anything happened; see `progress` and `history`.
    """

    revision: str
    user_id: str | None = None
    traits: dict[str, JsonValue] = field(default_factory=dict)
    account_id: str | None = None
    account: dict[str, JsonValue] = field(default_factory=dict)
    first_seen: Instant | None = None
    position: tuple[Instant, int] | None = None
    session: Session | None = None
    journeys: dict[str, JourneyProgress] = field(default_factory=dict)
    guides: dict[str, GuideHistory] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)

    def session_at(self, now: Instant) -> Session | None:
        """The session that is open at the instant, or None."""
        return self.session if self.session is not None and self.session.is_open(now) else None


@dataclass(frozen=True, slots=True)
class Woken:
    """A live event that may wake rules.

    stood_before, stands_after: by journey, the step where the person stood just before and just after it; None after
      the last step.
    started_session: it began a session (`on session start`).
    firsts: keys of the `First` needs of the plan whose first event it is (`on first "E"`).
    """

    event: Event
    stood_before: Mapping[str, str | None]
    stands_after: Mapping[str, str | None]
    started_session: bool = False
    firsts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Folded:
    """The state after some events, and those of them that may wake rules, in history order."""

    state: UserState
    woken: tuple[Woken, ...]


def fold(plan: StatePlan, state: UserState | None, events: Sequence[Event]) -> Folded:
    """Fold events into a state (None: a new person), which is changed in place and given back.

    events: new ones, in (time, seq) order, none before the state's position. Raises LateEvent otherwise, before
    anything is changed.
    """
    raise NotImplementedError


def replay(plan: StatePlan, events: Iterable[Event]) -> UserState:
    """The state of a person whose whole history this is, in any order, duplicates and all."""
    return fold(plan, None, in_history_order(events)).state
