"""What an error of the database means to a caller."""

from __future__ import annotations

import logging
import sqlite3
import traceback
from collections.abc import Sequence

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from engine.errors import StorageUnavailable
from engine.storage import tables
from engine.storage.failures import Conflict, failure_of, translated
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer


def wrapped(cause: Exception) -> exc.DBAPIError:
    """As SQLAlchemy hands it on."""
    found = exc.DBAPIError.instance(
        "SELECT 1", {}, cause, psycopg.Error if hasattr(cause, "sqlstate") else sqlite3.Error
    )
    assert isinstance(found, exc.DBAPIError)
    return found


UNAVAILABLE: list[Exception] = [
    sqlite3.OperationalError("database is locked"),
    sqlite3.OperationalError("database or disk is full"),
    sqlite3.OperationalError("attempt to write a readonly database"),
    sqlite3.OperationalError("unable to open database file"),
    sqlite3.OperationalError("disk I/O error"),
    sqlite3.DatabaseError("database disk image is malformed"),
    sqlite3.DatabaseError("file is not a database"),
    psycopg.OperationalError("connection failed: Connection refused"),
    psycopg.OperationalError("server closed the connection unexpectedly"),
    psycopg.errors.DiskFull("could not extend file"),
    psycopg.errors.TooManyConnections("sorry, too many clients already"),
    psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"),
    psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"),
    psycopg.errors.AdminShutdown("terminating connection due to administrator command"),
    psycopg.errors.CannotConnectNow("the database system is starting up"),
    psycopg.errors.DataCorrupted("invalid page in block 7"),
]
AGAIN: list[Exception] = [
    psycopg.errors.DeadlockDetected("deadlock detected"),
    psycopg.errors.SerializationFailure("could not serialize access"),
]
OURS: list[Exception] = [
    sqlite3.IntegrityError("UNIQUE constraint failed: project.slug"),
    sqlite3.ProgrammingError("Incorrect number of bindings supplied"),
    psycopg.errors.UniqueViolation("duplicate key value"),
    psycopg.errors.UndefinedTable('relation "nothing" does not exist'),
    psycopg.errors.SyntaxError("syntax error"),
    psycopg.errors.NumericValueOutOfRange("integer out of range"),
]


@pytest.mark.parametrize("cause", UNAVAILABLE, ids=str)
@pytest.mark.parametrize("is_wrapped", [True, False], ids=["by SQLAlchemy", "by the driver"])
def test_a_database_that_cannot_be_used_now(cause: Exception, is_wrapped: bool) -> None:
    found = failure_of(wrapped(cause) if is_wrapped else cause)
    assert type(found) is StorageUnavailable
    assert str(cause) in str(found)


@pytest.mark.parametrize("cause", AGAIN, ids=str)
def test_a_transaction_that_may_be_done_again(cause: Exception) -> None:
    assert type(failure_of(wrapped(cause))) is Conflict


@pytest.mark.parametrize("cause", OURS, ids=str)
@pytest.mark.parametrize("is_wrapped", [True, False], ids=["by SQLAlchemy", "by the driver"])
def test_a_mistake_of_ours_stays_one(cause: Exception, is_wrapped: bool) -> None:
    error = wrapped(cause) if is_wrapped else cause
    assert failure_of(error) is None
    with pytest.raises(type(error)), translated():
        raise error


def test_what_is_no_error_of_a_database_is_left_alone() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("name")


def test_an_error_that_ends_in_the_log_says_nothing_that_people_sent(url: str) -> None:
    database = Database(url)
    with database.reading() as connection, pytest.raises(exc.SQLAlchemyError) as raised:
        connection.execute(sa.text("SELECT nothing FROM nowhere WHERE email = :email"), {"email": "ada@example.com"})
    database.close()
    assert "nowhere" in str(raised.value)
    assert "ada@example.com" not in str(raised.value)


SECRET = "zebra@example.com"
# A traceback quotes the lines of the program: the value itself stands nowhere else.
REFUSED = {
    "a row that is there already": "INSERT INTO message (project_id, message_id) VALUES (1, :secret)",
    "a row without something": "INSERT INTO project (name) VALUES (:secret)",
    "a text for a number": "SELECT CAST(:secret AS bigint)",
    "a text for a time": "SELECT CAST(:secret AS timestamptz)",
}


@pytest.mark.postgres
@pytest.mark.parametrize("name", REFUSED)
def test_what_postgresql_refuses_is_not_told_with_its_values(postgres_url: str, name: str) -> None:
    database = Database(postgres_url)
    database.migrate()
    told = []
    for _ in range(2):
        try:
            with database.writing() as connection:
                connection.execute(sa.text(REFUSED[name]), {"secret": SECRET})
        except exc.SQLAlchemyError as error:
            told += traceback.format_exception(error)
    database.close()
    assert told != []
    assert SECRET not in "".join(told)


@pytest.mark.postgres
def test_a_row_that_cannot_be_copied_is_not_told_either(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(psycopg.Error) as refused, database.writing() as connection:  # noqa: PT012
        cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        cursor.execute("CREATE TEMPORARY TABLE numbers (number bigint)")
        with cursor.copy("COPY numbers FROM STDIN") as copy:
            copy.write(f"{SECRET}\n")
    database.close()
    assert SECRET not in "".join(traceback.format_exception(refused.value))
    assert "invalid input syntax for type bigint" in str(refused.value)


@pytest.mark.postgres
def test_a_refused_row_reaches_no_log(postgres_url: str, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(postgres_url)
    database.migrate()
    writer = Writer(database)
    row = {"project_id": 1, "message_id": SECRET}

    def twice(transaction: Transaction, asked: Sequence[None]) -> list[None]:
        transaction.connection.execute(sa.insert(tables.table(tables.Message)), [row, row])
        return [None] * len(asked)

    with pytest.raises(exc.IntegrityError) as refused:
        writer.write(twice, None)
    logging.getLogger("waypost").error("it failed", exc_info=refused.value)
    writer.close()
    database.close()
    assert "duplicate key value" in caplog.text
    assert SECRET not in caplog.text
