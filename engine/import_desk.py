"""Imports of the console: a file comes in parts, a worker takes it in, and what was wrong with a row can be read.

The file lies in the database until it was taken in, so that any worker can do it. One that dies in between leaves the
file to the next, which begins anew: taking the same rows in again adds nothing.
"""

from __future__ import annotations

import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from dsl.values import SECOND, Instant, JsonValue
from engine.audit import Act, Action
from engine.bulk import refused_of
from engine.errors import Busy, StorageUnavailable, WaypostError
from engine.import_runs import (
    CSV,
    LONGEST_NAME,
    MOST_MAPPINGS,
    MOST_PROBLEMS,
    MOST_WAITING,
    MOST_WRONG,
    PACKED_FREELY,
    PART_SIZE,
    PROBLEMS_KEPT,
    RATIO,
    UPLOAD_LASTS,
    BadImport,
    ImportAsked,
    KeptMapping,
    NoSuchImport,
    NoSuchMapping,
    Outcome,
    Run,
    RunState,
    Skipped,
    checked,
    read_zone,
)
from engine.imports.archives import BROKEN, measured, unpacked
from engine.imports.csv_rows import read_mapping, read_rows
from engine.imports.formats import formats
from engine.imports.records import RECORD_LIMIT
from engine.imports.tally import Tally
from engine.storage import audit
from engine.storage import import_runs as kept

if TYPE_CHECKING:
    from engine.service import Service
    from engine.storage.store import Database

_log = logging.getLogger("waypost.imports")

NOTE_EVERY: Final = 1 * SECOND


class _TakenOver(Exception):
    """Somebody else does this work by now."""


