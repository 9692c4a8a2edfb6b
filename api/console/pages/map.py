"""The living map of a journey: what was measured, declared, said and typed, with the roadmap below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from api.console.desk import Desk
from api.console.figures.maps import MapLinks
from api.console.mapping import sheet as sheets
from api.console.mapping.asked import Shown, comparisons, periods, shown, snapshot_name
from api.console.mapping.over_time import over_time
from api.console.mapping.strip import TONES, strip
from api.console.mapping.strip import sentence as strip_sentence
from api.console.planning.choices import journey_labels
from api.console.registry import Group, Page
from api.maps.files import FORMS, as_answer
from api.maps.layout import beside_what, preface_of
from api.planning import cartographer
from api.schemas.map_documents import map_document
from api.schemas.maps import MapSchema
from dsl.values import format_instant
from engine.mapping.rows import ROWS
from engine.permissions import Scope
from engine.roadmap.evidence import EVERYONE
from engine.roadmap.metrics import Metric

FILES: Final[Mapping[str, str]] = {
    "svg": "SVG",
    "png": "PNG",
    "pdf": "PDF to print",
    "csv": "CSV",
    "json": "JSON",
    "mermaid": "Mermaid",
}
"""The files of the page, as it names them."""


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Map shows."""
    journey = desk.journey
    if journey is None:
        return {"journey": None}
    name = journey.name.text
    found = shown(desk, name)
    form = desk.said.get("format", "")
    if form in FILES:
        return _file(found, form, name=name)
    drawn = sheets.for_others(desk, found.map)
    beside = found.beside
    is_live = drawn.taken is None
    planned = strip(desk, found.map) if desk.said.get("roadmap") == "1" and is_live else None
    return {
        "journey": journey,
        "journeys": journey_labels(desk.rules.project),
        "map": drawn,
        "sheet": sheets.sheet(desk, drawn),
        "specs": ROWS,
        "friction": {step.step: step.figure(Metric.FRICTION) for step in drawn.steps},
        "told": sheets.sentence(drawn),
        "preface": preface_of(drawn if beside is None else beside),
        "chart": sheets.chart(drawn, beside),
        "beside": None if beside is None else beside_what(beside),
        "beside_lines": sheets.beside_lines(beside),
        "trouble": found.trouble,
        "period": found.period,
        "periods": {} if desk.is_shared else periods(desk.rules.now),
        "comparisons": {} if desk.is_shared else comparisons(desk, found.snapshots),
        "snapshots": [] if desk.is_shared else [(each, _named(desk, each)) for each in found.snapshots],
        "may_write": desk.may(Scope.MAP_WRITE) and is_live and not desk.presenting,
        "may_talk": not desk.is_shared and not desk.presenting and is_live,
        "forms": _forms(desk, found) if desk.may(Scope.MAP_WRITE) and is_live else None,
        "seen": format_instant(drawn.made),
        "strip": planned,
        "strip_told": None if planned is None else strip_sentence(planned, found.map),
        "tones": TONES,
        "over_time": over_time(desk, found.map) if is_live else None,
        "files": FILES,
        "address_of": sheets.address_of,
        "links": MapLinks(desk, drawn, found.period),
    }


def _named(desk: Desk, snapshot: Any) -> str:
    return snapshot_name(snapshot, desk.personas.get(snapshot.draft.persona, snapshot.draft.persona))


def _forms(desk: Desk, found: Shown) -> dict[str, Any]:
    """What the forms of the page begin with."""
    maps, project, journey = cartographer(), desk.project.id, found.map.journey
    persona = desk.persona or EVERYONE
    return {
        "journey": journey,
        "persona": persona,
        "persona_label": found.map.persona_label,
        "typed": sheets.typed_cells(maps.cells(project, desk.rules, journey, with_cleared=True), persona),
        "quotes": sheets.quotes(found.map),
        "targets": sheets.aims(maps.targets(project, desk.rules, journey, with_taken_back=True), persona),
        "metrics": sheets.metrics(),
        "steps": {
            step.step: {"label": step.label, "stage": step.stage, "touchpoints": sheets.touchpoints(step)}
            for step in found.map.steps
        },
        "stages": {stage.mark.stage: stage.mark.label for stage in found.map.stages},
        "by_touchpoint": [row.value for row, spec in ROWS.items() if spec.is_by_touchpoint],
    }


def _file(found: Shown, form: str, *, name: str) -> Response:
    drawn = found.map if found.beside is None else found.beside
    if form in FORMS:
        return as_answer(drawn, form, "a4", name=name)
    answer = Response(MapSchema().dumps(map_document(drawn)), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="map-{name}.json"'
    return answer


PAGE = Page(
    "map", "map", "Map", "The living journey map.", Group.PLAN, Scope.RECORDS_READ, view, key="m", shareable=True
)
