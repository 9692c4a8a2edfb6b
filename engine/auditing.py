"""The audit log as the service offers it: record an act, read the log, verify it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from dsl.values import Instant
from engine.audit import Act, AuditAsked, Entry, Verdict
from engine.storage import audit
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

EVERY: Final = AuditAsked()


class Auditing:
    """The audit logs of all projects.

    An act that changes the database is recorded in the same transaction, with `engine.storage.audit.record`; `record`
    here is for acts that change nothing, such as an export.
    """

    def __init__(self, database: Database, writer: Writer, *, clock: Callable[[], Instant]) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    def record(self, project_id: int, act: Act) -> Entry:
        """Append an act; durable when this returns. Raises engine.errors.StorageUnavailable, Busy."""
        now = self._clock()

        def append(transaction: Transaction, _: Sequence[None]) -> list[Entry]:
            return [audit.record(transaction.connection, project_id, act, at=now)]

        return self._writer.write(append, None)

    def entries(
        self, project_id: int, *, before: int | None = None, asked: AuditAsked = EVERY, limit: int = 100
    ) -> tuple[Entry, ...]:
        """The latest entries of a project, newest first; before: only lower numbers."""
        with self._database.reading() as connection:
            return audit.entries(connection, project_id, before=before, asked=asked, limit=limit)

    def projects(self) -> tuple[int, ...]:
        """Every project number that the log knows; 0 is the installation itself."""
        with self._database.reading() as connection:
            return audit.projects_with_entries(connection)

    def verify(self, project_id: int) -> Verdict:
        """Read the whole log again and work every hash out anew."""
        with self._database.reading() as connection:
            return audit.verify(connection, project_id)

    def hash_at(self, project_id: int, seq: int) -> str | None:
        """The hash of one entry, to compare with one that was noted earlier; None when there is none."""
        with self._database.reading() as connection:
            return audit.hash_at(connection, project_id, seq)
