"""Evidence as a table: an export of a help desk, an app store or a survey tool, one row a piece, as drafts.

Reads text only. A row that cannot be read is told with its line and never takes its neighbours along.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from dsl.values import Instant, from_datetime, read_instant
from engine.errors import WaypostError
from engine.evidence import BadEvidence, Draft, Source, Success, content_id, read_place

MOST_ROWS: Final = 100_000

FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "id": ("id", "external", "external id", "ticket id", "ticket", "number", "key", "review id", "response id"),
        "time": ("time", "timestamp", "date", "created at", "created", "submitted at", "submitted", "reviewed at"),
        "text": ("text", "comment", "description", "body", "review", "message", "notes", "note", "feedback", "content"),
        "quotes": ("quotes", "quote", "verbatims", "verbatim"),
        "language": ("language", "locale", "lang"),
        "feelings": ("feelings", "feeling", "emotion"),
        "score": ("score", "rating", "stars", "nps", "star rating", "csat", "seq"),
        "task": ("task", "scenario"),
        "success": ("success", "outcome", "completed"),
        "seconds": ("seconds", "time on task", "duration"),
        "tags": ("tags", "tag", "labels"),
        "page": ("page", "path", "page url", "screen"),
        "link": ("link", "url", "permalink"),
        "user": ("user", "user id", "requester id", "customer id", "respondent id"),
        "step": ("step", "journey step"),
    }
)
"""What a column can be, each with the names by which it is known: in small letters, `_` and `-` as spaces."""

IGNORE: Final = "ignore"

_SUCCESS: Final[Mapping[str, Success]] = MappingProxyType(
    {
        **{each.value.replace("_", " "): each for each in Success},
        **dict.fromkeys(("yes", "y", "true", "1", "success", "passed", "pass", "done"), Success.COMPLETED),
        **dict.fromkeys(("assisted", "helped", "partial", "with assistance"), Success.WITH_HELP),
        **dict.fromkeys(("no", "n", "false", "0", "failure", "fail", "gave up"), Success.FAILED),
    }
)


class BadEvidenceSheet(WaypostError):
    """The table, or what is said of its columns, cannot be read as evidence at all."""

    code = "bad_evidence_sheet"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row: as a draft, or as what is wrong with it. line: in the file, from 1."""

    line: int
    draft: Draft | None
    problem: str | None = None


def read_columns(texts: Iterable[str]) -> dict[str, str]:
    """What columns are, by their names, from `COLUMN=FIELD`. Raises BadEvidenceSheet."""
    found: dict[str, str] = {}
    for text in texts:
        column, equals, name = text.rpartition("=")
        if not equals or not column or name not in (*FIELDS, IGNORE):
            known = ", ".join(f"`{each}`" for each in (*FIELDS, IGNORE))
            raise BadEvidenceSheet(f"`{text[:80]}` is not a mapping: write COLUMN=FIELD, the field one of {known}")
        found[column] = name
    return found


