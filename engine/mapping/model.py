"""A journey map as it is: columns, rows of short lines, and the figures behind them. Drawn and written elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dsl.values import Duration, Instant
from engine.analytics.intervals import Interval
from engine.analytics.releases import Release
from engine.mapping.releases import Look
from engine.mapping.rows import Row
from engine.mapping.targets import Future
from engine.roadmap.evidence import Period
from engine.roadmap.metrics import Measured, Metric
from engine.stages import StageMark


class LineKind(StrEnum):
    """Where a line comes from."""

    MEASURED = "measured"
    DECLARED = "declared"
    SAID = "said"
    TYPED = "typed"


LINE_MEANS: Mapping[LineKind, str] = {
    LineKind.MEASURED: "counted, or computed from what was counted",
    LineKind.DECLARED: "stands in the rules in force",
    LineKind.SAID: "the words of a user; never kept in a snapshot",
    LineKind.TYPED: "typed in by somebody; hatched until evidence is linked",
}
"""What each kind means, for reference pages."""


@dataclass(frozen=True, slots=True)
class MapLine:
    """One line of a cell of the map.

    ref: what it speaks of, such as `guide:verify_help`, `opportunity:activation.verify.trial`, `evidence:12`. n: how
    many it is of; of what was typed, how many pieces of evidence that are here it links. touchpoint: of what was typed
    of one alone. evidence, missing: what it links, and which of that is gone. revision: of what was typed.
    """

    kind: LineKind
    text: str
    ref: str = ""
    n: int | None = None
    is_hatched: bool = False
    touchpoint: str = ""
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    revision: int = 0
    by: str = ""


Lines = Mapping[Row, tuple[MapLine, ...]]
"""The lines of some cells, by row."""


@dataclass(frozen=True, slots=True)
class Within:
    """How many of those who went on did so in the time that the rules expect."""

    expected: Duration
    n: int
    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class StepOnMap:
    """A column. name: `A1`, the letter of its stage and its place in it.

    entered: people who came to the step in the period. went_on, lost: of them, as far as their fate is known. figures:
    every metric of a step. feelings: how often each was named. releases: versions that touched it in the period. stale:
    those that did since somebody last looked.
    """

    step: str
    label: str
    stage: str
    name: str
    entered: int
    went_on: int
    lost: int
    figures: tuple[Measured, ...]
    within: Within | None
    feelings: Mapping[str, int]
    futures: tuple[Future, ...] = ()
    releases: tuple[str, ...] = ()
    stale: tuple[Release, ...] = ()
    look: Look | None = None
    lines: Lines = field(default_factory=dict)

    def figure(self, metric: Metric) -> Measured:
        """One metric of the step."""
        return next(each for each in self.figures if each.metric is metric)

    @property
    def is_stale(self) -> bool:
        """True where a release touched it and nobody has looked since."""
        return bool(self.stale)


@dataclass(frozen=True, slots=True)
class StageOnMap:
    """Some columns. lines: what was typed of the stage as a whole."""

    mark: StageMark
    steps: tuple[str, ...]
    lines: Lines = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """Of a map out of a snapshot: its number, when it was taken, by whom, of which quarter if by itself."""

    id: int
    at: Instant
    by: str
    quarter: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """Rules that were put in force: their version, and when."""

    version: int
    at: Instant


@dataclass(frozen=True, slots=True)
class JourneyMap:
    """The map of a journey for a persona (blank: everybody) and a period. made: when it was drawn.

    releases, publications: those of the period. lines: of the journey as a whole. left_out: who is not counted. path:
    the steps of the most common way to the last of them, in the order of the map; nobody went any: all. worst: the step
    where most were lost; blank where too few were.
    """

    journey: str
    label: str
    persona: str
    persona_label: str
    period: Period
    made: Instant
    stages: tuple[StageOnMap, ...]
    steps: tuple[StepOnMap, ...]
    releases: tuple[Release, ...] = ()
    publications: tuple[Publication, ...] = ()
    lines: Lines = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    worst: str = ""
    taken: Taken | None = None

    def step(self, name: str) -> StepOnMap | None:
        """A column by its step's name."""
        return next((each for each in self.steps if each.step == name), None)
