"""The releases of the product, as `$release` events tell of them: which version, when, and what each touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from dsl.values import Instant
from engine.analytics.history import History
from engine.events import RELEASE_EVENT

UNNAMED: Final = "?"
"""The version of a release that names none."""
LONGEST_VERSION: Final = 100
MOST_NAMED: Final = 200
"""How many steps, pages and touchpoints of one release are read."""
MOST_RELEASES: Final = 2_000
"""How many releases are read, the latest ones."""


@dataclass(frozen=True, slots=True)
class Release:
    """A `$release`, when it was told first, and what it says that it touches: nothing at all means everything."""

    version: str
    at: Instant
    steps: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    touchpoints: tuple[str, ...] = ()

    @property
    def touches_everything(self) -> bool:
        """True for one that says nothing of what it touches."""
        return not (self.steps or self.pages or self.touchpoints)


def releases_of(history: History) -> tuple[Release, ...]:
    """The releases that were recorded, the oldest first; told twice in the same words, it is one."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    events = history.events.filter(history.events.name == RELEASE_EVENT)
    told = events.group_by("properties").agg(first=events.time.min()).order_by(ibis.desc("first"), "properties")
    rows = history.engine.rows(told.limit(MOST_RELEASES))
    return tuple(read_release(row["properties"], Instant(row["first"])) for row in reversed(rows))


def each_version(releases: Iterable[Release]) -> tuple[Release, ...]:
    """Each version once, as it was told first. releases: the oldest first."""
    found: dict[str, Release] = {}
    for release in releases:
        found.setdefault(release.version, release)
    return tuple(found.values())


def read_release(properties: str | bytes | None, at: Instant) -> Release:
    """A release from the properties of its event, as JSON; what cannot be read of it is as if it were not said."""
    try:
        read = orjson.loads(properties or b"{}")
    except orjson.JSONDecodeError:
        read = {}
    told: Mapping[str, Any] = read if isinstance(read, dict) else {}
    version = told.get("version")
    is_named = isinstance(version, str | int | float) and not isinstance(version, bool) and str(version).strip()
    return Release(
        version=str(version).strip()[:LONGEST_VERSION] if is_named else UNNAMED,
        at=at,
        steps=_texts(told.get("steps")),
        pages=_texts(told.get("pages")),
        touchpoints=_texts(told.get("touchpoints")),
    )


def _texts(told: object) -> tuple[str, ...]:
    """A text or a list of texts."""
    several: Sequence[object] = told if isinstance(told, list) else [told]
    return tuple(each.strip() for each in several[:MOST_NAMED] if isinstance(each, str) and each.strip())
