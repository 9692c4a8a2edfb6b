"""How the settings make an analyst: the one place that says where its files are, what it runs on, how much it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from api.config import Settings

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.storage.store import Database


def analyst_of(database: Database, settings: Settings, *, timer: Callable[[], float] | None = None) -> Analyst:
    """An analyst of a database. timer: what measures how long answers take, where earlier ones may be given."""
    from engine.analyst import Analyst  # noqa: PLC0415  (half a second to import: only where it is asked)

    return Analyst(database, settings.lakes, master=settings.spark, memory=settings.analysis_memory, timer=timer)
