"""A power cut below SQLite: what was written and not synced may be there afterwards, in part, or not at all.

`CutVfs` is a file system for SQLite that passes everything on to the real one and keeps, beside it, what a disk would
hold for sure: a write counts once the file was synced after it. `image` writes what a disk may hold after a cut: what
is sure, and of the rest some sectors. `connect` opens a database over it with apsw and looks like `sqlite3`, so that
the service's own statements and pragmas run through it unchanged.
"""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import apsw

SECTOR: Final = 512
"""What a disk writes whole or not at all."""

NAME: Final = "waypost-power-cut"


class _Disk:
    """What a disk holds for sure of each file, and what it may hold besides, in the order in which it was written."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.sure: dict[str, bytearray] = {}
        self.unsure: dict[str, list[tuple[int, bytes | None]]] = {}
        self.operations = 0

    def wrote(self, name: str, offset: int, data: bytes) -> None:
        with self.lock:
            self.operations += 1
            self.unsure.setdefault(name, []).append((offset, data))

    def truncated(self, name: str, size: int) -> None:
        with self.lock:
            self.operations += 1
            self.unsure.setdefault(name, []).append((size, None))

    def synced(self, name: str) -> None:
        with self.lock:
            self.operations += 1
            content = self.sure.setdefault(name, bytearray())
            for offset, data in self.unsure.pop(name, []):
                _apply(content, offset, data)

    def removed(self, name: str) -> None:
        with self.lock:
            self.sure.pop(name, None)
            self.unsure.pop(name, None)

    def image(self, folder: Path, chance: random.Random) -> None:
        """Write what may be found after a cut now."""
        # Some disks lose all that they had not been told to keep, some nearly nothing, most are in between.
        share = chance.choice([0.0, 0.0, 0.5, 0.9])
        with self.lock:
            for name in self.sure.keys() | self.unsure.keys():
                content = bytearray(self.sure.get(name, b""))
                for offset, data in self.unsure.get(name, ()):
                    for part_offset, part in _sectors(offset, data):
                        if chance.random() < share:
                            _apply(content, part_offset, part)
                if name in self.sure or content:
                    (folder / Path(name).name).write_bytes(content)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del content[offset:]
        return
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data


def _sectors(offset: int, data: bytes | None) -> Iterator[tuple[int, bytes | None]]:
    if data is None:
        yield offset, None
        return
    start = offset
    while start < offset + len(data):
        end = min(start // SECTOR * SECTOR + SECTOR, offset + len(data))
        yield start, data[start - offset : end - offset]
        start = end


class _File(apsw.VFSFile):
    def __init__(self, disk: _Disk, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._is_watched = bool(flags[0] & (apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_WAL))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  (the names of SQLite)
        super().xWrite(data, offset)
        if self._is_watched:
            self._disk.wrote(self._name, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        if self._is_watched:
            self._disk.truncated(self._name, newsize)

    def xSync(self, _flags: int) -> None:  # noqa: N802
        # The real sync would only take time: nothing here is read from a disk that lost power.
        if self._is_watched:
            self._disk.synced(self._name)

    def xFileControl(self, op: int, ptr: int) -> bool:  # noqa: N802
        # Without this SQLite may write through a mapping, past us.
        return False if op == apsw.SQLITE_FCNTL_MMAP_SIZE else super().xFileControl(op, ptr)


class CutVfs(apsw.VFS):
    """The file system. Make one for each test, and drop it before the next."""

    def __init__(self) -> None:
        super().__init__(NAME, "")
        self.disk = _Disk()

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        return _File(self.disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self.disk.removed(filename)


def connect(uri: str) -> Any:
    """What `engine.storage.sqlite_files.connect` does, over the file system that may be cut off."""
    flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    return _Connection(apsw.Connection(uri, flags=flags, vfs=NAME))


def _as_sqlite3(error: apsw.Error) -> sqlite3.Error:
    if isinstance(error, apsw.ConstraintError):
        return sqlite3.IntegrityError(str(error))
    return sqlite3.OperationalError(str(error))


class _Connection:
    """A connection of apsw in the manner of PEP 249, as far as SQLAlchemy asks for it; in autocommit, as ours are."""

    isolation_level: str | None = None

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    @property
    def total_changes(self) -> int:
        return self._connection.total_changes()

    def cursor(self, *_: object) -> _Cursor:
        return _Cursor(self._connection)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> _Cursor:
        return self.cursor().execute(statement, values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]]) -> _Cursor:
        return self.cursor().executemany(statement, rows)

    def commit(self) -> None:
        if self.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close(True)

    def create_function(self, name: str, arguments: int, body: Callable[..., Any], **options: Any) -> None:
        self._connection.create_scalar_function(name, body, arguments, **options)


class _Cursor:
    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount = -1

    @property
    def lastrowid(self) -> int:
        return self._connection.last_insert_rowid()

    def execute(self, statement: str, values: Any = ()) -> _Cursor:
        return self._do(lambda cursor: cursor.execute(statement, values or None))

    def executemany(self, statement: str, rows: Iterable[Any]) -> _Cursor:
        return self._do(lambda cursor: cursor.executemany(statement, rows))

    def _do(self, run: Callable[[apsw.Cursor], Any]) -> _Cursor:
        cursor, before = self._connection.cursor(), self._connection.total_changes()
        self.description = None
        # Once a statement has ended without a row, apsw tells nothing of its columns any more.
        cursor.exec_trace = self._describe
        try:
            run(cursor)
            # All at once: rows that wait keep a statement open across a commit.
            self._rows = cursor.fetchall()
        except apsw.Error as error:
            raise _as_sqlite3(error) from error
        self.rowcount = self._connection.total_changes() - before
        return self

    def _describe(self, cursor: apsw.Cursor, _statement: str, _values: Any) -> bool:
        described = cursor.get_description()
        self.description = tuple((name, *(None,) * 6) for name, *_ in described) or None
        return True

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[Any]:
        count = self.arraysize if size is None else size
        found, self._rows = self._rows[:count], self._rows[count:]
        return found

    def fetchall(self) -> list[Any]:
        found, self._rows = self._rows, []
        return found

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def close(self) -> None:
        self._rows = []
