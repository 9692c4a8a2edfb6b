"""Two maps of a journey beside each other: two periods, two personas, or the present and a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.analytics.intervals import Interval
from engine.errors import WaypostError
from engine.mapping.model import JourneyMap, StepOnMap
from engine.roadmap.evidence import EVERYONE
from engine.roadmap.metrics import METRICS, Measured, Metric, difference
from engine.roadmap.outcomes import Verdict, verdict_of
from engine.roadmap.timeboxes import Timebox, read_timebox

ALL_OF_THEM: Final = "everyone"
"""How everybody is spelled where a persona may stand."""


class BadComparison(WaypostError):
    """What a map is to be compared with names nothing."""

    code = "bad_comparison"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text[:100]}` is nothing to compare with; write a month `2026-09` or a quarter `2026-Q3`, "
            "`persona:NAME` (`persona:everyone` for all people), or `snapshot:NUMBER`"
        )


class AgainstKind(StrEnum):
    """What a map is compared with."""

    PERIOD = "period"
    PERSONA = "persona"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Against:
    """What a map is compared with: one of the three is said."""

    kind: AgainstKind
    period: Timebox | None = None
    persona: str = EVERYONE
    snapshot: int = 0


@dataclass(frozen=True, slots=True)
class FigureCompared:
    """A metric of a step on both maps. difference: of the map less what it is compared with, with its interval.

    verdict: clear is only what the whole interval says; the samples are taken for independent ones, which two personas
    that share people are not.
    """

    metric: Metric
    value: Measured
    other: Measured
    difference: float | None
    interval: Interval | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class StepCompared:
    """A step on both maps; a step that only one of them has has no figures. entered: on the map, and on the other."""

    step: str
    name: str
    label: str
    entered: int | None
    other_entered: int | None
    figures: tuple[FigureCompared, ...]


@dataclass(frozen=True, slots=True)
class MapComparison:
    """A map beside another one; steps: in the order of the map, then those that only the other has."""

    map: JourneyMap
    other: JourneyMap
    steps: tuple[StepCompared, ...]


def read_against(text: str) -> Against:
    """What to compare with, as it is written. Raises BadComparison, BadTimebox."""
    kind, colon, rest = text.strip().partition(":")
    if not colon:
        if not kind[:2].isdigit():
            raise BadComparison(text)
        return Against(AgainstKind.PERIOD, period=read_timebox(kind))
    rest = rest.strip()
    if kind == AgainstKind.PERIOD and rest:
        return Against(AgainstKind.PERIOD, period=read_timebox(rest))
    if kind == AgainstKind.PERSONA and rest:
        return Against(AgainstKind.PERSONA, persona=EVERYONE if rest == ALL_OF_THEM else rest)
    if kind == AgainstKind.SNAPSHOT and rest.isascii() and rest.isdigit() and 0 < len(rest) < 10:
        return Against(AgainstKind.SNAPSHOT, snapshot=int(rest))
    raise BadComparison(text)


def compared(drawn: JourneyMap, other: JourneyMap) -> MapComparison:
    """A map beside another one of the same journey."""
    names = [each.step for each in drawn.steps]
    names += [each.step for each in other.steps if each.step not in names]
    return MapComparison(drawn, other, tuple(_step(drawn.step(name), other.step(name)) for name in names))


def _step(own: StepOnMap | None, other: StepOnMap | None) -> StepCompared:
    shown = own if own is not None else other
    assert shown is not None  # noqa: S101  (a name is taken from one of the two)
    figures: tuple[FigureCompared, ...] = ()
    if own is not None and other is not None:
        figures = tuple(_figure(own.figure(metric), other.figure(metric)) for metric in METRICS)
    return StepCompared(
        step=shown.step,
        name=shown.name,
        label=shown.label,
        entered=None if own is None else own.entered,
        other_entered=None if other is None else other.entered,
        figures=figures,
    )


def _figure(own: Measured, other: Measured) -> FigureCompared:
    found = difference(other, own)
    moved, interval = (None, None) if found is None else found
    return FigureCompared(own.metric, own, other, moved, interval, verdict_of(own.metric, moved, interval))
