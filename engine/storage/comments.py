"""Comments in the database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.comments import Comment, PlaceKind, Wanted
from engine.storage import base, evidence_tables, tables, talk_tables

_COMMENT = base.table(talk_tables.Comment)
_EVIDENCE = base.table(evidence_tables.EvidenceItem)
_RESPONSE = tables.table(tables.Response)


def listed(connection: Connection, project_id: int, wanted: Wanted) -> list[Comment]:
    """Comments, the latest first."""
    statement = sa.select(_COMMENT).where(_COMMENT.c.project_id == project_id, _of_kinds(wanted.kinds))
    if wanted.place is not None:
        statement = statement.where(_COMMENT.c.place == wanted.place)
    if wanted.resolved is not None:
        is_open = _COMMENT.c.resolved.is_(None)
        statement = statement.where(~is_open if wanted.resolved else is_open)
    if wanted.before is not None:
        statement = statement.where(_COMMENT.c.id < wanted.before)
    rows = connection.execute(statement.order_by(_COMMENT.c.id.desc()).limit(wanted.limit))
    return list(map(_read, rows))


def open_counts(connection: Connection, project_id: int, kinds: Collection[PlaceKind]) -> dict[str, int]:
    """How many are open at each place."""
    statement = (
        sa.select(_COMMENT.c.place, sa.func.count().label("open"))
        .where(_COMMENT.c.project_id == project_id, _COMMENT.c.resolved.is_(None), _of_kinds(kinds))
        .group_by(_COMMENT.c.place)
    )
    return {row.place: row.open for row in connection.execute(statement)}


def number_at(connection: Connection, project_id: int, place: str) -> int:
    """How many there are at a place, settled or not."""
    own = (_COMMENT.c.project_id == project_id, _COMMENT.c.place == place)
    return int(connection.execute(sa.select(sa.func.count()).select_from(_COMMENT).where(*own)).scalar_one())


def one(connection: Connection, project_id: int, number: int) -> Comment | None:
    """One comment."""
    own = (_COMMENT.c.project_id == project_id, _COMMENT.c.id == number)
    row = connection.execute(sa.select(_COMMENT).where(*own)).one_or_none()
    return None if row is None else _read(row)


def add(
    connection: Connection, project_id: int, place: str, text: str, *, person: int | None, by: str, at: Instant
) -> Comment:
    """Keep a comment. person: the user whose answer it is said of."""
    values = {"project_id": project_id, "place": place, "person_id": person, "text": text, "by": by, "created": at}
    row = connection.execute(sa.insert(_COMMENT).values(**values, revision=1).returning(*_COMMENT.c)).one()
    return _read(row)


def change(connection: Connection, project_id: int, comment: Comment) -> bool:
    """Keep a comment as it is now; False where it was changed meanwhile."""
    before = sa.and_(
        _COMMENT.c.project_id == project_id,
        _COMMENT.c.id == comment.id,
        _COMMENT.c.revision == comment.revision - 1,
    )
    values = {name: getattr(comment, name) for name in ("text", "edited", "resolved", "resolved_by", "revision")}
    return connection.execute(sa.update(_COMMENT).where(before).values(**values)).rowcount == 1


def delete(connection: Connection, project_id: int, number: int) -> None:
    """Forget a comment."""
    connection.execute(sa.delete(_COMMENT).where(_COMMENT.c.project_id == project_id, _COMMENT.c.id == number))


def answerer(connection: Connection, project_id: int, answer: str) -> int | None:
    """Whose answer it is, `SURVEY.QUESTION.SUBMISSION`; None where there is none."""
    guide, _, rest = answer.partition(".")
    question, _, submission = rest.partition(".")
    own = (
        _RESPONSE.c.project_id == project_id,
        _RESPONSE.c.guide == guide,
        _RESPONSE.c.question == question,
        _RESPONSE.c.submission == submission,
    )
    found: int | None = connection.execute(sa.select(_RESPONSE.c.person_id).where(*own).limit(1)).scalar()
    return found


def speaker(connection: Connection, project_id: int, number: int) -> int | None:
    """Whose words a piece of evidence is, where that is known."""
    own = (_EVIDENCE.c.project_id == project_id, _EVIDENCE.c.id == number)
    found: int | None = connection.execute(sa.select(_EVIDENCE.c.person_id).where(*own)).scalar()
    return found


def _of_kinds(kinds: Collection[PlaceKind]) -> sa.ColumnElement[bool]:
    words = [each.value for each in kinds]
    whole = [_COMMENT.c.place.in_(words)] if words else []
    return sa.or_(sa.false(), *whole, *(_COMMENT.c.place.startswith(f"{each}:", autoescape=True) for each in words))


def _read(row: sa.Row[Any]) -> Comment:
    def instant(value: int | None) -> Instant | None:
        return None if value is None else Instant(value)

    return Comment(
        id=row.id,
        place=row.place,
        text=row.text,
        by=row.by,
        created=Instant(row.created),
        edited=instant(row.edited),
        resolved=instant(row.resolved),
        resolved_by=row.resolved_by,
        revision=row.revision,
    )
