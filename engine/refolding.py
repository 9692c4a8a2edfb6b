"""States brought up to date in the background: after new rules, after an import, after a release that folds otherwise.

A person who comes meanwhile is folded again at once, on their own; this is for all others, so that records are
complete soon. Works in small parts through the writer, so that what is live never waits long.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

from dsl.values import Instant
from engine.errors import StorageUnavailable, UnknownProject
from engine.roster import Roster
from engine.rulebook import Rulebook
from engine.storage import identity, states
from engine.storage.memory import Memory
from engine.storage.writer import Transaction, Writer

PART: Final = 200
"""People folded in one transaction."""
AGAIN_AFTER: Final = 2.0
"""Seconds until it is tried again where the database could not be used."""

_log = logging.getLogger("waypost.refolding")


class Refolding:
    """Folds the states of projects again, one part after the other, until none is out of date."""

    def __init__(self, writer: Writer, rulebook: Rulebook, memory: Memory) -> None:
        self._writer = writer
        self._rulebook = rulebook
        self._memory = memory
        self._done: dict[int, threading.Event] = {}
        self._again: set[int] = set()
        self._lock = threading.Lock()

    def start(self, project_id: int) -> None:
        """Begin with a project, or once more when it is being worked on: its rules may have changed meanwhile."""
        with self._lock:
            done = self._done.get(project_id)
            if done is not None and not done.is_set():
                self._again.add(project_id)
                return
            self._done[project_id] = threading.Event()
        self._post(project_id)

    def wait(self, project_id: int, timeout: float | None = None) -> bool:
        """Wait until nothing of a project is out of date; False when that takes longer than `timeout` seconds."""
        done = self._done.get(project_id)
        return done is None or done.wait(timeout)

    def _post(self, project_id: int) -> None:
        try:
            future = self._writer.post(self._fold_part, project_id, weight=PART, always=True)
        except StorageUnavailable:
            # The service is stopping; the rest is done after the next start.
            self._finish(project_id)
        else:
            future.add_done_callback(lambda answer: self._go_on(project_id, answer))

    def _go_on(self, project_id: int, answer: Future[int]) -> None:
        error = answer.exception()
        if error is not None:
            _log.error("the states of project %s could not be folded again: %s", project_id, error)
        if isinstance(error, StorageUnavailable):
            # The database will be back; until then whoever comes is folded again on their own.
            later = threading.Timer(AGAIN_AFTER, self._post, (project_id,))
            later.daemon = True
            later.start()
            return
        with self._lock:
            more = error is None and (answer.result() == PART or project_id in self._again)
            self._again.discard(project_id)
        if more:
            self._post(project_id)
        else:
            self._finish(project_id)

    def _finish(self, project_id: int) -> None:
        with self._lock:
            self._done[project_id].set()

    def _fold_part(self, transaction: Transaction, requests: Sequence[int]) -> list[int]:
        with self._memory.during(transaction) as memory:
            # In one order for all processes, as people are locked from one project to the next.
            folded = {
                project_id: fold_outdated(transaction, project_id, self._rulebook, memory)
                for project_id in sorted(set(requests))
            }
        return [folded[project_id] for project_id in requests]


def fold_outdated(transaction: Transaction, project_id: int, rulebook: Rulebook, memory: Memory) -> int:
    """Fold some people again whose state is out of date; how many there were."""
    connection = transaction.connection
    try:
        ruleset = rulebook.of(connection, project_id).ruleset
    except UnknownProject:
        return 0
    outdated = states.outdated(connection, project_id, ruleset.plan.revision, limit=PART)
    roster = Roster(connection, project_id, ruleset, memory)
    living = identity.lock_people(connection, outdated)
    # Whoever became somebody else meanwhile has no state of their own any more.
    states.forget(connection, set(outdated) - set(living))
    memory.forget(outdated)
    roster.fold_again(living)
    # Nothing is woken by history, so no instant is needed to say what is still fresh.
    roster.save(now=Instant(0))
    return len(outdated)
