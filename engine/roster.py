"""The people of one project at hand in one transaction: their states loaded, brought up to date, and written back.

Decides when a state can go on from what is stored and when the person's history has to be folded again: when an event
came late, when two people became one, when the rules changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from dsl.values import Instant, JsonValue
from engine.decisions import TRIGGERS_FOR
from engine.events import Event
from engine.folding import PersonState, fold_again, fold_new, follows
from engine.ruleset import RuleSet
from engine.snapshots import replayed, united
from engine.state import StatePlan, UserState, Woken, new_state
from engine.storage import decisions, exposures, identity, log, projections, snapshots, states
from engine.storage.decisions import DecisionRow, Reserved
from engine.storage.states import StoredState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_PENDING_LIMIT = 64
"""How many undecided events of one person are kept; the latest ones."""


class Roster:
    """Some people of a project. `load` them, `bring` their new events in, look, and `save`."""

    def __init__(self, connection: Connection, project_id: int, ruleset: RuleSet) -> None:
        self._connection = connection
        self.project_id = project_id
        self.ruleset = ruleset
        self._stored: dict[int, StoredState] = {}
        self._people: dict[int, PersonState] = {}
        self._pending: dict[int, list[Mapping[str, JsonValue]]] = {}
        self._united: set[int] = set()
        self._folded_again: list[int] = []
        self._places: dict[int, Reserved | None] = {}
        self._decisions: list[DecisionRow] = []

    def load(self, people: Iterable[int]) -> None:
        """Read the stored states of people, all at once."""
        wanted = [person for person in people if person not in self._stored]
        self._stored.update(states.load(self._connection, wanted))

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

        is_new: they have no history but these events.
        """
        plan = self.ruleset.plan
        here = self._people.get(person_id)
        if here is not None and follows(here.state, events):
            fold_new(plan, here, events)
            return here
        stored = self._stored.get(person_id)
        if is_new:
            person = PersonState(new_state(plan))
            fold_new(plan, person, events)
        elif stored is None or stored.revision != plan.revision or person_id in self._united:
            person = self._again(person_id, events)
        else:
            person = PersonState(UserState.from_json(stored.state))
            if follows(person.state, events):
                fold_new(plan, person, events)
            else:
                person = self._again(person_id, events)
        self._people[person_id] = person
        return person

    def fold_again(self, people: Sequence[int]) -> None:
        """Fold the whole histories of people whose states are out of date, read together."""
        self.load(people)
        aliases = identity.aliases_of(self._connection, people)
        histories = log.rows_of_people(self._connection, [number for numbers in aliases.values() for number in numbers])
        cut = snapshots.load(self._connection, people)
        for person_id, numbers in aliases.items():
            events = [event for number in numbers for event in histories[number]]
            if len(numbers) > 1:
                events.sort(key=lambda event: event.position)
            self._people[person_id] = fold_again(self.ruleset.plan, events, snapshot=cut.get(person_id))
            self._folded_again.append(person_id)

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
        waiting = [each for number in (person_id, *former) for each in self._waiting(number)]
        self._pending[person_id] = sorted(waiting, key=number_of)[-_PENDING_LIMIT:]
        self._united.add(person_id)
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
        waiting = self._waiting(person_id)
        events = log.by_number(self._connection, [number_of(each) for each in waiting])
        woken = [revive(each, events[number_of(each)]) for each in waiting if number_of(each) in events]
        woken = sorted([*woken, *person.woken], key=lambda each: each.event.position)
        taken = [each for each in woken if name is None or each.event.name == name]
        person.woken = [each for each in woken if each not in taken]
        if waiting:
            self._pending[person_id] = []
            person.is_changed = True
        return [each for each in taken if self._may_wake(each, now)]

    def save(self, *, now: Instant) -> None:
        """Write what has changed; what was woken and not taken waits for the person's next request."""
        changed = {number: person for number, person in self._people.items() if person.is_changed}
        decisions.add(self._connection, self._decisions)
        self._decisions.clear()
        projections.forget_progress(self._connection, self._folded_again)
        progress = {number: person.progress() for number, person in changed.items()}
        projections.save_progress(self._connection, self.project_id, progress)
        answers = [(number, answer) for number, person in changed.items() for answer in person.responses]
        projections.save_responses(self._connection, self.project_id, answers)
        states.save(self._connection, [self._to_store(number, person, now) for number, person in changed.items()])

    def _again(self, person_id: int, events: Sequence[Event]) -> PersonState:
        self._folded_again.append(person_id)
        history = self.history(person_id)
        fresh = frozenset(event.seq for event in events)
        cut = snapshots.load(self._connection, [person_id]).get(person_id)
        return fold_again(self.ruleset.plan, history, fresh=fresh, snapshot=cut)

    def _to_store(self, person_id: int, person: PersonState, now: Instant) -> StoredState:
        waiting = [*self._waiting(person_id), *(keep(each) for each in person.woken if self._may_wake(each, now))]
        return StoredState(
            person_id=person_id,
            project_id=self.project_id,
            revision=self.ruleset.plan.revision,
            account_id=person.state.account_id,
            state=person.state.to_json(),
            pending=waiting[-_PENDING_LIMIT:],
        )

    def _may_wake(self, woken: Woken, now: Instant) -> bool:
        return _is_fresh(woken.event, now) and self.ruleset.is_woken_by(woken)

    def _waiting(self, person_id: int) -> Sequence[Mapping[str, JsonValue]]:
        if person_id in self._pending:
            return self._pending[person_id]
        stored = self._stored.get(person_id)
        return stored.pending if stored is not None else ()


def state_now(connection: Connection, plan: StatePlan, person_id: int) -> UserState:
    """The state of one person, up to date with the rules; for reading, nothing is written."""
    stored = states.load(connection, [person_id]).get(person_id)
    if stored is not None and stored.revision == plan.revision:
        return UserState.from_json(stored.state)
    history = log.of_people(connection, identity.aliases(connection, person_id))
    return replayed(plan, snapshots.load(connection, [person_id]).get(person_id), history)


def _is_fresh(event: Event, now: Instant) -> bool:
    return event.live and now - event.time <= TRIGGERS_FOR


def keep(woken: Woken) -> dict[str, JsonValue]:
    """An undecided event as it is stored: the event itself is in the log."""
    return {
        "seq": woken.event.seq,
        "before": dict(woken.stood_before),
        "after": dict(woken.stands_after),
        "session": woken.started_session,
        "firsts": list[JsonValue](sorted(woken.firsts)),
    }


def revive(kept: Mapping[str, JsonValue], event: Event) -> Woken:
    """What `keep` made, with its event."""
    return Woken(
        event=event,
        stood_before=_steps(kept["before"]),
        stands_after=_steps(kept["after"]),
        started_session=kept["session"] is True,
        firsts=frozenset(each for each in _list(kept["firsts"]) if isinstance(each, str)),
    )


def number_of(kept: Mapping[str, JsonValue]) -> int:
    """The place in the log of the event that `keep` was given."""
    number = kept["seq"]
    return number if isinstance(number, int) else 0


def _steps(value: JsonValue) -> dict[str, str | None]:
    steps = value if isinstance(value, dict) else {}
    return {journey: step if isinstance(step, str) else None for journey, step in steps.items()}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
