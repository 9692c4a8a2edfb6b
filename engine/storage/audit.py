"""The audit log in the database: appended to in the transaction of the act, read, verified; never changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.audit import NOTHING_BEFORE, Act, AuditAsked, Entry, Verdict, chained, hash_of
from engine.storage import base, console_tables

_AUDIT = base.table(console_tables.AuditEntry)
_CHAIN_LOCK: Final = 0x57617971  # the first number of the advisory locks on PostgreSQL, the project is the second


def record(connection: Connection, project_id: int, act: Act, *, at: Instant) -> Entry:
    """Append an act to a project's log, durable together with the act itself: call it in the same transaction."""
    if connection.dialect.name == "postgresql":
        # Two processes must not both go on from the same entry.
        key = {"one": _CHAIN_LOCK, "two": project_id}
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:one, :two)"), key)
    last = connection.execute(_of(project_id).order_by(_AUDIT.c.seq.desc()).limit(1)).one_or_none()
    seq, previous = (1, NOTHING_BEFORE) if last is None else (last.seq + 1, last.hash)
    entry = chained(act, project_id=project_id, seq=seq, time=at, previous=previous)
    connection.execute(
        sa.insert(_AUDIT).values(
            project_id=project_id,
            seq=seq,
            time=at,
            actor=entry.actor,
            action=entry.action,
            target=entry.target,
            detail=entry.detail,
            previous=previous,
            hash=entry.hash,
        )
    )
    return entry


def entries(
    connection: Connection,
    project_id: int,
    *,
    before: int | None = None,
    asked: AuditAsked | None = None,
    limit: int = 100,
) -> tuple[Entry, ...]:
    """The latest entries, newest first; before: only lower numbers."""
    statement = _of(project_id).order_by(_AUDIT.c.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(_AUDIT.c.seq < before)
    if asked is not None:
        statement = statement.where(*_chosen(asked))
    return tuple(map(_read, connection.execute(statement)))


def _chosen(asked: AuditAsked) -> Iterator[sa.ColumnElement[bool]]:
    if asked.action is not None:
        yield _AUDIT.c.action == asked.action.value
    if asked.actor is not None:
        yield _AUDIT.c.actor == asked.actor
    if asked.since is not None:
        yield _AUDIT.c.time >= asked.since
    if asked.until is not None:
        yield _AUDIT.c.time < asked.until


def projects_with_entries(connection: Connection) -> tuple[int, ...]:
    """Every project number that the log knows."""
    return tuple(connection.execute(sa.select(_AUDIT.c.project_id).distinct().order_by(_AUDIT.c.project_id)).scalars())


def verify(connection: Connection, project_id: int) -> Verdict:
    """Read a project's whole log again and work every hash out anew."""
    count, head = 0, NOTHING_BEFORE
    for entry in _in_order(connection, project_id):
        why = _fault(entry, seq=count + 1, previous=head)
        if why:
            return Verdict(count, head, entry.seq, why)
        count, head = entry.seq, entry.hash
    return Verdict(count, head)


def hash_at(connection: Connection, project_id: int, seq: int) -> str | None:
    """The hash of one entry; None when there is none."""
    statement = sa.select(_AUDIT.c.hash).where(_AUDIT.c.project_id == project_id, _AUDIT.c.seq == seq)
    found: str | None = connection.execute(statement).scalar()
    return found


def _fault(entry: Entry, *, seq: int, previous: str) -> str:
    if entry.seq != seq:
        return f"entry {seq} is missing"
    if entry.previous != previous:
        return "it does not follow the entry before it"
    if entry.hash != hash_of(entry):
        return "its content is not what its hash was made from"
    return ""


def _in_order(connection: Connection, project_id: int) -> Iterator[Entry]:
    statement = _of(project_id).order_by(_AUDIT.c.seq).execution_options(yield_per=1_000)
    yield from map(_read, connection.execute(statement))


def _of(project_id: int) -> sa.Select[Any]:
    return sa.select(_AUDIT).where(_AUDIT.c.project_id == project_id)


def _read(row: sa.Row[Any]) -> Entry:
    return Entry(
        project_id=row.project_id,
        seq=row.seq,
        time=Instant(row.time),
        actor=row.actor,
        action=row.action,
        target=row.target,
        detail=row.detail,
        previous=row.previous,
        hash=row.hash,
    )
