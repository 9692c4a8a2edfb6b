"""The reports by schedule of all projects: made, changed, written by the worker, each file whole or not at all."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dsl.values import SECOND, Instant, JsonValue, format_instant
from engine.audit import Act, Action
from engine.errors import WaypostError
from engine.report_schedules import (
    HELD,
    KEPT,
    MOST_SCHEDULES,
    PAUSES,
    BadSchedule,
    ExportsOff,
    NoSuchRun,
    NoSuchSchedule,
    RunState,
    Wanted,
    checked,
    file_name,
    next_due,
    period_of,
)
from engine.roadmap.items import StaleItem
from engine.storage import audit
from engine.storage import report_schedules as kept
from engine.storage.report_schedules import Run, Schedule
from engine.telling_hooks import note_for_hooks
from engine.webhooks import HookKind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.service import Service
    from engine.storage.store import Database

_log = logging.getLogger("waypost.jobs")


class Reports(Protocol):
    """What may be written, and how. Known above the engine, where the addresses are."""

    def check(self, wanted: Wanted) -> None:
        """Raises a WaypostError that says what of a report cannot be asked."""
        ...

    def write(
        self, service: Service, project_id: int, wanted: Wanted, period: tuple[Instant, Instant] | None, to: Path
    ) -> int:
        """Write a report to a file that is there already, empty; how many rows it has."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where files go. folder: of all projects; None where this server writes none."""

    folder: Path | None

    def of(self, slug: str) -> Path:
        """The folder of a project. Raises ExportsOff."""
        if self.folder is None:
            raise ExportsOff
        return self.folder / slug.replace("/", "~")


