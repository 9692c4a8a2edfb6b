"""What the database can be asked about itself, for `engine.verification`. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import JsonValue
from engine.storage import keeping_tables, tables
from engine.storage.log import chunks

_ACCOUNT = tables.table(tables.Account)
_ACCOUNT_SNAPSHOT = tables.table(keeping_tables.AccountSnapshot)
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


AccountKey = tuple[int, str]
"""An account by its project and id."""


def known_accounts(connection: Connection, after: AccountKey, *, limit: int) -> list[AccountKey]:
    """Accounts of which something is stored, in the database's own order."""
    return _page(connection, _ACCOUNT.c.project_id, _ACCOUNT.c.account_id, after, limit)


def accounts_of_snapshots(connection: Connection, after: AccountKey, *, limit: int) -> list[AccountKey]:
    """Accounts that have a snapshot and nothing else."""
    project, name = _ACCOUNT_SNAPSHOT.c.project_id, _ACCOUNT_SNAPSHOT.c.account_id
    return _page(connection, project, name, after, limit, ~_is_in(_ACCOUNT, project, name))


def accounts_of_events(connection: Connection, after: AccountKey, *, limit: int) -> list[AccountKey]:
    """Accounts that only events tell of."""
    project, name = _EVENT.c.project_id, _EVENT.c.group_id
    others = [~_is_in(table, project, name) for table in (_ACCOUNT, _ACCOUNT_SNAPSHOT)]
    return _page(connection, project, name, after, limit, tables.ABOUT_ACCOUNTS, name.is_not(None), *others)


def _page(
    connection: Connection,
    project: sa.Column[int],
    name: sa.Column[str],
    after: AccountKey,
    limit: int,
    *where: sa.ColumnElement[bool] | sa.TextClause,
) -> list[AccountKey]:
    beyond = sa.tuple_(project, name) > sa.tuple_(sa.literal(after[0]), sa.literal(after[1]))
    statement = sa.select(project, name).where(beyond, *where).distinct().order_by(project, name).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(statement)]


def _is_in(table: sa.Table, project: sa.Column[int], name: sa.Column[str]) -> sa.ColumnElement[bool]:
    return sa.exists().where(table.c.project_id == project, table.c.account_id == name)


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
