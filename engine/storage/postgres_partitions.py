"""The months of the log on PostgreSQL: `event` is cut by the instant of receipt, a table for each month.

By receipt, not by the time that an event tells: what comes late or is imported goes where everything goes today, and a
month that is over is never written to again, except to erase somebody. Months are made ahead; what falls into none (a
clock that was years off) goes into `event_default`, and from there into its month when that is made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant, to_datetime

AHEAD: Final = 3
"""Months after this one that are made ahead: so long may every server and worker be stopped without harm."""

_LOCK: Final = 0x57617970_617274
"""The advisory lock of whoever makes months: two processes start at once, or one starts while a job runs."""
_BOUNDS: Final = re.compile(r"FROM \('?(-?\d+|MINVALUE)'?\) TO \('?(-?\d+|MAXVALUE)'?\)")
_PARTITIONS: Final = (
    "SELECT pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = to_regclass('event')"
)

_NAMED: Final = (
    "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = to_regclass('event') ORDER BY c.relname"
)
_PATIENCE: Final = "500ms"
"""How long a month that is to go may wait for the log: whoever comes meanwhile waits behind it."""

_EVER: Final = 2**63
"""Beyond every instant."""

Month = tuple[str, int, int]
"""The name of a month's table, its first microsecond and the first one after it."""


def make_ahead(connection: Connection, *, now: Instant, ahead: int = AHEAD) -> list[str]:
    """Make the tables of this month and the following ones, as far as they are missing; the names of the new ones.

    Nothing to do on SQLite. Raises what the database raises; then nothing was made, and it may simply be tried again.
    """
    if connection.dialect.name == "sqlite" or not missing(connection, now=now, ahead=ahead):
        return []
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    wanted = missing(connection, now=now, ahead=ahead)
    for month in wanted:
        _make(connection, month)
    return [name for name, _, _ in wanted]


def drop_empty(connection: Connection, *, now: Instant) -> list[str]:
    """Drop the tables of months that are over and hold nothing any more; their names.

    Retention removes events person by person, since a snapshot has to stand for them first, and each project keeps its
    own for as long as it says. What it leaves of a month is an empty table whose space the system gets back only so.
    Nothing to do on SQLite. Raises what the database raises, StorageUnavailable where the log is in use: then
    nothing was dropped, and another day will do.
    """
    if connection.dialect.name == "sqlite":
        return []
    (_, this_month, _), *_ = months(now, count=1)
    over = [name for name, until in _ends(connection) if until <= this_month and _is_empty(connection, name)]
    if not over:
        return []
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
    dropped: list[str] = []
    for name in over:
        connection.execute(sa.text(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"))
        # Somebody whose clock is behind may have written there a moment ago.
        if _is_empty(connection, name):
            connection.execute(sa.text(f"ALTER TABLE event DETACH PARTITION {name}"))
            connection.execute(sa.text(f"DROP TABLE {name}"))
            dropped.append(name)
    return dropped


def _ends(connection: Connection) -> list[tuple[str, int]]:
    """The tables of the log with bounds, and the first microsecond after each."""
    found: list[tuple[str, int]] = []
    for name, bounds in connection.execute(sa.text(_NAMED)):
        read = _BOUNDS.search(bounds)
        if read is not None and read.group(2) != "MAXVALUE":
            found.append((name, int(read.group(2))))
    return found


def _is_empty(connection: Connection, name: str) -> bool:
    return not connection.execute(sa.text(f"SELECT EXISTS (SELECT 1 FROM {name})")).scalar()  # noqa: S608


def missing(connection: Connection, *, now: Instant, ahead: int = AHEAD) -> list[Month]:
    """The months from now on that have no table yet; of one that is covered in part, the rest."""
    taken = _taken(connection)
    found: list[Month] = []
    for name, start, end in months(now, count=ahead + 1):
        # What was there before the log was cut is one table, up to the end of a month.
        free = max([start, *(until for begin, until in taken if begin < end and until > start)])
        if free < end:
            found.append((name, free, end))
    return found


def months(now: Instant, *, count: int) -> list[Month]:
    """The month of an instant, in UTC, and those that follow it."""
    first = to_datetime(now).astimezone(UTC)
    numbers = [first.year * 12 + first.month - 1 + offset for offset in range(count)]
    return [(f"event_{number // 12}_{number % 12 + 1:02}", _begin(number), _begin(number + 1)) for number in numbers]


def _begin(number: int) -> int:
    start = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return int(start.timestamp()) * 1_000_000


def _taken(connection: Connection) -> Sequence[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for bounds in connection.execute(sa.text(_PARTITIONS)).scalars():
        if read := _BOUNDS.search(bounds):
            low, high = read.groups()
            begin = -_EVER if low == "MINVALUE" else int(low)
            found.append((begin, _EVER if high == "MAXVALUE" else int(high)))
    return found


def _make(connection: Connection, month: Month) -> None:
    """Make a month apart, bring over what lies in the default table, and hang it in.

    Made as a part from the beginning it would lock the whole log against readers and writers; hung in, only against
    other changes of its shape.
    """
    name, start, end = month
    values = {"start": start, "end": end}
    connection.execute(sa.text(f"CREATE TABLE {name} (LIKE event INCLUDING DEFAULTS)"))
    moved = (
        "WITH moved AS (DELETE FROM event_default WHERE received >= :start AND received < :end RETURNING *)"  # noqa: S608
        f" INSERT INTO {name} SELECT * FROM moved"
    )
    connection.execute(sa.text(moved), values)
    connection.execute(sa.text(f"ALTER TABLE event ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({end})"))
