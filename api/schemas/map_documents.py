"""From maps to what is sent, and from what was sent to questions and drafts."""

from __future__ import annotations

from typing import Any

from api.maps.files import Drawn
from api.maps.layout import beside_what
from api.maps.rows import row_documents
from api.schemas.opportunities import read_whose
from dsl.values import DAY, MINUTE, Instant
from engine.mapping.cartographer import MapAsked
from engine.mapping.cells import Cell, CellDraft
from engine.mapping.comparing import Against, MapComparison, read_against
from engine.mapping.model import JourneyMap
from engine.mapping.rows import Row
from engine.mapping.snapshots import Snapshot
from engine.mapping.targets import Target, TargetDraft
from engine.roadmap.evidence import Period
from engine.roadmap.timeboxes import read_timebox


def read_map(query: dict[str, Any], journey: str, now: Instant) -> tuple[MapAsked, Against | None]:
    """Which map is asked for, and what to compare it with. Raises BadComparison, BadTimebox."""
    asked = MapAsked(journey, query["persona"], read_period(query["period"], query["days"], now), read_whose(query))
    return asked, None if query["compare"] is None else read_against(query["compare"])


def read_period(timebox: str | None, days: int | None, now: Instant) -> Period | None:
    """A period: a month or quarter, or the last days; None for the usual one. Raises BadTimebox."""
    if timebox is not None:
        box = read_timebox(timebox)
        return Period(box.begin, box.end)
    if days is None:
        return None
    # By whole minutes, so that the same question within one has the same answer.
    end = now - now % MINUTE + MINUTE
    return Period(Instant(end - days * DAY), Instant(end))


def map_document(found: Drawn) -> dict[str, Any]:
    """A map as it is sent."""
    if isinstance(found, JourneyMap):
        return {**_plain(found), "compared": None}
    return {**_plain(found.map), "compared": _compared(found)}


def cell_document(cell: Cell) -> dict[str, Any]:
    """A cell as it is sent."""
    draft = cell.draft
    return {
        "row": draft.row,
        "text": draft.text,
        "step": draft.step,
        "stage": draft.stage,
        "persona": draft.persona,
        "touchpoint": draft.touchpoint,
        "evidence": list(draft.evidence),
        "missing": sorted(cell.missing),
        "hatched": cell.is_hatched,
        "revision": cell.revision,
        "created": cell.created,
        "by": cell.by,
        "changed": cell.changed,
        "changed_by": cell.changed_by,
    }


def target_document(target: Target) -> dict[str, Any]:
    """A target as it is sent."""
    draft = target.draft
    return {
        "step": draft.step,
        "metric": draft.metric,
        "target": draft.target,
        "persona": draft.persona,
        "due": None if draft.due is None else str(draft.due),
        "revision": target.revision,
        "changed": target.changed,
        "changed_by": target.changed_by,
    }


def snapshot_document(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as it is listed."""
    draft = snapshot.draft
    return {
        "id": snapshot.id,
        "journey": draft.journey,
        "persona": draft.persona,
        "quarter": draft.quarter,
        "since": draft.period.begin,
        "until": draft.period.end,
        "taken": snapshot.taken,
        "by": snapshot.by,
        "note": draft.note,
    }


def read_cell(said: dict[str, Any]) -> CellDraft:
    """What was typed."""
    fields = {name: said[name] for name in ("text", "step", "stage", "persona", "touchpoint")}
    return CellDraft(row=Row(said["row"]), evidence=tuple(said["evidence"]), **fields)


def read_target(said: dict[str, Any]) -> TargetDraft:
    """What is aimed at. Raises BadTimebox."""
    due = None if said["due"] is None else read_timebox(said["due"])
    return TargetDraft(
        step=said["step"], metric=said["metric"], target=said["target"], persona=said["persona"], due=due
    )


def _plain(drawn: JourneyMap) -> dict[str, Any]:
    taken = drawn.taken
    return {
        "journey": drawn.journey,
        "label": drawn.label,
        "persona": drawn.persona,
        "persona_label": drawn.persona_label,
        "since": drawn.period.begin,
        "until": drawn.period.end,
        "made": drawn.made,
        "rows": row_documents(),
        "stages": drawn.stages,
        "steps": drawn.steps,
        "lines": drawn.lines,
        "releases": drawn.releases,
        "publications": drawn.publications,
        "left_out": drawn.left_out,
        "path": drawn.path,
        "worst": drawn.worst,
        "snapshot": None
        if taken is None
        else {
            "id": taken.id,
            "journey": drawn.journey,
            "persona": drawn.persona,
            "quarter": taken.quarter,
            "since": drawn.period.begin,
            "until": drawn.period.end,
            "taken": taken.at,
            "by": taken.by,
            "note": taken.note,
        },
    }


def _compared(found: MapComparison) -> dict[str, Any]:
    return {"beside": beside_what(found), "map": _plain(found.other), "steps": found.steps}
