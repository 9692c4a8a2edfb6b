"""What a project does not keep any longer: found, folded into snapshots, and removed, some people at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.events import EventKind
from engine.folding import PersonState, fold_new
from engine.plan import StatePlan
from engine.snapshots import Snapshot, begun
from engine.storage import identity, keeping_tables, log, snapshots, tables
from engine.storage.log import chunks

_DECISION = tables.table(tables.Decision)
_EVENT = tables.table(tables.Event)
_KEEPING = tables.table(keeping_tables.Keeping)
_PERSON = tables.table(tables.Person)

PART: Final = 100
"""People whose events are removed in one transaction."""


@dataclass(frozen=True, slots=True)
class Part:
    """What was done for some people. last: the number of the last one looked at; None when there are no more."""

    last: int | None
    people: int
    events: int


def days_of(connection: Connection, project_id: int) -> int | None:
    """For how many days a project keeps events; None for all."""
    statement = sa.select(_KEEPING.c.retention_days).where(_KEEPING.c.project_id == project_id)
    found: int | None = connection.execute(statement).scalar()
    return found


def set_days(connection: Connection, project_id: int, days: int | None, *, salt: str) -> None:
    """Keep events for so many days from now on; None: all of them. salt: for a project that has none yet."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_KEEPING).values(project_id=project_id, retention_days=days, salt=salt)
    connection.execute(statement.on_conflict_do_update(index_elements=["project_id"], set_={"retention_days": days}))


def retain_part(
    connection: Connection, project_id: int, plan: StatePlan, *, after: int, cut: Instant, limit: int = PART
) -> Part:
    """Fold what the next people did before the cut into their snapshots, and remove it. Doing it again does no harm."""
    numbers = _people_after(connection, project_id, after, limit)
    if not numbers:
        return Part(None, 0, 0)
    living = identity.lock_people(connection, numbers)
    aliases = identity.aliases_of(connection, living)
    filed = {number: person for person, numbers in aliases.items() for number in numbers}
    with_old = {filed[number] for number in _with_events_before(connection, list(filed), cut)}
    known = snapshots.load(connection, sorted(with_old))
    made: dict[int, Snapshot] = {}
    removed = 0
    for person in sorted(with_old):
        history = [each for each in log.of_people(connection, aliases[person]) if each.time < cut]
        snapshot = known.get(person)
        state = PersonState(begun(plan, snapshot))
        # What came late and was of before the former cut is in no state: it only goes.
        fold_new(plan, state, [each for each in history if snapshot is None or each.time >= snapshot.cut])
        before = 0 if snapshot is None else snapshot.events
        made[person] = Snapshot(cut, before + len(history), state.state.to_json())
        told = [each.group_id for each in history if each.kind is EventKind.GROUP and each.group_id is not None]
        snapshots.keep_accounts(connection, project_id, told, before=cut)
        removed += len(history)
    snapshots.save(connection, project_id, made)
    _remove_events(connection, [number for number, person in filed.items() if person in with_old], cut)
    _remove_decisions(connection, list(filed), cut)
    return Part(numbers[-1], len(made), removed)


def _people_after(connection: Connection, project_id: int, after: int, limit: int) -> list[int]:
    statement = sa.select(_PERSON.c.id).where(
        _PERSON.c.project_id == project_id, _PERSON.c.id > after, _PERSON.c.merged_into.is_(None)
    )
    return list(connection.execute(statement.order_by(_PERSON.c.id).limit(limit)).scalars())


def _with_events_before(connection: Connection, people: Sequence[int], cut: Instant) -> set[int]:
    found: set[int] = set()
    for part in chunks(people):
        statement = sa.select(_EVENT.c.person_id).where(_EVENT.c.person_id.in_(part), _EVENT.c.time < cut)
        found.update(connection.execute(statement.distinct()).scalars())
    return found


def _remove_events(connection: Connection, people: Sequence[int], cut: Instant) -> None:
    for part in chunks(people):
        connection.execute(sa.delete(_EVENT).where(_EVENT.c.person_id.in_(part), _EVENT.c.time < cut))


def _remove_decisions(connection: Connection, people: Sequence[int], cut: Instant) -> None:
    # They hold the context of a request, and the event that woke them.
    for part in chunks(people):
        connection.execute(sa.delete(_DECISION).where(_DECISION.c.person_id.in_(part), _DECISION.c.time < cut))
