"""Imports and the parts of their files, in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.import_runs import ImportAsked, KeptMapping, Outcome, Run, RunState, Skipped
from engine.storage import base, import_tables

_RUN = base.table(import_tables.ImportRun)
_PART = base.table(import_tables.ImportPart)
_MAPPING = base.table(import_tables.ImportMapping)
_REHEARSED: Final = 3
"""Files of one project that are kept after a rehearsal."""
_COLUMNS = [column for column in _RUN.c if column.name != "problems"]


def add(connection: Connection, project_id: int, asked: ImportAsked, *, by: str, at: Instant) -> Run:
    """A new import, whose file is still to come."""
    values = {
        "project_id": project_id,
        "format": asked.format,
        "name": asked.name.strip(),
        "options": orjson.dumps({"zone": asked.zone, "mapping": list(asked.mapping)}).decode(),
        "is_rehearsal": asked.is_rehearsal,
        "state": RunState.COMING.value,
        "size": asked.size,
        **dict.fromkeys(("came", "read", "rows", "skipped", "accepted", "duplicates"), 0),
        "problems": "[]",
        "by": by,
        "created": at,
    }
    return _read(connection.execute(sa.insert(_RUN).values(values).returning(*_COLUMNS)).one())


def runs_of(connection: Connection, project_id: int, *, before: int | None = None, limit: int = 50) -> list[Run]:
    """The imports of a project, the latest first."""
    statement = sa.select(*_COLUMNS).where(_RUN.c.project_id == project_id)
    if before is not None:
        statement = statement.where(_RUN.c.id < before)
    return list(map(_read, connection.execute(statement.order_by(_RUN.c.id.desc()).limit(limit))))


def one(connection: Connection, project_id: int, number: int, *, locks: bool = False) -> Run | None:
    """One import. locks: nobody else changes it meanwhile."""
    statement = sa.select(*_COLUMNS).where(_RUN.c.project_id == project_id, _RUN.c.id == number)
    row = connection.execute(statement.with_for_update() if locks else statement).one_or_none()
    return None if row is None else _read(row)


def open_number(connection: Connection, project_id: int) -> int:
    """How many imports of a project are on their way, wait or run."""
    is_open = _RUN.c.state.in_([RunState.COMING.value, RunState.WAITING.value, RunState.RUNNING.value])
    statement = sa.select(sa.func.count()).select_from(_RUN).where(_RUN.c.project_id == project_id, is_open)
    return connection.execute(statement).scalar_one()


def add_part(connection: Connection, run: Run, number: int, data: bytes) -> Run:
    """Keep the next part of a file; with the last one it waits to be taken in."""
    connection.execute(sa.insert(_PART).values(run_id=run.id, number=number, data=data))
    came = run.came + len(data)
    state = RunState.WAITING if came == run.size else RunState.COMING
    changed = sa.update(_RUN).where(_RUN.c.id == run.id).values(came=came, state=state.value)
    return _read(connection.execute(changed.returning(*_COLUMNS)).one())


def parts(connection: Connection, run_id: int) -> Iterator[bytes]:
    """The parts of a file, in order."""
    numbers = sa.select(_PART.c.number).where(_PART.c.run_id == run_id).order_by(_PART.c.number)
    for number in connection.execute(numbers).scalars().all():
        own = (_PART.c.run_id == run_id, _PART.c.number == number)
        yield connection.execute(sa.select(_PART.c.data).where(*own)).scalar_one()


def next_waiting(connection: Connection) -> tuple[int, Run] | None:
    """The import that is to be taken in next, with its project; one that a worker left half done first."""
    states = [RunState.RUNNING.value, RunState.WAITING.value]
    statement = (
        sa.select(*_COLUMNS).where(_RUN.c.state.in_(states)).order_by(_RUN.c.state != states[0], _RUN.c.id).limit(1)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else (row.project_id, _read(row))


def begin(connection: Connection, run_id: int, *, at: Instant) -> None:
    """Note that an import is being taken in, from its first row on."""
    fresh = dict.fromkeys(("read", "rows", "skipped", "accepted", "duplicates"), 0)
    values = {"state": RunState.RUNNING.value, "started": at, **fresh}
    connection.execute(sa.update(_RUN).where(_RUN.c.id == run_id).values(values))


def note(connection: Connection, run_id: int, *, read: int, rows: int, skipped: int) -> None:
    """Note how far an import is."""
    values = {"read": read, "rows": rows, "skipped": skipped}
    connection.execute(sa.update(_RUN).where(_RUN.c.id == run_id).values(values))


def finish(connection: Connection, run: Run, outcome: Outcome, *, at: Instant) -> None:
    """Note what became of an import, and drop its file, but of a rehearsal that went well: it may be taken in next."""
    values = {
        "state": (RunState.DONE if outcome.error is None else RunState.FAILED).value,
        "read": run.size if outcome.error is None else run.read,
        "rows": outcome.rows,
        "skipped": outcome.skipped,
        "accepted": outcome.accepted,
        "duplicates": outcome.duplicates,
        "problems": orjson.dumps([[each.file, each.line, each.text] for each in outcome.problems]).decode(),
        "error": outcome.error,
        "finished": at,
    }
    connection.execute(sa.update(_RUN).where(_RUN.c.id == run.id).values(values))
    if not run.is_rehearsal or outcome.error is not None:
        connection.execute(sa.delete(_PART).where(_PART.c.run_id == run.id))
    project = sa.select(_RUN.c.project_id).where(_RUN.c.id == run.id).scalar_subquery()
    of_project = (_RUN.c.project_id == project, _RUN.c.is_rehearsal, _RUN.c.finished.is_not(None))
    older = sa.select(_RUN.c.id).where(*of_project).order_by(_RUN.c.finished.desc(), _RUN.c.id.desc())
    for number in connection.execute(older.offset(_REHEARSED)).scalars().all():
        connection.execute(sa.delete(_PART).where(_PART.c.run_id == number))


def take(connection: Connection, run: Run) -> Run | None:
    """Let the file of a rehearsal wait to be taken in; None where it is gone."""
    lengths = sa.select(sa.func.sum(sa.func.length(_PART.c.data))).where(_PART.c.run_id == run.id)
    if connection.execute(lengths).scalar() != run.size:
        return None
    fresh = dict.fromkeys(("read", "rows", "skipped", "accepted", "duplicates"), 0)
    values = {**fresh, "state": RunState.WAITING.value, "is_rehearsal": False, "problems": "[]", "finished": None}
    changed = sa.update(_RUN).where(_RUN.c.id == run.id).values(values)
    return _read(connection.execute(changed.returning(*_COLUMNS)).one())


def skipped_of(connection: Connection, run_id: int) -> list[Skipped]:
    """The rows of an import that were not taken, as far as they are listed."""
    text = connection.execute(sa.select(_RUN.c.problems).where(_RUN.c.id == run_id)).scalar_one()
    return [Skipped(file, line, problem) for file, line, problem in orjson.loads(text)]


def remove(connection: Connection, run_id: int) -> None:
    """Remove an import with its file. What was taken in stays."""
    connection.execute(sa.delete(_PART).where(_PART.c.run_id == run_id))
    connection.execute(sa.delete(_RUN).where(_RUN.c.id == run_id))


def tidy(connection: Connection, *, uploads_before: Instant, problems_before: Instant) -> None:
    """Remove files that never came whole, those of rehearsals that nobody took in, and lists of rows that are old."""
    is_left = sa.and_(_RUN.c.state == RunState.COMING.value, _RUN.c.created < uploads_before)
    for number in connection.execute(sa.select(_RUN.c.id).where(is_left)).scalars().all():
        remove(connection, number)
    is_over = sa.and_(_RUN.c.is_rehearsal, _RUN.c.finished < uploads_before)
    rehearsed = sa.select(_RUN.c.id).where(is_over)
    connection.execute(sa.delete(_PART).where(_PART.c.run_id.in_(rehearsed)))
    is_old = sa.and_(_RUN.c.finished < problems_before, _RUN.c.problems != "[]")
    connection.execute(sa.update(_RUN).where(is_old).values(problems="[]"))


def mappings_of(connection: Connection, project_id: int) -> tuple[KeptMapping, ...]:
    """The columns that a project keeps, by name."""
    statement = sa.select(_MAPPING).where(_MAPPING.c.project_id == project_id).order_by(_MAPPING.c.name)
    return tuple(_read_mapping(row) for row in connection.execute(statement))


def keep_mapping(
    connection: Connection, project_id: int, name: str, mapping: Sequence[str], zone: str, *, at: Instant
) -> KeptMapping:
    """Keep columns under a name, in place of those that it stood for."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {"mapping": orjson.dumps(list(mapping)).decode(), "zone": zone, "changed": at}
    statement = insert(_MAPPING).values(project_id=project_id, name=name, **values)
    statement = statement.on_conflict_do_update(index_elements=["project_id", "name"], set_=values)
    return _read_mapping(connection.execute(statement.returning(*_MAPPING.c)).one())


