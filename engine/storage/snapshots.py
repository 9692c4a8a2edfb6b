"""Snapshots of people and of accounts, as they are stored; what is in them is decided in `engine.snapshots`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.accounts import AccountState, fold_account
from engine.events import Event
from engine.snapshots import Snapshot
from engine.state import LateEvent
from engine.storage import keeping_tables, log, tables
from engine.storage.log import chunks

_EVENT = tables.table(tables.Event)
_KNOWN = tables.table(tables.Account)
_PERSON = tables.table(keeping_tables.PersonSnapshot)
_ACCOUNT = tables.table(keeping_tables.AccountSnapshot)


def load(connection: Connection, people: Sequence[int]) -> dict[int, Snapshot]:
    """The snapshots of some people, as far as they have one."""
    found: dict[int, Snapshot] = {}
    for part in chunks(people):
        for row in connection.execute(sa.select(_PERSON).where(_PERSON.c.person_id.in_(part))):
            found[row.person_id] = Snapshot(Instant(row.cut), row.events, bytes(row.state))
    return found


def save(connection: Connection, project_id: int, found: Mapping[int, Snapshot]) -> None:
    """Write the snapshots of some people, in place of earlier ones."""
    rows: list[dict[str, Any]] = [
        {
            "person_id": person,
            "project_id": project_id,
            "cut": snapshot.cut,
            "events": snapshot.events,
            "state": snapshot.state,
        }
        for person, snapshot in sorted(found.items())
    ]
    if rows:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        statement = insert(_PERSON)
        changed = {name: statement.excluded[name] for name in ("cut", "events", "state")}
        connection.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=changed), rows)


def forget(connection: Connection, people: Sequence[int]) -> None:
    """Drop the snapshots of people who are nobody of their own any more."""
    for part in chunks(people):
        connection.execute(sa.delete(_PERSON).where(_PERSON.c.person_id.in_(part)))


def account_from_log(
    connection: Connection, project_id: int, account_id: str, *, until: Instant | None = None
) -> AccountState:
    """What is known of an account: its snapshot, and what the log still tells of it. until: at an instant."""
    account = _base(connection, project_id, account_id)[0]
    for event in log.of_account(connection, project_id, account_id):
        if until is not None and event.time > until:
            break
        try:
            fold_account(account, event)
        except LateEvent:
            # Of before the snapshot: what builds on it was folded already.
            continue
    return account


def keep_accounts(connection: Connection, project_id: int, accounts: Iterable[str], *, before: Instant) -> None:
    """Take what the log tells of accounts from before an instant into their snapshots; the events may then go."""
    for name in sorted(set(accounts)):
        here = sa.and_(_KNOWN.c.project_id == project_id, _KNOWN.c.account_id == name)
        # Who makes the account from its events meanwhile must not find them in neither place.
        connection.execute(sa.select(_KNOWN.c.account_id).where(here).with_for_update())
        account, tellers = _base(connection, project_id, name)
        for person, event in _told_before(connection, project_id, name, before):
            known = dict(account.told)
            try:
                fold_account(account, event)
            except LateEvent:
                continue
            tellers |= {attribute: person for attribute, told in account.told.items() if known.get(attribute) != told}
        _save_account(connection, project_id, name, account, tellers)


def accounts_told_by(connection: Connection, project_id: int, people: Collection[int]) -> set[str]:
    """The accounts whose snapshots hold something that people told."""
    statement = sa.select(_ACCOUNT.c.account_id, _ACCOUNT.c.told_by).where(_ACCOUNT.c.project_id == project_id)
    numbers = set(people)
    return {name for name, told in connection.execute(statement) if numbers & set(orjson.loads(told).values())}


def forget_told_by(connection: Connection, project_id: int, account_id: str, people: Collection[int]) -> None:
    """Take out of an account's snapshot what people were the last to tell."""
    account, tellers = _base(connection, project_id, account_id)
    numbers = set(people)
    gone = {attribute for attribute, person in tellers.items() if person in numbers}
    if gone:
        account.told = {name: told for name, told in account.told.items() if name not in gone}
        tellers = {name: person for name, person in tellers.items() if name not in gone}
        _save_account(connection, project_id, account_id, account, tellers)


def _told_before(connection: Connection, project_id: int, account_id: str, before: Instant) -> list[tuple[int, Event]]:
    """The `group` calls about an account before an instant, in history order, each with the number of its person."""
    statement = sa.select(_EVENT).where(
        _EVENT.c.project_id == project_id,
        _EVENT.c.group_id == account_id,
        _EVENT.c.time < before,
        tables.ABOUT_ACCOUNTS,
    )
    rows = connection.execute(statement.order_by(_EVENT.c.time, _EVENT.c.seq))
    return [(row.person_id, log.read_event(row)) for row in rows]


def _base(connection: Connection, project_id: int, account_id: str) -> tuple[AccountState, dict[str, int]]:
    here = sa.and_(_ACCOUNT.c.project_id == project_id, _ACCOUNT.c.account_id == account_id)
    row = connection.execute(sa.select(_ACCOUNT.c.data, _ACCOUNT.c.told_by).where(here)).one_or_none()
    return (
        (AccountState(), {}) if row is None else (AccountState.from_json(row.data.encode()), orjson.loads(row.told_by))
    )


def _save_account(
    connection: Connection, project_id: int, account_id: str, account: AccountState, tellers: Mapping[str, int]
) -> None:
    here = sa.and_(_ACCOUNT.c.project_id == project_id, _ACCOUNT.c.account_id == account_id)
    connection.execute(sa.delete(_ACCOUNT).where(here))
    if account.told:
        connection.execute(
            sa.insert(_ACCOUNT).values(
                project_id=project_id,
                account_id=account_id,
                data=account.to_json().decode(),
                told_by=orjson.dumps(dict(tellers)).decode(),
            )
        )
