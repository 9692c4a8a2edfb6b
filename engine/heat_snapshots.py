"""Masked pictures of pages, which heat maps are drawn on: taken by authors, or found in recordings of sessions.

One picture for each pattern of pages: a newer one takes its place. What a page masked is looked at once more at the
door, as recordings are. Of a recording nothing is copied: its picture goes when it goes.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.patterns import PatternError, glob
from dsl.values import Instant, JsonValue
from engine.audit import Act, Action
from engine.errors import WaypostError
from engine.heat import fits_any, path_pattern
from engine.replay.errors import BadReplay
from engine.replay.parts import pack, path_of
from engine.replay.recorded import LARGEST_SIZE, Kind, check_recorded
from engine.replay.scrubbing import Scrubber
from engine.storage import audit
from engine.storage import heat_snapshots as kept

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.storage.store import Database

MOST: Final = 300
"""Pictures of one project."""
LONGEST_PAGE: Final = 1_000
MOST_RECORDINGS: Final = 200
"""The latest recordings, among which a picture of a page is looked for."""
MOST_OPENED: Final = 10
"""Of those that were on the page, how many are looked into."""


class Source(StrEnum):
    """Where a picture is from."""

    AUTHOR = "author"
    RECORDING = "recording"


class BadHeatSnapshot(WaypostError):
    """What is no masked picture of a page."""

    code = "bad_heat_snapshot"


class NoSuchHeatSnapshot(WaypostError):
    """There is no picture of that page, or none of that number."""

    code = "no_such_heat_snapshot"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A picture of a page. id: None for one that is part of a recording, whose id is in `recording`.

    page: the pattern that it was taken for, or the path that was recorded. packed: its bytes. scrubbed: how many values
    were blotted out at the door.
    """

    id: int | None
    source: Source
    page: str
    width: int
    height: int
    taken: Instant
    by: str | None
    recording: str | None
    packed: int
    scrubbed: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with what is drawn: rrweb's events meta and full snapshot."""

    snapshot: Snapshot
    events: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture as it may be kept."""

    page: str
    width: int
    height: int
    packed: bytes
    scrubbed: int


def read_snapshot(page: object, events: JsonValue) -> Taken:
    """What a page handed over. Raises BadHeatSnapshot, which says what does not fit."""
    pattern = _pattern(page)
    try:
        found = check_recorded(events)
    except BadReplay as error:
        raise BadHeatSnapshot(str(error)) from None
    if [each["type"] for each in found] != [Kind.META, Kind.FULL]:
        raise BadHeatSnapshot("`events` must be two of rrweb's events: meta, then the full snapshot")
    meta = found[0]["data"]
    sizes = [meta.get(name) for name in ("width", "height")]
    if not all(type(size) is int and 0 < size <= LARGEST_SIZE for size in sizes):
        raise BadHeatSnapshot(f"the meta event must say `width` and `height`, from 1 to {LARGEST_SIZE:,}")
    scrubber = Scrubber()
    scrubber.scrub(found)  # type: ignore[arg-type]
    return Taken(pattern, sizes[0], sizes[1], pack(found), scrubber.count)


class HeatSnapshots:
    """The pictures of a database's projects. Instants are passed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, project_id: int, taken: Taken, *, by: str, now: Instant) -> Snapshot:
        """Keep a picture, in place of the one for the same pages. Raises BadHeatSnapshot where there are too many."""
        with self._database.writing() as connection:
            if kept.count(connection, project_id, besides=taken.page) >= MOST:
                raise BadHeatSnapshot(f"a project keeps {MOST} pictures of pages: delete some before you take more")
            return _read(kept.put(connection, project_id, taken, by=by, at=now))

    def listed(self, project_id: int) -> tuple[Snapshot, ...]:
        """The pictures that were taken, by their pages."""
        with self._database.reading() as connection:
            return tuple(map(_read, kept.listed(connection, project_id)))

    def delete(self, project_id: int, number: int) -> Snapshot:
        """Remove a picture. Raises NoSuchHeatSnapshot."""
        with self._database.writing() as connection:
            found = kept.delete(connection, project_id, number)
        if found is None:
            raise NoSuchHeatSnapshot(f"there is no picture {number} in this project")
        return _read(found)

    def picture(self, project_id: int, patterns: Sequence[str], *, watcher: str | None, now: Instant) -> Picture:
        """The picture of some pages: of just these, else one that somebody took of pages like these, else the newest in
        a recording.

        watcher: who may look into recordings, for the audit log; None for who may not. Raises NoSuchHeatSnapshot,
        NoSuchPage.
        """
        fits = fits_any(tuple(patterns))
        found = self._taken(project_id, patterns)
        if found is None and watcher is not None:
            found = self._recorded(project_id, fits, by=watcher, now=now)
        if found is None:
            raise NoSuchHeatSnapshot(f"there is no picture of `{patterns[0][:200]}` yet: take one on the page itself")
        return found

    def _taken(self, project_id: int, patterns: Sequence[str]) -> Picture | None:
        wanted = tuple(map(path_pattern, patterns))
        with self._database.reading() as connection:
            rows = kept.listed(connection, project_id)
            fitting = [row for row in rows if any(_alike(each, row.page) for each in wanted)]
            if not fitting:
                return None
            best = max(fitting, key=lambda row: (row.page in wanted, row.taken))
            packed = kept.events_of(connection, best.id)
        return Picture(_read(best), _unpacked(packed))

    def _recorded(self, project_id: int, fits: Callable[[str], bool], *, by: str, now: Instant) -> Picture | None:
        """The newest picture of the pages in a recording. That somebody looked into it is recorded."""
        # Looking takes long: nobody waits for it who writes.
        with self._database.reading() as connection:
            found = _recorded(connection, project_id, fits)
        if found is not None:
            act = Act(actor=by, action=Action.REPLAY_WATCH, target=f"replay {found.snapshot.recording}")
            with self._database.writing() as connection:
                audit.record(connection, project_id, act, at=now)
        return found