def drop_mapping(connection: Connection, project_id: int, number: int) -> KeptMapping | None:
    """Forget columns that were kept; None where there are none of that number."""
    own = (_MAPPING.c.project_id == project_id, _MAPPING.c.id == number)
    row = connection.execute(sa.delete(_MAPPING).where(*own).returning(*_MAPPING.c)).one_or_none()
    return None if row is None else _read_mapping(row)


def _read_mapping(row: sa.Row[Any]) -> KeptMapping:
    return KeptMapping(row.id, row.name, tuple(orjson.loads(row.mapping)), row.zone, Instant(row.changed))


def _read(row: sa.Row[Any]) -> Run:
    options = orjson.loads(row.options)
    return Run(
        id=row.id,
        format=row.format,
        name=row.name,
        zone=options["zone"],
        mapping=tuple(options["mapping"]),
        is_rehearsal=row.is_rehearsal,
        state=RunState(row.state),
        size=row.size,
        came=row.came,
        read=row.read,
        rows=row.rows,
        skipped=row.skipped,
        accepted=row.accepted,
        duplicates=row.duplicates,
        error=row.error,
        by=row.by,
        created=Instant(row.created),
        started=None if row.started is None else Instant(row.started),
        finished=None if row.finished is None else Instant(row.finished),
    )
