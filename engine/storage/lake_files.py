"""Parquet files of the lake: written whole, on the disk before they are spoken of."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP: Final = 122_880
"""Rows that are packed together, and read together."""
_COMPRESSION: Final = "zstd"
_READ_AT_ONCE: Final = 16_384
"""Rows of a file that are in memory at once while files are merged."""


def write_file(path: Path, rows: pa.Table) -> None:
    """Write a file that is there as a whole, and on the disk, or not at all."""
    import pyarrow.parquet as pq  # noqa: PLC0415  (heavy: only where files are written)

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    pq.write_table(rows, draft, compression=_COMPRESSION, row_group_size=ROW_GROUP)
    _flush(draft)
    draft.replace(path)


def merge_files(folder: Path, names: Sequence[str], path: Path) -> None:
    """Write the rows of files of one kind, one file after the other, into one. Never holds more than a row group."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    schema = pq.read_schema(folder / names[0])
    with pq.ParquetWriter(draft, schema, compression=_COMPRESSION) as writer:
        waiting: list[pa.RecordBatch] = []
        rows = 0
        for batch in _batches(folder, names):
            # So that each group but the last is full.
            fitting = batch.slice(0, ROW_GROUP - rows)
            waiting.append(fitting)
            rows += fitting.num_rows
            if rows == ROW_GROUP:
                writer.write_table(pa.Table.from_batches(waiting, schema), row_group_size=ROW_GROUP)
                waiting, rows = [], 0
                rest = batch.slice(fitting.num_rows)
                if rest.num_rows:
                    waiting, rows = [rest], rest.num_rows
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting, schema), row_group_size=ROW_GROUP)
    _flush(draft)
    draft.replace(path)


def _batches(folder: Path, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq  # noqa: PLC0415

    for name in names:
        with pq.ParquetFile(folder / name) as file:
            yield from file.iter_batches(_READ_AT_ONCE)


def read_files(folder: Path, names: Sequence[str]) -> pa.Table:
    """Files of one kind, one after the other."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    # Each by itself: read as a dataset, `day=…` in its path would become a column.
    return pa.concat_tables(pq.ParquetFile(folder / name).read() for name in names)


def replace_file(path: Path, content: bytes) -> None:
    """Put a content in the place of a file's, in one step."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    _flush(draft)
    draft.replace(path)


def _flush(path: Path) -> None:
    # What the manifest names must be on the disk before the manifest is.
    with path.open("rb") as file:
        os.fsync(file.fileno())


def give_back() -> None:
    """Give what Arrow holds in reserve back to the system: after a copy that is as much as the copy was large."""
    import pyarrow as pa  # noqa: PLC0415

    pa.default_memory_pool().release_unused()
