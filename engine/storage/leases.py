"""Who does which background job until when: one row a job, so that of several processes one works on it at a time.

Whoever takes a job gets it for a while, and may ask for longer. A process that dies loses its jobs when that time is
over, and another one goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Duration, Instant
from engine.storage import tables
from engine.storage.job_tables import JobLease

_LEASE = tables.table(JobLease)


@dataclass(frozen=True, slots=True)
class JobState:
    """What is known of a job. due: when it is to run next; the rest is None before the first run.

    error: what went wrong the last time; None where nothing did. done: what the last good run said.
    """

    name: str
    due: Instant
    holder: str | None
    leased_until: Instant | None
    started: Instant | None
    finished: Instant | None
    error: str | None
    done: str | None


def register(connection: Connection, names: list[str], *, now: Instant) -> None:
    """Have a row for each job; a new one is due at once."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [{"name": name, "due": now} for name in sorted(names)]
    connection.execute(insert(_LEASE).on_conflict_do_nothing(), rows)


def take(connection: Connection, names: list[str], *, holder: str, now: Instant, lease: Duration) -> str | None:
    """Take the job that has been due for longest and that nobody works on; its name, None for none."""
    free = sa.or_(_LEASE.c.leased_until.is_(None), _LEASE.c.leased_until <= now)
    statement = (
        sa.select(_LEASE.c.name)
        .where(_LEASE.c.name.in_(names), _LEASE.c.due <= now, free)
        .order_by(_LEASE.c.due, _LEASE.c.name)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    name: str | None = connection.execute(statement).scalar()
    if name is not None:
        connection.execute(
            sa.update(_LEASE)
            .where(_LEASE.c.name == name)
            .values(holder=holder, leased_until=now + lease, started=now, finished=None)
        )
    return name


def renew(connection: Connection, name: str, *, holder: str, now: Instant, lease: Duration) -> bool:
    """Ask for more time; False when the job is somebody else's by now."""
    statement = sa.update(_LEASE).where(_LEASE.c.name == name, _LEASE.c.holder == holder)
    return connection.execute(statement.values(leased_until=now + lease)).rowcount == 1


def finish(
    connection: Connection,
    name: str,
    *,
    holder: str,
    now: Instant,
    due: Instant,
    done: str | None = None,
    error: str | None = None,
) -> None:
    """Give a job back; nothing changes if it is somebody else's by now."""
    values = {"holder": None, "leased_until": None, "finished": now, "due": due, "error": error}
    statement = sa.update(_LEASE).where(_LEASE.c.name == name, _LEASE.c.holder == holder)
    connection.execute(statement.values(**values, **({"done": done} if error is None else {})))


def states(connection: Connection) -> tuple[JobState, ...]:
    """All jobs that were ever registered, by name."""
    return tuple(
        JobState(
            name=row.name,
            due=Instant(row.due),
            holder=row.holder,
            leased_until=_instant(row.leased_until),
            started=_instant(row.started),
            finished=_instant(row.finished),
            error=row.error,
            done=row.done,
        )
        for row in connection.execute(sa.select(_LEASE).order_by(_LEASE.c.name))
    )


def _instant(at: int | None) -> Instant | None:
    return None if at is None else Instant(at)
