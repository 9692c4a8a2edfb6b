"""Maps made by hand, for tests of what is drawn: no database, no log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dsl.values import DAY, Instant, read_instant
from engine.analytics.intervals import Interval
from engine.analytics.releases import Release
from engine.mapping.model import JourneyMap, LineKind, MapLine, StageOnMap, StepOnMap
from engine.mapping.rows import Row
from engine.roadmap.evidence import Period
from engine.roadmap.metrics import METRICS, Measured, Metric
from engine.stages import COLOURS, StageMark, letter_of

NOW = read_instant("2026-11-02T09:00:00Z") or Instant(0)


def figures(emotion: float | None, completion: float | None = 0.5) -> tuple[Measured, ...]:
    """The metrics of a step, of which two matter here."""
    known = {Metric.EMOTION: emotion, Metric.COMPLETION: completion}

    def one(metric: Metric) -> Measured:
        value = known.get(metric)
        return Measured(metric, value, 0 if value is None else 20, None if value is None else around(value))

    return tuple(map(one, METRICS))


def around(value: float) -> Interval:
    return Interval(value - 0.1, value + 0.1)


def measured(text: str) -> MapLine:
    return MapLine(LineKind.MEASURED, text)


def typed(text: str, *, hatched: bool = True) -> MapLine:
    links = () if hatched else ("evidence:1",)
    return MapLine(LineKind.TYPED, text, n=len(links), is_hatched=hatched, evidence=links, revision=1, by="member 1")


def step(number: int, *, stage: str = "early", label: str = "", emotion: float | None = 0.0, **more: Any) -> StepOnMap:
    lines = more.pop("lines", {Row.PERSONA: (measured(f"{number} people came"),)})
    return StepOnMap(
        step=f"step_{number}",
        label=label or f"Step {number}",
        stage=stage,
        name=f"A{number}",
        entered=40,
        went_on=20,
        lost=15,
        figures=figures(emotion),
        within=None,
        feelings={},
        lines=lines,
        **more,
    )


def a_map(*steps: StepOnMap, **more: Any) -> JourneyMap:
    stages = list(dict.fromkeys(each.stage for each in steps))
    return JourneyMap(
        journey="way",
        label=more.pop("label", "The way"),
        persona="",
        persona_label=more.pop("persona_label", "everyone"),
        period=Period(Instant(NOW - 28 * DAY), NOW),
        made=NOW,
        stages=tuple(
            StageOnMap(
                StageMark(name, name.title(), letter_of(number), COLOURS[number]),
                tuple(each.step for each in steps if each.stage == name),
            )
            for number, name in enumerate(stages)
        ),
        steps=tuple(steps),
        left_out=("simulated", "internal"),
        **more,
    )


def stale(one: StepOnMap, version: str) -> StepOnMap:
    return replace(one, stale=(Release(version, NOW),), releases=(version,))