class ReportDesk:
    """The exports of a database. Instants are passed in. holds_every: seconds after which a run that is being written
    is held anew.
    """

    def __init__(
        self, database: Database, place: Place, reports: Reports, *, holds_every: float = HELD / SECOND / 6
    ) -> None:
        self._database = database
        self._place = place
        self._reports = reports
        self._holds_every = holds_every

    # by people

    def schedules(self, project_id: int) -> list[Schedule]:
        """The exports of a project, oldest first."""
        with self._database.reading() as connection:
            return kept.schedules_of(connection, project_id)

    def runs(
        self, project_id: int, *, schedule_id: int | None = None, before: int | None = None, limit: int = 50
    ) -> list[Run]:
        """What was written, or will be, the latest first. Raises NoSuchSchedule."""
        with self._database.reading() as connection:
            if schedule_id is not None:
                _the(connection, project_id, schedule_id)
            return kept.runs_of(connection, project_id, schedule_id=schedule_id, before=before, limit=limit)

    def add(self, project_id: int, wanted: Wanted, *, zone: str, by: str, now: Instant) -> Schedule:
        """A new one. Raises BadSchedule, ExportsOff, and what the report refuses."""
        self._place.of("")
        self._reports.check(checked(wanted))
        with self._database.writing() as connection:
            known = kept.schedules_of(connection, project_id)
            if len(known) >= MOST_SCHEDULES:
                raise BadSchedule(f"a project has up to {MOST_SCHEDULES} scheduled exports: remove one")
            _refuse_twin(known, wanted, own=None)
            made = kept.add(connection, project_id, wanted, next_due=next_due(wanted, now, zone), at=now)
            _note(connection, Action.EXPORT_SCHEDULE, made, by=by, at=now)
        return made

    def change(
        self,
        project_id: int,
        number: int,
        changes: Mapping[str, Any],
        *,
        revision: int,
        zone: str,
        by: str,
        now: Instant,
    ) -> Schedule:
        """Change one: members of `Wanted`, is_on. Raises NoSuchSchedule, StaleItem, and what `add` does."""
        told = dict(changes)
        with self._database.writing() as connection:
            before = _the(connection, project_id, number)
            is_on = told.pop("is_on", before.is_on)
            wanted = checked(replace(before.wanted, **told))
            self._reports.check(wanted)
            _refuse_twin(kept.schedules_of(connection, project_id), wanted, own=number)
            due = None if not is_on else _still_due(before, wanted) or next_due(wanted, now, zone)
            if before.revision != revision or not kept.change(connection, before, wanted, is_on=is_on, next_due=due):
                current = _the(connection, project_id, number).revision
                raise StaleItem(f"export {number}", given=revision, current=current, by="somebody else")
            made = _the(connection, project_id, number)
            _note(connection, Action.EXPORT_SCHEDULE, made, by=by, at=now)
        return made

    def remove(self, project_id: int, number: int, *, by: str, now: Instant) -> Schedule:
        """Remove one, and the list of its runs; the files stay. Raises NoSuchSchedule."""
        with self._database.writing() as connection:
            found = _the(connection, project_id, number)
            kept.remove(connection, number)
            _note(connection, Action.EXPORT_REMOVE, found, by=by, at=now)
        return found

    def run_now(self, project_id: int, number: int, *, now: Instant) -> Schedule:
        """Let one be written now, besides its schedule. Raises NoSuchSchedule, ExportsOff."""
        with self._database.writing() as connection:
            found = _the(connection, project_id, number)
            self._place.of("")
            kept.add_run(connection, found, due=now, by_hand=True, at=now)
        return found

    def file_of(self, project_id: int, number: int, slug: str) -> Path:
        """The file of a run that is done. Raises NoSuchRun, ExportsOff."""
        with self._database.reading() as connection:
            found = kept.run(connection, number)
        if found is None or found.project_id != project_id or found.file is None or found.state is not RunState.DONE:
            raise NoSuchRun(number)
        path = self._place.of(slug) / found.file
        if not path.is_file():
            raise NoSuchRun(number)
        return path

    # by the worker

    def work(self, service: Service, *, clock: Callable[[], Instant], renew: Callable[[], bool]) -> tuple[int, int]:
        """Write what is due; how many files were written, and how many were not. renew: False means: stop."""
        if self._place.folder is None:
            return 0, 0
        self._note_due(service, clock())
        written = failed = 0
        while renew():
            now = clock()
            with self._database.writing() as connection:
                found = kept.take_run(connection, now=now, until=Instant(now + HELD))
            if found is None:
                break
            is_done = self._run(service, found, clock)
            written, failed = written + is_done, failed + (not is_done)
        return written, failed

    def _note_due(self, service: Service, now: Instant) -> None:
        with self._database.reading() as connection:
            due = kept.due_schedules(connection, now=now)
        # Read after them, so that the project of each is among them.
        zones = {project.id: project.zone for project in service.projects()} if due else {}
        with self._database.writing() as connection:
            for each in due:
                if each.project_id not in zones:
                    continue
                # What was missed while nobody worked is one file, not one for each day.
                following = next_due(each.wanted, now, zones[each.project_id])
                if each.next_due is not None and kept.move_on(connection, each, next_due=following):
                    kept.add_run(connection, each, due=each.next_due, by_hand=False, at=now)
            kept.forget_before(connection, Instant(now - KEPT))

    def _run(self, service: Service, found: Run, clock: Callable[[], Instant]) -> bool:
        project = service.project(found.project_id)
        with self._database.reading() as connection:
            schedule = kept.schedule(connection, found.schedule)
        if schedule is None or project is None:
            return False
        wanted, zone = schedule.wanted, project.zone
        name = file_name(wanted, found.due, zone, run=found.id if found.by_hand else None)
        try:
            with self._held(found, clock):
                rows, size = self._write(service, found, wanted, self._place.of(project.slug) / name, zone)
        except Exception as error:
            if not isinstance(error, WaypostError | OSError):
                _log.exception("the export `%s` failed", wanted.name)
            self._note_failure(found, _told(error), clock())
            return False
        now = clock()
        data: dict[str, JsonValue] = {
            "export": wanted.name,
            "report": wanted.report,
            "run": found.id,
            "file": name,
            "rows": rows,
            "bytes": size,
            "due": format_instant(found.due),
        }
        values = {"state": RunState.DONE.value, "next_try": None, "file": name, "rows": rows, "bytes": size}
        with self._database.writing() as connection:
            if kept.finish(connection, found, {**values, "error": None, "finished": now}):
                key = f"export:{found.id}"
                note_for_hooks(connection, found.project_id, HookKind.EXPORT_FINISHED, key, data, now)
        return True

    @contextmanager
    def _held(self, found: Run, clock: Callable[[], Instant]) -> Iterator[None]:
        """Ask for more time again and again, so that nobody takes over what is being written."""
        is_over = threading.Event()

        def hold() -> None:
            while not is_over.wait(self._holds_every):
                try:
                    with self._database.writing() as connection:
                        if not kept.hold(connection, found, until=Instant(clock() + HELD)):
                            return
                except WaypostError as error:
                    # There is time for more of these before the run is lost.
                    _log.warning("no more time for run %s of an export just now: %s", found.id, error)

        holder = threading.Thread(target=hold, name="waypost-export-holder", daemon=True)
        holder.start()
        try:
            yield
        finally:
            is_over.set()
            holder.join()

    def _write(self, service: Service, found: Run, wanted: Wanted, to: Path, zone: str) -> tuple[int, int]:
        """The rows and the bytes of a file, which gets its name when it is whole."""
        to.parent.mkdir(parents=True, exist_ok=True)
        # Before anything is read: who is erased from now on is told of the file.
        copy = service.privacy.record_events_export(found.project_id, wanted.form.value, path=str(to), by=wanted.name)
        for left in to.parent.glob(f".{to.name}-*"):
            # Of a worker that died in the middle of it: this run is nobody's but ours.
            left.unlink(missing_ok=True)
        number, name = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}-")
        os.close(number)
        half = Path(name)
        try:
            period = period_of(wanted, found.due, zone)
            rows = self._reports.write(service, found.project_id, wanted, period, half)
            with half.open("rb") as written:
                os.fsync(written.fileno())
            size = half.stat().st_size
            half.replace(to)
        except BaseException:
            half.unlink(missing_ok=True)
            if copy is not None and not to.exists():
                service.privacy.remove_copy(copy)
            raise
        return rows, size

    def _note_failure(self, found: Run, error: str, now: Instant) -> None:
        again = Instant(now + PAUSES[found.tries - 1]) if found.tries <= len(PAUSES) else None
        state = RunState.FAILED if again is None else RunState.WAITING
        values = {
            "state": state.value,
            "next_try": again,
            "error": error[:255],
            "finished": now if again is None else None,
        }
        with self._database.writing() as connection:
            kept.finish(connection, found, values)


