"""Histories that were recorded elsewhere: given over in parts, taken in by the background worker."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from api import tables
from api.analyses import in_form
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.imports import import_desk
from api.limits import allow_body
from api.schemas.fields import FileFormSchema
from api.schemas.imports import (
    ImportRunSchema,
    ImportRunsSchema,
    ImportsQuerySchema,
    ImportWantedSchema,
    PartQuerySchema,
    SkippedListSchema,
)
from api.serving import serving
from engine.import_runs import PART_SIZE, SKIPPED_COLUMNS, ImportAsked, Run, skipped_rows
from engine.permissions import Scope

blueprint = Blueprint("imports", __name__, url_prefix="/api/v1/imports", description="Histories recorded elsewhere")
_BYTES = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@blueprint.before_request
def _admit() -> None:
    if request.method == "PUT":
        allow_body(PART_SIZE)


@blueprint.route("")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(ImportsQuerySchema, location="query")
@blueprint.response(200, ImportRunsSchema)
def imports(asked: dict[str, Any]) -> dict[str, Any]:
    """The imports that were given over here, the latest first."""
    limit = asked["limit"]
    found = import_desk().runs(caller().project_id, before=asked["before"], limit=limit + 1)
    return {"data": found[:limit], "next": found[limit - 1].id if len(found) > limit else None}


@blueprint.route("", methods=("POST",))
@needs(Scope.EVENTS_WRITE)
@blueprint.arguments(ImportWantedSchema)
@blueprint.response(201, ImportRunSchema)
def begin(asked: dict[str, Any]) -> Run:
    """Say which file will come. Then send its parts; with the last one it waits for the background worker.

    Files packed with gzip or zip are unpacked. An import wakes no guide, and doing it again adds nothing.
    """
    wanted = ImportAsked(
        format=asked["format"],
        name=asked["name"],
        size=asked["size"],
        zone=asked["zone"],
        mapping=tuple(asked["mapping"]),
        is_rehearsal=asked["rehearsal"],
    )
    return import_desk().begin(caller().project_id, wanted, by=caller().actor, now=serving().clock())


@blueprint.route("/<int:import_id>")
@needs(Scope.SETTINGS_READ)
@blueprint.response(200, ImportRunSchema)
def one(import_id: int) -> Run:
    """How an import is doing."""
    return import_desk().run(caller().project_id, import_id)


@blueprint.route("/<int:import_id>/parts", methods=("PUT",))
@needs(Scope.EVENTS_WRITE)
@blueprint.doc(requestBody=_BYTES)
@blueprint.arguments(PartQuerySchema, location="query")
@blueprint.response(200, ImportRunSchema)
def add_part(asked: dict[str, Any], import_id: int) -> Run:
    """Send the next part of the file, as it is."""
    desk, project = import_desk(), caller().project_id
    desk.run(project, import_id)
    return desk.add_part(project, import_id, asked["number"], request.get_data())


@blueprint.route("/<int:import_id>/skipped")
@needs(Scope.EVENTS_WRITE)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, SkippedListSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def skipped(asked: dict[str, Any], import_id: int) -> dict[str, Any] | Response:
    """The rows that were not taken, and why."""
    rows = skipped_rows(import_desk().skipped(caller().project_id, import_id))
    return in_form(asked["format"], lambda: {"data": rows}, rows, SKIPPED_COLUMNS, name=f"skipped-{import_id}")


@blueprint.route("/<int:import_id>", methods=("DELETE",))
@needs(Scope.EVENTS_WRITE)
@blueprint.response(200, ImportRunSchema)
def remove(import_id: int) -> Run:
    """Remove an import from the list, and a file that waits; what was taken in stays."""
    return import_desk().remove(caller().project_id, import_id, by=caller().actor, now=serving().clock())
