"""The file of a SQLite database: opened, and watched, so that nothing is acknowledged that nobody can reach.

A file that was removed can still be written to by whoever has it open; what is written then is gone at the next start.
So a connection is used only while its file lies where its name says, and a file is made only at the very beginning:
where one has been and is no more, the database is gone until somebody puts it back.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Engine

from engine.errors import StorageUnavailable

LOCK_PATIENCE: Final = 5_000
"""Milliseconds for which another process may keep us from the database."""
LOOK_EVERY: Final = 3
"""Milliseconds after which a writer looks again whether the lock is free. SQLite itself comes to look every 100 ms
only, and then another process that writes all the time can keep it away for seconds. A connection that writes waits
for nothing but the beginning of its transactions."""

PRAGMAS: Final = (
    f"PRAGMA busy_timeout={LOCK_PATIENCE}",
    "PRAGMA journal_mode=WAL",
    # NORMAL loses acknowledged transactions in a power cut; FULL does not.
    "PRAGMA synchronous=FULL",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    # What is removed is overwritten in the file, also where SQLite was not built to do so by itself.
    "PRAGMA secure_delete=ON",
)
WRITERS_CACHE: Final = 32
"""Megabytes of the file that the connection which writes may keep in memory: it comes back to the same pages."""
READERS_CACHE: Final = 4
"""The same for each connection that reads. There may be dozens; what they share is the system's own cache."""

Identity = tuple[int, int]
"""Device and number of a file: the same for two names of one file, another one for a file that was put in its place."""

_MARK: Final = "waypost_file"


def connect(uri: str) -> sqlite3.Connection:
    """A connection to a file. Each is used by one thread at a time, not always by the one that made it."""
    return sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)


def begin_writing(connection: Any, *, patience: int = LOCK_PATIENCE) -> None:
    """Begin a transaction that holds the write lock, as soon as no other process does.

    connection: the driver's, opened for writing. patience: milliseconds to wait for that at most.
    """
    for _ in range(patience // (LOOK_EVERY + 1)):
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
        else:
            return
    connection.execute("BEGIN IMMEDIATE")


class DatabaseFile:
    """Where a database lies."""

    def __init__(self, path: Path) -> None:
        # As text: to look where it lies, which each transaction does twice, is twice as long by a `Path`.
        self._path = str(path)
        self._was_there = False

    def open(self, *, cache: int = WRITERS_CACHE, patience: int = LOCK_PATIENCE) -> sqlite3.Connection:
        """A connection, set up to lose nothing. Makes the file the first time only.

        cache: megabytes it may keep. patience: milliseconds for which one statement waits for a lock.
        """
        mode = "rw" if self._was_there else "rwc"
        connection = connect(f"file:{quote(self._path)}?mode={mode}")
        try:
            for pragma in (*PRAGMAS, f"PRAGMA cache_size={-1024 * cache}", f"PRAGMA busy_timeout={patience}"):
                connection.execute(pragma)
        except BaseException:
            connection.close()
            raise
        self._was_there = True
        return connection

    def identity(self) -> Identity | None:
        """Which file lies there now; None for none."""
        try:
            found = os.stat(self._path)  # noqa: PTH116
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def watch(self, engine: Engine) -> None:
        """Give out only connections to the file that lies there now."""

        @sa.event.listens_for(engine, "connect")
        def remember(_connection: Any, record: Any) -> None:
            record.info[_MARK] = self.identity()

        @sa.event.listens_for(engine, "checkout")
        def compare(_connection: Any, record: Any, _proxy: Any) -> None:
            if record.info.get(_MARK) != self.identity():
                # The pool throws the connection away and opens the file anew, or fails to.
                raise exc.DisconnectionError("the database file was moved or removed")

    def is_of(self, opened: Any) -> bool:
        """True while the file of a pooled connection lies where it was opened."""
        return bool(opened.info.get(_MARK) == self.identity())

    def check(self, opened: Any) -> None:
        """Raise StorageUnavailable unless the file of a pooled connection still lies where it was opened."""
        if not self.is_of(opened):
            raise StorageUnavailable("the database file was moved or removed while it was written to")
