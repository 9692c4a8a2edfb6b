"""What the database can be asked about itself, for `engine.verification`. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import JsonValue
from engine.storage import tables
from engine.storage.log import chunks

_EVENT = tables.table(tables.Event)
_MESSAGE = tables.table(tables.Message)
_PERSON = tables.table(tables.Person)
_PROGRESS = tables.table(tables.JourneyProgress)

SHOWN = 20
"""How many faults of one kind are told one by one."""


def faults_of_file(connection: Connection) -> list[str]:
    """What SQLite finds wrong with its own file; nothing on PostgreSQL, which checks its pages itself."""
    if connection.dialect.name != "sqlite":
        return []
    told = connection.exec_driver_sql(f"PRAGMA integrity_check({SHOWN})").scalars()
    faults = [str(line) for line in told if line != "ok"]
    foreign = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(SHOWN)
    return faults + [f"a row of `{row[0]}` belongs to a row of `{row[2]}` that is not there" for row in foreign]


def people_after(connection: Connection, person_id: int, *, limit: int) -> list[tuple[int, int, str]]:
    """People of their own, as (number, project, first id), in the order of their numbers."""
    statement = (
        sa.select(_PERSON.c.id, _PERSON.c.project_id, _PERSON.c.first_id)
        .where(_PERSON.c.id > person_id, _PERSON.c.merged_into.is_(None))
        .order_by(_PERSON.c.id)
        .limit(limit)
    )
    return [(row.id, row.project_id, row.first_id) for row in connection.execute(statement)]


def progress_of_people(connection: Connection, people: Sequence[int]) -> dict[int, dict[str, JsonValue]]:
    """The stored progress of some people by journey."""
    found: dict[int, dict[str, JsonValue]] = {person: {} for person in people}
    for part in chunks(people):
        statement = sa.select(_PROGRESS.c.person_id, _PROGRESS.c.journey, _PROGRESS.c.data)
        for row in connection.execute(statement.where(_PROGRESS.c.person_id.in_(part))):
            found[row.person_id][row.journey] = orjson.loads(row.data)
    return found


def events_without_message(connection: Connection) -> list[str]:
    """Message ids of events that are not among the kept ids: sent again, they would be kept twice."""
    same = sa.and_(_MESSAGE.c.project_id == _EVENT.c.project_id, _MESSAGE.c.message_id == _EVENT.c.message_id)
    statement = sa.select(_EVENT.c.message_id).outerjoin(_MESSAGE, same).where(_MESSAGE.c.message_id.is_(None))
    return list(connection.execute(statement.limit(SHOWN)).scalars())
