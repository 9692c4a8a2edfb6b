"""The lake: the log as Parquet files, by project and day, for analysis. Never read by anything that is live.

Copied from the log by cursor. A manifest names the files that count and the cursor; it is replaced in one step after
its files are on the disk, so a copy that was cut off is simply made again: nothing twice, nothing missed. DuckDB reads
these files only and never opens the live database, which it would damage (see `docs/decisions/`).
"""

from __future__ import annotations

import fcntl
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import Connection, func, select, true

from engine.storage import postgres_numbers
from engine.storage.tables import Event, Person, table

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

CHUNK: Final = 100_000
"""Rows copied at a time: what bounds the memory of a copy."""
MOST_FILES_OF_A_DAY: Final = 8
"""Above this many a day's files are made one."""
COLUMNS: Final = (
    "seq",
    "person_id",
    "kind",
    "name",
    "time",
    "user_id",
    "anonymous_id",
    "group_id",
    "session_id",
    "properties",
    "traits",
    "from_browser",
    "simulated",
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the lake holds: the files of each day, relative to its folder, up to and including a `seq`."""

    cursor: int
    days: Mapping[str, tuple[str, ...]]

    @property
    def files(self) -> tuple[str, ...]:
        """All files, in order."""
        return tuple(name for day in sorted(self.days) for name in self.days[day])


@dataclass(frozen=True, slots=True)
class Lake:
    """One project's lake in a folder of its own."""

    folder: Path

    @classmethod
    def of_project(cls, folder: Path, project_id: int) -> Lake:
        """The lake of a project below the folder of all lakes."""
        return cls(folder / f"project={project_id}")

    def manifest(self) -> Manifest:
        """What is there; an empty lake where nothing was copied yet."""
        try:
            read = orjson.loads((self.folder / "manifest.json").read_bytes())
        except FileNotFoundError:
            return Manifest(0, {})
        return Manifest(read["cursor"], {day: tuple(names) for day, names in read["days"].items()})

    def sync(
        self, connection: Connection, project_id: int, *, progress: Callable[[int], None] | None = None
    ) -> Manifest:
        """Copy what the log has more than the lake; `progress` hears how many rows were copied."""
        with self._locked():
            # Whoever waited for the lock must not go on with what was there before somebody was erased.
            connection.rollback()
            manifest = self.manifest()
            for rows in _rows_after(connection, project_id, manifest.cursor):
                manifest = self._append(manifest, rows)
                if progress is not None:
                    progress(len(rows))
            self._write_persons(connection, project_id)
            self._drop_orphans(manifest)
        return manifest

    def forget(self, connection: Connection, project_id: int, people: Collection[int]) -> int:
        """Write the lake anew without the events of people, by number; how many files were rewritten.

        They have to be gone from the database before. Cut off in the middle, it is simply done again.
        """
        if not self.folder.exists():
            return 0
        with self._locked():
            connection.rollback()
            manifest = self.manifest()
            days: dict[str, tuple[str, ...]] = {}
            rewritten = 0
            for day, names in manifest.days.items():
                kept = [self._without(name, people) for name in names]
                rewritten += sum(new != name for new, name in zip(kept, names, strict=True))
                if left := tuple(name for name in kept if name is not None):
                    days[day] = left
            manifest = self._replace_manifest(Manifest(manifest.cursor, days))
            self._write_persons(connection, project_id)
            self._drop_orphans(manifest)
        return rewritten

    def forget_before(self, cut: int) -> int:
        """Remove the days before that of an instant; how many."""
        if not self.folder.exists():
            return 0
        first = datetime.fromtimestamp(cut // 1_000_000, UTC).date().isoformat()
        with self._locked():
            manifest = self.manifest()
            days = {day: names for day, names in manifest.days.items() if day >= first}
            removed = len(manifest.days) - len(days)
            if removed:
                self._drop_orphans(self._replace_manifest(Manifest(manifest.cursor, days)))
        return removed

    def events(self, backend: Any) -> ibis.Table:
        """All events with `person` resolved to who that is today; `backend` is the engine of ibis that reads them.

        Columns: those of COLUMNS without `person_id`, and `person`.
        """
        names = self.manifest().files
        persons = backend.read_parquet(str(self.folder / "persons.parquet"))
        events = backend.read_parquet([str(self.folder / name) for name in names])
        joined = events.join(persons, events.person_id == persons.id)
        return joined.select(*(column for column in COLUMNS if column != "person_id"), "person")

    def is_empty(self) -> bool:
        """True when there is nothing to analyse."""
        return not self.manifest().days

    def _append(self, manifest: Manifest, rows: Sequence[Any]) -> Manifest:
        days: dict[str, tuple[str, ...]] = dict(manifest.days)
        by_day: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            by_day[datetime.fromtimestamp(row.time // 1_000_000, UTC).date().isoformat()].append(row)
        for day, found in sorted(by_day.items()):
            name = f"events/day={day}/{found[0].seq}-{found[-1].seq}.parquet"
            self._write(name, _arrow(found))
            days[day] = (*days.get(day, ()), name)
            if len(days[day]) > MOST_FILES_OF_A_DAY:
                days[day] = (self._merged(day, days[day]),)
        return self._replace_manifest(Manifest(rows[-1].seq, days))

    def _replace_manifest(self, manifest: Manifest) -> Manifest:
        content = {"cursor": manifest.cursor, "days": dict(manifest.days)}
        self._replace(self.folder / "manifest.json", orjson.dumps(content, option=orjson.OPT_INDENT_2))
        return manifest

    def _without(self, name: str, people: Collection[int]) -> str | None:
        """The file without the events of people: itself where it has none of them, None where nothing is left."""
        import pyarrow as pa  # noqa: PLC0415  (heavy: only where files are written)
        import pyarrow.compute as pc  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        rows = pq.read_table(self.folder / name)
        gone = pc.is_in(rows["person_id"], value_set=pa.array(sorted(people), pa.int64()))
        left = rows.filter(pc.invert(gone))
        if left.num_rows == rows.num_rows:
            return name
        if left.num_rows == 0:
            return None
        # Another name, so that until the manifest is replaced the lake is as it was.
        stem, count = name.removesuffix(".parquet"), 1
        while (self.folder / f"{stem}-{count}.parquet").exists():
            count += 1
        self._write(f"{stem}-{count}.parquet", left)
        return f"{stem}-{count}.parquet"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from writing this lake meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _merged(self, day: str, names: Sequence[str]) -> str:
        import pyarrow as pa  # noqa: PLC0415  (heavy: only where files are written)
        import pyarrow.parquet as pq  # noqa: PLC0415

        whole = pa.concat_tables(pq.read_table(self.folder / name) for name in names).sort_by("seq")
        name = f"events/day={day}/{whole['seq'][0]}-{whole['seq'][-1]}-merged.parquet"
        self._write(name, whole)
        return name

    def _write(self, name: str, rows: pa.Table) -> None:
        import pyarrow.parquet as pq  # noqa: PLC0415

        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        pq.write_table(rows, draft, compression="zstd")
        _flush(draft)
        draft.replace(path)

    def _write_persons(self, connection: Connection, project_id: int) -> None:
        import pyarrow as pa  # noqa: PLC0415

        person = table(Person)
        found = connection.execute(
            select(person.c.id, func.coalesce(person.c.merged_into, person.c.id).label("person")).where(
                person.c.project_id == project_id
            )
        ).all()
        columns = {"id": [row.id for row in found], "person": [row.person for row in found]}
        self._write("persons.parquet", pa.table(columns, schema=pa.schema({"id": pa.int64(), "person": pa.int64()})))

    def _drop_orphans(self, manifest: Manifest) -> None:
        kept = {self.folder / name for name in manifest.files}
        for path in self.folder.glob("events/*/*"):
            if path not in kept:
                path.unlink(missing_ok=True)

    def _replace(self, path: Path, content: bytes) -> None:
        draft = path.with_suffix(".draft")
        draft.write_bytes(content)
        _flush(draft)
        draft.replace(path)


def _rows_after(connection: Connection, project_id: int, cursor: int) -> Iterator[Sequence[Any]]:
    event = table(Event)
    wanted = [event.c[column] for column in COLUMNS]
    settled = postgres_numbers.settled(connection, "event")
    ready = event.c.seq <= settled if settled is not None else true()
    while True:
        rows = connection.execute(
            select(*wanted)
            .where(event.c.project_id == project_id, event.c.seq > cursor, ready)
            .order_by(event.c.seq)
            .limit(CHUNK)
        ).all()
        if not rows:
            return
        cursor = rows[-1].seq
        yield rows


def _arrow(rows: Sequence[Any]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    numbers, marks = ("seq", "person_id", "time"), ("from_browser", "simulated")
    types = {**dict.fromkeys(numbers, pa.int64()), **dict.fromkeys(marks, pa.bool_())}
    schema = pa.schema({name: types.get(name, pa.string()) for name in COLUMNS})
    return pa.table({name: [getattr(row, name) for row in rows] for name in COLUMNS}, schema=schema)


def _flush(path: Path) -> None:
    # What the manifest names must be on the disk before the manifest is.
    with path.open("rb") as file:
        os.fsync(file.fileno())
