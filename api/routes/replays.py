"""Recordings of sessions: whether there are any, listing them, watching and deleting one."""

from __future__ import annotations

from itertools import chain
from operator import attrgetter
from typing import Any

from flask import Response

from api import tables
from api.analyses import listed_in_form, page_of, rows_wanted
from api.auth import caller, callers_project, needs
from api.blueprint import Blueprint
from api.replays import asked_for, document_of, replay_desk, rules_at_hand
from api.schemas.replays import (
    RecordedSchema,
    ReplayDeletedSchema,
    ReplaysAskedSchema,
    ReplaySchema,
    ReplaySettingsChangeSchema,
    ReplaySettingsSchema,
    ReplaysPageSchema,
    ReplayWholeSchema,
)
from api.serving import serving
from engine.permissions import Scope
from engine.replay.settings import ReplayMode, ReplaySettings

blueprint = Blueprint(
    "replays", __name__, url_prefix="/api/v1/replays", description="Recordings of moments at which something went wrong"
)


@blueprint.route("/settings")
@needs(Scope.SETTINGS_READ)
@blueprint.response(200, ReplaySettingsSchema)
def settings() -> ReplaySettings:
    """Whether sessions are recorded, and how much of that is kept."""
    return callers_project().replay


@blueprint.route("/settings", methods=("PUT",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(ReplaySettingsChangeSchema)
@blueprint.response(200, ReplaySettingsSchema)
def change_settings(asked: dict[str, Any]) -> ReplaySettings:
    """Say whether sessions are recorded, and how much of that is kept.

    Nothing is recorded before a `record` declaration of the rules covers somebody too. Recordings that are older than
    the days given are removed at the next run of the background work. Other processes learn of it within two seconds.
    """
    wanted = ReplaySettings(ReplayMode(asked["mode"]), asked["days"], asked["megabytes_a_day"])
    return serving().service.tenancy.change(caller().project_id, replay=wanted, actor=caller().actor).replay


@blueprint.route("")
@needs(Scope.REPLAYS_READ)
@blueprint.arguments(ReplaysAskedSchema, location="query")
@blueprint.response(200, ReplaysPageSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def replays(query: dict[str, Any]) -> Any:
    """Recordings, the latest first: of customers alone, unless asked otherwise."""
    limit = rows_wanted(query)
    project = caller().project_id
    found = replay_desk().listed(project, asked_for(project, query, limit=limit + 1), rules_at_hand())
    page = page_of(found, limit, number=attrgetter("number"))
    return listed_in_form(query["format"], page["data"], ReplaySchema, lambda: page, name="replays")


@blueprint.route("/<recording>")
@needs(Scope.REPLAYS_READ)
@blueprint.response(200, ReplayWholeSchema)
def one(recording: str) -> dict[str, Any]:
    """One recording: what went wrong, what else the user did meanwhile, and what was noted of it."""
    return document_of(caller().project_id, recording)


@blueprint.route("/<recording>/events")
@needs(Scope.REPLAYS_READ)
@blueprint.response(200, RecordedSchema)
def events(recording: str) -> Response:
    """All that was recorded, for a player of rrweb's. That somebody looked is noted in the audit log."""
    who = caller()
    found = replay_desk().watch(who.project_id, recording, by=who.actor, now=serving().clock())
    # Too large to be put together first.
    return Response(chain((b'{"events":',), found, (b"}",)), content_type="application/json")


@blueprint.route("/<recording>", methods=("DELETE",))
@needs(Scope.PEOPLE_ERASE)
@blueprint.response(200, ReplayDeletedSchema)
def delete(recording: str) -> dict[str, Any]:
    """Delete a recording for good. What still comes of it is refused; notes on it stay."""
    who = caller()
    found = replay_desk().delete(who.project_id, recording, by=who.actor, now=serving().clock())
    return {"deleted": found.id}
