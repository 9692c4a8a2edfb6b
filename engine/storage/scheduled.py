"""Scheduled sources and their runs in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant, JsonValue
from engine.evidence import Source
from engine.scheduled.facts import Every, ScheduledSource, SourceRun, SourceRunState
from engine.storage import base, evidence_tables, scheduled_tables

_SOURCE = base.table(scheduled_tables.ScheduledSourceRow)
_RUN = base.table(scheduled_tables.ScheduledRunRow)
_EVIDENCE = base.table(evidence_tables.EvidenceItem)
_AS_JSON = frozenset({"settings", "secrets", "cursor"})
_PART: Final = 1_000


@dataclass(frozen=True, slots=True)
class DueSource:
    """A source whose time has come, with all that it takes."""

    project_id: int
    source: ScheduledSource
    secrets: Mapping[str, str]
    cursor: Mapping[str, JsonValue]


def sources_of(connection: Connection, project_id: int) -> tuple[ScheduledSource, ...]:
    """The scheduled sources of a project, oldest first."""
    statement = sa.select(_SOURCE).where(_SOURCE.c.project_id == project_id).order_by(_SOURCE.c.id)
    return tuple(map(_read, connection.execute(statement)))


def secrets_of(connection: Connection, project_id: int, number: int) -> dict[str, str]:
    """The secrets of a source."""
    own = (_SOURCE.c.project_id == project_id, _SOURCE.c.id == number)
    secrets: dict[str, str] = orjson.loads(connection.execute(sa.select(_SOURCE.c.secrets).where(*own)).scalar_one())
    return secrets


def add(connection: Connection, project_id: int, values: Mapping[str, Any], *, at: Instant) -> ScheduledSource:
    """A new source, whose time has come."""
    row = {
        **_stored(values),
        "project_id": project_id,
        "cursor": "{}",
        "is_on": True,
        "failures": 0,
        "next_run": at,
        "created": at,
        "revision": 1,
    }
    return _read(connection.execute(sa.insert(_SOURCE).values(row).returning(*_SOURCE.c)).one())


def change(connection: Connection, project_id: int, number: int, changes: Mapping[str, Any], *, expected: int) -> bool:
    """Change a source as it was at a revision; False where it is another one by now."""
    own = (_SOURCE.c.project_id == project_id, _SOURCE.c.id == number, _SOURCE.c.revision == expected)
    values = {**_stored(changes), "revision": expected + 1}
    return connection.execute(sa.update(_SOURCE).where(*own).values(values)).rowcount == 1


def remove(connection: Connection, project_id: int, number: int) -> bool:
    """Remove a source with its runs; what it brought stays."""
    own = (_SOURCE.c.project_id == project_id, _SOURCE.c.id == number)
    if connection.execute(sa.delete(_SOURCE).where(*own)).rowcount == 0:
        return False
    connection.execute(sa.delete(_RUN).where(_RUN.c.source_id == number))
    return True


def due(connection: Connection, *, now: Instant) -> DueSource | None:
    """The source that waits longest."""
    waits = sa.and_(_SOURCE.c.is_on, _SOURCE.c.next_run <= now)
    row = connection.execute(
        sa.select(_SOURCE).where(waits).order_by(_SOURCE.c.next_run, _SOURCE.c.id).limit(1)
    ).one_or_none()
    if row is None:
        return None
    return DueSource(row.project_id, _read(row), orjson.loads(row.secrets), orjson.loads(row.cursor))


def note(connection: Connection, number: int, changes: Mapping[str, Any], *, revision: int) -> bool:
    """Note what a run did of a source; False, and nothing, where somebody changed it meanwhile."""
    own = (_SOURCE.c.id == number, _SOURCE.c.revision == revision)
    return connection.execute(sa.update(_SOURCE).where(*own).values(_stored(changes))).rowcount == 1


def call(connection: Connection, project_id: int, number: int, *, at: Instant) -> None:
    """Let a source's time have come."""
    own = (_SOURCE.c.project_id == project_id, _SOURCE.c.id == number)
    connection.execute(sa.update(_SOURCE).where(*own).values(next_run=at))


