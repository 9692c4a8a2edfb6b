"""The records of a file in one of the three shapes that exports have: a JSON object a line, a JSON array, or CSV.

Knows no vendor: what a record means is decided by the function that is given. Reads on the fly, whatever the size; a
record that cannot be read never takes its neighbours along.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from typing import IO, Final, TypeAlias

import orjson

from dsl.values import JsonValue
from engine.imports.formats import Reader
from engine.imports.rows import BadRow, Message, Row, Unreadable

Record: TypeAlias = dict[str, JsonValue]

Converter: TypeAlias = Callable[[Record], tuple[Message, ...]]
"""What one record means, in messages. Raises Unreadable for what is no event."""

RECORD_LIMIT: Final = 1 << 20
"""Bytes of one record, thirty times what a message may have: a file of another kind never fills the memory."""
_CHUNK: Final = 1 << 16
_SPACE: Final = " \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"


def reader(convert: Converter) -> Reader:
    """A reader of files of records. `convert` raises Unreadable for what is no event."""

    def rows(file: IO[bytes]) -> Iterator[Row | BadRow]:
        for line, record in _records(file):
            if isinstance(record, str):
                yield BadRow(line, record)
                continue
            if not isinstance(record, dict):
                yield BadRow(line, "is no JSON object")
                continue
            try:
                yield Row(line, convert(record))
            except Unreadable as problem:
                yield BadRow(line, str(problem))
            except RecursionError:
                yield BadRow(line, "is nested too deeply")

    return rows


_Found: TypeAlias = tuple[int, JsonValue]
"""A line, and what stands there: a record, or a text that says what is wrong with it."""


def _records(file: IO[bytes]) -> Iterator[_Found]:
    number = 0
    while line := file.readline(RECORD_LIMIT + 1):
        number += 1
        text = line.removeprefix(_BOM).lstrip()
        if not text:
            continue
        if text.startswith(b"PAR1"):
            yield number, "the file is Parquet: choose JSON lines when exporting"
        elif text.startswith(b"["):
            yield from _array(file, text[1:], number)
        else:
            lines = _lines(file, line.removeprefix(_BOM), number)
            yield from _objects(lines) if text.startswith(b"{") else _table(lines)
        return


def _lines(file: IO[bytes], line: bytes, number: int) -> Iterator[tuple[int, bytes | str]]:
    """The lines from the one that was begun; of one that is too long, a text that says so."""
    while line:
        if len(line) <= RECORD_LIMIT or line.endswith(b"\n"):
            yield number, line
        else:
            while line and not line.endswith(b"\n"):
                line = file.readline(RECORD_LIMIT)
            yield number, _too_long()
        line = file.readline(RECORD_LIMIT + 1)
        number += 1


def _too_long() -> str:
    return f"is longer than {RECORD_LIMIT >> 20} MB: no event is"


def _objects(lines: Iterator[tuple[int, bytes | str]]) -> Iterator[_Found]:
    for number, line in lines:
        if isinstance(line, str):
            yield number, line
        elif line.strip():
            try:
                record = orjson.loads(line.strip())
            except orjson.JSONDecodeError as error:
                yield number, f"not readable as JSON: {error.msg} (column {error.colno})"
                continue
            yield number, record if isinstance(record, dict) else None


def _array(file: IO[bytes], begun: bytes, number: int) -> Iterator[_Found]:
    """The members of a JSON array, decoded as they come. What follows a member that is no JSON cannot be told apart."""
    decode = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode
    text, pending = _whole_characters(begun)
    at, ended, line = 0, False, number
    while True:
        while at < len(text) and (text[at] in _SPACE or text[at] == ","):
            line += text[at] == "\n"
            at += 1
        if at < len(text):
            if text[at] == "]":
                return
            try:
                record, stop = decode(text, at)
            except (ValueError, RecursionError) as error:
                if ended or len(text) - at > RECORD_LIMIT:
                    why = _too_long() if not ended else f"not readable as JSON: {_plain(error)}"
                    yield line, f"{why}; the rest of the array is not read"
                    return
            else:
                yield line, record if isinstance(record, dict) else None
                line += text.count("\n", at, stop)
                at = stop
                continue
        elif ended:
            yield line, "the file ends within its array: it was cut off"
            return
        chunk = file.read(max(_CHUNK, len(text) - at))
        # A character may end in the next chunk.
        fresh, pending = _whole_characters(pending + chunk)
        text, at, ended = text[at:] + fresh, 0, not chunk


def _whole_characters(data: bytes) -> tuple[str, bytes]:
    for kept in range(min(3, len(data)) + 1):
        head = data[: len(data) - kept]
        try:
            return head.decode(), data[len(head) :]
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), b""


def _refuse_constant(name: str) -> JsonValue:
    raise ValueError(f"{name} is no JSON")


def _plain(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


def _table(lines: Iterator[tuple[int, bytes | str]]) -> Iterator[_Found]:
    """Rows of a CSV as records: JSON in cells is read, and a column `properties.plan` is a member of `properties`."""
    table = csv.reader(
        (line if isinstance(line, str) else line.decode("utf-8", "replace") for _, line in lines), strict=True
    )
    head = next(table, [])
    while True:
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            yield table.line_num, f"not readable as CSV: {error}"
            continue
        if not cells:
            continue
        if len(cells) != len(head):
            yield table.line_num, f"has {len(cells)} cells; the first line names {len(head)} columns"
            continue
        yield table.line_num, _record_of(head, cells)


def _record_of(head: list[str], cells: list[str]) -> Record:
    record: Record = {}
    for name, cell in zip(head, cells, strict=True):
        if not cell:
            continue
        value: JsonValue = cell
        if cell[0] in "{[":
            try:
                value = orjson.loads(cell)
            except orjson.JSONDecodeError:
                value = cell
        whole, dot, member = name.partition(".")
        if not dot:
            record[name] = value
            continue
        inner = record.setdefault(whole, {})
        if isinstance(inner, dict):
            inner[member] = value
    return record
