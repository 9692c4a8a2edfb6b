"""From a driver's error to ours: what it means for a caller that the database did not do what it was asked.

Decides between three: the same again will do (Conflict), the database cannot be used now (StorageUnavailable), or we
asked for something wrong, which stays the error that it is. Knows the SQLSTATE classes of PostgreSQL and the error
classes of `sqlite3`; see https://www.postgresql.org/docs/current/errcodes-appendix.html.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import exc

from engine.errors import StorageUnavailable

_CONFLICTS: Final = frozenset({"40001", "40P01"})
"""SQLSTATE of a transaction that PostgreSQL undid for the sake of another one: it may simply be done again."""

_UNAVAILABLE: Final = frozenset({"08", "53", "55", "57", "58", "F0", "XX"})
"""Classes of SQLSTATE: connection, resources (a full disk), locks, shut down by an operator, system, files, damage."""
_READ_ONLY: Final = "25006"
"""A server that follows another one, or that an operator has closed for writing."""

_DAMAGED: Final = sqlite3.DatabaseError
"""SQLite's own class, not one below it: the file is damaged or is none of SQLite's."""


_QUOTED: Final = re.compile(r'"[^"\n]*"$')
"""The value at the end of PostgreSQL's messages about one: `invalid input syntax for type bigint: "ada"`."""
_OF_VALUES: Final = "22"
"""The class of SQLSTATE of what is wrong with a value; there the first line quotes it."""


class Conflict(StorageUnavailable):
    """Another process's transaction got in the way; the same again will do. The writer does so by itself."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise StorageUnavailable, or its kind Conflict, for what the database or its driver says is no fault of ours.

    What is raised says nothing of the values that were written: errors end in logs, and what people sent must not.
    """
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error) as error:
        keep_values_out(error)
        found = failure_of(error)
        if found is None:
            raise
        raise found from error
    except Exception as error:
        # psycopg is an extra: its errors are known by the SQLSTATE that they carry.
        keep_values_out(error)
        found = failure_of(error) if hasattr(error, "sqlstate") else None
        if found is None:
            raise
        raise found from error


def keep_values_out(error: BaseException) -> None:
    """Leave of PostgreSQL's messages the line that says what is wrong, in an error and in all that led to it.

    The lines after it (DETAIL, CONTEXT) hold the row that was refused or the key that was there already.
    """
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        cause = getattr(each, "orig", None)
        waiting += (cause, each.__cause__, each.__context__)
        state = getattr(cause or each, "sqlstate", None)
        if isinstance(state, str):
            each.args = tuple(_first_line(part, state) if isinstance(part, str) else part for part in each.args)


def _first_line(text: str, state: str) -> str:
    line = text.split("\n", 1)[0]
    return _QUOTED.sub('"…"', line) if state.startswith(_OF_VALUES) else line


def failure_of(error: BaseException) -> StorageUnavailable | None:
    """What an error of SQLAlchemy or of a driver means to a caller; None for a mistake of ours."""
    cause = getattr(error, "orig", None) or error
    reason = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    state = getattr(cause, "sqlstate", None)
    if state is not None:
        if state in _CONFLICTS:
            return Conflict(reason)
        return StorageUnavailable(reason) if state[:2] in _UNAVAILABLE or state == _READ_ONLY else None
    is_off = isinstance(error, exc.OperationalError | exc.InterfaceError | exc.TimeoutError)
    is_off = is_off or isinstance(cause, sqlite3.OperationalError | sqlite3.InterfaceError)
    # A connection that broke has no SQLSTATE; psycopg calls that an OperationalError too.
    is_off = is_off or type(cause) is _DAMAGED or type(cause).__name__ == "OperationalError"
    return StorageUnavailable(reason) if is_off else None