def begin_run(connection: Connection, project_id: int, source_id: int, *, at: Instant) -> SourceRun:
    """A new run. One that was not ended belongs to a worker that is gone."""
    cut = sa.and_(_RUN.c.source_id == source_id, _RUN.c.state == SourceRunState.RUNNING.value)
    error = "the worker ended before it did; the next run goes on from there"
    connection.execute(sa.update(_RUN).where(cut).values(state=SourceRunState.FAILED.value, finished=at, error=error))
    counts = dict.fromkeys(("pages", "found", "kept", "updated", "known", "removed", "refused"), 0)
    row = {
        **counts,
        "project_id": project_id,
        "source_id": source_id,
        "state": SourceRunState.RUNNING.value,
        "started": at,
        "problems": "[]",
    }
    return _read_run(connection.execute(sa.insert(_RUN).values(row).returning(*_RUN.c)).one())


def keep_run(connection: Connection, run: SourceRun) -> None:
    """Note how a run is doing."""
    names = ("finished", "pages", "found", "kept", "updated", "known", "removed", "refused", "status", "error")
    values: dict[str, Any] = {name: getattr(run, name) for name in names}
    values |= {"state": run.state.value, "problems": orjson.dumps(run.problems).decode()}
    connection.execute(sa.update(_RUN).where(_RUN.c.id == run.id).values(values))


def runs_of(
    connection: Connection, project_id: int, source_id: int, *, before: int | None, limit: int | None
) -> list[SourceRun]:
    """The runs of a source, the latest first."""
    own = (_RUN.c.project_id == project_id, _RUN.c.source_id == source_id)
    statement = sa.select(_RUN).where(*own).order_by(_RUN.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(_RUN.c.id < before)
    return list(map(_read_run, connection.execute(statement)))


def last_runs(connection: Connection, project_id: int) -> dict[int, SourceRun]:
    """The latest run of each source."""
    latest = sa.select(sa.func.max(_RUN.c.id)).where(_RUN.c.project_id == project_id).group_by(_RUN.c.source_id)
    found = map(_read_run, connection.execute(sa.select(_RUN).where(_RUN.c.id.in_(latest))))
    return {each.source_id: each for each in found}


def forget_before(connection: Connection, before: Instant) -> None:
    """Remove runs that are over since long."""
    connection.execute(sa.delete(_RUN).where(_RUN.c.finished < before))


def evidence_number(connection: Connection, project_id: int, source: Source, external: str) -> int | None:
    """The number of the evidence of an id in its source."""
    column = _EVIDENCE.c
    own = (column.project_id == project_id, column.source == source.value, column.external == external)
    return connection.execute(sa.select(column.id).where(*own)).scalar()


def brought_by_others(
    connection: Connection, project_id: int, source_id: int, numbers: Sequence[int]
) -> dict[int, ScheduledSource]:
    """Of evidence, what another source brought that the project still has: by number, which one.

    Where the one that brought it is gone, it is that of the source that changed it last.
    """
    found = {each.actor: each for each in sources_of(connection, project_id)}
    column = _EVIDENCE.c
    theirs: dict[int, ScheduledSource] = {}
    for at in range(0, len(numbers), _PART):
        own = (column.project_id == project_id, column.id.in_(numbers[at : at + _PART]))
        for row in connection.execute(sa.select(column.id, column.by, column.changed_by).where(*own)):
            source = found.get(row.by) or found.get(row.changed_by)
            if source is not None and source.id != source_id:
                theirs[row.id] = source
    return theirs


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: orjson.dumps(value).decode() if name in _AS_JSON else value for name, value in values.items()}


def _read(row: sa.Row[Any]) -> ScheduledSource:
    return ScheduledSource(
        id=row.id,
        kind=row.kind,
        name=row.name,
        settings=orjson.loads(row.settings),
        secrets=tuple(orjson.loads(row.secrets)),
        every=Every(row.every),
        step=row.step,
        is_on=row.is_on,
        failures=row.failures,
        stopped=row.stopped,
        next_run=None if row.next_run is None else Instant(row.next_run),
        created=Instant(row.created),
        revision=row.revision,
    )


def _read_run(row: sa.Row[Any]) -> SourceRun:
    return SourceRun(
        id=row.id,
        source_id=row.source_id,
        state=SourceRunState(row.state),
        started=Instant(row.started),
        finished=None if row.finished is None else Instant(row.finished),
        pages=row.pages,
        found=row.found,
        kept=row.kept,
        updated=row.updated,
        known=row.known,
        removed=row.removed,
        refused=row.refused,
        status=row.status,
        error=row.error,
        problems=tuple((name, text) for name, text in orjson.loads(row.problems)),
    )
