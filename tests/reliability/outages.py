"""Ways in which a database fails, each begun and ended: full, locked, read-only, gone, stopped."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
import sqlalchemy as sa

from engine.storage.store import Database
from tests.databases import PostgresServer

Outage = Callable[[Database], AbstractContextManager[None]]

_LOCKER: Final = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
"""


def path_of(database: Database) -> Path:
    return Path(str(database.url.database))


@contextmanager
def _on_every_connection(database: Database, begun: str, ended: str) -> Iterator[None]:
    """Run a statement on each connection before it is used, and another one from the end on."""
    statement = [begun]

    def run(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(statement[0])

    for engine in {database._engine, database._writing_engine}:
        sa.event.listen(engine, "checkout", run)
    # The one that is kept for writing goes back first, so that it is taken anew.
    database.release()
    yield
    statement[0] = ended
    database.release()


@contextmanager
def sqlite_full(database: Database) -> Iterator[None]:
    """No page can be added. (SQLite raises the limit to what is there already; what fits into that still fits.)"""
    with _on_every_connection(database, "PRAGMA max_page_count=1", "PRAGMA max_page_count=1073741823"):
        yield


@contextmanager
def sqlite_read_only(database: Database) -> Iterator[None]:
    """Writing is refused as on a file system that was mounted read-only."""
    with _on_every_connection(database, "PRAGMA query_only=ON", "PRAGMA query_only=OFF"):
        yield


@contextmanager
def sqlite_locked(database: Database) -> Iterator[None]:
    """Another process holds the lock and does not let go."""
    command = [sys.executable, "-c", _LOCKER, str(path_of(database))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as locker:
        assert locker.stdout is not None
        assert locker.stdout.readline() == b"locked\n"
        yield
        locker.communicate()


@contextmanager
def sqlite_gone(database: Database) -> Iterator[None]:
    """The file is taken away, and put back in the end."""
    path = path_of(database)
    away = path.with_name("elsewhere")
    path.rename(away)
    yield
    assert not path.exists(), "a new, empty database was made in its place"
    away.rename(path)


@contextmanager
def sqlite_folder_gone(database: Database) -> Iterator[None]:
    """The whole folder is taken away, as when a volume is unmounted."""
    folder = path_of(database).parent
    away = folder.with_name("elsewhere")
    folder.rename(away)
    yield
    assert not (folder / path_of(database).name).exists()
    if folder.exists():
        # Whoever keeps other files there may have made it anew.
        folder.rename(folder.with_name("made meanwhile"))
    away.rename(folder)


def admin(database: Database) -> Any:
    """A connection of the operator's, beside the service."""
    return psycopg.connect(_address(database), autocommit=True)


def _address(database: Database) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)


_WRITTEN: Final = ("message", "person", "user_state", "decision")


@contextmanager
def postgres_full(database: Database) -> Iterator[None]:
    """Writing fails as with a full disk: with PostgreSQL's own code for it, 53100."""
    with admin(database) as connection:
        connection.execute(
            "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
        for table in _WRITTEN:
            connection.execute(
                f"CREATE TRIGGER disk_full BEFORE INSERT OR UPDATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION disk_full()"
            )
        yield
        # One by one: whoever waits for a second table while it holds the first can be in a deadlock with the service.
        for table in _WRITTEN:
            connection.execute(f"DROP TRIGGER disk_full ON {table}")
        connection.execute("DROP FUNCTION disk_full")


@contextmanager
def postgres_locked(database: Database) -> Iterator[None]:
    """Another session holds the tables and does not let go."""
    with psycopg.connect(_address(database)) as connection:
        _lock(connection)
        yield


def _lock(connection: psycopg.Connection) -> None:
    """Take all tables or none, again and again: whoever waits for one with another in hand can be in a deadlock."""
    until = time.monotonic() + 30
    while True:
        try:
            connection.execute(
                "LOCK TABLE message, person, identity, user_state, event IN ACCESS EXCLUSIVE MODE NOWAIT"
            )
        except psycopg.errors.LockNotAvailable:
            connection.rollback()
            assert time.monotonic() < until, "the service never let go of its tables"
            time.sleep(0.01)
        else:
            return


@contextmanager
def postgres_read_only(database: Database) -> Iterator[None]:
    """The server takes no writes, as one that follows another; sessions from before are ended."""
    name = str(database.url.database)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    with admin(database) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        connection.execute(others, [name])
        yield
        connection.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        connection.execute(others, [name])


def postgres_stopped(server: PostgresServer) -> Outage:
    """The server crashes, and is started in the end."""

    @contextmanager
    def outage(_database: Database) -> Iterator[None]:
        server.stop("immediate")
        yield
        server.start()

    return outage


SQLITE: Final[dict[str, Outage]] = {
    "full": sqlite_full,
    "read-only": sqlite_read_only,
    "locked": sqlite_locked,
    "gone": sqlite_gone,
    "folder gone": sqlite_folder_gone,
}
POSTGRES: Final[dict[str, Outage]] = {
    "full": postgres_full,
    "read-only": postgres_read_only,
    "locked": postgres_locked,
}
