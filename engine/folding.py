"""One person while events are written: the state before and after, what it woke, what was answered.

Folds new events, or the whole history again where one of them came late or the rules changed; both give the same
state. Knows no database: histories are handed in.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from engine.events import Event, GuideEvent
from engine.journeys import JourneyProgress, StepProgress
from engine.late import merge_late
from engine.packing import telling_all
from engine.plan import StatePlan
from engine.responses import Response, response_of
from engine.snapshots import Snapshot, after_cut, begun
from engine.state import UserState, Woken, fold
from engine.summaries import OrderMatters

_ANSWERED: Final = GuideEvent.ANSWERED.value
_told: Final = telling_all(JourneyProgress, {"steps": telling_all(StepProgress)})


@dataclass(slots=True)
class PersonState:
    """A person's state at hand, and what has happened to it since it was read."""

    state: UserState
    woken: list[Woken] = field(default_factory=list)
    """Live events that were folded just now and have not been decided."""
    responses: list[Response] = field(default_factory=list)
    """Answers that were folded just now."""
    journeys: set[str] = field(default_factory=set)
    """Journeys in which the progress may differ from what is stored."""
    is_changed: bool = False
    is_waiting: bool = False
    """The history is to be folded again beside the writer: of the state nothing is known until then."""

    def progress(self) -> dict[str, str]:
        """The progress that may have changed, by journey, as JSON."""
        return {name: orjson.dumps(_told(self.state.journeys[name])).decode() for name in sorted(self.journeys)}


def take_in(
    plan: StatePlan, person: PersonState, events: Sequence[Event], *, wakers: Container[str] | None = None
) -> bool:
    """Fold new events, in history order, also those that came late. wakers: see `engine.state.fold`.

    False where the order matters of those: then the person is of no use any more, and the history has to be folded
    again.
    """
    position = person.state.position
    late = 0
    while position is not None and late < len(events) and (events[late].time, events[late].seq) <= position:
        try:
            person.woken += merge_late(plan, person.state, events[late], wakers=wakers)
        except OrderMatters:
            return False
        person.is_changed = True
        late += 1
    fold_new(plan, person, events[late:] if late else events, wakers=wakers)
    return True


def fold_new(
    plan: StatePlan, person: PersonState, events: Sequence[Event], *, wakers: Container[str] | None = None
) -> None:
    """Fold new events, in history order, that follow what was folded before. wakers: see `engine.state.fold`."""
    for part in _up_to_answers(events):
        folded = fold(plan, person.state, part, wakers=wakers)
        person.state = folded.state
        person.woken += folded.woken
        person.journeys |= folded.journeys
        if part[-1].name == _ANSWERED and (answer := response_of(plan, person.state, part[-1])) is not None:
            person.responses.append(answer)
        person.is_changed = True


def fold_again(
    plan: StatePlan,
    history: Sequence[Event],
    *,
    fresh: frozenset[int] = frozenset(),
    snapshot: Snapshot | None = None,
) -> PersonState:
    """Fold a whole history, in order, from the snapshot of what is gone. Only events whose `seq` is among `fresh` may
    wake rules."""
    return fold_parts(plan, [history], fresh=fresh, snapshot=snapshot)


def fold_parts(
    plan: StatePlan,
    history: Iterable[Sequence[Event]],
    *,
    fresh: frozenset[int] = frozenset(),
    snapshot: Snapshot | None = None,
) -> PersonState:
    """The same for a history that is read in parts."""
    begin = begun(plan, snapshot)
    person = PersonState(begin, is_changed=True, journeys=set() if snapshot is None else set(begin.journeys))
    for part in history:
        fold_new(plan, person, after_cut(part, snapshot), wakers=None if fresh else ())
        person.woken = [woken for woken in person.woken if woken.event.seq in fresh]
    return person


def _up_to_answers(events: Sequence[Event]) -> list[Sequence[Event]]:
    """The events in parts that end with an answer, so that each is seen with the state just after it."""
    if _ANSWERED not in [event.name for event in events]:
        return [events] if events else []
    parts: list[Sequence[Event]] = []
    start = 0
    for end, event in enumerate(events, 1):
        if event.name == _ANSWERED or end == len(events):
            parts.append(events[start:end])
            start = end
    return parts
