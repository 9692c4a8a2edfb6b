"""What a table looks like before it is taken in: its columns with what they seem to be, its first rows, what is wrong.

Guesses by names and by cells, for a person to look at: nothing is taken in by a guess.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from engine.imports.csv_rows import (
    TARGETS,
    BadMapping,
    BadTable,
    CellType,
    Column,
    Target,
    begun,
    read_cell,
    read_mapping,
    read_rows,
    spelled,
)
from engine.imports.rows import BadRow
from engine.imports.times import written_time

ROWS_SHOWN: Final = 20
EXAMPLES: Final = 3
PROBLEMS_SHOWN: Final = 100
LONGEST_CELL: Final = 200
MOST_UNPACKED: Final = 1 << 20
"""Bytes of the table that are looked at."""

KNOWN_NAMES: Final[Mapping[Target, tuple[str, ...]]] = {
    Target.USER: (
        "user id",
        "userid",
        "user",
        "distinct id",
        "customer id",
        "member id",
        "account user id",
        "uid",
        "who",
    ),
    Target.ANONYMOUS: ("anonymous id", "visitor id", "device id", "client id", "cookie id"),
    Target.EVENT: ("event", "event name", "event type", "action", "activity"),
    Target.TIME: ("timestamp", "time", "event time", "datetime", "date", "created at", "occurred at", "when"),
    Target.SESSION: ("session id", "session"),
    Target.MESSAGE: ("message id", "event id", "insert id", "uuid"),
}
"""Names of columns that say what they are, the likeliest first: in small letters, `_` and `-` as spaces."""


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A column: what it is, or seems to be. mapping: as an import is told it. examples: cells that are not blank."""

    name: str
    target: Target
    type: CellType
    called: str
    mapping: str
    is_guess: bool
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One of the first rows."""

    line: int
    cells: tuple[str, ...]
    problem: str | None


@dataclass(frozen=True, slots=True)
class Preview:
    """problem: of the table as a whole; None where its rows can be read. read, wrong: rows that were looked at, and
    those of them that cannot be taken. is_whole: no more rows follow.
    """

    columns: tuple[PreviewColumn, ...]
    rows: tuple[PreviewRow, ...]
    problems: tuple[tuple[int, str], ...]
    problem: str | None
    read: int
    wrong: int
    is_whole: bool


def preview(head: bytes, mapping: Sequence[str], *, zone: ZoneInfo, is_whole: bool) -> Preview:
    """The preview of a table whose first bytes these are, packed with gzip or not. mapping: what is said already."""
    try:
        text, is_whole = _text(head, is_whole=is_whole)
        names, cells = _cells(text)
        said = read_mapping(mapping)
    except (BadTable, BadMapping) as error:
        return Preview((), (), (), str(error), 0, 0, is_whole)
    unknown = [name for name in said if name not in names]
    known = {name: column for name, column in said.items() if name in names}
    columns = _columns(names, cells, known, zone)
    problem = f"there is no column `{unknown[0]}` in this file" if unknown else _lacking(columns)
    problems: list[tuple[int, str]] = []
    wrong: dict[int, str] = {}
    read = 0
    try:
        meant = {each.name: Column(each.target, each.called, each.type) for each in columns}
        for row in read_rows(io.StringIO(text, newline=""), mapping=meant, zone=zone):
            read += 1
            if isinstance(row, BadRow):
                wrong[row.line] = row.problem
                problems.append((row.line, row.problem))
    except (BadTable, BadMapping) as error:
        problem = problem or str(error)
        read = len(cells)
    shown = tuple(
        PreviewRow(line, tuple(cell[:LONGEST_CELL] for cell in row), wrong.get(line))
        for line, row in cells[:ROWS_SHOWN]
    )
    return Preview(columns, shown, tuple(problems[:PROBLEMS_SHOWN]), problem, read, len(wrong), is_whole)


def _lacking(columns: Sequence[PreviewColumn]) -> str | None:
    """What no column is yet, though every event needs it."""
    known = {each.target for each in columns}
    needed = ((Target.EVENT,), (Target.TIME,), (Target.USER, Target.ANONYMOUS))
    lacking = [" or ".join(TARGETS[each] for each in some) for some in needed if known.isdisjoint(some)]
    return f"say which column is {', and which is '.join(lacking)}" if lacking else None


def _text(head: bytes, *, is_whole: bool) -> tuple[str, bool]:
    """The text of what came, up to the last line that is there whole. Raises BadTable."""
    if head.startswith(b"PK\x03\x04"):
        raise BadTable("a zip is not shown here: unpack it to see its columns, or take it in as it is")
    if head.startswith(b"\x1f\x8b"):
        inflater = zlib.decompressobj(wbits=31)
        try:
            head = inflater.decompress(head, MOST_UNPACKED)
        except zlib.error:
            raise BadTable("the file begins like gzip, and is none") from None
        is_whole = is_whole and inflater.eof and not inflater.unused_data
    if not is_whole:
        head = head[: head.rfind(b"\n") + 1] or head
    if b"\0" in head:
        raise BadTable("this is no text: choose a table, saved as CSV in UTF-8")
    try:
        return head.decode("utf-8"), is_whole
    except UnicodeDecodeError as error:
        line = head.count(b"\n", 0, error.start) + 1
        raise BadTable(f"line {line:,} is not in UTF-8: save the table as CSV in UTF-8") from None


def _cells(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    names, reader = begun(io.StringIO(text, newline=""))
    found: list[tuple[int, list[str]]] = []
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return names, found
        except csv.Error:
            # Told with its reason when the rows are judged.
            row = []
        if row:
            found.append((reader.line_num, row))


def _columns(
    names: Sequence[str], rows: Sequence[tuple[int, list[str]]], said: Mapping[str, Column], zone: ZoneInfo
) -> tuple[PreviewColumn, ...]:
    examples = {
        name: [row[at] for _, row in rows[:200] if len(row) == len(names) and row[at].strip()]
        for at, name in enumerate(names)
    }
    guessed = _guessed(names, examples, {column.target for column in said.values()}, zone)
    columns = []
    for name in names:
        meant = said.get(name) or guessed[name]
        shown = tuple(dict.fromkeys(cell[:LONGEST_CELL] for cell in examples[name]))[:EXAMPLES]
        columns.append(
            PreviewColumn(name, meant.target, meant.type, meant.name, spelled(name, meant), name not in said, shown)
        )
    return tuple(columns)


def _guessed(
    names: Sequence[str], examples: Mapping[str, Sequence[str]], taken: set[Target], zone: ZoneInfo
) -> dict[str, Column]:
    plain = {name.strip().casefold().replace("_", " ").replace("-", " "): name for name in reversed(names)}
    found: dict[str, Target] = {}
    for target, known in KNOWN_NAMES.items():
        name = next((plain[each] for each in known if each in plain and plain[each] not in found), None)
        if name is not None and target not in taken:
            found[name] = target
    if Target.TIME not in {*found.values(), *taken}:
        name = next((each for each in names if each not in found and _are_times(examples[each], zone)), None)
        if name is not None:
            found[name] = Target.TIME
    return {
        name: Column(found[name], name)
        if name in found
        else replace(Column(Target.PROPERTY, name), type=_type_of(examples[name], zone))
        for name in names
    }


def _are_times(cells: Sequence[str], zone: ZoneInfo) -> bool:
    return bool(cells) and all(written_time(cell.strip(), zone) is not None for cell in cells)


def _type_of(cells: Sequence[str], zone: ZoneInfo) -> CellType:
    """The narrowest type that all cells are of. `0` and `1` alone are numbers; what begins with 0 is a code."""
    if not cells:
        return CellType.TEXT
    if _are_times(cells, zone):
        return CellType.TIME
    is_code = any(len(cell) > 1 and cell.startswith("0") and cell[1:2].isdigit() for cell in cells)
    if not is_code and all(read_cell(cell, CellType.NUMBER, zone) is not None for cell in cells):
        return CellType.NUMBER
    if all(read_cell(cell, CellType.BOOLEAN, zone) is not None for cell in cells):
        return CellType.BOOLEAN
    return CellType.TEXT
