"""What people make of answers whose score and words disagree, in the database."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.analytics.disagreements import Reading, Verdict
from engine.storage import base, reading_tables

_READING: Final = base.table(reading_tables.AnswerReading)
_KEY: Final = ["project_id", "score_seq", "text_seq"]

Pair = tuple[int, int]
"""The events of an answer with a score and of one with words, by their `seq`."""


def readings(connection: Connection, project_id: int) -> dict[Pair, Reading]:
    """Everything that was read in a project."""
    statement = sa.select(_READING).where(_READING.c.project_id == project_id)
    return {
        (row.score_seq, row.text_seq): Reading(Verdict(row.verdict), row.feeling, row.note, row.by, Instant(row.at))
        for row in connection.execute(statement)
    }


def keep(connection: Connection, project_id: int, pair: Pair, reading: Reading, *, person_id: int) -> None:
    """Note how a pair of answers was read, instead of how it was read before."""
    values = {
        "person_id": person_id,
        "verdict": reading.verdict.value,
        "feeling": reading.feeling,
        "note": reading.note,
        "by": reading.by,
        "at": reading.at,
    }
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_READING).values(project_id=project_id, score_seq=pair[0], text_seq=pair[1], **values)
    connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=values))


def forget(connection: Connection, project_id: int, pair: Pair) -> None:
    """Put a pair of answers back among those that nobody has read."""
    own = (_READING.c.project_id == project_id, _READING.c.score_seq == pair[0], _READING.c.text_seq == pair[1])
    connection.execute(sa.delete(_READING).where(*own))
