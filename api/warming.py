"""What figures take that is slow to load, loaded while somebody signs in: the first page after a start is shown sooner.

A server of which nobody opens the console never loads it, and stays as small as it is.
"""

from __future__ import annotations

import threading
from typing import Final

from flask import current_app

from api.serving import serving

_EXTENSION: Final = "waypost-warming"


def begin() -> threading.Thread:
    """Load it beside the requests, once in a process."""
    kept = current_app.extensions
    if _EXTENSION not in kept:
        on_spark = serving().settings.spark is not None
        kept[_EXTENSION] = threading.Thread(target=load, args=(on_spark,), name="waypost-warming")
        kept[_EXTENSION].start()
    thread: threading.Thread = kept[_EXTENSION]
    return thread


def load(on_spark: bool) -> None:
    """Import what analyses take, and answer one question of nothing: the first one takes longer than the next."""
    import scipy.special  # noqa: F401, PLC0415  (all of this is slow to import: that is the point)

    import engine.analyst  # noqa: F401, PLC0415
    from engine.analytics.engines import DuckDB  # noqa: PLC0415

    if not on_spark:
        import ibis  # noqa: PLC0415

        duckdb = DuckDB()
        duckdb.rows(ibis.literal(1).name("one").as_table())
        duckdb.close()
