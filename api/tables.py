"""Rows of an analysis as files: CSV for people and sheets, Parquet for machines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

CSV: Final = "text/csv; charset=utf-8"
PARQUET: Final = "application/vnd.apache.parquet"

ALL: Final = 10_000_000
"""More than a file of anything that is listed ever holds."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a sheet takes for a formula at the beginning of a cell."""


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows with a head. Texts that a sheet would run as a formula get an apostrophe before them."""
    return "".join(csv_lines(rows, columns))


def csv_lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """The same line by line, for tables that do not fit into memory."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    yield _taken_from(out)
    for row in rows:
        writer.writerow(["" if row[name] is None else _cell(row[name]) for name in columns])
        yield _taken_from(out)


def as_parquet(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """The same as a Parquet file."""
    import pyarrow as pa  # noqa: PLC0415  (heavy: only where a file is made)
    import pyarrow.parquet as pq  # noqa: PLC0415

    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[name] for row in rows] for name in columns}), out, compression="zstd")
    return out.getvalue()


def document_rows(documents: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    """Documents of an answer as rows: lists of words with `, ` between, other lists and objects as JSON."""
    return [{name: _plain(document.get(name)) for name in columns} for document in documents]


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return orjson.dumps(value).decode() if isinstance(value, (list, tuple, dict)) else value


def _taken_from(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
