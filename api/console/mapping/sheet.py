"""The table of the map's page: its columns and rows, folded and unfolded, and what its forms begin with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from api.console.desk import Desk
from api.console.marks import on_steps
from api.maps.layout import compared_lines
from engine.analytics.curve import CurveMark, MarkKind
from engine.mapping.cells import Cell
from engine.mapping.comparing import MapComparison
from engine.mapping.model import JourneyMap, LineKind, Lines, MapLine, StageOnMap, StepOnMap
from engine.mapping.rows import ROWS, Row
from engine.mapping.targets import Target
from engine.roadmap.metrics import METRICS, Measured, Metric

ALL: Final = "all"
"""In the address, in place of columns or rows: every one is unfolded."""
HIDDEN_FROM_OTHERS: Final = frozenset({Row.OWNER})
"""Rows that name people of one's own."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table. unfolded, rows: the columns and rows that are drawn whole. used: rows in which anything stands."""

    stages: tuple[StageOnMap, ...]
    steps: tuple[StepOnMap, ...]
    rows: tuple[Row, ...]
    used: frozenset[Row]
    unfolded: frozenset[str]
    unfolded_rows: frozenset[Row]

    def has_stage_lines(self, row: Row) -> bool:
        """Whether anything in a row is said of a stage as a whole."""
        return any(stage.lines.get(row) for stage in self.stages)

    @property
    def has_folded(self) -> bool:
        """Whether any column is drawn folded."""
        return len(self.unfolded) < len(self.steps)


def sheet(desk: Desk, drawn: JourneyMap) -> Sheet:
    """The table of a map. By itself it draws the way to the outcome and the worst drop, and folds the rest."""
    rows = tuple(row for row in Row if not (desk.is_shared and row in HIDDEN_FROM_OTHERS))
    used = frozenset(row for row in rows if any(lines.get(row) for lines in _places(drawn)))
    names = {step.step for step in drawn.steps}
    usual = (set(drawn.path) | {drawn.worst, desk.said.get("step", "")}) & names or names
    rows_said = desk.said.get("rows", "")
    own_rows = (
        frozenset(rows) if rows_said == ALL else frozenset(Row(each) for each in rows_said.split(",") if each in rows)
    )
    return Sheet(
        stages=drawn.stages,
        steps=drawn.steps,
        rows=tuple(row for row in rows if row in used) if desk.is_shared or desk.presenting else rows,
        used=used,
        unfolded=frozenset(_said(desk.said.get("columns", ""), names) or usual),
        unfolded_rows=(own_rows or used) | {row for row in rows if row == desk.said.get("row")},
    )


def for_others(desk: Desk, drawn: JourneyMap) -> JourneyMap:
    """The map as strangers see it: without words of users unless they may, without the names of one's own people."""
    if not desk.is_shared:
        return drawn

    def shown(lines: Lines) -> Lines:
        return {
            row: tuple(
                replace(line, by="", evidence=(), ref="")
                for line in told
                if desk.shows_words or line.kind is not LineKind.SAID
            )
            for row, told in lines.items()
            if row not in HIDDEN_FROM_OTHERS
        }

    return replace(
        drawn,
        lines=shown(drawn.lines),
        stages=tuple(replace(each, lines=shown(each.lines)) for each in drawn.stages),
        steps=tuple(
            replace(
                each, lines=shown(each.lines), look=None if each.look is None else replace(each.look, by="", note="")
            )
            for each in drawn.steps
        ),
    )


def chart(drawn: JourneyMap, beside: MapComparison | None) -> dict[str, Any] | None:
    """The emotion along the map with its band and what was released at each step; None where nobody said anything."""
    felt = [step.figure(Metric.EMOTION) for step in drawn.steps]
    if all(each.value is None for each in felt):
        return None
    others = None if beside is None else [beside.other.step(step.step) for step in drawn.steps]
    return {
        "kind": "emotions",
        "steps": [{"label": step.label, "letter": step.name} for step in drawn.steps],
        "mean": [each.value for each in felt],
        "low": [_end(each, low=True) for each in felt],
        "high": [_end(each, low=False) for each in felt],
        "counts": [each.n for each in felt],
        "other": None
        if others is None
        else [None if one is None else one.figure(Metric.EMOTION).value for one in others],
        "marks": on_steps([_released(drawn, step) for step in drawn.steps]),
    }


