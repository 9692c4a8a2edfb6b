"""Releases of the product: which steps of a map each one touches, and which steps are stale because of it.

A `$release` names what it touches in its properties: `steps` (`JOURNEY`, `JOURNEY.STAGE` or `JOURNEY.STEP`), `pages`
(paths, or patterns with `*`, compared with the pages among the touchpoints) and `touchpoints` (as they are declared).
A step is touched if any of them names it; one that says none of the three touches every step. A touched step is stale
from that instant until somebody looks at it on a map that was drawn after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.checker.declarations import is_page
from dsl.nodes import Journey, Step
from dsl.patterns import PatternError, glob
from dsl.values import Instant
from engine.events import RELEASE_EVENT

if TYPE_CHECKING:
    from engine.analytics.history import History

UNNAMED: Final = "a release without a version"
MOST_NAMED: Final = 200
"""How many steps, pages and touchpoints of one release are read."""
MOST_RELEASES: Final = 2_000
"""How many releases are read, the latest ones."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release, when it was told first, and what it says that it touches: nothing at all means everything."""

    version: str
    at: Instant
    steps: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    touchpoints: tuple[str, ...] = ()

    @property
    def touches_everything(self) -> bool:
        """True for one that says nothing of what it touches."""
        return not (self.steps or self.pages or self.touchpoints)


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at a step and confirmed it. at: when the map that they saw was drawn."""

    at: Instant
    by: str
    note: str = ""


def releases_of(history: History) -> tuple[Release, ...]:
    """The releases that were recorded, the oldest first. history: of everybody, whoever sends releases."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    events = history.events.filter(history.events.name == RELEASE_EVENT)
    told = events.group_by("properties").agg(first=events.time.min()).order_by(ibis.desc("first"), "properties")
    rows = history.engine.rows(told.limit(MOST_RELEASES))
    return tuple(read_release(row["properties"], Instant(row["first"])) for row in reversed(rows))


def read_release(properties: str | bytes | None, at: Instant) -> Release:
    """A release from the properties of its event, as JSON; what cannot be read of it is as if it were not said."""
    try:
        read = orjson.loads(properties or b"{}")
    except orjson.JSONDecodeError:
        read = {}
    told: Mapping[str, Any] = read if isinstance(read, dict) else {}
    version = told.get("version")
    return Release(
        version=str(version)[:100] if isinstance(version, str | int | float) and str(version).strip() else UNNAMED,
        at=at,
        steps=_texts(told.get("steps")),
        pages=_texts(told.get("pages")),
        touchpoints=_texts(told.get("touchpoints")),
    )


def touched_steps(release: Release, journey: Journey) -> frozenset[str]:
    """The steps of a journey that a release touches."""
    if release.touches_everything:
        return frozenset(step.name.text for step in journey.steps)
    name = journey.name.text
    return frozenset(
        step.name.text
        for stage in journey.stages
        for step in stage.steps
        if {name, f"{name}.{stage.name.text}", f"{name}.{step.name.text}"} & set(release.steps)
        or _touches_touchpoint(release, step)
    )


def stale_because(
    releases: Iterable[Release], journey: Journey, looks: Mapping[str, Look]
) -> dict[str, tuple[Release, ...]]:
    """By step, the releases that touch it and came after somebody last looked at it, the oldest first."""
    found: dict[str, list[Release]] = {step.name.text: [] for step in journey.steps}
    for release in releases:
        for step in touched_steps(release, journey):
            look = looks.get(step)
            if look is None or release.at > look.at:
                found[step].append(release)
    return {step: tuple(told) for step, told in found.items()}


def _touches_touchpoint(release: Release, step: Step) -> bool:
    for touchpoint in step.touchpoints:
        text = touchpoint.text.value
        if text in release.touchpoints:
            return True
        if touchpoint.channel is None and is_page(text) and any(_meet(text, page) for page in release.pages):
            return True
    return False


def _meet(declared: str, page: str) -> bool:
    """Whether one of two pages, or patterns of pages, lies within the other."""
    try:
        return glob(declared)(page) or glob(page)(declared)
    except PatternError:
        return False


def _texts(told: object) -> tuple[str, ...]:
    """A text or a list of texts."""
    several: Sequence[object] = told if isinstance(told, list) else [told]
    return tuple(each.strip() for each in several[:MOST_NAMED] if isinstance(each, str) and each.strip())