def _told(error: Exception) -> str:
    if isinstance(error, WaypostError):
        return str(error)
    if isinstance(error, OSError):
        return f"the file could not be written: {error.strerror or type(error).__name__}"
    return f"it failed: {type(error).__name__}; the log of the worker says more"


def _refuse_twin(known: list[Schedule], wanted: Wanted, *, own: int | None) -> None:
    if any(each.wanted.name == wanted.name and each.id != own for each in known):
        raise BadSchedule(f"there is an export `{wanted.name}` already, and their files would have the same names")


def _still_due(before: Schedule, wanted: Wanted) -> Instant | None:
    """When one is due that comes at the same times as before: that may be over, and the file still to be written."""
    was = before.wanted
    return before.next_due if (was.every, was.hour, was.on) == (wanted.every, wanted.hour, wanted.on) else None


def _the(connection: Connection, project_id: int, number: int) -> Schedule:
    found = kept.schedule(connection, number)
    if found is None or found.project_id != project_id:
        raise NoSuchSchedule(number)
    return found


def _note(connection: Connection, action: Action, schedule: Schedule, *, by: str, at: Instant) -> None:
    wanted = schedule.wanted
    detail: dict[str, JsonValue] = {"report": wanted.report, "name": wanted.name, "on": schedule.is_on}
    act = Act(actor=by, action=action, target=f"export {schedule.id}", detail=detail)
    audit.record(connection, schedule.project_id, act, at=at)
