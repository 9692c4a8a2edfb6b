"""A table or JSON lines at an address of one's own: for every tool that can write a file somewhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from dsl.values import JsonValue
from engine.evidence import Source
from engine.evidence_sheet import FIELDS, BadEvidenceSheet, SheetRow, read_columns, read_evidence
from engine.fetching import Answer, Ask
from engine.scheduled.facts import BadScheduledSource
from engine.scheduled.reading import Cursor, Kind, Page, Reader, Setting, Told, UnexpectedAnswer, words


class _Table(Reader):
    def __init__(self, told: Told) -> None:
        self._told = told
        try:
            self._zone = ZoneInfo(told["zone"])
        except (KeyError, ValueError, OSError):
            raise BadScheduledSource(
                f"there is no time zone `{told['zone'][:80]}`; write one like `Europe/Berlin`"
            ) from None
        try:
            self._columns = read_columns(line.strip() for line in told["columns"].splitlines() if line.strip())
        except BadEvidenceSheet as error:
            raise BadScheduledSource(str(error)) from None

    def ask(self, cursor: Cursor) -> Ask:
        headers = {"Accept": "text/csv, application/x-ndjson, application/json;q=0.8, */*;q=0.1"}
        if self._told["authorization"]:
            headers["Authorization"] = self._told["authorization"]
        for name, header in (("etag", "If-None-Match"), ("modified", "If-Modified-Since")):
            if (known := words(cursor.get(name))) is not None:
                headers[header] = known
        return Ask(self._told["address"], headers)

    def read(self, answer: Answer, cursor: Cursor) -> Page:
        if answer.status == 304:
            return Page((), cursor, is_last=True)
        try:
            text = answer.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise UnexpectedAnswer("the answer is no text in UTF-8") from None
        drafts, problems = [], []
        try:
            for row in self._rows(text):
                if row.draft is not None:
                    drafts.append(row.draft)
                else:
                    problems.append((f"line {row.line}", row.problem or ""))
        except BadEvidenceSheet as error:
            raise UnexpectedAnswer(str(error)) from None
        known: dict[str, JsonValue] = {
            name: answer.headers[header]
            for name, header in (("etag", "etag"), ("modified", "last-modified"))
            if header in answer.headers
        }
        return Page(tuple(drafts), known, is_last=True, problems=tuple(problems))

    def _rows(self, text: str) -> Iterator[SheetRow]:
        """Raises UnexpectedAnswer, BadEvidenceSheet."""
        lines: Iterable[str] = io.StringIO(text, newline="")
        if text.lstrip()[:1] in {"{", "["}:
            records = _records(text)
            if not records:
                return iter(())
            lines = _as_table(records)
        return read_evidence(lines, Source(self._told["evidence"]), columns=self._columns, zone=self._zone)


def _records(text: str) -> list[dict[str, JsonValue]]:
    """The objects of JSON lines, or of a JSON list. Raises UnexpectedAnswer."""
    try:
        whole = orjson.loads(text) if text.lstrip().startswith("[") else None
        found = whole if isinstance(whole, list) else [orjson.loads(line) for line in text.split("\n") if line.strip()]
    except orjson.JSONDecodeError as error:
        raise UnexpectedAnswer(f"the answer is not readable as JSON lines: {error.msg}") from None
    records = [each for each in found if isinstance(each, dict)]
    if len(records) < len(found):
        raise UnexpectedAnswer("every line of JSON lines is an object")
    return records


def _as_table(records: Sequence[Mapping[str, JsonValue]]) -> Iterator[str]:
    """Records as the lines of a CSV: one definition says what the columns are."""
    head = list(dict.fromkeys(name for each in records for name in each))
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(head)
    writer.writerows([_cell(each.get(name)) for name in head] for each in records)
    # Only where lines end in a table: a text may hold other characters that end a line elsewhere.
    return io.StringIO(written.getvalue(), newline="")


def _cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return "; ".join(words(each) or "" for each in value)
        case dict():
            return orjson.dumps(value).decode()
        case _:
            return str(value)


KIND: Final = Kind(
    name="url",
    title="An address with a table",
    meaning="A CSV whose first line names the columns, JSON lines or a JSON list; read anew as often as it is set.",
    documentation="docs/how-to/evidence.md",
    evidence=None,
    settings=(
        Setting("address", "Address", "Such as https://files.example.com/tickets.csv", leads=True),
        Setting("evidence", "Its rows are", default="support_ticket", choices=tuple(each.value for each in Source)),
        Setting(
            "authorization",
            "Authorization",
            "What is sent as the header of that name, such as `Bearer …`; blank for none.",
            is_secret=True,
            is_required=False,
        ),
        Setting(
            "columns",
            "What columns are",
            f"One a line, COLUMN=FIELD; the field is one of {', '.join(FIELDS)} or ignore. Usual names are known.",
            is_required=False,
        ),
        Setting("zone", "Time zone of times that bring none", default="UTC"),
    ),
    begin=_Table,
)
