"""Parquet files of the lake: written whole, on the disk before they are spoken of."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def write_file(path: Path, rows: pa.Table) -> None:
    """Write a file that is there as a whole, and on the disk, or not at all."""
    import pyarrow.parquet as pq  # noqa: PLC0415  (heavy: only where files are written)

    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    pq.write_table(rows, draft, compression="zstd", row_group_size=122_880)
    _flush(draft)
    draft.replace(path)


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
