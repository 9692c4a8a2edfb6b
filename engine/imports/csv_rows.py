"""A table of events, one row an event, as messages: which column is what, and which rows cannot be read.

Reads text only; where it is kept is decided by who asks. A row that cannot be read never takes its neighbours along.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from dsl.values import JsonValue, format_instant
from engine.errors import WaypostError
from engine.imports.rows import BadRow, Message, Row, Unreadable
from engine.imports.times import written_time
from engine.imports.vendor import Origin, Snapshots

if TYPE_CHECKING:
    from _csv import Reader as _Reader


class Target(StrEnum):
    """What a column can be."""

    USER = "user_id"
    ANONYMOUS = "anonymous_id"
    EVENT = "event"
    TIME = "timestamp"
    SESSION = "session_id"
    MESSAGE = "message_id"
    PROPERTY = "property"
    TRAIT = "trait"
    IGNORE = "ignore"


TARGETS: Final[Mapping[Target, str]] = MappingProxyType(
    {
        Target.USER: "the user",
        Target.ANONYMOUS: "the visitor",
        Target.EVENT: "the event",
        Target.TIME: "the time",
        Target.SESSION: "the session",
        Target.MESSAGE: "the event's own id",
        Target.PROPERTY: "a property of the event",
        Target.TRAIT: "a trait of the user",
        Target.IGNORE: "left out",
    }
)
"""What each means, for people."""


class CellType(StrEnum):
    """What the cells of a property or a trait are."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"


RECOGNISED: Final[Mapping[str, Target]] = MappingProxyType(
    {
        target.value: target
        for target in (
            Target.USER,
            Target.ANONYMOUS,
            Target.EVENT,
            Target.TIME,
            Target.SESSION,
            Target.MESSAGE,
        )
    }
)
"""Columns that are known by their name; every other one is a property unless it is mapped."""

_BOOLEANS: Final = MappingProxyType(
    dict.fromkeys(("true", "yes", "1"), True) | dict.fromkeys(("false", "no", "0"), False)
)
_NUMBER: Final = re.compile(r"[+-]?\d{1,17}(\.\d{1,17})?([eE][+-]?\d{1,3})?", re.ASCII)
_COMMA: Final = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})", re.ASCII)

_NAMED: Final = frozenset({Target.PROPERTY, Target.TRAIT})


@dataclass(frozen=True, slots=True)
class Column:
    """What one column is; `name` is that of the property or trait."""

    target: Target
    name: str
    type: CellType = CellType.TEXT


class BadMapping(WaypostError):
    """A mapping that says something impossible."""

    code = "bad_mapping"


class BadTable(WaypostError):
    """A file without the columns that an event needs."""

    code = "bad_table"


def read_mapping(texts: Iterable[str]) -> dict[str, Column]:
    """Columns by name from `COLUMN=TARGET`, `COLUMN=trait:NAME` or `COLUMN=property.number:NAME`. Raises BadMapping."""
    mapping: dict[str, Column] = {}
    for text in texts:
        column, equals, wanted = text.rpartition("=")
        word, _, name = wanted.partition(":")
        target, dot, kind = word.partition(".")
        is_named = target in _NAMED
        is_right = target in list(Target) and (is_named or not (name or dot)) and (not dot or kind in list(CellType))
        if not equals or not is_right:
            known = ", ".join(f"`{target}`" for target in Target)
            types = ", ".join(f"`{each}`" for each in CellType)
            raise BadMapping(
                f"`{text}` is not a mapping: write COLUMN=TARGET, the target being one of {known}; "
                f"`property:NAME` and `trait:NAME` give another name, `property.number` and the like say what "
                f"the cells are: {types}"
            )
        mapping[column] = Column(Target(target), name or column, CellType(kind) if dot else CellType.TEXT)
    return mapping


def spelled(column: str, meaning: Column) -> str:
    """A mapping as `read_mapping` reads it."""
    if meaning.target not in _NAMED:
        return f"{column}={meaning.target}"
    kind = "" if meaning.type is CellType.TEXT else f".{meaning.type}"
    return f"{column}={meaning.target}{kind}" + ("" if meaning.name == column else f":{meaning.name}")


def read_rows(lines: Iterable[str], *, mapping: Mapping[str, Column], zone: ZoneInfo) -> Iterator[Row | BadRow]:
    """The rows of a CSV text, in the order of the file. `zone` is that of times without one.

    Messages have ids made of their row, so that importing a file again changes nothing. Raises BadTable,
    BadMapping before the first row.
    """
    head, reader = begun(lines)
    columns = _columns(head, mapping)
    rows = _Rows(columns, zone)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(reader.line_num, f"not readable as CSV: {error}")
            continue
        if cells:
            yield rows.read(reader.line_num, cells)


def begun(lines: Iterable[str]) -> tuple[list[str], _Reader]:
    """The names of the columns, and a reader of what follows. What stands between cells, the first line says: comma,
    semicolon or tab. Raises BadTable.
    """
    rest = iter(lines)
    first = next(rest, "").removeprefix("\ufeff")
    reader = csv.reader(chain([first], rest), strict=True, delimiter=_separator(first))
    try:
        head = next(reader, None)
    except csv.Error as error:
        raise BadTable(f"the first line is not readable as CSV: {error}") from None
    if not head:
        raise BadTable("the file is empty: its first line must name the columns")
    return head, reader


