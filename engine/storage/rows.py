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
        insert = f"INSERT INTO {table.name} ({_spelled(columns)}) VALUES "  # noqa: S608  (names of our own)
        conflict = ""
        if key:
            values = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
            conflict = f" ON CONFLICT ({_spelled(key)}) DO " + (f"UPDATE SET {values}" if changed else "NOTHING")
        self._statements = {
            dialect: insert + "(" + ", ".join([mark] * len(columns)) + ")" + conflict
            for dialect, mark in (("sqlite", "?"), ("postgresql", "%s"))
        }

    def write(self, connection: Connection, rows: list[Row]) -> None:
        """Write rows, in their order; nothing for none."""
        if not rows:
            return
        dialect = connection.dialect.name
        if dialect == "sqlite":
            # Past SQLAlchemy, which has nothing to add: its errors are told as sqlite3 raises them.
            driver: Any = connection.connection.dbapi_connection
            driver.executemany(self._statements[dialect], rows)
        else:
            connection.exec_driver_sql(self._statements[dialect], rows)


def _spelled(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
