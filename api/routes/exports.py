"""Reports that are written to files by schedule."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import in_form, page_of, rows_wanted
from api.auth import caller, callers_project, needs
from api.blueprint import Blueprint
from api.exporting import file_sent, report_desk
from api.schemas.exports import (
    ReportRunsSchema,
    RunsQuerySchema,
    ScheduleChangeSchema,
    ScheduleSchema,
    SchedulesSchema,
    ScheduleWantedSchema,
    read_changes,
    read_wanted,
    run_row,
    schedule_document,
    schedule_row,
)
from api.schemas.fields import FileFormSchema
from api.serving import serving
from engine.permissions import Scope
from engine.report_desk import ReportDesk
from engine.report_schedules import RUN_COLUMNS, SCHEDULE_COLUMNS

blueprint = Blueprint("exports", __name__, url_prefix="/api/v1/exports", description="Reports by schedule")


@blueprint.route("")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, SchedulesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def exports(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """The exports of the environment, and when each is due next."""
    found = _desk().schedules(caller().project_id)
    return in_form(
        asked["format"],
        lambda: {"data": list(map(schedule_document, found))},
        map(schedule_row, found),
        SCHEDULE_COLUMNS,
        name="exports",
    )


@blueprint.route("", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(ScheduleWantedSchema)
@blueprint.response(201, ScheduleSchema)
def add(asked: dict[str, Any]) -> dict[str, Any]:
    """Write a report by schedule, into the folder that whoever runs the server has set."""
    project = callers_project()
    made = _desk().add(project.id, read_wanted(asked), zone=project.zone, by=caller().actor, now=serving().clock())
    return schedule_document(made)


@blueprint.route("/<int:export_id>", methods=("PATCH",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(ScheduleChangeSchema)
@blueprint.response(200, ScheduleSchema)
def change(asked: dict[str, Any], export_id: int) -> dict[str, Any]:
    """Change an export, or turn it off and on."""
    project, revision = callers_project(), asked.pop("revision")
    made = _desk().change(
        project.id,
        export_id,
        read_changes(asked),
        revision=revision,
        zone=project.zone,
        by=caller().actor,
        now=serving().clock(),
    )
    return schedule_document(made)


@blueprint.route("/<int:export_id>", methods=("DELETE",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(200, ScheduleSchema)
def remove(export_id: int) -> dict[str, Any]:
    """Remove an export and the list of its runs. The files stay."""
    found = _desk().remove(caller().project_id, export_id, by=caller().actor, now=serving().clock())
    return schedule_document(found)


@blueprint.route("/<int:export_id>/run", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(201, ScheduleSchema)
def run(export_id: int) -> dict[str, Any]:
    """Let one be written now, besides its schedule. The background worker does it in half a minute."""
    return schedule_document(_desk().run_now(caller().project_id, export_id, now=serving().clock()))


@blueprint.route("/runs")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(RunsQuerySchema, location="query")
@blueprint.response(200, ReportRunsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def runs(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """What was written in the last 90 days, or is to be, the latest first."""
    limit = rows_wanted(asked)
    found = _desk().runs(caller().project_id, schedule_id=asked["export"], before=asked["before"], limit=limit + 1)
    return in_form(
        asked["format"],
        lambda: page_of(found, limit),
        map(run_row, found),
        RUN_COLUMNS,
        name="export-runs",
    )


@blueprint.route("/runs/<int:run_id>/file")
@needs(Scope.PEOPLE_READ)
@blueprint.doc(
    responses={
        "200": {
            "description": "The file.",
            "content": {"text/csv": {"schema": {"type": "string"}}, tables.PARQUET: {"schema": {"type": "string"}}},
        }
    }
)
def file(run_id: int) -> Response:
    """The file that a run wrote, for as long as it lies in the folder."""
    project = callers_project()
    return file_sent(_desk().file_of(project.id, run_id, project.slug))


def _desk() -> ReportDesk:
    here = serving()
    return report_desk(here.service.database, here.settings)
