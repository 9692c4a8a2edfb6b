"""Journey maps: drawn in many forms, typed into, aimed at, confirmed, kept as snapshots."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import in_form, listed_in_form, page_of, rows_wanted
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.maps.files import FORMS, Drawn, as_answer
from api.planning import cartographer, rules_now
from api.schemas import maps as shapes
from api.schemas.fields import FileFormSchema
from api.schemas.map_documents import (
    cell_document,
    map_document,
    read_cell,
    read_map,
    read_period,
    read_target,
    snapshot_document,
    target_document,
)
from engine.mapping.cartographer import Author, MapAsked
from engine.permissions import Scope

blueprint = Blueprint(
    "maps",
    __name__,
    url_prefix="/api/v1/journeys",
    description="The living map of a journey: measured, declared, typed",
)

MEDIA = tuple(form.media for form in FORMS.values())


@blueprint.route("/<journey>/map")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.MapQuerySchema, location="query")
@blueprint.response(200, shapes.MapSchema)
@blueprint.also_as(*MEDIA)
def journey_map(query: dict[str, Any], journey: str) -> dict[str, Any] | Response:
    """The map of a journey for a persona and a period, beside another one where `compare` says so.

    JSON, SVG, PNG, PDF (pages to print), CSV, Parquet or Mermaid. What each row says: docs/reference/map.md.
    """
    rules, project = rules_now(), caller().project_id
    asked, against = read_map(query, journey, rules.now)
    maps = cartographer()
    found: Drawn
    found = maps.map(project, rules, asked) if against is None else maps.compared(project, rules, asked, against)
    return _answer(found, query, name=journey)


# what people type in


@blueprint.route("/<journey>/map/cells")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, shapes.CellsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def cells(query: dict[str, Any], journey: str) -> dict[str, Any] | Response:
    """What people typed into the maps of a journey, of all personas, in the order of its making."""
    found = list(map(cell_document, cartographer().cells(caller().project_id, rules_now(), journey)))
    return listed_in_form(query["format"], found, shapes.CellSchema, name=f"cells-{journey}")


@blueprint.route("/<journey>/map/cells", methods=("PUT",))
@needs(Scope.MAP_WRITE)
@blueprint.arguments(shapes.CellSaidSchema)
@blueprint.response(200, shapes.CellSchema)
def set_cell(said: dict[str, Any], journey: str) -> dict[str, Any]:
    """Type into a cell; a blank text clears it. It is hatched until evidence is linked that is here.

    Refused with 409 where somebody changed it since the `revision` that you saw.
    """
    draft, by = read_cell(said), Author(caller().actor)
    made = cartographer().set_cell(caller().project_id, rules_now(), journey, draft, revision=said["revision"], by=by)
    return cell_document(made)


# targets


@blueprint.route("/<journey>/map/targets")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, shapes.TargetsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def targets(query: dict[str, Any], journey: str) -> dict[str, Any] | Response:
    """What metrics of the steps are to be: the future state."""
    found = list(map(target_document, cartographer().targets(caller().project_id, rules_now(), journey)))
    return listed_in_form(query["format"], found, shapes.TargetSchema, name=f"targets-{journey}")


@blueprint.route("/<journey>/map/targets", methods=("PUT",))
@needs(Scope.MAP_WRITE)
@blueprint.arguments(shapes.TargetSaidSchema)
@blueprint.response(200, shapes.TargetSchema)
def set_target(said: dict[str, Any], journey: str) -> dict[str, Any]:
    """Set the target of a metric of a step; null takes it back.

    Refused with 409 where somebody changed it since the `revision` that you saw.
    """
    draft, by = read_target(said), Author(caller().actor)
    made = cartographer().set_target(caller().project_id, rules_now(), journey, draft, revision=said["revision"], by=by)
    return target_document(made)


# looks


@blueprint.route("/<journey>/map/looks")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, shapes.LooksSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def looks(query: dict[str, Any], journey: str) -> dict[str, Any] | Response:
    """When somebody last looked at each step."""
    found = cartographer().looks(caller().project_id, rules_now(), journey)
    look = shapes.LookSchema()
    rows = [{"step": step, **look.dump(each)} for step, each in found.items()]
    return in_form(query["format"], lambda: {"data": found}, rows, ("step", *look.fields), name=f"looks-{journey}")


@blueprint.route("/<journey>/map/looks", methods=("POST",))
@needs(Scope.MAP_WRITE)
@blueprint.arguments(shapes.LookSaidSchema)
@blueprint.response(200, shapes.LooksSchema)
def look(said: dict[str, Any], journey: str) -> dict[str, Any]:
    """Confirm steps: somebody looked at them, and the map says what is true. They are stale no more."""
    found = cartographer().look(
        caller().project_id,
        rules_now(),
        journey,
        said["steps"],
        by=Author(caller().actor),
        seen=said["seen"],
        note=said["note"],
    )
    return {"data": found}


# snapshots


@blueprint.route("/<journey>/map/snapshots")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.SnapshotsAskedSchema, location="query")
@blueprint.response(200, shapes.SnapshotsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def snapshots(query: dict[str, Any], journey: str) -> dict[str, Any] | Response:
    """The snapshots of a journey, the latest first, a page at a time: one a quarter by itself, and what people took.

    Files hold all of them.
    """
    limit = rows_wanted(query)
    found = cartographer().snapshots(caller().project_id, rules_now(), journey, before=query["before"], limit=limit + 1)
    page = page_of(found, limit, shown=snapshot_document)
    return listed_in_form(
        query["format"], page["data"], shapes.SnapshotSchema, lambda: page, name=f"snapshots-{journey}"
    )


@blueprint.route("/<journey>/map/snapshots", methods=("POST",))
@needs(Scope.MAP_WRITE)
@blueprint.arguments(shapes.SnapshotSaidSchema)
@blueprint.response(201, shapes.SnapshotSchema)
def take(said: dict[str, Any], journey: str) -> dict[str, Any]:
    """Keep the map as it is now, for good. Words of users are not kept with it."""
    rules = rules_now()
    asked = MapAsked(journey, said["persona"], read_period(said["period"], None, rules.now))
    by = Author(caller().actor)
    return snapshot_document(cartographer().take(caller().project_id, rules, asked, by=by, note=said["note"]))


@blueprint.route("/<journey>/map/snapshots/<int:snapshot_id>")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.SnapshotQuerySchema, location="query")
@blueprint.response(200, shapes.MapSchema)
@blueprint.also_as(*MEDIA)
def snapshot(query: dict[str, Any], journey: str, snapshot_id: int) -> dict[str, Any] | Response:
    """The map of a snapshot, in any form."""
    found = cartographer().snapshot(caller().project_id, journey, snapshot_id)
    return _answer(found, query, name=f"{journey}-snapshot-{snapshot_id}")


def _answer(found: Drawn, query: dict[str, Any], *, name: str) -> dict[str, Any] | Response:
    if query["format"] not in FORMS:
        return map_document(found)
    return as_answer(found, query["format"], query["paper"], name=name)
