"""The people of one project at hand in one transaction: their states loaded, brought up to date, and written back.

Decides when a state can go on from what is stored and when the person's history has to be folded again: when an event
came late, when two people became one, when the rules changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dsl.values import Instant, JsonValue
from engine import waiting
from engine.decisions import TRIGGERS_FOR
from engine.events import Event
from engine.folding import PersonState, fold_again, take_in
from engine.quick import quick
from engine.ruleset import RuleSet
from engine.snapshots import replayed, united
from engine.state import StatePlan, UserState, Woken, new_state
from engine.storage import decisions, exposures, identity, log, projections, snapshots, states
from engine.storage.decisions import DecisionRow, Reserved
from engine.storage.states import STALE, StoredState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.storage.memory import Memory


_new_stored: Final = quick(StoredState)

FOLDED_AT_ONCE: Final = 500
"""Events of a history that is folded again in the writer's own thread; longer ones are folded beside it."""


class NotFoldedYet(RuntimeError):
    """What a condition asks of somebody else is not known until their history has been folded again."""


class Roster:
    """Some people of a project. `load` them, `bring` their new events in, look, and `save`."""

    def __init__(self, connection: Connection, project_id: int, ruleset: RuleSet, memory: Memory | None = None) -> None:
        """memory: the writer's, for who writes; without it everything is read."""
        self._connection = connection
        self._memory = memory
        self.project_id = project_id
        self.ruleset = ruleset
        self._stored: dict[int, StoredState] = {}
        self._people: dict[int, PersonState] = {}
        self._pending: dict[int, str | None] = {}
        self._united: set[int] = set()
        self._latest: dict[int, int] = {}
        self._folded_again: list[int] = []
        self._places: dict[int, Reserved | None] = {}
        self._decisions: list[DecisionRow] = []

    def load(self, people: Iterable[int]) -> None:
        """Read the stored states of people, all at once."""
        wanted = []
        for person in people:
            if person not in self._stored:
                known = self._memory.state(person) if self._memory is not None else None
                if known is None:
                    wanted.append(person)
                else:
                    self._stored[person] = known
        if wanted:
            self._stored.update(states.load(self._connection, wanted))

    def admit(self, stored: StoredState, state: UserState, place: Reserved | None) -> None:
        """Take a person of whom everything was read and decoded already."""
        self._stored[stored.person_id] = stored
        self._people[stored.person_id] = PersonState(state)
        self._places[stored.person_id] = place

    def load_places(self, people: Iterable[int]) -> None:
        """Read which places are reserved in front of people, all at once."""
        wanted = [person for person in people if person not in self._places]
        self._places |= dict.fromkeys(wanted) | decisions.places_of(self._connection, wanted)

    def place_of(self, person_id: int) -> Reserved | None:
        """The latest reservation of a person's place, over or not."""
        self.load_places([person_id])
        return self._places[person_id]

    def note(self, decision: DecisionRow) -> None:
        """Keep the row of a decision when all is saved."""
        self._decisions.append(decision)

    def bring(self, person_id: int, events: Sequence[Event], *, is_new: bool = False) -> PersonState:
        """A person with their new events folded in; `events` are in the log already, in history order.

        is_new: they have no history but these events. Where a long history would have to be folded again they wait.
        """
        plan, wakers = self.ruleset.plan, self.ruleset.index.waking
        here, stored = self._people.get(person_id), self._stored.get(person_id)
        person: PersonState | None = None
        if here is not None:
            person = None if here.is_waiting else here
        elif is_new:
            person = PersonState(new_state(plan))
        elif stored is not None and stored.revision == plan.revision and person_id not in self._united:
            person = PersonState(self._decoded(stored))
        if person is None or not take_in(plan, person, events, wakers=wakers):
            person = self._again(person_id, events)
        self._people[person_id] = person
        return person

    def adopt(self, stored: StoredState, person: PersonState) -> None:
        """Take a person whose history was folded again elsewhere. stored: what they have been until now."""
        self._stored[stored.person_id] = stored
        self._people[stored.person_id] = person
        self._folded_again.append(stored.person_id)
        self._take_unfolded(stored.person_id)

    @property
    def has_waiting(self) -> bool:
        """True if anybody's history is to be folded again beside the writer."""
        return any(person.is_waiting for person in self._people.values())

    def of(self, person_id: int) -> PersonState:
        """A person who was loaded, up to date with the rules."""
        return self._people.get(person_id) or self.bring(person_id, ())

    def others(self, person_id: int) -> list[PersonState]:
        """The other people of the person's account."""
        account = self.of(person_id).state.account_id
        if account is None:
            return []
        known = states.members(self._connection, self.project_id, account)
        self.load(known)
        here = [self.of(number) for number in sorted({*known, *self._people}) if number != person_id]
        if any(person.is_waiting for person in here):
            raise NotFoldedYet
        return [person for person in here if person.state.account_id == account]

    def history(self, person_id: int) -> list[Event]:
        """A person's whole history, in order."""
        return log.of_people(self._connection, identity.aliases(self._connection, person_id))

    def whole_history(self, person_id: int) -> list[Event] | None:
        """The same, or None where the project does not keep all of it."""
        return None if snapshots.load(self._connection, [person_id]) else self.history(person_id)

    def unite(self, person_id: int, former: Sequence[int]) -> None:
        """People have become one: what was theirs is the person's, whose history is to be folded again."""
        self.load([person_id, *former])
        found = [each for number in (person_id, *former) for each in waiting.read(self._waiting(number))]
        self._pending[person_id] = waiting.write(sorted(found, key=waiting.number_of))
        self._united.add(person_id)
        if self._memory is not None:
            self._memory.forget(former)
        states.forget(self._connection, former)
        projections.forget_progress(self._connection, former)
        projections.move_responses(self._connection, former, person_id)
        decisions.move(self._connection, former, person_id)
        exposures.move(self._connection, former, person_id)
        self._unite_snapshots(person_id, former)

    def _unite_snapshots(self, person_id: int, former: Sequence[int]) -> None:
        found = snapshots.load(self._connection, [person_id, *former])
        if not found.keys() & set(former):
            return
        whole = found.get(person_id)
        for number in former:
            if number in found:
                whole = found[number] if whole is None else united(self.ruleset.plan, whole, found[number])
        snapshots.forget(self._connection, former)
        if whole is not None:
            snapshots.save(self._connection, self.project_id, {person_id: whole})

    def take_triggers(self, person_id: int, *, now: Instant, name: str | None = None) -> list[Woken]:
        """What may wake rules for a person now, in history order: what waited and what was just folded.

        It is taken: nothing wakes a rule twice. name: take only events of this name and let the others wait.
        """
        person = self.of(person_id)
        waited = waiting.read(self._waiting(person_id))
        numbers = [waiting.number_of(each) for each in waited]
        events = log.by_number(self._connection, numbers)
        woken = [
            waiting.revive(each, events[number])
            for each, number in zip(waited, numbers, strict=True)
            if number in events
        ]
        woken = sorted([*woken, *person.woken], key=lambda each: each.event.position)
        taken = [each for each in woken if name is None or each.event.name == name]
        person.woken = [each for each in woken if each not in taken]
        if waited:
            self._pending[person_id] = None
            person.is_changed = True
        return [each for each in taken if self._may_wake(each, now)]

    def save(self, *, now: Instant) -> None:
        """Write what has changed; what was woken and not taken waits for the person's next request."""
        changed = {number: person for number, person in self._people.items() if person.is_changed}
        decisions.add(self._connection, self._decisions)
        self._decisions.clear()
        projections.forget_progress(self._connection, self._folded_again)
        progress = {number: person.progress() for number, person in changed.items() if person.journeys}
        projections.save_progress(self._connection, self.project_id, progress)
        answers = [(number, answer) for number, person in changed.items() for answer in person.responses]
        projections.save_responses(self._connection, self.project_id, answers)
        stored = {number: self._to_store(number, person, now) for number, person in changed.items()}
        states.save(self._connection, list(stored.values()), before=self._stored)
        if self._memory is not None:
            for number, person in self._people.items():
                known = stored.get(number) or self._stored.get(number)
                if known is None or person.is_waiting:
                    self._memory.forget([number])
                else:
                    self._memory.keep(known, person.state)

    def _again(self, person_id: int, events: Sequence[Event]) -> PersonState:
        """Fold a short history on the spot; a long one would keep everybody else waiting."""
        numbers = identity.aliases(self._connection, person_id)
        if log.is_longer(self._connection, numbers, FOLDED_AT_ONCE):
            return self._wait(person_id, events)
        self._folded_again.append(person_id)
        fresh = frozenset(event.seq for event in events) | self._take_unfolded(person_id)
        cut = snapshots.load(self._connection, [person_id]).get(person_id)
        return fold_again(self.ruleset.plan, log.of_people(self._connection, numbers), fresh=fresh, snapshot=cut)

    def _wait(self, person_id: int, events: Sequence[Event]) -> PersonState:
        stored, wakers = self._stored.get(person_id), self.ruleset.index.waking
        # A session that one of them begins may wake rules too: whether it does is told by the fold.
        new = [event for event in events if event.live and (event.name in wakers or event.from_browser)]
        if new:
            waited = waiting.read(self._waiting(person_id))
            self._pending[person_id] = waiting.write([*waited, *(waiting.keep_unfolded(each.seq) for each in new)])
        self._latest[person_id] = max([event.seq for event in events], default=0)
        is_known = stored is not None and stored.revision == STALE
        return PersonState(new_state(self.ruleset.plan), is_waiting=True, is_changed=bool(events) or not is_known)

    def _take_unfolded(self, person_id: int) -> frozenset[int]:
        """The events that came while a person waited, and are folded now."""
        waited = waiting.read(self._waiting(person_id))
        found = unfolded_in(waited)
        if found:
            self._pending[person_id] = waiting.write(each for each in waited if not waiting.is_unfolded(each))
        return found

    def _decoded(self, stored: StoredState) -> UserState:
        known = self._memory.take(stored) if self._memory is not None else None
        return known or UserState.from_json(stored.state)

    def _to_store(self, person_id: int, person: PersonState, now: Instant) -> StoredState:
        if person.is_waiting:
            latest, before = self._latest[person_id], self._stored.get(person_id)
            return replace(
                states.stale(person_id, self.project_id, latest, before=before), pending=self._waiting(person_id)
            )
        pending, state = self._waiting(person_id), person.state
        if person.woken:
            pending = waiting.extended(pending, [each for each in person.woken if self._may_wake(each, now)])
        return _new_stored(
            person_id, self.project_id, self.ruleset.plan.revision, state.account_id, state.to_json(), pending
        )

    def _may_wake(self, woken: Woken, now: Instant) -> bool:
        return _is_fresh(woken.event, now) and self.ruleset.is_woken_by(woken)

    def _waiting(self, person_id: int) -> str | None:
        if person_id in self._pending:
            return self._pending[person_id]
        stored = self._stored.get(person_id)
        return stored.pending if stored is not None else None


def state_now(connection: Connection, plan: StatePlan, person_id: int) -> UserState:
    """The state of one person, up to date with the rules; for reading, nothing is written."""
    stored = states.load(connection, [person_id]).get(person_id)
    if stored is not None and stored.revision == plan.revision:
        return UserState.from_json(stored.state)
    history = log.of_people(connection, identity.aliases(connection, person_id))
    return replayed(plan, snapshots.load(connection, [person_id]).get(person_id), history)


def unfolded_in(waited: Iterable[Mapping[str, JsonValue]]) -> frozenset[int]:
    """The numbers of events that came while a person waited to be folded again."""
    return frozenset(waiting.number_of(each) for each in waited if waiting.is_unfolded(each))


def _is_fresh(event: Event, now: Instant) -> bool:
    return event.live and now - event.time <= TRIGGERS_FOR
