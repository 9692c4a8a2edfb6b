"""What is known of accounts, as it is stored; what it means is decided in `engine.accounts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from engine.accounts import AccountState, fold_account
from engine.events import Event, EventKind
from engine.state import LateEvent
from engine.storage import snapshots, tables
from engine.storage.log import chunks

_ACCOUNT = tables.table(tables.Account)


def load(
    connection: Connection, project_id: int, accounts: Iterable[str], *, lock: bool = False
) -> dict[str, AccountState]:
    """What is known of some accounts, as far as anything is. lock: keep others from changing it meanwhile."""
    found: dict[str, AccountState] = {}
    for part in chunks(sorted(set(accounts))):
        statement = sa.select(_ACCOUNT.c.account_id, _ACCOUNT.c.data).where(
            _ACCOUNT.c.project_id == project_id, _ACCOUNT.c.account_id.in_(part)
        )
        statement = statement.order_by(_ACCOUNT.c.account_id)
        for account, data in connection.execute(statement.with_for_update() if lock else statement):
            found[account] = AccountState.from_json(data.encode())
    return found


def save(connection: Connection, project_id: int, accounts: Mapping[str, AccountState]) -> None:
    """Write what is known of accounts."""
    rows = [
        {"project_id": project_id, "account_id": name, "data": account.to_json().decode()}
        for name, account in sorted(accounts.items())
    ]
    if rows:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        statement = insert(_ACCOUNT)
        changed = {"data": statement.excluded.data}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["project_id", "account_id"], set_=changed), rows
        )


def take_in(connection: Connection, project_id: int, events: Iterable[Event]) -> None:
    """Take what `group` calls say of accounts into what is known of them; in any order, with the same result."""
    told = [event for event in events if event.traits and event.kind is EventKind.GROUP and event.group_id is not None]
    if not told:
        return
    told.sort(key=lambda event: event.position)
    names = [event.group_id for event in told if event.group_id is not None]
    known = load(connection, project_id, names, lock=True)
    late: set[str] = set()
    for event, name in zip(told, names, strict=True):
        try:
            known[name] = fold_account(known.get(name, AccountState()), event)
        except LateEvent:
            late.add(name)
    for name in late:
        # The lock is held and the new events are written: the log has all that counts.
        known[name] = snapshots.account_from_log(connection, project_id, name)
    save(connection, project_id, known)


def forget(connection: Connection, project_id: int, accounts: Sequence[str]) -> None:
    """Drop accounts of which nothing is known any more."""
    for part in chunks(accounts):
        here = sa.and_(_ACCOUNT.c.project_id == project_id, _ACCOUNT.c.account_id.in_(part))
        connection.execute(sa.delete(_ACCOUNT).where(here))
