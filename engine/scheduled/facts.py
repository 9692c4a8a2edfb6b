"""Scheduled sources as facts: what is fetched from where, how often, and what became of each run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from dsl.values import DAY, HOUR, MINUTE, Duration, Instant, format_instant
from engine.errors import WaypostError

MOST_SOURCES: Final = 20
"""In one project."""
LONGEST_NAME: Final = 100
LONGEST_SETTING: Final = 10_000
"""The key of a service account has about two thousand letters."""
LOOKS_BACK: Final = Duration(90 * DAY)
"""From when on the first run asks, where no day is said."""
PAUSES: Final = tuple(
    Duration(pause) for pause in (5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, DAY)
)
"""After each run in a row that failed, how long until the next one; after the last of them the source is turned off."""
MOST_PAGES: Final = 200
"""Answers that are read in one run; what is left is for the next one, which begins at once."""
MOST_PROBLEMS: Final = 20
"""Of one run, that are listed."""
RUNS_KEPT: Final = Duration(30 * DAY)


class Every(StrEnum):
    """How often something is fetched."""

    HOURLY = "hourly"
    DAILY = "daily"


PERIODS: Final[Mapping[Every, Duration]] = {Every.HOURLY: Duration(HOUR), Every.DAILY: Duration(DAY)}


class SourceRunState(StrEnum):
    """How a run is doing."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class BadScheduledSource(WaypostError):
    """What a scheduled source is to be cannot be so."""

    code = "bad_scheduled_source"


class NoSuchScheduledSource(WaypostError):
    """The project has no scheduled source of that number."""

    code = "no_such_scheduled_source"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no scheduled source {number} in this project")


@dataclass(frozen=True, slots=True)
class ScheduledSource:
    """Something that is fetched by schedule. secrets: the names of those that are set; they themselves are never told.

    step: of what no rule of the project tags, as `journey.step`. next_run: None while it is off. failures: runs in a
    row that failed. stopped: why it was turned off by itself. revision: another one with every change.
    """

    id: int
    kind: str
    name: str
    settings: Mapping[str, str]
    secrets: tuple[str, ...]
    every: Every
    step: str | None
    is_on: bool
    failures: int
    stopped: str | None
    next_run: Instant | None
    created: Instant
    revision: int

    @property
    def actor(self) -> str:
        """What it is called where it brought something."""
        return f"source {self.id}"


@dataclass(frozen=True, slots=True)
class SourceRun:
    """A run. found: items that were read. kept: that are new. updated: that say something else now. known: that say the
    same. removed: that are gone there. refused: that cannot be kept, of which `problems` has the first, by id.
    """

    id: int
    source_id: int
    state: SourceRunState
    started: Instant
    finished: Instant | None = None
    pages: int = 0
    found: int = 0
    kept: int = 0
    updated: int = 0
    known: int = 0
    removed: int = 0
    refused: int = 0
    status: int | None = None
    error: str | None = None
    problems: tuple[tuple[str, str], ...] = ()


RUN_COLUMNS: Final[Mapping[str, str]] = {
    "id": "its number",
    "started": "when it began",
    "finished": "when it was over",
    "state": "`running`, `done` or `failed`",
    "pages": "answers that were read",
    "found": "items in them",
    "kept": "of those, new",
    "updated": "of those, that say something else than before",
    "known": "of those, that say the same",
    "removed": "that are gone there, and so here",
    "refused": "that cannot be kept",
    "status": "what the address answered, where that ended the run",
    "error": "why it failed",
}
"""The columns of runs, with what they mean."""


def run_row(run: SourceRun) -> dict[str, Any]:
    """A run with the keys of RUN_COLUMNS."""
    told: dict[str, Any] = {name: getattr(run, name) for name in RUN_COLUMNS}
    return told | {
        "started": format_instant(run.started),
        "finished": None if run.finished is None else format_instant(run.finished),
        "state": run.state.value,
    }
