"""Histories that were recorded elsewhere: given over in parts, taken in by the background worker."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from api import tables
from api.analyses import in_form, listed_in_form, page_of
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
    KeptMappingSchema,
    KeptMappingsSchema,
    MappingWantedSchema,
    PartQuerySchema,
    PreviewQuerySchema,
    PreviewSchema,
    SkippedListSchema,
)
from api.serving import serving
from engine.import_runs import (
    PART_SIZE,
    SKIPPED_COLUMNS,
    ImportAsked,
    KeptMapping,
    Run,
    read_zone,
    skipped_rows,
)
from engine.imports.preview import Preview
from engine.imports.preview import preview as seen
from engine.permissions import Scope

blueprint = Blueprint("imports", __name__, url_prefix="/api/v1/imports", description="Histories recorded elsewhere")
_BYTES = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@blueprint.before_request
def _admit() -> None:
    if request.method == "PUT" or request.endpoint == "imports.preview":
        allow_body(PART_SIZE)


@blueprint.route("")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(ImportsQuerySchema, location="query")
@blueprint.response(200, ImportRunsSchema)
def imports(asked: dict[str, Any]) -> dict[str, Any]:
    """The imports that were given over here, the latest first."""
    limit = asked["limit"]
    found = import_desk().runs(caller().project_id, before=asked["before"], limit=limit + 1)
    return page_of(found, limit)


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


@blueprint.route("/preview", methods=("POST",))
@needs(Scope.EVENTS_WRITE)
@blueprint.doc(requestBody=_BYTES)
@blueprint.arguments(PreviewQuerySchema, location="query")
@blueprint.response(200, PreviewSchema)
def preview(asked: dict[str, Any]) -> Preview:
    """What a table looks like: its columns with what they seem to be, its first rows, and what is wrong with them.

    The body is the file, or its first bytes, up to 1 MB, packed with gzip or not. Nothing is taken in.
    """
    return seen(request.get_data(), asked["mapping"], zone=read_zone(asked["zone"]), is_whole=asked["whole"])


@blueprint.route("/mappings")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, KeptMappingsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def mappings(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """What columns are, as it was kept to use again."""
    found = import_desk().mappings(caller().project_id)
    return listed_in_form(asked["format"], found, KeptMappingSchema, name="columns")


@blueprint.route("/mappings", methods=("POST",))
@needs(Scope.EVENTS_WRITE)
@blueprint.arguments(MappingWantedSchema)
@blueprint.response(201, KeptMappingSchema)
def keep_mapping(asked: dict[str, Any]) -> KeptMapping:
    """Keep what columns are under a name, in place of what the name stood for."""
    return import_desk().keep_mapping(
        caller().project_id, asked["name"], asked["mapping"], zone=asked["zone"], now=serving().clock()
    )


@blueprint.route("/mappings/<int:mapping_id>", methods=("DELETE",))
@needs(Scope.EVENTS_WRITE)
@blueprint.response(200, KeptMappingSchema)
def drop_mapping(mapping_id: int) -> KeptMapping:
    """Forget kept columns."""
    return import_desk().drop_mapping(caller().project_id, mapping_id)


@blueprint.route("/<int:rehearsal_id>/take", methods=("POST",))
@needs(Scope.EVENTS_WRITE)
@blueprint.response(200, ImportRunSchema)
def take(rehearsal_id: int) -> Run:
    """Take in the file of a rehearsal, without giving it over again: it is kept for a day."""
    return import_desk().take(caller().project_id, rehearsal_id, by=caller().actor, now=serving().clock())


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
