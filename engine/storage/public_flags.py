"""Which flags browsers may ask, in the database."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from dsl.values import Instant
from engine.storage import base, flag_tables

_FLAGS = base.table(flag_tables.PublicFlags)


def flags_of(connection: Connection, project_id: int) -> tuple[tuple[str, ...], int]:
    """The keys that pages of a project may ask, and the revision at which that is so; none and 0 without any."""
    row = connection.execute(sa.select(_FLAGS).where(_FLAGS.c.project_id == project_id)).one_or_none()
    return ((), 0) if row is None else (tuple(orjson.loads(row.flags)), row.revision)


def keep(connection: Connection, project_id: int, keys: Sequence[str], *, expected: int, at: Instant) -> bool:
    """Keep other keys in place of those of a revision; False where there is another revision by now."""
    values = {"flags": orjson.dumps(list(keys)).decode(), "revision": expected + 1, "changed": at}
    if expected == 0:
        try:
            with connection.begin_nested():
                connection.execute(sa.insert(_FLAGS).values(project_id=project_id, **values))
        except IntegrityError:
            return False
        return True
    before = (_FLAGS.c.project_id == project_id, _FLAGS.c.revision == expected)
    return connection.execute(sa.update(_FLAGS).where(*before).values(values)).rowcount == 1
