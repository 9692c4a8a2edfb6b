"""Shared links in the database."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.shared_links import LinkDraft, SharedLink
from engine.storage import base, talk_tables

_LINK = base.table(talk_tables.SharedLink)


def add(connection: Connection, project_id: int, digest: str, draft: LinkDraft, *, by: str, at: Instant) -> SharedLink:
    """Keep a link. digest: of its token."""
    statement = sa.insert(_LINK).values(
        project_id=project_id,
        hash=digest,
        page=draft.page,
        query=orjson.dumps(dict(draft.query)).decode(),
        note=draft.note,
        with_words=draft.with_words,
        by=by,
        created=at,
        expires=at + draft.lasts,
        opened=0,
    )
    return _read(connection.execute(statement.returning(*_LINK.c)).one())


def forget_before(connection: Connection, at: Instant) -> None:
    """Forget the links that were over before an instant."""
    ended = sa.func.coalesce(_LINK.c.withdrawn, _LINK.c.expires)
    connection.execute(sa.delete(_LINK).where(ended < at))


def listed(connection: Connection, project_id: int) -> list[SharedLink]:
    """The links of a project, the latest first."""
    statement = sa.select(_LINK).where(_LINK.c.project_id == project_id).order_by(_LINK.c.id.desc())
    return list(map(_read, connection.execute(statement)))


def by_hash(connection: Connection, digest: str) -> tuple[str, SharedLink] | None:
    """The link of a digest, over or not, with the digest that is kept."""
    row = connection.execute(sa.select(_LINK).where(_LINK.c.hash == digest)).one_or_none()
    return None if row is None else (row.hash, _read(row))


def withdraw(connection: Connection, project_id: int, number: int, *, at: Instant) -> None:
    """End a link."""
    own = (_LINK.c.project_id == project_id, _LINK.c.id == number)
    connection.execute(sa.update(_LINK).where(*own).values(withdrawn=at))


def note_opened(connection: Connection, number: int, *, at: Instant) -> None:
    """Count an opening."""
    connection.execute(sa.update(_LINK).where(_LINK.c.id == number).values(opened=_LINK.c.opened + 1, last_opened=at))


def _read(row: sa.Row[Any]) -> SharedLink:
    return SharedLink(
        id=row.id,
        project_id=row.project_id,
        page=row.page,
        query=orjson.loads(row.query),
        note=row.note,
        with_words=row.with_words,
        by=row.by,
        created=Instant(row.created),
        expires=Instant(row.expires),
        withdrawn=None if row.withdrawn is None else Instant(row.withdrawn),
        opened=row.opened,
        last_opened=None if row.last_opened is None else Instant(row.last_opened),
    )
