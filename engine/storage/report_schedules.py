"""Reports by schedule and their runs, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.report_schedules import MOST_TRIES, NEVER_BACK, Every, FileForm, RunState, Wanted
from engine.storage import base, report_tables

_SCHEDULE = base.table(report_tables.ReportSchedule)
_RUN = base.table(report_tables.ReportRun)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A report by schedule. next_due: None where it is off."""

    id: int
    project_id: int
    wanted: Wanted
    is_on: bool
    revision: int
    created: Instant
    next_due: Instant | None


@dataclass(frozen=True, slots=True)
class Run:
    """One file that is written, or was. by_hand: somebody asked for it in between."""

    id: int
    project_id: int
    schedule: int
    due: Instant
    by_hand: bool
    state: RunState
    tries: int
    next_try: Instant | None
    file: str | None
    rows: int | None
    bytes: int | None
    error: str | None
    finished: Instant | None


def schedules_of(connection: Connection, project_id: int) -> list[Schedule]:
    """The exports of a project, oldest first."""
    statement = sa.select(_SCHEDULE).where(_SCHEDULE.c.project_id == project_id).order_by(_SCHEDULE.c.id)
    return list(map(_read_schedule, connection.execute(statement)))


def schedule(connection: Connection, number: int) -> Schedule | None:
    """One of any project."""
    row = connection.execute(sa.select(_SCHEDULE).where(_SCHEDULE.c.id == number)).one_or_none()
    return None if row is None else _read_schedule(row)


def due_schedules(connection: Connection, *, now: Instant) -> list[Schedule]:
    """Those of all projects that are due."""
    statement = sa.select(_SCHEDULE).where(_SCHEDULE.c.is_on, _SCHEDULE.c.next_due <= now).order_by(_SCHEDULE.c.id)
    return list(map(_read_schedule, connection.execute(statement)))


def add(connection: Connection, project_id: int, wanted: Wanted, *, next_due: Instant, at: Instant) -> Schedule:
    """A new one, which is on."""
    values = {"project_id": project_id, **_columns(wanted), "is_on": True, "revision": 1, "created": at}
    row = connection.execute(sa.insert(_SCHEDULE).values(**values, next_due=next_due).returning(*_SCHEDULE.c)).one()
    return _read_schedule(row)


def change(connection: Connection, found: Schedule, wanted: Wanted, *, is_on: bool, next_due: Instant | None) -> bool:
    """Change one as it was at its revision; False where it is another one by now."""
    values = {**_columns(wanted), "is_on": is_on, "next_due": next_due, "revision": found.revision + 1}
    own = (_SCHEDULE.c.id == found.id, _SCHEDULE.c.revision == found.revision)
    return connection.execute(sa.update(_SCHEDULE).where(*own).values(values)).rowcount == 1


def remove(connection: Connection, number: int) -> None:
    """Remove one with the list of its runs; files stay."""
    connection.execute(sa.delete(_SCHEDULE).where(_SCHEDULE.c.id == number))
    connection.execute(sa.delete(_RUN).where(_RUN.c.schedule_id == number))


def move_on(connection: Connection, found: Schedule, *, next_due: Instant) -> bool:
    """Note when it is due next; False where somebody else did."""
    own = (_SCHEDULE.c.id == found.id, _SCHEDULE.c.next_due == found.next_due)
    return connection.execute(sa.update(_SCHEDULE).where(*own).values(next_due=next_due)).rowcount == 1


