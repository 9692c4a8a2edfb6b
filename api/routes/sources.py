"""Scheduled sources: tickets and app reviews that are fetched from where they are."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import in_form, listed_in_form, page_of, rows_wanted
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.scheduled import scheduled_desk, seen_by
from api.schemas.fields import FileFormSchema
from api.schemas.sources import (
    ScheduledSourceSchema,
    ScheduledSourcesSchema,
    SourceChangeSchema,
    SourceKindSchema,
    SourceKindsSchema,
    SourceRunsQuerySchema,
    SourceRunsSchema,
    SourceWantedSchema,
)
from api.serving import serving
from dsl.project import RuleProject
from engine.permissions import Scope
from engine.scheduled.desk import SourceWanted
from engine.scheduled.facts import RUN_COLUMNS, ScheduledSource, run_row
from engine.scheduled.kinds import kinds as known_kinds

blueprint = Blueprint(
    "sources", __name__, url_prefix="/api/v1/sources", description="Tickets and reviews, fetched by schedule"
)


@blueprint.route("")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, ScheduledSourcesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def sources(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """The scheduled sources of the environment."""
    who = caller()
    found = [seen_by(who, each) for each in scheduled_desk().sources(who.project_id)]
    return listed_in_form(asked["format"], found, ScheduledSourceSchema, name="sources")


@blueprint.route("/kinds")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, SourceKindsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def kinds(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """What kinds there are, and what a source of each is told."""
    return listed_in_form(asked["format"], list(known_kinds().values()), SourceKindSchema, name="source-kinds")


@blueprint.route("", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(SourceWantedSchema)
@blueprint.response(201, ScheduledSourceSchema)
def add(asked: dict[str, Any]) -> ScheduledSource:
    """Make a source. The background worker fetches from it within seconds, and then as often as is said.

    What is brought becomes evidence: each item once, and changed ones in place of what was kept.
    """
    who = caller()
    wanted = SourceWanted(asked["kind"], asked["name"], asked["values"], asked["every"], asked["step"])
    return scheduled_desk().add(who.project_id, wanted, _rules(), by=who.actor, now=serving().clock())


@blueprint.route("/<int:source_id>")
@needs(Scope.SETTINGS_READ)
@blueprint.response(200, ScheduledSourceSchema)
def one(source_id: int) -> ScheduledSource:
    """One source."""
    who = caller()
    return seen_by(who, scheduled_desk().source(who.project_id, source_id))


@blueprint.route("/<int:source_id>", methods=("PATCH",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(SourceChangeSchema)
@blueprint.response(200, ScheduledSourceSchema)
def change(asked: dict[str, Any], source_id: int) -> ScheduledSource:
    """Change a source, or turn it off and on.

    Where it is to ask for something else it begins anew; where its address is another one, secrets are given again.
    """
    who, revision = caller(), asked.pop("revision")
    return scheduled_desk().change(
        who.project_id, source_id, asked, _rules(), revision=revision, by=who.actor, now=serving().clock()
    )


@blueprint.route("/<int:source_id>", methods=("DELETE",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(200, ScheduledSourceSchema)
def remove(source_id: int) -> ScheduledSource:
    """Remove a source with its secrets and runs; the evidence that it brought stays."""
    who = caller()
    return scheduled_desk().remove(who.project_id, source_id, by=who.actor, now=serving().clock())


@blueprint.route("/<int:source_id>/run", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(200, ScheduledSourceSchema)
def run(source_id: int) -> ScheduledSource:
    """Let a source be fetched now, by the background worker, in a few seconds."""
    return scheduled_desk().call(caller().project_id, source_id, now=serving().clock())


@blueprint.route("/<int:source_id>/runs")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(SourceRunsQuerySchema, location="query")
@blueprint.response(200, SourceRunsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def runs(asked: dict[str, Any], source_id: int) -> dict[str, Any] | Response:
    """The runs of a source in the last 30 days, the latest first."""
    limit = rows_wanted(asked)
    found = scheduled_desk().runs(caller().project_id, source_id, before=asked["before"], limit=limit + 1)
    return in_form(
        asked["format"],
        lambda: page_of(found, limit),
        (run_row(each) for each in found),
        RUN_COLUMNS,
        name=f"source-{source_id}-runs",
    )


def _rules() -> RuleProject:
    return serving().service.rules_now(caller().project_id).project
