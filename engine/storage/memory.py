"""What the writer remembers of the database from one transaction to the next: people by their ids, and their states.

On SQLite it stands for what is stored as long as nobody else has written; the database itself is asked, at the
beginning of each transaction. On PostgreSQL other processes write at any time: everything is read again there, and only
the work of decoding is spared for a state whose bytes are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from engine.storage.rows import driver_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.rulebook import InForce
    from engine.state import UserState
    from engine.storage.identity import Id, Person
    from engine.storage.states import StoredState
    from engine.storage.writer import Transaction

IDS_LIMIT: Final = 100_000
STATES_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of stored states that are remembered; decoded they take about ten times as much."""

_Mark = tuple[int, int]


class Memory:
    """Belongs to whoever the writer lets write. Use it inside `during` only."""

    def __init__(self) -> None:
        self.ids: dict[Id, Person] = {}
        """Whose an id is."""
        self.people: dict[int, Person] = {}
        self.rules: dict[int, InForce] = {}
        """The rules in force, by project."""
        self.erased: dict[int, bool] = {}
        """Whether anybody was erased, by project."""
        self._states: dict[int, StoredState] = {}
        self._decoded: dict[int, tuple[bytes, UserState]] = {}
        self._size = 0
        self._transaction: Transaction | None = None
        self._mark: _Mark | None = None
        self._changes = 0

    @contextmanager
    def during(self, transaction: Transaction) -> Iterator[Memory]:
        """Work that writes only what it also remembers. Whatever else is written makes the next one forget."""
        self._begin(transaction)
        yield self
        # After an error this is not reached; the transaction stays open here, and the next one forgets.
        self._changes = _changes(transaction.connection)

    def state(self, person_id: int) -> StoredState | None:
        """The stored state of a person, as far as it is remembered and can be trusted."""
        return None if self._mark is None else self._states.get(person_id)

    def take(self, stored: StoredState) -> UserState | None:
        """The decoded state of exactly these bytes. It is given away: whoever changes it hands it back by `keep`."""
        found = self._decoded.pop(stored.person_id, None)
        return found[1] if found is not None and found[0] == stored.state else None

    def keep(self, stored: StoredState, state: UserState) -> None:
        """Remember what was just written or read. The last used is forgotten last."""
        number = stored.person_id
        before = self._states.pop(number, None)
        self._states[number] = stored
        self._decoded[number] = (stored.state, state)
        if before is not stored:
            self._size += _weight(stored) - (0 if before is None else _weight(before))
        while self._size > STATES_LIMIT:
            self.forget([next(iter(self._states))])

    def forget(self, people: Iterable[int]) -> None:
        """Nothing is known of the states of people any more."""
        for number in people:
            stored = self._states.pop(number, None)
            if stored is not None:
                self._size -= _weight(stored)
            self._decoded.pop(number, None)

    def forget_everything(self) -> None:
        """Keep nothing of anybody: somebody was erased. Only in the writer's thread."""
        self._forget_all()
        self._states.clear()
        self._decoded.clear()
        self._size = 0

    def keep_ids(self, ids: Iterable[tuple[Id, Person]]) -> None:
        """Remember whose ids are."""
        if len(self.ids) > IDS_LIMIT:
            self.ids.clear()
            self.people.clear()
        for key, person in ids:
            today = person.today
            self.ids[key] = today
            self.people[today.id] = today

    def _begin(self, transaction: Transaction) -> None:
        mark = _mark(transaction.connection)
        is_same = self._transaction is transaction or (self._transaction is None and mark == self._mark)
        if mark is None or not is_same or self._changes != _changes(transaction.connection):
            self._forget_all()
        self._mark = mark
        if self._transaction is not transaction:
            self._transaction = transaction
            transaction.after_commit(self._close)

    def _close(self) -> None:
        self._transaction = None

    def _forget_all(self) -> None:
        self.ids.clear()
        self.people.clear()
        self.rules.clear()
        self.erased.clear()
        if self._mark is not None:
            self._decoded.clear()
            self._size = 0
            self._states.clear()


def _mark(connection: Connection) -> _Mark | None:
    """A connection, and a number that changes there whenever another one has written; None where there is no such."""
    if connection.dialect.name != "sqlite":
        return None
    driver = driver_of(connection)
    (version,) = driver.execute("PRAGMA data_version").fetchone()
    return (id(driver), version)


def _changes(connection: Connection) -> int:
    """How many rows this connection has written since it was opened."""
    found: int = getattr(driver_of(connection), "total_changes", 0)
    return found


def _weight(stored: StoredState) -> int:
    return len(stored.state) + len(stored.pending or "")