class ImportDesk:
    """The imports of a database. Instants are passed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, project_id: int, asked: ImportAsked, *, by: str, now: Instant) -> Run:
        """Say that a file will come. Raises BadImport."""
        wanted = checked(asked)
        with self._database.writing() as connection:
            if kept.open_number(connection, project_id) >= MOST_WAITING:
                raise BadImport(f"{MOST_WAITING} files wait already: let them be taken in, or remove some")
            run = kept.add(connection, project_id, wanted, by=by, at=now)
            detail: dict[str, JsonValue] = {"format": run.format, "bytes": run.size, "rehearsal": run.is_rehearsal}
            act = Act(actor=by, action=Action.IMPORT_START, target=f"import {run.id}", detail=detail)
            audit.record(connection, project_id, act, at=now)
        return run

    def add_part(self, project_id: int, number: int, part: int, data: bytes) -> Run:
        """Take the next part of a file, counted from 0; one that came before changes nothing.

        Raises NoSuchImport, BadImport.
        """
        with self._database.writing() as connection:
            run = kept.one(connection, project_id, number, locks=True)
            if run is None:
                raise NoSuchImport(number)
            wanted = -(-run.came // PART_SIZE)
            if part < wanted:
                return run
            length = min(PART_SIZE, run.size - run.came)
            if run.state is not RunState.COMING or part != wanted or len(data) != length:
                raise BadImport(f"part {wanted} with {length:,} bytes is next, not part {part} with {len(data):,}")
            return kept.add_part(connection, run, part, data)

    def take(self, project_id: int, number: int, *, by: str, now: Instant) -> Run:
        """Take in the file of a rehearsal, which is kept for a day. Raises NoSuchImport, BadImport."""
        with self._database.writing() as connection:
            run = kept.one(connection, project_id, number, locks=True)
            if run is None:
                raise NoSuchImport(number)
            if not run.is_rehearsal or run.state is not RunState.DONE:
                raise BadImport("this is no rehearsal that is over: only the file of one can be taken in next")
            taken = kept.take(connection, run)
            if taken is None:
                raise BadImport("the file is not here any more, a day after it was looked at: give it over again")
            detail: dict[str, JsonValue] = {"format": run.format, "bytes": run.size, "rehearsal": False}
            act = Act(actor=by, action=Action.IMPORT_START, target=f"import {number}", detail=detail)
            audit.record(connection, project_id, act, at=now)
        return taken

    def mappings(self, project_id: int) -> tuple[KeptMapping, ...]:
        """What columns are, as the project keeps it, by name."""
        with self._database.reading() as connection:
            return kept.mappings_of(connection, project_id)

    def keep_mapping(
        self, project_id: int, name: str, mapping: Sequence[str], *, zone: str, now: Instant
    ) -> KeptMapping:
        """Keep what columns are under a name, in place of what it stood for. Raises BadImport."""
        called = " ".join(name.split())
        if not called or len(called) > LONGEST_NAME or not called.isprintable():
            raise BadImport(f"the columns need a name of 1 to {LONGEST_NAME} characters")
        wanted = checked(ImportAsked(CSV, called, 1, zone, tuple(mapping)))
        with self._database.writing() as connection:
            names = {each.name for each in kept.mappings_of(connection, project_id)}
            if called not in names and len(names) >= MOST_MAPPINGS:
                raise BadImport(f"a project keeps up to {MOST_MAPPINGS} of these: remove one that is not needed")
            return kept.keep_mapping(connection, project_id, called, wanted.mapping, zone, at=now)

    def drop_mapping(self, project_id: int, number: int) -> KeptMapping:
        """Forget columns that were kept. Raises NoSuchMapping."""
        with self._database.writing() as connection:
            found = kept.drop_mapping(connection, project_id, number)
        if found is None:
            raise NoSuchMapping(number)
        return found

    def runs(self, project_id: int, *, before: int | None = None, limit: int = 50) -> list[Run]:
        """The imports of a project, the latest first."""
        with self._database.reading() as connection:
            return kept.runs_of(connection, project_id, before=before, limit=limit)

    def run(self, project_id: int, number: int) -> Run:
        """One import. Raises NoSuchImport."""
        with self._database.reading() as connection:
            found = kept.one(connection, project_id, number)
        if found is None:
            raise NoSuchImport(number)
        return found

    def skipped(self, project_id: int, number: int) -> list[Skipped]:
        """The rows of an import that were not taken, the first of them. Raises NoSuchImport."""
        self.run(project_id, number)
        with self._database.reading() as connection:
            return kept.skipped_of(connection, number)

    def remove(self, project_id: int, number: int, *, by: str, now: Instant) -> Run:
        """Remove an import from the list, with its file; what was taken in stays. Raises NoSuchImport, BadImport."""
        with self._database.writing() as connection:
            run = kept.one(connection, project_id, number, locks=True)
            if run is None:
                raise NoSuchImport(number)
            if run.state is RunState.RUNNING:
                raise BadImport("this file is being taken in: wait until that is over")
            kept.remove(connection, number)
            act = Act(actor=by, action=Action.IMPORT_REMOVE, target=f"import {number}")
            audit.record(connection, project_id, act, at=now)
        return run

    def work(self, service: Service, *, clock: Callable[[], Instant], renew: Callable[[], bool]) -> int:
        """Take in what waits; how many files were. renew: called now and then; False means: stop."""
        done, now = 0, clock()
        with self._database.writing() as connection:
            kept.tidy(
                connection,
                uploads_before=Instant(now - UPLOAD_LASTS),
                problems_before=Instant(now - PROBLEMS_KEPT),
            )
        while True:
            with self._database.writing() as connection:
                found = kept.next_waiting(connection)
                if found is None:
                    return done
                project, run = found
                kept.begin(connection, run.id, at=clock())
            try:
                _Taking(self._database, service, project, run, clock=clock, renew=renew).run()
            except _TakenOver:
                return done
            done += 1


class _Taking:
    """One file on its way in."""

    def __init__(
        self,
        database: Database,
        service: Service,
        project_id: int,
        run: Run,
        *,
        clock: Callable[[], Instant],
        renew: Callable[[], bool],
    ) -> None:
        self._database = database
        self._service = service
        self._project = project_id
        self._run = run
        self._clock = clock
        self._renew = renew
        self._tally = Tally(most_problems=MOST_WRONG)
        self._read = 0
        self._left = max(RATIO * run.size, PACKED_FREELY)
        self._noted = clock()

    def run(self) -> None:
        """Take the file in, and note what became of it, whatever happens."""
        accepted = duplicates = 0
        error: str | None = None
        try:
            accepted, duplicates = self._take_in()
        except (StorageUnavailable, Busy, _TakenOver):
            raise
        except WaypostError as failure:
            error = str(failure)
        except Exception:
            # Whatever it is: the files of others go on.
            _log.exception("import %s failed", self._run.id)
            error = "something went wrong on our side; the server's log says what"
        tally = self._tally
        if error is None and not tally.rows:
            error = "there is nothing in the file"
        elif error is None and tally.skipped >= tally.rows:
            error = "no row could be taken: is it the right format?"
        listed = tuple(Skipped(tally.files[each.file], each.line, each.text) for each in tally.problems[:MOST_PROBLEMS])
        outcome = Outcome(tally.rows, tally.skipped, accepted, duplicates, listed, error)
        with self._database.writing() as connection:
            kept.finish(connection, self._run, outcome, at=self._clock())

    def _take_in(self) -> tuple[int, int]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "import"
            with self._database.reading() as connection, path.open("wb") as file:
                for part in kept.parts(connection, self._run.id):
                    file.write(part)
            received = self._clock()
            if self._run.is_rehearsal:
                plan = self._service.plans.of(self._project)
                self._tally.refuse(
                    refused_of(self._messages(path), received=received, plan=plan, most_refused=MOST_WRONG)
                )
                return 0, 0
            receipt = self._service.import_history(
                self._project, self._messages(path), received=received, most_refused=MOST_WRONG
            )
        self._tally.refuse(receipt.rejected)
        return receipt.accepted, receipt.duplicates

    def _messages(self, path: Path) -> Iterator[JsonValue]:
        run, tally = self._run, self._tally
        zone = read_zone(run.zone)
        reader = None if run.format == CSV else formats()[run.format].begin(zone)
        try:
            for name, packed in unpacked(path, self._heard):
                tally.begin(name)
                raw = measured(packed, self._unpacked)
                if reader is not None:
                    yield from tally.messages(reader(raw))
                    continue
                with io.TextIOWrapper(cast("io.BufferedReader", raw), encoding="utf-8", newline="") as text:
                    rows = read_rows(_lines(text), mapping=read_mapping(run.mapping), zone=zone)
                    yield from tally.messages(rows)
        except (UnicodeDecodeError, *BROKEN) as error:
            if not tally.files:
                tally.begin("")
            tally.break_off(error)

    def _unpacked(self, read: int) -> None:
        """So many bytes came out of the file. Raises BadImport for one that would go on for ever."""
        self._left -= read
        if self._left < 0:
            raise BadImport(f"the file unpacks to more than {RATIO} times its size, as no history does")

    def _heard(self, read: int) -> None:
        """Some bytes were read: now and then that is noted, and more time asked for."""
        self._read += read
        now = self._clock()
        if now - self._noted < NOTE_EVERY:
            return
        self._noted = now
        if not self._renew():
            raise _TakenOver
        with self._database.writing() as connection:
            kept.note(
                connection, self._run.id, read=self._read, rows=self._tally.rows, skipped=len(self._tally.problems)
            )


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines of a table. Raises BadImport for one that would fill the memory."""
    number = 0
    while line := text.readline(RECORD_LIMIT + 1):
        number += 1
        if len(line) > RECORD_LIMIT:
            raise BadImport(f"line {number:,} is longer than {RECORD_LIMIT >> 20} MB, as no event is")
        yield line
