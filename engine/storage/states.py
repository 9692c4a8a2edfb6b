"""The folded states of people, as they are stored; what is in a state is decided in `engine.state`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from engine.storage import tables
from engine.storage.log import chunks
from engine.storage.rows import Row, Rows, driver_of

STALE: Final = ""
"""The revision of a state that has to be folded anew from the log, whatever the rules are."""
MEMBERS_LIMIT: Final = 1_000
"""How many people of an account are looked at when a rule asks about all of them."""

_STATE = tables.table(tables.State)
_CHANGING: Final = ("revision", "account_id", "state", "pending")
_ROWS: Final = Rows(_STATE, ("person_id", "project_id", *_CHANGING), key=("person_id",), changed=_CHANGING)
_GO_ON: Final = {
    (pending == "?", account == "?"): f"UPDATE user_state SET state = ?, pending = {pending} "  # noqa: S608
    f"WHERE person_id = ? AND revision = ? AND account_id IS {account}"
    for pending in ("?", "NULL")
    for account in ("?", "NULL")
}
"""Statements, by what there is: for each nothing the driver asks whether it is something that it could adapt."""


@dataclass(frozen=True, slots=True)
class StoredState:
    """A state as it is stored. pending: live events that have not been decided, as `engine.waiting` writes them."""

    person_id: int
    project_id: int
    revision: str
    account_id: str | None
    state: bytes
    pending: str | None = None


def load(connection: Connection, people: Sequence[int]) -> dict[int, StoredState]:
    """The states of some people, as far as they have one."""
    found: dict[int, StoredState] = {}
    for part in chunks(people):
        for row in connection.execute(sa.select(_STATE).where(_STATE.c.person_id.in_(part))):
            found[row.person_id] = _read(row)
    return found


def save(
    connection: Connection, states: Sequence[StoredState], *, before: Mapping[int, StoredState] = MappingProxyType({})
) -> None:
    """Write states, new ones and changed ones. before: what was stored of people, as far as it is known."""
    rest = states
    if before and connection.dialect.name == "sqlite":
        rest = _save_going_on(connection, states, before)
    _ROWS.write(
        connection,
        [(each.person_id, each.project_id, each.revision, each.account_id, each.state, each.pending) for each in rest],
    )


def _save_going_on(
    connection: Connection, states: Sequence[StoredState], before: Mapping[int, StoredState]
) -> Sequence[StoredState]:
    """Write those that stay with their rules and their account, as most do: no index is touched. Gives the others."""
    going_on: dict[tuple[bool, bool], list[Row]] = {}
    others: list[StoredState] = []
    for each in states:
        number, revision, account, pending = each.person_id, each.revision, each.account_id, each.pending
        known = before.get(number)
        if known is None or known.revision != revision or known.account_id != account:
            others.append(each)
            continue
        # An array of bytes the driver takes as it is; bytes it would try to adapt.
        row: Row = (bytearray(each.state), number, revision)
        if pending is not None:
            row = (row[0], pending, number, revision)
        given = (pending is not None, account is not None)
        going_on.setdefault(given, []).append(row if account is None else (*row, account))
    driver = driver_of(connection)
    for given, rows in going_on.items():
        if driver.executemany(_GO_ON[given], rows).rowcount != len(rows):
            # Some are not there any more, or are to be folded anew: which ones, nobody has to know.
            return states
    return others


def stale(person_id: int, project_id: int, latest: int, *, before: StoredState | None = None) -> StoredState:
    """A state that has to be folded anew. latest: the number of the person's latest event; with each it is another
    row, so that whoever folds beside the writer sees that more has come."""
    account = before.account_id if before is not None else None
    pending = before.pending if before is not None else None
    return StoredState(person_id, project_id, STALE, account, b'{"latest":%d}' % latest, pending)


def mark_stale(connection: Connection, project_id: int, latest: Mapping[int, int]) -> None:
    """Note that the states of people have to be folded anew; also of those who have none yet. latest: see `stale`."""
    rows = [_to_row(stale(person, project_id, number)) for person, number in sorted(latest.items())]
    if rows:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        statement = insert(_STATE)
        changed = {"revision": STALE, "state": statement.excluded.state}
        connection.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=changed), rows)


def forget(connection: Connection, people: Iterable[int]) -> None:
    """Drop the states of people who are nobody of their own any more."""
    connection.execute(sa.delete(_STATE).where(_STATE.c.person_id.in_(list(people))))


def outdated(connection: Connection, project_id: int, revision: str, *, limit: int) -> list[int]:
    """Some people of a project whose state was folded under other rules, or is to be folded anew."""
    statement = sa.select(_STATE.c.person_id).where(
        _STATE.c.project_id == project_id, sa.or_(_STATE.c.revision < revision, _STATE.c.revision > revision)
    )
    return list(connection.execute(statement.limit(limit)).scalars())


def members(connection: Connection, project_id: int, account_id: str) -> list[int]:
    """The people of an account, at most `MEMBERS_LIMIT`."""
    statement = sa.select(_STATE.c.person_id).where(
        _STATE.c.project_id == project_id, _STATE.c.account_id == account_id
    )
    return list(connection.execute(statement.order_by(_STATE.c.person_id).limit(MEMBERS_LIMIT)).scalars())


def _read(row: sa.Row[Any]) -> StoredState:
    return StoredState(row.person_id, row.project_id, row.revision, row.account_id, bytes(row.state), row.pending)


def _to_row(state: StoredState) -> dict[str, Any]:
    return {
        "person_id": state.person_id,
        "project_id": state.project_id,
        "revision": state.revision,
        "account_id": state.account_id,
        "state": state.state,
        "pending": state.pending,
    }