def sentence(drawn: JourneyMap) -> str:
    """What the map says, in words."""
    came = max((step.entered for step in drawn.steps), default=0)
    if not came:
        return f"Nobody of “{drawn.persona_label}” came to any step in this time."
    told = f"{came:,} people came to the steps of “{drawn.label}”."
    worst = drawn.step(drawn.worst)
    if worst is not None:
        settled = worst.went_on + worst.lost
        share = worst.lost / settled
        told += f" Most were lost at “{worst.label}”: {worst.lost:,} of {settled:,} whose fate is known ({share:.0%})."
    felt = [(step.figure(Metric.EMOTION).value, step) for step in drawn.steps]
    low = min(((value, step) for value, step in felt if value is not None), key=lambda pair: pair[0], default=None)
    if low is not None:
        told += f" It felt worst at “{low[1].label}” ({low[0]:+.2f}).".replace("-", "−")
    return told


def beside_lines(beside: MapComparison | None) -> Mapping[str, list[str]]:
    """By step, each metric on both maps."""
    return {} if beside is None else {each.step: compared_lines(each) for each in beside.steps}


def typed_cells(cells: Iterable[Cell], persona: str) -> dict[str, dict[str, Any]]:
    """What the form of each cell begins with, by `row|stage|step|touchpoint`: the persona's own text, else that of
    everybody, from which its own is made anew."""
    found: dict[str, dict[str, Any]] = {}
    for cell in sorted(cells, key=lambda each: each.draft.persona != ""):
        draft = cell.draft
        if draft.persona not in {"", persona}:
            continue
        key = "|".join((draft.row.value, draft.stage, draft.step, draft.touchpoint))
        is_own = draft.persona == persona
        if not is_own and not draft.text:
            continue
        if is_own and not draft.text and key in found:
            found[key]["revision"] = cell.revision
            continue
        found[key] = {
            "text": draft.text,
            "evidence": list(draft.evidence),
            "revision": cell.revision if is_own else 0,
            "inherited": not is_own,
        }
    return found


def quotes(drawn: JourneyMap) -> dict[str, list[dict[str, str]]]:
    """By step, what users said there: what a cell may link."""
    return {
        step.step: [
            {"ref": line.ref, "text": line.text}
            for line in step.lines.get(Row.THOUGHTS, ())
            if line.kind is LineKind.SAID and line.ref
        ]
        for step in drawn.steps
    }


def aims(targets: Iterable[Target], persona: str) -> dict[str, dict[str, Any]]:
    """By step and metric, the target of the persona that there is, or was."""
    found: dict[str, dict[str, Any]] = {}
    for each in targets:
        draft = each.draft
        if draft.persona == persona:
            due = None if draft.due is None else str(draft.due)
            own = {"target": draft.target, "due": due, "revision": each.revision}
            found.setdefault(draft.step, {})[draft.metric.value] = own
    return found


def metrics() -> dict[str, dict[str, Any]]:
    """What a target may be of, for the form."""
    return {
        metric.value: {
            "label": metric.value.replace("_", " "),
            "doc": kind.doc,
            "unit": kind.unit,
            "low": kind.lowest,
            "high": kind.highest,
        }
        for metric, kind in METRICS.items()
    }


def touchpoints(step: StepOnMap) -> list[str]:
    """The touchpoints of a step that the rules declare."""
    return [line.touchpoint for line in step.lines.get(Row.TOUCHPOINTS, ()) if line.kind is LineKind.DECLARED]


def typed_hint(row: Row) -> str:
    """What people may type into a row; blank where they may not."""
    return ROWS[row].typed


def address_of(link: str) -> str | None:
    """Where a link of a cell leads, if it is an address."""
    return link if link.startswith(("https://", "http://")) else None


def _places(drawn: JourneyMap) -> Iterable[Mapping[Row, tuple[MapLine, ...]]]:
    return (drawn.lines, *(stage.lines for stage in drawn.stages), *(step.lines for step in drawn.steps))


def _said(text: str, names: set[str]) -> set[str]:
    return names if text == ALL else {each for each in text.split(",") if each in names}


def _released(drawn: JourneyMap, step: StepOnMap) -> list[CurveMark]:
    at = {each.version: each.at for each in drawn.releases}
    return [CurveMark(MarkKind.RELEASE, each, at[each]) for each in step.releases if each in at]


def _end(figure: Measured, *, low: bool) -> float | None:
    if figure.interval is None:
        return None
    return max(-1.0, figure.interval.low) if low else min(1.0, figure.interval.high)
