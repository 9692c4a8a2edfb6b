"""Themes: a problem that people have, with the metric and the target that say when it is solved.

A theme names the problem, not the feature: what is built may turn out to be wrong, the problem stays. Starter
suggestions for each phase of a journey are data, `starters.json` with its schema beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import orjson

from dsl.nodes import Stage
from dsl.values import Instant
from engine.errors import WaypostError
from engine.roadmap.metrics import Metric
from engine.roadmap.timeboxes import Timebox

STARTERS_FILE: Final = Path(__file__).with_name("starters.json")
SCHEMA_FILE: Final = Path(__file__).with_name("starters.schema.json")
_FEATURE_WORDS: Final = frozenset(
    {"add", "build", "create", "develop", "implement", "integrate", "introduce", "launch", "make", "migrate", "rebuild"}
    | {"redesign", "ship", "support"}
)


class ThemeStatus(StrEnum):
    """What became of a theme."""

    OPEN = "open"
    SOLVED = "solved"
    DROPPED = "dropped"


class NoSuchTheme(WaypostError):
    """The project has no theme of that number."""

    code = "no_such_theme"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no theme {number} in this project")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeDraft:
    """What somebody says of a theme. stage, step: None for the whole journey, or the whole stage."""

    title: str
    journey: str
    stage: str | None = None
    step: str | None = None
    metric: Metric
    target: float
    due: Timebox | None = None
    status: ThemeStatus = ThemeStatus.OPEN
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme as it is kept. revision: counts up with each change."""

    id: int
    revision: int
    draft: ThemeDraft
    created: Instant
    by: str
    changed: Instant
    changed_by: str

    @property
    def hint(self) -> str | None:
        """What to say of its title; None for nothing."""
        return feature_hint(self.draft.title)


@dataclass(frozen=True, slots=True)
class Starter:
    """A suggested theme for a phase of a journey. symptom: what in the records speaks for it."""

    phase: str
    title: str
    metric: Metric
    symptom: str


def feature_hint(title: str) -> str | None:
    """A word of advice for a title that reads like a feature; None for one that does not."""
    first = title.split(maxsplit=1)[0].strip(":,.").casefold() if title.strip() else ""
    if first not in _FEATURE_WORDS:
        return None
    return (
        f"“{title}” reads like a feature: name the problem, such as “New users do not know which record to enter”, "
        "so that the metric says whether it is solved, whatever is built"
    )


@cache
def starters() -> tuple[Starter, ...]:
    """All suggestions, in the order of the phases."""
    read = orjson.loads(STARTERS_FILE.read_bytes())
    return tuple(
        Starter(phase["phase"], each["title"], Metric(each["metric"]), each["symptom"])
        for phase in read["phases"]
        for each in phase["themes"]
    )


def starters_for(stage: Stage) -> tuple[Starter, ...]:
    """The suggestions for a stage: by its phase, else by its name; for any other those that fit everywhere."""
    by_phase: Mapping[str, tuple[Starter, ...]] = {
        phase: tuple(each for each in starters() if each.phase == phase) for phase in {s.phase for s in starters()}
    }
    names = [stage.phase.value] if stage.phase is not None else []
    names += [stage.label.value] if stage.label is not None else []
    names.append(stage.name.text.replace("_", " "))
    for name in names:
        if name.casefold() in by_phase:
            return by_phase[name.casefold()]
    return by_phase["any"]
