"""Copies of the data that lie outside of the database: backups, exports. Who is erased is still in them.

Whoever makes such a copy records it here; whoever removes it says so, and it is not listed any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.storage import keeping_tables, tables

_COPY = tables.table(keeping_tables.DataCopy)


class CopyKind(StrEnum):
    """What sort of copy it is."""

    BACKUP = "backup"
    EXPORT = "export"
    PERSON_EXPORT = "person export"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy: where it lies and when it was made.

    project_id: None for all projects. since: what was received before is not in it; None: all is.
    """

    id: int
    project_id: int | None
    kind: CopyKind
    path: str
    made: Instant
    since: Instant | None
    removed: Instant | None


def record(
    connection: Connection,
    kind: CopyKind,
    path: str,
    *,
    made: Instant,
    project_id: int | None = None,
    since: Instant | None = None,
    person: str | None = None,
) -> int:
    """Note that a copy was made; its number.

    path: where it lies, as people will look for it. project_id: None for all projects. since: what was received before
    is not in it. person: the hash of the id of the one person whom it is about (`engine.storage.erasure`).
    """
    values = {
        "kind": kind.value,
        "path": path,
        "made": made,
        "project_id": project_id,
        "since": since,
        "person": person,
    }
    number: int = connection.execute(sa.insert(_COPY).values(values).returning(_COPY.c.id)).scalar_one()
    return number


def remove(connection: Connection, copy_id: int, *, at: Instant) -> bool:
    """Note that a copy is gone; False when there is no such copy that was not removed before."""
    statement = sa.update(_COPY).where(_COPY.c.id == copy_id, _COPY.c.removed.is_(None))
    return connection.execute(statement.values(removed=at)).rowcount == 1


def of_project(connection: Connection, project_id: int) -> tuple[Copy, ...]:
    """The copies that hold data of a project, the latest first, removed ones too."""
    statement = sa.select(_COPY).where(sa.or_(_COPY.c.project_id == project_id, _COPY.c.project_id.is_(None)))
    return tuple(_read(row) for row in connection.execute(statement.order_by(_COPY.c.made.desc(), _COPY.c.id.desc())))


def holding(
    connection: Connection, project_id: int, *, first_seen: Instant, erased: Instant, hashes: Sequence[str]
) -> tuple[Copy, ...]:
    """The copies that still hold somebody who was known from `first_seen` until they were erased; the latest first."""
    statement = sa.select(_COPY).where(
        sa.or_(_COPY.c.project_id == project_id, _COPY.c.project_id.is_(None)),
        sa.or_(_COPY.c.person.is_(None), _COPY.c.person.in_(hashes)),
        sa.or_(_COPY.c.since.is_(None), _COPY.c.since <= erased),
        _COPY.c.made >= first_seen,
        _COPY.c.made <= erased,
        _COPY.c.removed.is_(None),
    )
    return tuple(_read(row) for row in connection.execute(statement.order_by(_COPY.c.made.desc(), _COPY.c.id.desc())))


def _read(row: sa.Row[Any]) -> Copy:
    return Copy(
        id=row.id,
        project_id=row.project_id,
        kind=CopyKind(row.kind),
        path=row.path,
        made=Instant(row.made),
        since=None if row.since is None else Instant(row.since),
        removed=None if row.removed is None else Instant(row.removed),
    )
