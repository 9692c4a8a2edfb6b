"""Picker sessions in the database, and what was picked in them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.picks import Kind, Pick, Picked, Session
from engine.storage import base, console_tables
from engine.storage.staff import hash_of

_SESSION = base.table(console_tables.PickerSession)
_PICK = base.table(console_tables.PickedElement)


def add_session(
    connection: Connection,
    project_id: int,
    token: str,
    *,
    url: str,
    origin: str,
    by: str,
    times: tuple[Instant, Instant],
) -> int:
    """A new session, by number. times: when it was made, and when it ends."""
    made, expires = times
    statement = sa.insert(_SESSION).values(
        project_id=project_id, hash=hash_of(token), url=url, origin=origin, by=by, created=made, expires=expires
    )
    number: int = connection.execute(statement.returning(_SESSION.c.id)).scalar_one()
    return number


def sessions_of(connection: Connection, project_id: int) -> tuple[Session, ...]:
    """The sessions of a project, newest first, with what was picked in each."""
    rows = connection.execute(
        sa.select(_SESSION).where(_SESSION.c.project_id == project_id).order_by(_SESSION.c.id.desc())
    ).all()
    return tuple(_read(connection, row) for row in rows)


def session_of(connection: Connection, project_id: int, number: int) -> Session | None:
    """One session of a project."""
    found = connection.execute(
        sa.select(_SESSION).where(_SESSION.c.project_id == project_id, _SESSION.c.id == number)
    ).one_or_none()
    return None if found is None else _read(connection, found)


def session_by_token(connection: Connection, project_id: int, token: str) -> Session | None:
    """The session of a project whose link holds the token."""
    found = connection.execute(
        sa.select(_SESSION).where(_SESSION.c.project_id == project_id, _SESSION.c.hash == hash_of(token))
    ).one_or_none()
    return None if found is None else _read(connection, found)


def note_opened(connection: Connection, number: int, *, at: Instant) -> None:
    """A page shows the picker; the first time counts."""
    first = (_SESSION.c.id == number) & _SESSION.c.opened.is_(None)
    connection.execute(sa.update(_SESSION).where(first).values(opened=at))


def end_session(connection: Connection, project_id: int, number: int, *, at: Instant) -> None:
    """End a session, unless it has ended."""
    living = (_SESSION.c.project_id == project_id) & (_SESSION.c.id == number) & (_SESSION.c.expires > at)
    connection.execute(sa.update(_SESSION).where(living).values(expires=at))


def add_pick(connection: Connection, number: int, picked: Picked, way: str, *, at: Instant) -> Pick:
    """Keep what was picked."""
    statement = sa.insert(_PICK).values(
        session_id=number,
        time=at,
        kind=picked.kind.value,
        selector=picked.selector,
        event=picked.event,
        page=picked.page,
        way=way,
    )
    return _read_pick(connection.execute(statement.returning(*_PICK.c)).one())


def forget_before(connection: Connection, until: Instant) -> None:
    """Delete sessions that ended before, with what was picked in them."""
    over = sa.select(_SESSION.c.id).where(_SESSION.c.expires < until)
    connection.execute(sa.delete(_PICK).where(_PICK.c.session_id.in_(over)))
    connection.execute(sa.delete(_SESSION).where(_SESSION.c.expires < until))


def _read(connection: Connection, row: sa.Row[Any]) -> Session:
    picks = connection.execute(sa.select(_PICK).where(_PICK.c.session_id == row.id).order_by(_PICK.c.id))
    return Session(
        id=row.id,
        url=row.url,
        origin=row.origin,
        by=row.by,
        created=Instant(row.created),
        expires=Instant(row.expires),
        opened=None if row.opened is None else Instant(row.opened),
        picks=tuple(map(_read_pick, picks)),
    )


def _read_pick(row: sa.Row[Any]) -> Pick:
    return Pick(
        id=row.id,
        time=Instant(row.time),
        picked=Picked(Kind(row.kind), row.selector, event=row.event, page=row.page),
        way=row.way,
    )
