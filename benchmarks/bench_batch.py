"""What keeping a batch of events costs beside writing the same rows by hand, and where the time goes.

On SQLite with WAL and `synchronous=FULL`; the database is verified afterwards. A benchmark of its own, because its
ratio hangs on how fast the disk syncs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measure import Report
from benchmarks.service import batches


def reports() -> list[Report]:
    """The tables of this benchmark."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [batches.report(folder / "batches"), batches.where_the_time_goes(folder / "spent")]