def add_run(connection: Connection, found: Schedule, *, due: Instant, by_hand: bool, at: Instant) -> None:
    """Let a file be written; nothing changes where it was, or will be."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {
        "project_id": found.project_id,
        "schedule_id": found.id,
        "key": f"{'by hand' if by_hand else 'due'} {due}",
        "due": due,
        "by_hand": by_hand,
        "state": RunState.WAITING.value,
        "tries": 0,
        "next_try": at,
    }
    connection.execute(insert(_RUN).values(values).on_conflict_do_nothing())


def take_run(connection: Connection, *, now: Instant, until: Instant) -> Run | None:
    """Take what waited longest, or what somebody took who never came back; None where nothing is to be done.

    What nobody came back from at its last try either is given up.
    """
    is_lost = sa.and_(_RUN.c.next_try <= now, _RUN.c.state == RunState.RUNNING.value, _RUN.c.tries >= MOST_TRIES)
    given_up = {"state": RunState.FAILED.value, "next_try": None, "finished": now, "error": NEVER_BACK}
    connection.execute(sa.update(_RUN).where(is_lost).values(given_up))
    is_due = sa.and_(_RUN.c.next_try <= now, _RUN.c.state.in_([RunState.WAITING.value, RunState.RUNNING.value]))
    row = connection.execute(sa.select(_RUN).where(is_due).order_by(_RUN.c.next_try, _RUN.c.id).limit(1)).one_or_none()
    if row is None:
        return None
    values = {"state": RunState.RUNNING.value, "tries": row.tries + 1, "next_try": until}
    mine = (_RUN.c.id == row.id, _RUN.c.next_try == row.next_try, _RUN.c.state == row.state)
    if connection.execute(sa.update(_RUN).where(*mine).values(values)).rowcount != 1:
        return None
    return run(connection, row.id)


def hold(connection: Connection, found: Run, *, until: Instant) -> bool:
    """Ask for more time; False where somebody else has it by now."""
    mine = (_RUN.c.id == found.id, _RUN.c.tries == found.tries, _RUN.c.state == RunState.RUNNING.value)
    return connection.execute(sa.update(_RUN).where(*mine).values(next_try=until)).rowcount == 1


def finish(connection: Connection, found: Run, values: Mapping[str, Any]) -> bool:
    """Note what came of a try; False where somebody else has it by now."""
    mine = (_RUN.c.id == found.id, _RUN.c.tries == found.tries, _RUN.c.state == RunState.RUNNING.value)
    return connection.execute(sa.update(_RUN).where(*mine).values(**values)).rowcount == 1


def run(connection: Connection, number: int) -> Run | None:
    """One run of any project."""
    row = connection.execute(sa.select(_RUN).where(_RUN.c.id == number)).one_or_none()
    return None if row is None else _read_run(row)


def runs_of(
    connection: Connection, project_id: int, *, schedule_id: int | None, before: int | None, limit: int
) -> list[Run]:
    """The runs of a project, or of one export, the latest first."""
    statement = sa.select(_RUN).where(_RUN.c.project_id == project_id).order_by(_RUN.c.id.desc()).limit(limit)
    if schedule_id is not None:
        statement = statement.where(_RUN.c.schedule_id == schedule_id)
    if before is not None:
        statement = statement.where(_RUN.c.id < before)
    return list(map(_read_run, connection.execute(statement)))


def forget_before(connection: Connection, before: Instant) -> None:
    """Remove runs that are over since long from the list."""
    connection.execute(sa.delete(_RUN).where(_RUN.c.next_try.is_(None), _RUN.c.finished < before))


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "report": wanted.report,
        "asked": orjson.dumps(dict(wanted.asked)).decode(),
        "form": wanted.form.value,
        "days": wanted.days,
        "every": wanted.every.value,
        "hour": wanted.hour,
        "day": wanted.on,
    }


def _read_schedule(row: sa.Row[Any]) -> Schedule:
    return Schedule(
        id=row.id,
        project_id=row.project_id,
        wanted=Wanted(
            name=row.name,
            report=row.report,
            asked=orjson.loads(row.asked),
            form=FileForm(row.form),
            days=row.days,
            every=Every(row.every),
            hour=row.hour,
            on=row.day,
        ),
        is_on=row.is_on,
        revision=row.revision,
        created=Instant(row.created),
        next_due=None if row.next_due is None else Instant(row.next_due),
    )


def _read_run(row: sa.Row[Any]) -> Run:
    return Run(
        id=row.id,
        project_id=row.project_id,
        schedule=row.schedule_id,
        due=Instant(row.due),
        by_hand=row.by_hand,
        state=RunState(row.state),
        tries=row.tries,
        next_try=None if row.next_try is None else Instant(row.next_try),
        file=row.file,
        rows=row.rows,
        bytes=row.bytes,
        error=row.error,
        finished=None if row.finished is None else Instant(row.finished),
    )
