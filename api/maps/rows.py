"""A map as rows of a table, a row for each line and figure of each cell; two maps as rows, figure beside figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from engine.analytics.intervals import Interval
from engine.mapping.comparing import MapComparison
from engine.mapping.model import JourneyMap, LineKind, Lines, MapLine, StepOnMap
from engine.mapping.rows import ROWS, Row
from engine.roadmap.metrics import METRICS, Measured

COLUMNS: Final = (
    *("letter", "stage", "name", "step", "label", "row", "kind", "text", "ref", "n", "hatched", "evidence", "by"),
    *("metric", "value", "low", "high", "unit", "target", "due"),
)
"""The columns of a map. A figure has `metric` and what follows; a line of the map has `kind` and `text`."""
COMPARED_COLUMNS: Final = (
    *("name", "step", "label", "metric", "unit", "value", "n", "low", "high", "other_value", "other_n", "other_low"),
    *("other_high", "difference", "difference_low", "difference_high", "verdict"),
)
"""The columns of two maps beside each other."""
FIGURES: Final = "figures"
"""In the column `row`: of the metrics of a step, which are on no row of the map alone."""


def map_rows(drawn: JourneyMap) -> list[dict[str, Any]]:
    """A map as rows: of the whole journey, of its stages, of its steps, each in the order of the map."""
    made = [_filled(row) for row in _told(drawn.lines, {})]
    for stage in drawn.stages:
        mark = {"letter": stage.mark.letter, "stage": stage.mark.label}
        made += [_filled(row) for row in _told(stage.lines, mark)]
        for step in drawn.steps:
            if step.step in stage.steps:
                place = {**mark, "name": step.name, "step": step.step, "label": step.label}
                made += [_filled({**place, **row}) for row in _figures(step)]
                made += [_filled(row) for row in _told(step.lines, place)]
    return made


def compared_rows(found: MapComparison) -> list[dict[str, Any]]:
    """Two maps as rows: each metric of each step that both have."""
    return [
        {
            "name": step.name,
            "step": step.step,
            "label": step.label,
            "metric": each.metric.value,
            "unit": METRICS[each.metric].unit,
            "value": each.value.value,
            "n": each.value.n,
            **_ends("low", "high", each.value.interval),
            "other_value": each.other.value,
            "other_n": each.other.n,
            **_ends("other_low", "other_high", each.other.interval),
            "difference": each.difference,
            **_ends("difference_low", "difference_high", each.interval),
            "verdict": each.verdict.value,
        }
        for step in found.steps
        for each in step.figures
    ]


def told(line: MapLine) -> str:
    """What was typed, with the touchpoint that it is of."""
    return f"{line.touchpoint}: {line.text}" if line.touchpoint else line.text


def _told(lines: Lines, place: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for row in Row:
        for line in lines.get(row, ()):
            yield {**place, "row": row.value, **_line(line)}


def _line(line: MapLine) -> dict[str, Any]:
    return {
        "kind": line.kind.value,
        "text": line.text if line.kind is not LineKind.TYPED else told(line),
        "ref": line.ref,
        "n": line.n,
        "hatched": line.is_hatched,
        "evidence": " ".join(line.evidence),
        "by": line.by,
    }


def _figures(step: StepOnMap) -> Iterator[dict[str, Any]]:
    targets = {each.metric: each for each in step.futures}
    for figure in step.figures:
        target = targets.get(figure.metric)
        yield {
            "row": FIGURES,
            "kind": "measured",
            **_figure(figure),
            "target": None if target is None else target.target,
            "due": None if target is None else target.due,
        }


def _figure(figure: Measured) -> dict[str, Any]:
    ends = _ends("low", "high", figure.interval)
    unit = METRICS[figure.metric].unit
    return {"metric": figure.metric.value, "value": figure.value, "n": figure.n, "unit": unit, **ends}


def _ends(low: str, high: str, interval: Interval | None) -> dict[str, float | None]:
    return {low: None if interval is None else interval.low, high: None if interval is None else interval.high}


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in COLUMNS}


def row_documents() -> list[dict[str, Any]]:
    """The rows of every map, as answers list them."""
    return [{"row": row, "label": spec.label, "filled": spec.filled, "typed": spec.typed} for row, spec in ROWS.items()]
