"""Erased people leave the memory of every process too, a moment after they have left the database.

Each process keeps decoded states and ids so that it need not read them again. It asks now and then whether anybody was
erased, by whichever process, and then drops all of that; what is still needed is read once more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

from engine.errors import Busy, StorageUnavailable
from engine.storage import erasure
from engine.storage.memory import Memory
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

EVERY: Final = 0.5
"""Seconds between two looks."""
_ROUNDS: Final = 3
"""How often everything is dropped: a request that was under way may put back what it had read before."""
_PATIENCE: Final = 1.0


class Forgetting:
    """Watches for erasures in a thread of its own, until `close`."""

    def __init__(self, database: Database, writer: Writer, memory: Memory, *caches: Callable[[], None]) -> None:
        """Begin to watch. caches: what drops each of the caches of people, memory apart; see `add`."""
        self._database = database
        self._writer = writer
        self._memory = memory
        self._caches = [*caches]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="waypost-forgetting", daemon=True)
        self._thread.start()

    def add(self, forget: Callable[[], None]) -> None:
        """Call this, from another thread, whenever what is kept of people has to go."""
        self._caches.append(forget)

    def close(self) -> None:
        """Stop. May be called twice."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        seen = rounds = 0
        while not self._closing.wait(EVERY):
            try:
                with self._database.reading() as connection:
                    latest = erasure.latest(connection)
            except (Busy, StorageUnavailable):
                # Nobody can tell now: as if somebody had been. Guidance does without what is kept meanwhile.
                self._forget_own()
                continue
            if latest != seen:
                seen, rounds = latest, _ROUNDS
            if rounds:
                self._forget_own()
                rounds -= self._forget_the_writers()

    def _forget_own(self) -> None:
        for forget in self._caches:
            forget()

    def _forget_the_writers(self) -> bool:
        """What the writer remembers belongs to its thread; False where that has something else to do for long."""

        def forget(_transaction: Transaction, asked: Sequence[None]) -> list[None]:
            self._memory.forget_everything()
            return [None] * len(asked)

        try:
            self._writer.write(forget, None, patience=_PATIENCE)
        except (Busy, StorageUnavailable):
            return False
        return True