def _recorded(connection: Connection, project_id: int, fits: Callable[[str], bool]) -> Picture | None:
    rows = kept.recordings(connection, project_id, limit=MOST_RECORDINGS)
    there = [row for row in rows if any(fits(path_of(path)) for path in row.paths)]
    for row in there[:MOST_OPENED]:
        for packed in kept.parts_backwards(connection, row.number):
            found = _newest(_unpacked(packed), fits)
            if found is not None:
                return _of_recording(row.recording, *found, packed=len(packed))
    return None


def _of_recording(recording: str, meta: dict[str, Any], full: dict[str, Any], *, packed: int) -> Picture:
    said = meta["data"]
    width, height = (int(said[name]) for name in ("width", "height"))
    taken, path = Instant(int(full["timestamp"]) * 1_000), path_of(said["href"])
    snapshot = Snapshot(None, Source.RECORDING, path, width, height, taken, None, recording, packed, 0)
    return Picture(snapshot, [meta, full])


def _newest(events: Sequence[Any], fits: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The last full snapshot in a part that is of the pages, with the meta event before it."""
    found = meta = None
    for event in events:
        if event["type"] == Kind.META:
            meta = event
        elif event["type"] == Kind.FULL and meta is not None and fits(path_of(meta["data"]["href"])):
            found = (meta, event)
    return found


def _alike(one: str, other: str) -> bool:
    """Whether one of two patterns is the other, or fits it."""
    return one == other or glob(one)(other) or glob(other)(one)


def _pattern(page: object) -> str:
    if not isinstance(page, str) or not 0 < len(page) <= LONGEST_PAGE or not page.isprintable():
        raise BadHeatSnapshot(f"`page` must be a pattern of paths such as `/domains/*`, of {LONGEST_PAGE:,} characters")
    pattern = path_pattern(page)
    if not pattern.startswith(("/", "*")):
        raise BadHeatSnapshot(f"`{page[:200]}` is no pattern of paths: begin it with `/`")
    try:
        glob(pattern)
    except PatternError as error:
        raise BadHeatSnapshot(f"`{page[:200]}` is no pattern of paths: {error}") from None
    return Scrubber().address(pattern)


def _unpacked(packed: bytes) -> Sequence[Any]:
    events: Sequence[Any] = orjson.loads(zlib.decompress(packed, wbits=31))
    return events


def _read(row: kept.Row) -> Snapshot:
    return Snapshot(
        id=row.id,
        source=Source.AUTHOR,
        page=row.page,
        width=row.width,
        height=row.height,
        taken=Instant(row.taken),
        by=row.by,
        recording=None,
        packed=row.packed,
        scrubbed=row.scrubbed,
    )