def _separator(line: str) -> str:
    bare = "".join(line.split('"')[::2])
    return max(",;\t", key=bare.count)


def _columns(head: Sequence[str], mapping: Mapping[str, Column]) -> tuple[Column, ...]:
    unknown = [name for name in mapping if name not in head]
    if unknown:
        named = ", ".join(f"`{name}`" for name in head)
        raise BadMapping(f"there is no column `{unknown[0]}`; the columns are {named}")
    columns = tuple(
        mapping.get(name) or Column(RECOGNISED.get(name.strip().lower(), Target.PROPERTY), name) for name in head
    )
    targets = Counter(column.target for column in columns)
    for needed in (Target.EVENT, Target.TIME):
        if not targets[needed]:
            raise BadTable(f"no column is the {needed}: name one with `--map COLUMN={needed}`")
    if not targets[Target.USER] and not targets[Target.ANONYMOUS]:
        raise BadTable(f"no column says who it was: name one with `--map COLUMN={Target.USER}`")
    for target, number in targets.items():
        if number > 1 and target in RECOGNISED.values():
            raise BadMapping(f"{number} columns are the {target}: map all but one to something else")
    return columns


class _Rows:
    """Reads cells; remembers what was said of each user, and how often the same row has come."""

    def __init__(self, columns: tuple[Column, ...], zone: ZoneInfo) -> None:
        self._columns = columns
        self._zone = zone
        self._snapshots = Snapshots()
        self._seen: Counter[bytes] = Counter()

    def read(self, line: int, cells: Sequence[str]) -> Row | BadRow:
        if len(cells) != len(self._columns):
            return BadRow(line, f"has {len(cells)} cells; the first line names {len(self._columns)} columns")
        known: dict[Target, str] = {}
        properties: dict[str, JsonValue] = {}
        traits: dict[str, JsonValue] = {}
        for column, cell in zip(self._columns, cells, strict=True):
            match column.target:
                case Target.PROPERTY | Target.TRAIT if cell:
                    value = read_cell(cell, column.type, self._zone)
                    if value is None:
                        return BadRow(line, f"`{cell[:80]}` in `{column.name}` is not a {column.type}")
                    (properties if column.target is Target.PROPERTY else traits)[column.name] = value
                case Target.PROPERTY | Target.TRAIT | Target.IGNORE:
                    pass
                case _:
                    known[column.target] = cell.strip()
        try:
            return Row(line, self._messages(known, properties, traits, cells))
        except Unreadable as problem:
            return BadRow(line, str(problem))

    def _messages(
        self,
        known: Mapping[Target, str],
        properties: Mapping[str, JsonValue],
        traits: Mapping[str, JsonValue],
        cells: Sequence[str],
    ) -> tuple[Message, ...]:
        """Raises Unreadable."""
        origin = self._origin(known, cells)
        return (*self._snapshots.news(origin, traits), origin.track(known[Target.EVENT], properties))

    def _origin(self, known: Mapping[Target, str], cells: Sequence[str]) -> Origin:
        if not known.get(Target.USER) and not known.get(Target.ANONYMOUS):
            raise Unreadable("says nobody: the user is blank")
        if not known[Target.EVENT]:
            raise Unreadable("says nothing: the event is blank")
        at = written_time(known[Target.TIME], self._zone)
        if at is None:
            raise Unreadable(f"`{known[Target.TIME][:80]}` is not a time: write it like `2026-03-01 09:30:00`")
        digest = hashlib.sha256("\x1f".join(cells).encode()).digest()[:16]
        self._seen[digest] += 1
        context: dict[str, JsonValue] = {"library": {"name": "waypost-import-csv"}}
        if known.get(Target.SESSION):
            context["session_id"] = known[Target.SESSION]
        return Origin(
            message_id=known.get(Target.MESSAGE) or f"csv-{digest.hex()}-{self._seen[digest]}",
            user_id=known.get(Target.USER) or None,
            anonymous_id=known.get(Target.ANONYMOUS) or None,
            time=at,
            context=context,
        )


def read_cell(cell: str, kind: CellType, zone: ZoneInfo) -> JsonValue:
    """A cell as a value of its type; None for one that is not of it."""
    match kind:
        case CellType.TEXT:
            return cell
        case CellType.BOOLEAN:
            return _BOOLEANS.get(cell.strip().casefold())
        case CellType.TIME:
            at = written_time(cell.strip(), zone)
            return None if at is None else format_instant(at)
        case CellType.NUMBER:
            return _number(cell.strip())


def _number(text: str) -> JsonValue:
    # `49,50` is how half of the world writes it; `1,234` says two things, and is neither.
    plain = text.replace(",", ".") if _COMMA.fullmatch(text) else text
    if not _NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return (int(plain) if plain.lstrip("+-").isdigit() else value) if isfinite(value) else None
