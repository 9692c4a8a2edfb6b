"""The lake: the log as Parquet files, by project and day, for analysis. Never read by anything that is live.

Copied from the log by cursor. A manifest names the files that count and the cursor; it is replaced in one step after
its files are on the disk, so a copy that was cut off is simply made again: nothing twice, nothing missed. Files are
never changed: what takes their place has another name, and they go when nobody reads any more. Engines read these
files only and never open the live database, which DuckDB would damage (see `docs/decisions/`).
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

import orjson

from engine.storage import lake_rows
from engine.storage.lake_files import merge_files, read_files, replace_file, write_file

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Connection

FORMAT: Final = 2
"""Of the files. A lake of another format is copied anew from the log, which has everything that it had."""
MOST_FILES_OF_A_DAY: Final = 8
"""Above this many the smaller files of a day are made one."""
FULL_FILE: Final = 1_000_000
"""Rows of a file that is never rewritten into a larger one: what bounds the memory of doing so."""
LARGE_DELTA: Final = 50_000
"""People who changed since the file of all people was written, above which it is written anew."""
_TRIES: Final = 600
_BETWEEN_TRIES: Final = 0.05
"""How often, and after how many seconds again, an erasure tries to remove the files that it replaced: analyses read."""


class LakeInUse(OSError):
    """An erasure could not remove old files because analyses read them all the time; it is to be tried again."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file, by its path below the lake's folder, and how many rows are in it."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the lake holds: the files of each day, with all events up to and including the `seq` of the cursor.

    version: another one with every change. people: the files of who is who, none, one or two: everybody, and those who
    changed since. merged, simulated: how many of these are somebody else, or simulated, at most.
    """

    cursor: int = 0
    days: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    people: tuple[Part, ...] = ()
    merged: int = 0
    simulated: int = 0
    version: int = 0

    @property
    def files(self) -> tuple[str, ...]:
        """All files with events, in order."""
        return tuple(part.name for day in sorted(self.days) for part in self.days[day])

    @property
    def rows(self) -> int:
        """How many events there are."""
        return sum(part.rows for parts in self.days.values() for part in parts)

    def to_json(self) -> bytes:
        """As it is written."""
        days = {day: [[part.name, part.rows] for part in parts] for day, parts in sorted(self.days.items())}
        content = {
            "format": FORMAT,
            "version": self.version,
            "cursor": self.cursor,
            "people": [[part.name, part.rows] for part in self.people],
            "merged": self.merged,
            "simulated": self.simulated,
            "days": days,
        }
        return orjson.dumps(content, option=orjson.OPT_INDENT_2)

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """As it was written; that of an empty lake where that was in another format."""
        read = orjson.loads(text)
        if read.get("format") != FORMAT:
            return cls(version=int(read.get("version", 0)))
        return cls(
            cursor=read["cursor"],
            days={day: tuple(Part(*part) for part in parts) for day, parts in read["days"].items()},
            people=tuple(Part(*part) for part in read["people"]),
            merged=read["merged"],
            simulated=read["simulated"],
            version=read["version"],
        )


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
            return Manifest.from_json((self.folder / "manifest.json").read_bytes())
        except FileNotFoundError:
            return Manifest()

    @contextmanager
    def reading(self) -> Iterator[Manifest]:
        """What is there, with the promise that its files stay until the block ends, whatever is copied meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "readers").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield self.manifest()

    def is_empty(self) -> bool:
        """True when there is nothing to analyse."""
        return not self.manifest().days

    def sync(
        self, connection: Connection, project_id: int, *, progress: Callable[[int], None] | None = None
    ) -> Manifest:
        """Copy what the log has more than the lake; `progress` hears how many rows were copied."""
        with self._locked():
            # Whoever waited for the lock must not go on with what was there before somebody was erased.
            connection.rollback()
            manifest = self.manifest()
            for rows, touched in lake_rows.events_after(connection, project_id, manifest.cursor):
                # Read after the events, so that everybody who is named in these is found.
                people = lake_rows.people(connection, project_id, touched)
                manifest = self._replace_manifest(self._with_people(self._appended(manifest, rows), people))
                if progress is not None:
                    progress(rows.num_rows)
            self._drop_unused(manifest)
        return manifest

    def forget(self, connection: Connection, project_id: int, people: Collection[int]) -> int:
        """Write the lake anew without the events of people, by number; how many files were rewritten.

        They have to be gone from the database before. Cut off in the middle, it is simply done again. Raises LakeInUse
        when analyses read the old files all the time; the lake is without the people then, but the files are there.
        """
        if not self.folder.exists():
            return 0
        with self._locked():
            connection.rollback()
            manifest = self.manifest()
            days: dict[str, tuple[Part, ...]] = {}
            rewritten = 0
            for day, parts in manifest.days.items():
                kept = [self._without(part, "person_id", people) for part in parts]
                rewritten += sum(new != part for new, part in zip(kept, parts, strict=True))
                if left := tuple(part for part in kept if part is not None):
                    days[day] = left
            told = [self._without(part, "id", people) for part in manifest.people]
            manifest = replace(manifest, days=days, people=tuple(part for part in told if part is not None))
            # Somebody may be there again under the same id, or have been taken apart from somebody else.
            manifest = self._with_people(manifest, lake_rows.people(connection, project_id, people))
            manifest = self._replace_manifest(manifest)
            self._drop_unused(manifest, tries=_TRIES)
        return rewritten

    def forget_before(self, cut: int) -> int:
        """Remove the days before that of an instant; how many."""
        if not self.folder.exists():
            return 0
        first = datetime.fromtimestamp(cut // 1_000_000, UTC).date().isoformat()
        with self._locked():
            manifest = self.manifest()
            days = {day: parts for day, parts in manifest.days.items() if day >= first}
            removed = len(manifest.days) - len(days)
            if removed:
                self._drop_unused(self._replace_manifest(replace(manifest, days=days)))
        return removed

    def append(self, rows: pa.Table, people: pa.Table) -> Manifest:
        """Add events and people that come from elsewhere than a log, in the columns of `lake_rows`; for measurements.

        Their numbers go on where the lake's end.
        """
        with self._locked():
            return self._replace_manifest(self._with_people(self._appended(self.manifest(), rows), people))

    def _appended(self, manifest: Manifest, rows: pa.Table) -> Manifest:
        days: dict[str, tuple[Part, ...]] = dict(manifest.days)
        last = manifest.cursor
        for day, found in lake_rows.by_day(rows):
            first, last_of_day = found["seq"][0].as_py(), found["seq"][-1].as_py()
            last = max(last, last_of_day)
            part = self._write(f"events/day={day}/{first}-{last_of_day}", found)
            days[day] = self._compacted(day, (*days.get(day, ()), part))
        return replace(manifest, cursor=last, days=days)

    def _compacted(self, day: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        """The day's files, the later and smaller ones made one if there are too many.

        A file is taken along as long as it is no larger than all later ones together: so each row is rewritten a few
        times only, however often is copied.
        """
        if sum(part.rows < FULL_FILE for part in parts) <= MOST_FILES_OF_A_DAY:
            return parts
        first, rows = len(parts) - 1, parts[-1].rows
        while first and parts[first - 1].rows < FULL_FILE and rows < FULL_FILE:
            if parts[first - 1].rows > rows and first < MOST_FILES_OF_A_DAY:
                break
            first -= 1
            rows += parts[first].rows
        if first == len(parts) - 1:
            return parts
        merged = self._merged(day, parts[first:])
        return (*parts[:first], merged)

    def _with_people(self, manifest: Manifest, changed: pa.Table) -> Manifest:
        """The manifest with what is known of some people now, in place of what was known of them before."""
        if changed.num_rows == 0:
            return manifest
        merged, simulated = lake_rows.counted(changed)
        base, delta = (*manifest.people, None, None)[:2]
        if delta is not None:
            changed = lake_rows.overlaid(read_files(self.folder, [delta.name]), changed)
        if base is not None and changed.num_rows <= max(LARGE_DELTA, base.rows // 8):
            later = self._write(f"people/changed-{manifest.version + 1}", changed)
            merged, simulated = merged + manifest.merged, simulated + manifest.simulated
            return replace(manifest, people=(base, later), merged=merged, simulated=simulated)
        if base is not None:
            changed = lake_rows.overlaid(read_files(self.folder, [base.name]), changed)
        merged, simulated = lake_rows.counted(changed)
        everybody = self._write(f"people/all-{manifest.version + 1}", changed)
        return replace(manifest, people=(everybody,), merged=merged, simulated=simulated)

    def _without(self, part: Part, column: str, people: Collection[int]) -> Part | None:
        """The file without the rows of people: itself where it has none of them, None where nothing is left."""
        rows = read_files(self.folder, [part.name])
        left = lake_rows.without(rows, column, people)
        if left.num_rows == rows.num_rows:
            return part
        if left.num_rows == 0:
            return None
        return self._write(part.name.removesuffix(".parquet"), left)

    def _merged(self, day: str, parts: Sequence[Part]) -> Part:
        """One file of a day's files, which follow each other in the order of receipt, as the rows within each do."""
        (first, *_), (_, last, *_) = (Path(part.name).stem.split("-") for part in (parts[0], parts[-1]))
        name = self._free_name(f"events/day={day}/{first}-{last}-merged")
        merge_files(self.folder, [part.name for part in parts], self.folder / name)
        return Part(name, sum(part.rows for part in parts))

    def _write(self, stem: str, rows: pa.Table) -> Part:
        name = self._free_name(stem)
        write_file(self.folder / name, rows)
        return Part(name, rows.num_rows)

    def _free_name(self, stem: str) -> str:
        """A name that no file has yet, so that until the manifest is replaced all is as it was."""
        names = (f"{stem}.parquet" if number == 0 else f"{stem}-{number}.parquet" for number in count())
        return next(name for name in names if not (self.folder / name).exists())

    def _replace_manifest(self, manifest: Manifest) -> Manifest:
        manifest = replace(manifest, version=manifest.version + 1)
        replace_file(self.folder / "manifest.json", manifest.to_json())
        return manifest

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from writing this lake meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _drop_unused(self, manifest: Manifest, *, tries: int = 0) -> None:
        """Remove files that the manifest does not name, if nobody reads; else they stay until the next time.

        tries: how often to try again while somebody reads; then LakeInUse.
        """
        kept = {self.folder / name for name in (*manifest.files, *(part.name for part in manifest.people))}
        unused = [path for path in _files_of(self.folder) if path not in kept]
        if not unused:
            return
        with (self.folder / "readers").open("w") as file:
            for _ in range(1 + tries):
                if _locks(file.fileno()):
                    break
                if tries:
                    Event().wait(_BETWEEN_TRIES)
            else:
                if tries:
                    raise LakeInUse(
                        f"analyses are still reading files of {self.folder} that hold people who were erased"
                    )
                return
            for path in unused:
                path.unlink(missing_ok=True)


def _locks(file: int) -> bool:
    """True if nobody else holds the lock, which is ours from now on."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _files_of(folder: Path) -> Sequence[Path]:
    # `persons.parquet` is what the first format had.
    return [*folder.glob("events/*/*"), *folder.glob("people/*"), *folder.glob("persons.parquet")]
