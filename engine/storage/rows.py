"""Rows written many at a time: one statement a table, prepared once, with the values as they are.

For the tables that every request writes to. What a statement says is made from the table's own columns; the driver
gets tuples, so that nothing is worked out once a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Row = tuple[Any, ...]


class Rows:
    """Writes rows of one table."""

    def __init__(
        self, table: sa.Table, columns: Sequence[str], *, key: Sequence[str] = (), changed: Sequence[str] = ()
    ) -> None:
        """columns: what a row holds, in this order. key, changed: a row that is there already gets these new values, or
        stays as it is where there are none.
        """
        self._table = table.name
        self._columns = tuple(columns)
        self._conflict = ""
        if key:
            values = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
            self._conflict = f" ON CONFLICT ({_spelled(key)}) DO " + (f"UPDATE SET {values}" if changed else "NOTHING")
        self._statements = {mark: self._statement(self._columns, mark) for mark in ("?", "%s")}
        self._fewer: dict[tuple[str, ...], str] = {}

    def write(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Write rows, in their order; nothing for none."""
        if not rows:
            return
        if connection.dialect.name == "sqlite":
            # Past SQLAlchemy, which has nothing to add: its errors are told as sqlite3 raises them.
            driver_of(connection).executemany(self._statements["?"], rows)
        else:
            connection.exec_driver_sql(self._statements["%s"], rows)

    def write_columns(self, connection: Connection, columns: Sequence[Sequence[Any]]) -> None:
        """The same on SQLite, for rows that are given by their columns, in this order, of which none may be empty.

        Columns without any value are left out: for each nothing the driver asks whether it is something that it
        could adapt, which takes longer than to write a text.
        """
        both = zip(self._columns, columns, strict=True)
        given = [(name, column) for name, column in both if column.count(None) < len(column)]
        names = tuple(name for name, _ in given)
        statement = self._fewer.get(names)
        if statement is None:
            statement = self._fewer[names] = self._statement(names, "?")
        driver_of(connection).executemany(statement, zip(*(column for _, column in given), strict=True))

    def _statement(self, columns: Sequence[str], mark: str) -> str:
        marks = ", ".join([mark] * len(columns))
        return f"INSERT INTO {self._table} ({_spelled(columns)}) VALUES ({marks}){self._conflict}"  # noqa: S608  (names of our own)


def driver_of(connection: Connection) -> Any:
    """The driver's own connection. Its errors are told like SQLAlchemy's (`engine.storage.failures`)."""
    return connection.connection.dbapi_connection


def _spelled(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
