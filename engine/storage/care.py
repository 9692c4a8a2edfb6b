"""Who looks after accounts, and what was noted of them, in the database."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.analytics.health import Note
from engine.storage import base, care_tables, tables
from engine.storage.log import chunks

_OWNER: Final = base.table(care_tables.AccountOwner)
_NOTE: Final = base.table(care_tables.AccountNote)
_ACCOUNT: Final = tables.table(tables.Account)


def has_traits(connection: Connection, project_id: int, account: str) -> bool:
    """True for an account of which any trait was received."""
    statement = sa.select(_ACCOUNT.c.account_id).where(
        _ACCOUNT.c.project_id == project_id, _ACCOUNT.c.account_id == account
    )
    return connection.execute(statement).first() is not None


def owners(connection: Connection, project_id: int) -> dict[str, str]:
    """Who looks after each account that anybody looks after."""
    statement = sa.select(_OWNER.c.account_id, _OWNER.c.owner).where(_OWNER.c.project_id == project_id)
    return {row.account_id: row.owner for row in connection.execute(statement)}


def set_owner(
    connection: Connection, project_id: int, account: str, owner: str | None, *, at: Instant, by: str
) -> None:
    """Give an account into somebody's care; None: into nobody's."""
    if owner is None:
        gone = sa.delete(_OWNER).where(_OWNER.c.project_id == project_id, _OWNER.c.account_id == account)
        connection.execute(gone)
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {"owner": owner, "at": at, "by": by}
    statement = insert(_OWNER).values(project_id=project_id, account_id=account, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["project_id", "account_id"], set_=values))


def add_note(connection: Connection, project_id: int, account: str, text: str, *, at: Instant, by: str) -> None:
    """Write a note of an account."""
    connection.execute(sa.insert(_NOTE).values(project_id=project_id, account_id=account, text=text, at=at, by=by))


def notes(connection: Connection, project_id: int, accounts: Collection[str]) -> dict[str, tuple[Note, ...]]:
    """The notes of some accounts, the latest first."""
    found: dict[str, list[Note]] = {}
    for part in chunks(sorted(accounts)):
        statement = sa.select(_NOTE).where(_NOTE.c.project_id == project_id, _NOTE.c.account_id.in_(part))
        for row in connection.execute(statement.order_by(_NOTE.c.at.desc(), _NOTE.c.id.desc())):
            found.setdefault(row.account_id, []).append(Note(row.text, Instant(row.at), row.by))
    return {account: tuple(told) for account, told in found.items()}