def read_evidence(
    lines: Iterable[str],
    source: Source,
    *,
    columns: Mapping[str, str],
    zone: ZoneInfo,
    place: tuple[str, str] | None = None,
) -> Iterator[SheetRow]:
    """The rows of a CSV text whose first line names the columns.

    columns: what some are, as said by hand. zone: of times that bring none. place: the step of rows that name none.
    Raises BadEvidenceSheet before the first row.
    """
    reader = csv.reader(lines, strict=True)
    head = next(reader, None)
    if not head:
        raise BadEvidenceSheet("the file is empty: its first line must name the columns")
    head[0] = head[0].removeprefix("\ufeff")
    places = _places(head, columns)
    seen: Counter[str] = Counter()
    rows = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield SheetRow(reader.line_num, None, f"not readable as CSV: {error}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        rows += 1
        if rows > MOST_ROWS:
            raise BadEvidenceSheet(f"a table has at most {MOST_ROWS:,} rows: import it in parts")
        if len(cells) != len(head):
            problem = f"has {len(cells)} cells; the first line names {len(head)} columns"
            yield SheetRow(reader.line_num, None, problem)
            continue
        told = {name: cells[at].strip() for name, at in places.items()}
        try:
            draft = _draft({name: cell for name, cell in told.items() if cell}, source, zone, place)
        except BadEvidence as error:
            yield SheetRow(reader.line_num, None, str(error))
            continue
        yield SheetRow(reader.line_num, _with_id(draft, seen))


def _with_id(draft: Draft, seen: Counter[str]) -> Draft:
    """Two equal rows of one table are two pieces of evidence; the table taken in again brings the same two."""
    if draft.external is not None:
        return draft
    own = content_id(draft)
    seen[own] += 1
    return replace(draft, external=own if seen[own] == 1 else f"{own}-{seen[own]}")


def _places(head: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    """At which place each field is. A column named by hand comes before all that are known by their names."""
    unknown = [name for name in columns if name not in head]
    if unknown:
        named = ", ".join(f"`{name}`" for name in head)
        raise BadEvidenceSheet(f"there is no column `{unknown[0]}`; the columns are {named}")
    taken = Counter(name for name in columns.values() if name != IGNORE)
    twice = [name for name, count in taken.items() if count > 1]
    if twice:
        raise BadEvidenceSheet(
            f"{taken[twice[0]]} columns are mapped to `{twice[0]}`: map all but one to something else"
        )
    found = {name: head.index(column) for column, name in columns.items() if name != IGNORE}
    plain = [None if name in columns else name.strip().casefold().replace("_", " ").replace("-", " ") for name in head]
    for field, names in FIELDS.items():
        known = next((name for name in names if name in plain), None)
        if field not in found and known is not None:
            found[field] = plain.index(known)
    if not {"text", "quotes", "feelings", "score", "success"} & found.keys():
        raise BadEvidenceSheet("no column says anything: name the one with the words with `--map COLUMN=text`")
    return found


def _draft(cells: Mapping[str, str], source: Source, zone: ZoneInfo, place: tuple[str, str] | None) -> Draft:
    def listed(name: str) -> tuple[str, ...]:
        # Words hold commas; lists of names are separated by them.
        cell = cells.get(name, "")
        parts = cell.split("\n" if "\n" in cell else "|") if name == "quotes" else cell.replace(";", ",").split(",")
        return tuple(part.strip() for part in parts if part.strip())

    said: dict[str, Any] = {name: cells.get(name) for name in ("language", "task", "page", "link")}
    return Draft(
        source=source,
        external=cells.get("id"),
        time=_read(cells, "time", lambda text: _time(text, zone), "a time: write it like `2026-03-01 09:30`"),
        text=cells.get("text", ""),
        quotes=listed("quotes"),
        feelings=tuple(feeling.casefold() for feeling in listed("feelings")),
        score=_read(cells, "score", _number, "a number"),
        success=_read(
            cells,
            "success",
            lambda text: _SUCCESS.get(text.casefold().replace("_", " ")),
            "an outcome: write `completed`, `with_help` or `failed`",
        ),
        seconds=_read(cells, "seconds", _seconds, "a time on task: write seconds, or `m:ss`"),
        tags=listed("tags"),
        user_id=cells.get("user"),
        place=read_place(cells["step"]) if "step" in cells else place,
        **said,
    )


def _read(cells: Mapping[str, str], name: str, reads: Callable[[str], Any], wanted: str) -> Any:
    """A cell as a value, None for a blank one. Raises BadEvidence for one that is not what is `wanted`."""
    if name not in cells:
        return None
    value = reads(cells[name])
    if value is None:
        raise BadEvidence(f"the {name} `{cells[name][:80]}` is not {wanted}")
    return value


def _time(text: str, zone: ZoneInfo) -> Instant | None:
    instant = read_instant(text)
    if instant is not None:
        return instant if instant >= 0 else None
    # The basic form and weeks of ISO 8601 look like plain numbers and names.
    if len(text) < 10 or "W" in text or "-" not in text[:5]:
        return None
    try:
        moment = datetime.fromisoformat(text)
        found = from_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))
    except (ValueError, OverflowError):
        return None
    return found if found >= 0 else None


def _number(text: str) -> float | None:
    # `9/10` and `4 stars` are how exports write scores.
    bare = text.casefold().removesuffix("stars").removesuffix("star").split("/", 1)[0].strip()
    try:
        return float(bare)
    except ValueError:
        return None


def _seconds(text: str) -> float | None:
    minutes, colon, seconds = text.rpartition(":")
    try:
        return float(seconds.casefold().removesuffix("s").strip()) + (60 * int(minutes) if colon else 0)
    except ValueError:
        return None
