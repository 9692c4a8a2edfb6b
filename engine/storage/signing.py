"""Signing secrets in the database, and how much of a day's traffic was signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.storage import base, console_tables

_SECRET = base.table(console_tables.SigningSecret)
_TRAFFIC = base.table(console_tables.SignedTraffic)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret with its text."""

    id: int
    text: str
    created: Instant
    expires: Instant | None
    is_withdrawn: bool

    def is_alive(self, now: Instant) -> bool:
        """True while tokens signed with it are valid."""
        return not self.is_withdrawn and (self.expires is None or now < self.expires)


def secrets_of(connection: Connection, project_id: int) -> tuple[Secret, ...]:
    """All secrets of a project, oldest first."""
    rows = connection.execute(sa.select(_SECRET).where(_SECRET.c.project_id == project_id).order_by(_SECRET.c.id))
    return tuple(map(_read, rows))


def add_secret(connection: Connection, project_id: int, text: str, *, at: Instant) -> Secret:
    """Keep a new secret."""
    statement = sa.insert(_SECRET).values(project_id=project_id, secret=text, created=at)
    return _read(connection.execute(statement.returning(*_SECRET.c)).one())


def end_secret(connection: Connection, secret_id: int, *, at: Instant) -> None:
    """Let a secret end at an instant, unless it ends earlier."""
    later = sa.or_(_SECRET.c.expires.is_(None), _SECRET.c.expires > at)
    connection.execute(sa.update(_SECRET).where(_SECRET.c.id == secret_id, later).values(expires=at))


def withdraw_secret(connection: Connection, secret_id: int, *, at: Instant) -> None:
    """End a secret now, and forget its text."""
    connection.execute(sa.update(_SECRET).where(_SECRET.c.id == secret_id).values(withdrawn=at, secret=""))


def add_traffic(connection: Connection, counts: Mapping[tuple[int, int, str], int]) -> None:
    """Add to what was counted: by project, day and kind."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # Always in the same order, so that two processes never wait for each other.
    for (project_id, day, kind), count in sorted(counts.items()):
        statement = insert(_TRAFFIC).values(project_id=project_id, day=day, kind=kind, count=count)
        added = {"count": _TRAFFIC.c.count + statement.excluded.count}
        connection.execute(statement.on_conflict_do_update(index_elements=list(_TRAFFIC.primary_key), set_=added))


def traffic_since(connection: Connection, project_id: int, day: int) -> dict[str, int]:
    """What was counted from a day on, by kind."""
    statement = (
        sa.select(_TRAFFIC.c.kind, sa.func.sum(_TRAFFIC.c.count).label("count"))
        .where(_TRAFFIC.c.project_id == project_id, _TRAFFIC.c.day >= day)
        .group_by(_TRAFFIC.c.kind)
    )
    return {row.kind: int(row._mapping["count"]) for row in connection.execute(statement)}


def _read(row: sa.Row[Any]) -> Secret:
    return Secret(
        id=row.id,
        text=row.secret,
        created=Instant(row.created),
        expires=None if row.expires is None else Instant(row.expires),
        is_withdrawn=row.withdrawn is not None,
    )
