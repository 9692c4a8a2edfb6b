"""States brought up to date beside the writer: after new rules, after an import, after an event that came late.

Histories are read and folded in a thread of its own, however long they are; the writer only puts down what came of it,
and only for people of whom nothing else was written meanwhile: the others are folded once more. A short history of
somebody who comes meanwhile is folded at once (`engine.roster`).
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dsl.values import Instant
from engine import waiting
from engine.errors import StorageUnavailable, UnknownProject
from engine.events import Event
from engine.folding import PersonState, fold_parts
from engine.roster import Roster, unfolded_in
from engine.rulebook import Rulebook
from engine.ruleset import RuleSet
from engine.storage import identity, log, snapshots, states
from engine.storage.memory import Memory
from engine.storage.states import StoredState
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

PART: Final = 200
"""People whose states are put down in one transaction."""
EVENTS_AT_ONCE: Final = 5_000
"""Events that are read together; a history that is longer is read in parts. What very many at once take for a moment
the process would keep for good, in pieces."""
READ_AT_ONCE: Final = 2_000
"""Events of such a part."""
AGAIN_AFTER: Final = 2.0
"""Seconds until it is tried again where the database could not be used."""
_BETWEEN: Final = 0.02
"""Seconds to wait where all people of a part were written to meanwhile."""

_log = logging.getLogger("waypost.refolding")


@dataclass(frozen=True, slots=True)
class Folded:
    """A person whose history was folded again. before: what was stored when it was read."""

    before: StoredState
    person: PersonState


@dataclass(frozen=True, slots=True)
class Part:
    """Some people of a project. plan: the revision that they were folded under."""

    project_id: int
    plan: str
    folded: Sequence[Folded]


class Refolding:
    """Folds the states of projects again, one part after the other, until none is out of date."""

    def __init__(self, database: Database, writer: Writer, rulebook: Rulebook, memory: Memory) -> None:
        self._database = database
        self._writer = writer
        self._rulebook = rulebook
        self._memory = memory
        self._done: dict[int, threading.Event] = {}
        self._again: set[int] = set()
        self._projects: deque[int] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, project_id: int) -> None:
        """Begin with a project, or once more when it is being worked on: its rules may have changed meanwhile."""
        with self._lock:
            if self._closing.is_set():
                return
            done = self._done.get(project_id)
            if done is not None and not done.is_set():
                self._again.add(project_id)
                return
            self._done[project_id] = threading.Event()
            self._projects.append(project_id)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="waypost-refolding", daemon=True)
                self._thread.start()

    def wait(self, project_id: int, timeout: float | None = None) -> bool:
        """Wait until nothing of a project is out of date; False when that takes longer than `timeout` seconds."""
        done = self._done.get(project_id)
        return done is None or done.wait(timeout)

    def close(self) -> None:
        """Stop; the rest is done after the next start. May be called twice."""
        with self._lock:
            self._closing.set()
            thread = self._thread
        if thread is not None:
            thread.join()
        for done in self._done.values():
            done.set()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._projects or self._closing.is_set():
                    self._thread = None
                    return
                project_id = self._projects.popleft()
            self._bring_up_to_date(project_id)

    def _bring_up_to_date(self, project_id: int) -> None:
        while not self._closing.is_set():
            try:
                more = self._fold_part(project_id)
            except StorageUnavailable as error:
                _log.warning("states wait to be folded again: %s", error)
                self._closing.wait(AGAIN_AFTER)
                continue
            except Exception:
                _log.exception("the states of project %s could not be folded again", project_id)
                more = False
            with self._lock:
                if not more and project_id not in self._again:
                    self._done[project_id].set()
                    return
                self._again.discard(project_id)

    def _fold_part(self, project_id: int) -> bool:
        """Fold some people again; False when there was nobody."""
        with self._database.reading() as connection:
            try:
                ruleset = self._rulebook.of(connection, project_id).ruleset
            except UnknownProject:
                return False
            outdated = states.outdated(connection, project_id, ruleset.plan.revision, limit=PART)
            if not outdated:
                return False
            folded = list(self._folded(connection, ruleset, outdated))
        if self._closing.is_set():
            return False
        part = Part(project_id, ruleset.plan.revision, folded)
        put = self._writer.post(self._put, part, weight=len(folded), always=True).result()
        if not put:
            self._closing.wait(_BETWEEN)
        return True

    def _folded(self, connection: Connection, ruleset: RuleSet, people: Sequence[int]) -> Iterator[Folded]:
        stored = states.load(connection, people)
        aliases = identity.aliases_of(connection, people)
        cut = snapshots.load(connection, people)
        counts = log.counts_of_people(connection, [number for numbers in aliases.values() for number in numbers])
        lengths = {person: sum(counts[number] for number in aliases[person]) for person in people}
        for some in _together(people, lengths):
            histories = self._histories(connection, {person: aliases[person] for person in some}, lengths)
            for person, history in histories:
                fresh = unfolded_in(waiting.read(stored[person].pending))
                folded = fold_parts(ruleset.plan, history, fresh=fresh, snapshot=cut.get(person))
                yield Folded(stored[person], folded)

    def _histories(
        self, connection: Connection, aliases: Mapping[int, list[int]], lengths: Mapping[int, int]
    ) -> Iterator[tuple[int, Iterable[Sequence[Event]]]]:
        if len(aliases) == 1:
            ((person, numbers),) = aliases.items()
            if lengths[person] > EVENTS_AT_ONCE:
                yield person, self._unless_closing(log.stream_of_people(connection, numbers, part=READ_AT_ONCE))
                return
        found = log.rows_of_people(connection, [number for numbers in aliases.values() for number in numbers])
        for person, numbers in aliases.items():
            events = [event for number in numbers for event in found[number]]
            if len(numbers) > 1:
                events.sort(key=lambda event: event.position)
            yield person, [events]

    def _unless_closing(self, parts: Iterator[list[Event]]) -> Iterator[list[Event]]:
        for part in parts:
            if self._closing.is_set():
                # What came of it is thrown away.
                return
            yield part

    def _put(self, transaction: Transaction, parts: Sequence[Part]) -> list[int]:
        with self._memory.during(transaction):
            # In one order for all processes, as people are locked from one project to the next.
            ordered = sorted(enumerate(parts), key=lambda each: each[1].project_id)
            put = {number: self._put_down(transaction.connection, part) for number, part in ordered}
        return [put[number] for number in range(len(parts))]

    def _put_down(self, connection: Connection, part: Part) -> int:
        """Write what was folded, of those to whom nothing has happened meanwhile; how many they are."""
        ruleset = self._rulebook.of(connection, part.project_id).ruleset
        if ruleset.plan.revision != part.plan:
            return 0
        people = [each.before.person_id for each in part.folded]
        living = set(identity.lock_people(connection, people))
        # Whoever became somebody else meanwhile has no state of their own any more.
        gone = set(people) - living
        if gone:
            states.forget(connection, gone)
        self._memory.forget(people)
        now = states.load(connection, sorted(living))
        roster = Roster(connection, part.project_id, ruleset, self._memory)
        same = [each for each in part.folded if now.get(each.before.person_id) == each.before]
        for each in same:
            roster.adopt(each.before, each.person)
        # What is still fresh is told when it is asked for; no instant is needed here.
        roster.save(now=Instant(0))
        return len(same)


def _together(people: Sequence[int], lengths: Mapping[int, int]) -> Iterator[list[int]]:
    """People whose histories are read together."""
    some: list[int] = []
    events = 0
    for person in people:
        if some and events + lengths[person] > EVENTS_AT_ONCE:
            yield some
            some, events = [], 0
        some.append(person)
        events += lengths[person]
    if some:
        yield some
