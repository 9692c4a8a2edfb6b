"""The releases of the product, as `$release` events tell of them."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.values import Instant
from engine.analytics.history import History
from engine.analytics.wheres import json_text
from engine.events import RELEASE_EVENT


@dataclass(frozen=True, slots=True)
class Release:
    """A `$release` that was recorded."""

    version: str
    at: Instant


def releases_of(history: History) -> tuple[Release, ...]:
    """The releases that were recorded, each version once, when it was told first."""
    events = history.events.filter(history.events.name == RELEASE_EVENT)
    told = events.select("time", version=json_text()(events.properties, "$.version"))
    rows = history.engine.rows(told.group_by("version").agg(first=told.time.min()).order_by("first", "version"))
    return tuple(Release(row["version"] or "?", Instant(row["first"])) for row in rows)
