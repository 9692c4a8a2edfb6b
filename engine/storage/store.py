"""The database: connected, set up for durability, migrated; transactions to read and to write in.

SQLite for one machine, PostgreSQL by its address; what differs between the two is decided here and in `log`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import URL, Connection, Engine, make_url

from dsl.values import Instant
from engine.errors import NewerDatabase, OlderDatabase, StorageUnavailable, UnknownRevision, UnsupportedDatabase
from engine.storage.failures import Conflict, translated
from engine.storage.postgres_partitions import make_ahead
from engine.storage.sqlite_files import (
    LOCK_PATIENCE,
    LOOK_EVERY,
    READERS_CACHE,
    WRITERS_CACHE,
    DatabaseFile,
    begin_writing,
)

__all__ = ["Conflict", "Database", "known_revisions", "migration_config"]

_WRITING: Final = "waypost_writing"
_PART_OF_PATIENCE: Final = 50
"""Milliseconds."""
_MIGRATION_LOCK: Final = 0x57617970  # "Wayp": the number of the advisory lock that migrations take on PostgreSQL


class Database:
    """One database. Safe to use from several threads; each transaction takes a connection of its own."""

    def __init__(self, url: str) -> None:
        """Raises UnsupportedDatabase. Nothing is opened yet."""
        self.url = _read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._file = DatabaseFile(Path(str(self.url.database))) if self.is_sqlite else None
        self._engine = (
            self._postgres() if self._file is None else self._sqlite(self._file, connections=32, cache=READERS_CACHE)
        )
        # The writer gets the same connection each time: what it remembers is true as long as that one saw no other
        # write (`engine.storage.memory`).
        self._writing_engine = (
            self._engine
            if self._file is None
            else self._sqlite(self._file, connections=1, cache=WRITERS_CACHE, patience=LOOK_EVERY)
        )
        self._kept: list[Connection] = []
        self._turn = threading.Lock()
        self._patience = LOCK_PATIENCE

    @contextmanager
    def reading(self, *, as_of_one_moment: bool = False) -> Iterator[Connection]:
        """A transaction that only reads. Raises StorageUnavailable.

        as_of_one_moment: each question sees the same state of the database. On SQLite that is always so; on PostgreSQL
        each question otherwise sees what was committed until then.
        """
        with translated(), self._engine.connect() as connection:
            if as_of_one_moment and not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable once the block has ended, and undone if it raises.

        On SQLite it holds the write lock from its beginning, so that it never fails halfway for want of it.
        Raises StorageUnavailable, and its kind Conflict.
        """
        with translated(), self._alone():
            connection = self._take_kept() or self._writing_engine.connect().execution_options(**{_WRITING: True})
            try:
                with connection.begin():
                    yield connection
                if self._file is not None:
                    self._file.check(connection.connection)
            except BaseException:
                connection.close()
                raise
            self._keep(connection)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """On SQLite: one thread of this process after the other, on the same connection.

        SQLite would let only one of them write too, but on connections of their own: each would throw away what the
        other's has in its cache, and wait by looking again and again.
        """
        if self._file is None:
            yield
            return
        waited = 0
        while not self._turn.acquire(timeout=_PART_OF_PATIENCE / 1_000):
            waited += _PART_OF_PATIENCE
            if waited >= LOCK_PATIENCE:
                raise StorageUnavailable("the database is locked: another thread has been writing for too long")
        # Whoever waited for a thread that waited for another process does not wait for both.
        self._patience = LOCK_PATIENCE - waited
        try:
            yield
        finally:
            self._patience = LOCK_PATIENCE
            self._turn.release()

    def _take_kept(self) -> Connection | None:
        """On SQLite: the connection of the last transaction, if its file still lies where it was opened.

        To take one from the pool and to give it back takes longer than to begin a transaction and to commit it.
        """
        try:
            kept = self._kept.pop()
        except IndexError:
            return None
        if self._file is not None and self._file.is_of(kept.connection):
            return kept
        # Back in the pool it is found out, and another one is opened.
        kept.close()
        return None

    def _keep(self, connection: Connection) -> None:
        if self._file is None or self._kept:
            connection.close()
        else:
            self._kept.append(connection)

    def migrate(self, revision: str = "head") -> None:
        """Bring the schema up to a revision, in one transaction. Raises NewerDatabase, StorageUnavailable."""
        # Alembic is needed once, at the start.
        from alembic import command  # noqa: PLC0415
        from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

        config, known = migration_config(), known_revisions()
        with self._reshaping() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            for wanted in (current, None if revision == "head" else revision):
                if wanted is not None and wanted not in known:
                    raise NewerDatabase(wanted)
            if current == known[-1] and revision == "head":
                return
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    def downgrade(self, revision: str) -> None:
        """Take the schema back to an earlier revision, in one transaction; what only later ones have is dropped.

        Raises UnknownRevision, StorageUnavailable.
        """
        from alembic import command  # noqa: PLC0415
        from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

        config = migration_config()
        with self._reshaping() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            earlier = [known for known in known_revisions() if current is not None and known <= current]
            if revision not in {"base", *earlier}:
                raise UnknownRevision(revision, earlier)
            config.attributes["connection"] = connection
            command.downgrade(config, revision)

    def unmake(self) -> None:
        """Remove every table, in one transaction: for a database that was just made and could not be filled."""
        self.downgrade("base")

    @contextmanager
    def _reshaping(self) -> Iterator[Connection]:
        """A transaction in which the schema may be changed, by one process at a time."""
        with translated(), self._writing_engine.connect().execution_options(**{_WRITING: True}) as connection:
            driver: Any = connection.connection.driver_connection
            if self.is_sqlite:
                # A table is changed by making it anew; rows of others that belong to it must not stand in the way.
                driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    if not self.is_sqlite:
                        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
                    yield connection
                    if self.is_sqlite and (torn := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                        raise RuntimeError(f"a row of `{torn[0]}` belongs to a row of `{torn[2]}` that is gone")
            finally:
                if self.is_sqlite:
                    driver.execute("PRAGMA foreign_keys=ON")

    def revision(self) -> str | None:
        """The schema's revision; None for an empty database."""
        from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

        with self.reading() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def prepare(self, *, now: Instant, migrates: bool = True) -> None:
        """Make ready for use at a start: at the newest revision, with the months of the log that come next.

        migrates: False leaves an older schema alone and raises OlderDatabase. Raises NewerDatabase, StorageUnavailable.
        """
        if migrates:
            self.migrate()
        elif self.is_behind():
            raise OlderDatabase(self.revision(), known_revisions()[-1])
        if not self.is_sqlite:
            with self.writing() as connection:
                make_ahead(connection, now=now)

    def is_behind(self) -> bool:
        """True if the schema is that of an earlier release. Raises NewerDatabase, StorageUnavailable."""
        known, current = known_revisions(), self.revision()
        if current is not None and current not in known:
            raise NewerDatabase(current)
        return current != known[-1]

    def answers(self) -> bool:
        """True when a question gets an answer; never raises."""
        try:
            with self.reading() as connection:
                return connection.execute(sa.text("SELECT 1")).scalar() == 1
        except StorageUnavailable:
            return False

    def release(self) -> None:
        """Give the connection that is kept for writing back to the pool, once nobody writes.

        Raises StorageUnavailable where somebody does for too long.
        """
        with self._alone():
            while (kept := self._take_kept()) is not None:
                kept.close()

    def tidy(self) -> None:
        """Let nothing that was removed stay in the journal of a SQLite file, where nobody reads there just now."""
        if self._file is None:
            return
        with suppress(StorageUnavailable), translated(), self._alone(), self._writing_engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections."""
        with suppress(StorageUnavailable):
            self.release()
        self._engine.dispose()
        self._writing_engine.dispose()

    def _sqlite(self, file: DatabaseFile, *, connections: int, cache: int, patience: int = LOCK_PATIENCE) -> Engine:
        if self.url.database:
            make_private(Path(self.url.database).parent)
        engine = sa.create_engine(
            self.url,
            creator=partial(file.open, cache=cache, patience=patience),
            pool_size=connections,
            max_overflow=32,
            pool_timeout=5,
            hide_parameters=True,
        )
        file.watch(engine)

        @sa.event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            if connection.get_execution_options().get(_WRITING):
                begin_writing(connection.connection.driver_connection, patience=self._patience)
            else:
                connection.exec_driver_sql("BEGIN")

        return engine

    def _postgres(self) -> Engine:
        # psycopg is an extra.
        from engine.storage.postgres_silence import Watch, connect  # noqa: PLC0415

        engine = sa.create_engine(
            self.url,
            pool_size=16,
            max_overflow=16,
            pool_timeout=5,
            pool_pre_ping=True,
            # Errors end in the log, and what people sent must not.
            hide_parameters=True,
            connect_args={
                "connect_timeout": 5,
                # A network that swallows everything looks like a slow server, until this many milliseconds.
                "tcp_user_timeout": 5_000,
                "options": "-c lock_timeout=5s -c timezone=UTC",
                # A server whose machine is gone says so to nobody: seconds until the first question, and between them.
                "keepalives_idle": 5,
                "keepalives_interval": 2,
                "keepalives_count": 3,
            },
        )
        watch = Watch()

        @sa.event.listens_for(engine, "do_connect")
        def answering(_dialect: Any, _record: Any, args: Any, choices: Any) -> Any:
            return connect(watch, *args, **choices)

        return engine


def migration_config() -> Any:
    """Alembic's settings: the scripts lie in this package."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    return config


def make_private(folder: Path) -> None:
    """Make a folder that nobody but its owner enters, if there is none: what will lie in it is about people."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def file_of(url: str) -> Path | None:
    """The file that an address names; None for a server. Raises UnsupportedDatabase. Nothing is opened or made."""
    read = _read_url(url)
    return Path(read.database) if read.get_backend_name() == "sqlite" and read.database else None


@cache
def known_revisions() -> tuple[str, ...]:
    """Every revision of the schema that this release knows, oldest first; the last one is what it works with."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory.from_config(migration_config())
    return tuple(str(script.revision) for script in scripts.walk_revisions())[::-1]


def _read_url(text: str) -> URL:
    try:
        url = make_url(text)
    except exc.ArgumentError:
        raise UnsupportedDatabase(text.partition(":")[0][:40]) from None
    match url.drivername:
        case "sqlite" | "sqlite+pysqlite" if url.database and url.database != ":memory:":
            return url
        case "postgres" | "postgresql" | "postgresql+psycopg":
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise UnsupportedDatabase("sqlite in memory" if other.startswith("sqlite") else other)
