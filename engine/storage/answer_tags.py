"""Tags that people put on answers, in the database; what a tag is is decided in `engine.survey_answers`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.storage import base, reading_tables, tables
from engine.storage.log import chunks

_TAG: Final = base.table(reading_tables.AnswerTag)
_RESPONSE: Final = base.table(tables.Response)


def owner_of(connection: Connection, project_id: int, seq: int) -> int | None:
    """Whose an answer is, by its event; None where there is no such answer, or a newer one has taken its place."""
    statement = sa.select(_RESPONSE.c.person_id).where(_RESPONSE.c.project_id == project_id, _RESPONSE.c.seq == seq)
    return connection.execute(statement.limit(1)).scalar_one_or_none()


def tags_of(connection: Connection, project_id: int, answers: Collection[int] | None = None) -> dict[int, list[str]]:
    """The tags of some answers, or of all that have any, by the answer's event; in their order."""
    found: dict[int, list[str]] = {}
    wanted = sa.select(_TAG.c.seq, _TAG.c.tag).where(_TAG.c.project_id == project_id)
    parts: Sequence[sa.Select[tuple[int, str]]] = [wanted]
    if answers is not None:
        parts = [wanted.where(_TAG.c.seq.in_(part)) for part in chunks(sorted(answers))]
    for statement in parts:
        for row in connection.execute(statement.order_by(_TAG.c.seq, _TAG.c.tag)):
            found.setdefault(row.seq, []).append(row.tag)
    return found


def counts(connection: Connection, project_id: int) -> dict[str, int]:
    """How many answers have each tag of a project."""
    counted = sa.select(_TAG.c.tag, sa.func.count()).where(_TAG.c.project_id == project_id)
    rows = connection.execute(counted.group_by(_TAG.c.tag).order_by(_TAG.c.tag))
    return {row[0]: int(row[1]) for row in rows}


def add(
    connection: Connection, project_id: int, seq: int, tags: Sequence[str], *, person_id: int, by: str, at: Instant
) -> None:
    """Put tags on an answer; those that it has already stay as they are."""
    if not tags:
        return
    rows: list[Mapping[str, object]] = [
        {"project_id": project_id, "seq": seq, "tag": tag, "person_id": person_id, "by": by, "at": at} for tag in tags
    ]
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(_TAG).on_conflict_do_nothing(), rows)


def remove(connection: Connection, project_id: int, seq: int, tags: Sequence[str]) -> None:
    """Take tags from an answer; those that it has not are passed over."""
    own = (_TAG.c.project_id == project_id, _TAG.c.seq == seq, _TAG.c.tag.in_(list(tags)))
    connection.execute(sa.delete(_TAG).where(*own))
