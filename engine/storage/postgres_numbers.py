"""The order of receipt on PostgreSQL, where numbers are drawn in one order and committed in another.

Whoever reads by cursor (`seq > cursor`) would pass a number that is drawn but not committed yet, and never come back
for it. So a transaction announces, before it draws, from where on it draws: a shared advisory lock that ends with it,
after its rows can be seen. A reader goes no further than the lowest announcement.

Why this cannot miss a row: the reader asks for the last number first and for the announcements second. Whoever
announces later draws later, and so beyond that number; whoever announced before is seen, or is over and so are its rows
visible to the statement that follows. That statement has to see more than the transaction's beginning: READ COMMITTED.

SQLite needs none of this: its one writer commits in the order in which it draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_KINDS: Final = {"event": 0x57617901, "decision": 0x57617902}
"""The first key of the advisory locks by table: "Way" and a number."""
_SPAN: Final = 2**31
"""The second key is the announced number modulo this, as a key has 31 bits to spare."""

_ANNOUNCE: Final = (
    "SELECT pg_advisory_xact_lock_shared(:kind, (coalesce(pg_sequence_last_value(s), 0) % 2147483648)::int)"
    " FROM CAST(pg_get_serial_sequence(:name, 'seq') AS regclass) AS s"
)
_DRAW: Final = (
    "WITH announced AS MATERIALIZED ("  # noqa: S608  (our own text)
    + _ANNOUNCE
    + ") SELECT nextval(pg_get_serial_sequence(:name, 'seq')) FROM announced, generate_series(1, :count)"
)
_LAST: Final = "SELECT coalesce(pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, 'seq') AS regclass)), 0)"
_ANNOUNCED: Final = (
    "SELECT DISTINCT CAST(objid AS bigint) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2"
    " AND classid = CAST(:kind AS bigint)::oid"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def draw(connection: Connection, table: str, count: int) -> Sequence[int]:
    """So many new numbers of a table, ascending; readers by cursor wait for this transaction's end."""
    values = {"kind": _KINDS[table], "name": table, "count": count}
    return sorted(connection.execute(sa.text(_DRAW), values).scalars())


def announce(connection: Connection, table: str) -> None:
    """The same for rows that are given their numbers by the table: to be called before they are written."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text(_ANNOUNCE), {"kind": _KINDS[table], "name": table})


def settled(connection: Connection, table: str) -> int | None:
    """The number up to which all rows of a table are there that will ever be; None where every row counts."""
    if connection.dialect.name == "sqlite":
        return None
    last: int = connection.execute(sa.text(_LAST), {"name": table}).scalar_one()
    announced = connection.execute(sa.text(_ANNOUNCED), {"kind": _KINDS[table]}).scalars()
    # How far each announcement lies behind; what was announced after we asked for the last number lies ahead of it.
    behind = ((last - number) % _SPAN for number in announced)
    return last - max((distance for distance in behind if distance < _SPAN // 2), default=0)
