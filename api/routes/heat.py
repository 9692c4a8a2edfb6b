"""Heat maps: what people did on a page, how far down they saw it, where they left its forms."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import analyst, as_file, in_form, listed_in_form, rows_wanted, users_answer
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.funnels import UsersBehindSchema
from api.schemas.heat import (
    HeatAskedSchema,
    HeatPagesSchema,
    HeatPeriodSchema,
    HeatPictureAskedSchema,
    HeatPictureSchema,
    HeatSchema,
    HeatSnapshotsAskedSchema,
    HeatSnapshotSchema,
    HeatSnapshotsSchema,
    HeatUsersAskedSchema,
    map_document,
    picture_document,
    read_behind_heat,
    read_heat,
)
from api.serving import serving
from engine import heat as maps
from engine.analyst import UsersBehind
from engine.analytics.heat_tables import COLUMNS, PAGE_COLUMNS, Part, heat_rows, page_rows
from engine.heat_snapshots import HeatSnapshots, Snapshot
from engine.permissions import Scope

blueprint = Blueprint("heat", __name__, url_prefix="/api/v1/heat", description="Heat maps of pages")


@blueprint.route("")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(HeatAskedSchema, location="query")
@blueprint.response(200, HeatSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def heat(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """What people did on a page by element, how far down they saw it, and where they left its forms.

    Of everybody, or a map for each persona, device, day or week. What each figure means: docs/reference/heat.md.
    """
    project = caller().project_id
    found = maps.heat(analyst(), project, read_heat(asked), serving().service.rules_now(project))
    if asked["format"] != "json":
        part = Part(asked["part"])
        return as_file(heat_rows(found, part), list(COLUMNS[part]), asked["format"], name=f"heat-{part.value}")
    return {
        "patterns": found.patterns,
        "maps": [map_document(each) for each in found.maps],
        "left_out": found.left_out,
        "version": found.version,
    }


@blueprint.route("/users")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(HeatUsersAskedSchema, location="query")
@blueprint.response(200, UsersBehindSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def heat_users(asked: dict[str, Any]) -> UsersBehind | Response:
    """Who is behind a figure of a heat map: their ids, in order, a page at a time; files hold all."""
    project = caller().project_id
    question, who, rules = read_heat(asked), read_behind_heat(asked), serving().service.rules_now(project)
    page = maps.users_behind_heat(
        analyst(), project, question, who, rules, after=asked["after"], limit=rows_wanted(asked)
    )
    return users_answer(page, asked)


@blueprint.route("/pages")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(HeatPeriodSchema, location="query")
@blueprint.response(200, HeatPagesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def heat_pages(asked: dict[str, Any]) -> maps.KnownPages | Response:
    """Which pages there are heat maps of: the touchpoints of journeys, and the paths that most people saw."""
    project = caller().project_id
    found = maps.known_pages(analyst(), project, read_heat(asked), serving().service.rules_now(project))
    return in_form(asked["format"], lambda: found, page_rows(found), PAGE_COLUMNS, name="heat-pages")


@blueprint.route("/picture")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(HeatPictureAskedSchema, location="query")
@blueprint.response(200, HeatPictureSchema)
def heat_picture(asked: dict[str, Any]) -> dict[str, Any]:
    """The masked picture of a page that its heat map is drawn on.

    The one that somebody took of just these pages, else of pages like these; else the newest in a recording of a
    session, for callers who may watch recordings: that is in the audit log.
    """
    who, current = caller(), serving()
    question = maps.HeatAsked(page=asked["page"], journey=asked["journey"], step=asked["step"])
    patterns = maps.patterns_of(question, current.service.rules_now(who.project_id).project)
    watcher = who.actor if Scope.REPLAYS_READ in who.scopes else None
    picture = heat_pictures().picture(who.project_id, patterns, watcher=watcher, now=current.clock())
    return picture_document(picture)


@blueprint.route("/snapshots")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(HeatSnapshotsAskedSchema, location="query")
@blueprint.response(200, HeatSnapshotsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def heat_snapshots(asked: dict[str, Any]) -> Any:
    """The pictures of pages that were taken, without what is drawn."""
    found = heat_pictures().listed(caller().project_id)
    return listed_in_form(asked["format"], found, HeatSnapshotSchema, name="heat-snapshots")


@blueprint.route("/snapshots/<int:heat_snapshot_id>", methods=("DELETE",))
@needs(Scope.RULES_WRITE)
@blueprint.response(200, HeatSnapshotSchema)
def delete_heat_snapshot(heat_snapshot_id: int) -> Snapshot:
    """Remove a picture of a page."""
    return heat_pictures().delete(caller().project_id, heat_snapshot_id)


def heat_pictures() -> HeatSnapshots:
    """The pictures of pages of the application's database."""
    return HeatSnapshots(serving().service.database)
