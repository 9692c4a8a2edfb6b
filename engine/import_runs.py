"""Imports that people give over in parts and a worker takes in, as facts: what may be given, and how one is doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from dsl.values import DAY, Duration, Instant
from engine.errors import WaypostError
from engine.imports.csv_rows import BadMapping, read_mapping
from engine.imports.formats import formats

CSV: Final = "csv"
PART_SIZE: Final = 1024 * 1024
"""Bytes of every part of a file but the last one."""
LARGEST: Final = 512 * 1024 * 1024
"""Bytes of a file; for larger ones there is `waypost import` beside the database."""
RATIO: Final = 100
"""How many times larger than packed a file may become."""
PACKED_FREELY: Final = 64 * 1024 * 1024
"""Bytes up to which a file may be as dense as it likes."""
MOST_WAITING: Final = 10
"""Files of one project that wait or are on their way."""
MOST_PROBLEMS: Final = 10_000
"""Rows that were not taken, of which each is listed."""
MOST_WRONG: Final = 250_000
"""Rows that may be wrong before a file is given up."""
UPLOAD_LASTS: Final = Duration(DAY)
"""After which a file that did not come whole is removed."""
PROBLEMS_KEPT: Final = Duration(30 * DAY)
"""For how long the rows that were not taken are listed: their texts may tell of people."""
LONGEST_NAME: Final = 255
MOST_MAPPINGS: Final = 100
"""Names under which a project keeps what columns are."""
MOST_COLUMNS: Final = 200


class RunState(StrEnum):
    """How an import is doing."""

    COMING = "coming"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class BadImport(WaypostError):
    """A file that cannot be taken in as it was given."""

    code = "bad_import"


class NoSuchMapping(WaypostError):
    """The project keeps no columns of that number."""

    code = "no_such_mapping"

    def __init__(self, number: int) -> None:
        super().__init__(f"there are no kept columns {number} in this project")


class NoSuchImport(WaypostError):
    """The project has no import of that number."""

    code = "no_such_import"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no import {number} in this project")


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """A file that is to be taken in. mapping: what columns are, as `COLUMN=TARGET`; for CSV alone."""

    format: str
    name: str
    size: int
    zone: str = "UTC"
    mapping: tuple[str, ...] = ()
    is_rehearsal: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """An import. size, came, read: bytes of the file, as it was given. accepted, duplicates: messages."""

    id: int
    format: str
    name: str
    zone: str
    mapping: tuple[str, ...]
    is_rehearsal: bool
    state: RunState
    size: int
    came: int
    read: int
    rows: int
    skipped: int
    accepted: int
    duplicates: int
    error: str | None
    by: str
    created: Instant
    started: Instant | None
    finished: Instant | None

    @property
    def kept(self) -> int:
        """Rows that were taken, or would be."""
        return self.rows - self.skipped

    @property
    def is_over(self) -> bool:
        """True once nothing more happens."""
        return self.state in {RunState.DONE, RunState.FAILED}


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """What the columns of a table are, under a name to use again."""

    id: int
    name: str
    mapping: tuple[str, ...]
    zone: str
    changed: Instant


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was not taken. file: within an archive; blank for the file itself."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an import. accepted, duplicates: messages. problems: the first rows that were not taken."""

    rows: int
    skipped: int
    accepted: int
    duplicates: int
    problems: tuple[Skipped, ...]
    error: str | None


SKIPPED_COLUMNS: Final[Mapping[str, str]] = {
    "file": "within an archive; blank for the file itself",
    "line": "of the file",
    "problem": "why it was not taken",
}
"""The columns of rows that were not taken, with what they mean."""


def skipped_rows(found: Sequence[Skipped]) -> list[dict[str, Any]]:
    """The rows of those that were not taken, with the keys of SKIPPED_COLUMNS."""
    return [{"file": each.file, "line": each.line, "problem": each.text} for each in found]


def titles() -> dict[str, str]:
    """The formats that can be given, by name, as people call them."""
    return {CSV: "CSV, one row an event", **{name: each.title for name, each in formats().items()}}


def checked(asked: ImportAsked) -> ImportAsked:
    """The same. Raises BadImport."""
    if asked.format not in titles():
        known = ", ".join(f"`{name}`" for name in titles())
        raise BadImport(f"`{asked.format[:80]}` is no format that is read here; there are: {known}")
    name = asked.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadImport(f"the file needs a name of 1 to {LONGEST_NAME} printable characters")
    if asked.size <= 0:
        raise BadImport("the file is empty")
    if asked.size > LARGEST:
        raise BadImport(
            f"a file has up to {LARGEST >> 20} MB here, not {-(-asked.size >> 20):,} MB; "
            "`waypost import` beside the database has no limit"
        )
    read_zone(asked.zone)
    if asked.mapping and asked.format != CSV:
        raise BadImport("only the columns of a CSV are mapped: other formats say themselves what is what")
    try:
        read_mapping(asked.mapping)
    except BadMapping as error:
        raise BadImport(str(error)) from None
    return asked


def read_zone(name: str) -> ZoneInfo:
    """A time zone. Raises BadImport."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadImport(f"there is no time zone `{name[:80]}`; write one like `Europe/Berlin`") from None
