"""Rows that are changed from a revision, so that nobody's change is lost unseen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

NEW: Final = 0
"""The revision of what is not there yet."""


def put(connection: Connection, table: sa.Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Write the one row of a key, if it is at the revision before that of `values`; False where it is not."""
    place = sa.and_(*(table.c[name] == value for name, value in key.items()))
    if values["revision"] == NEW + 1:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        made = insert(table).values(**key, **values).on_conflict_do_nothing().returning(table.c.revision)
        return connection.execute(made).one_or_none() is not None
    before = table.c.revision == values["revision"] - 1
    changed = sa.update(table).where(place, before).values(**values).returning(table.c.revision)
    return connection.execute(changed).one_or_none() is not None
