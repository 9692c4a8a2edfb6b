"""Guidance for somebody who only asks, decided in the thread of the request and not in the writer's.

Most such requests change nothing but the row that is kept of the decision, and that can be written a moment later.
Whatever has to be durable before the answer is left to the writer: an id or a person that is new, a state that is out
of date, events that wait to wake rules, a hold-out.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import Final

from dsl.values import SECOND, Duration
from engine.errors import Busy, StorageUnavailable, UnknownDecision
from engine.guidance import Confirming, Guidance
from engine.ids import time_of
from engine.ingest import Asked
from engine.replies import Confirmation, Reply
from engine.roster import Roster
from engine.rulebook import Rulebook
from engine.storage.decisions import DecisionRow
from engine.storage.glimpses import glimpse
from engine.storage.states import StoredState
from engine.storage.store import Database
from engine.storage.writer import Writer
from engine.user_state import UserState

STATES_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of stored states whose decoded form is kept."""
UNWRITTEN_LIMIT: Final = 10_000
"""Rows of decisions that are kept until they are written."""
_YOUNG: Final = Duration(5 * SECOND)
"""For how long the row of a decision may be on its way."""
_GATHERED_FOR: Final = 0.03
_LOOKS: Final = 8
_BETWEEN: Final = 0.04
_SETTLES_IN: Final = 2.0
# Seconds.


class Onlooker:
    """Decides from what is stored. Safe to use from several threads."""

    def __init__(self, database: Database, writer: Writer, rulebook: Rulebook, guidance: Guidance) -> None:
        self._database = database
        self._writer = writer
        self._rulebook = rulebook
        self._guidance = guidance
        self._decoded = _Decoded()
        self._latest: Future[None] | None = None
        self._unwritten: dict[str, DecisionRow] = {}
        self._due: list[DecisionRow] = []
        self._due_at = threading.Event()
        self._has_failed = False
        self._closing = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def decide(self, asked: Asked) -> Reply | None:
        """Guidance, of which the row is on its way to the writer; None where the writer has to decide."""
        if self._writer.is_failing:
            # Nothing could be confirmed: it is the writer that finds out when the database is back.
            return None
        try:
            found = self._look(asked)
            if found is None:
                return None
            reply, row = found
            if row is not None:
                self._write(row)
        except (Busy, StorageUnavailable):
            return None
        return reply

    def confirm(self, confirming: Confirming) -> Confirmation:
        """What the writer says; of a decision that another process made a moment ago the row is waited for.

        Raises UnknownDecision, Busy, StorageUnavailable.
        """
        row = self._unwritten.get(confirming.decision_id.partition(".")[0])
        if row is not None and row.project_id == confirming.project_id:
            return self._writer.write(self._guidance.confirm, replace(confirming, row=row))
        for _ in range(_LOOKS if self._is_young(confirming) else 0):
            try:
                return self._writer.write(self._guidance.confirm, confirming)
            except UnknownDecision:
                threading.Event().wait(_BETWEEN)
        return self._writer.write(self._guidance.confirm, confirming)

    def settle(self) -> None:
        """Wait until the rows of the decisions told so far are written, or have failed to be."""
        self._flush()
        latest = self._latest
        if latest is not None:
            wait([latest], timeout=_SETTLES_IN)

    def forget(self) -> None:
        """Keep no state of anybody in memory: somebody was erased."""
        self._decoded.forget()

    def close(self) -> None:
        """Hand what is left to the writer. May be called twice."""
        with self._lock:
            self._closing = True
        self._flush()
        self._due_at.set()

    def _write(self, row: DecisionRow) -> None:
        with self._lock:
            if len(self._unwritten) >= UNWRITTEN_LIMIT:
                # The database has been gone for long: the latest rows are worth as much as the first.
                del self._unwritten[next(iter(self._unwritten))]
            self._unwritten[row.id] = row
            self._due.append(row)
            if self._thread is None and not self._closing:
                self._thread = threading.Thread(target=self._run, name="waypost-decisions", daemon=True)
                self._thread.start()
        self._due_at.set()

    def _run(self) -> None:
        while not self._closing:
            self._due_at.wait()
            self._due_at.clear()
            # What comes within this time shares a transaction, and a sync of the disk.
            threading.Event().wait(_GATHERED_FOR)
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            rows, self._due = self._due, []
        if not rows:
            return
        try:
            self._latest = self._writer.post(self._guidance.keep, rows, weight=len(rows))
        except (Busy, StorageUnavailable):
            self._has_failed = True
        else:
            self._latest.add_done_callback(lambda written: self._note(rows, written))

    def _note(self, rows: Sequence[DecisionRow], written: Future[None]) -> None:
        """In the writer's thread: rows that could not be written are tried again with the next ones that can."""
        if written.cancelled() or written.exception() is not None:
            self._has_failed = True
            return
        with self._lock:
            for row in rows:
                self._unwritten.pop(row.id, None)
            if self._has_failed:
                self._has_failed = False
                self._due = [*self._unwritten.values()]
                self._due_at.set()

    @staticmethod
    def _is_young(confirming: Confirming) -> bool:
        made = time_of(confirming.decision_id.removeprefix("dec_").partition(".")[0])
        return made is not None and 0 <= confirming.at - made < _YOUNG

    def _look(self, asked: Asked) -> tuple[Reply, DecisionRow | None] | None:
        with self._database.reading() as connection:
            seen = glimpse(connection, asked.project_id, asked.user_id, asked.anonymous_id)
            if seen is None or seen.stored.pending:
                return None
            in_force = self._rulebook.current(connection, asked.project_id, seen.rules)
            if seen.stored.revision != in_force.ruleset.plan.revision:
                return None
            roster = Roster(connection, asked.project_id, in_force.ruleset)
            roster.admit(seen.stored, self._decoded.of(seen.stored), seen.place)
            return self._guidance.look(connection, roster, asked.wish_of(seen.person))


class _Decoded:
    """Decoded states by their bytes, so that a person who asks again is not decoded again. Nobody may change them."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[bytes, UserState]] = {}
        self._size = 0
        self._lock = threading.Lock()

    def of(self, stored: StoredState) -> UserState:
        """The state of these bytes."""
        known = self._kept.get(stored.person_id)
        if known is not None and known[0] == stored.state:
            return known[1]
        state = UserState.from_json(stored.state)
        with self._lock:
            former = self._kept.pop(stored.person_id, None)
            self._size += len(stored.state) - (len(former[0]) if former is not None else 0)
            self._kept[stored.person_id] = (stored.state, state)
            while self._size > STATES_LIMIT:
                oldest = next(iter(self._kept))
                self._size -= len(self._kept.pop(oldest)[0])
        return state

    def forget(self) -> None:
        """Keep nothing of anybody."""
        with self._lock:
            self._kept.clear()
            self._size = 0
