"""Alerts on the figures of steps: "tell me when the drop at activation.verify_domain rose"."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import in_form, page_of, rows_wanted
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.fields import FileFormSchema
from api.schemas.step_alerts import (
    EpisodesQuerySchema,
    EpisodesSchema,
    StepAlertChangeSchema,
    StepAlertSchema,
    StepAlertsSchema,
    StepAlertWantedSchema,
    alert_document,
    alert_row,
    episode_document,
    episode_row,
    read_changes,
    read_watch,
)
from api.serving import serving
from engine.permissions import Scope
from engine.step_alert_desk import StepAlertDesk
from engine.step_alerts import HISTORY_COLUMNS, STEP_ALERT_COLUMNS

blueprint = Blueprint(
    "step_alerts", __name__, url_prefix="/api/v1/step-alerts", description="Watching the figures of steps"
)


@blueprint.route("")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, StepAlertsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def alerts(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """The alerts of the environment, with what the last look found and whether they are raised."""
    found = _desk().alerts(caller().project_id)
    rows = map(alert_row, found)
    return in_form(
        asked["format"],
        lambda: {"data": [alert_document(each) for each in found]},
        rows,
        STEP_ALERT_COLUMNS,
        name="step-alerts",
    )


@blueprint.route("", methods=("POST",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(StepAlertWantedSchema)
@blueprint.response(201, StepAlertSchema)
def add(asked: dict[str, Any]) -> dict[str, Any]:
    """Watch a figure. It is looked at within minutes, and then once a day.

    Raised once when the interval of the difference between the two periods leaves zero out and the change is large
    enough, and resolved once; see `docs/how-to/alerts.md`.
    """
    project = caller().project_id
    made = _desk().add(
        project,
        read_watch(asked),
        serving().service.rules_now(project),
        note=asked["note"],
        by=caller().actor,
        now=serving().clock(),
    )
    return alert_document(made)


@blueprint.route("/<int:step_alert_id>", methods=("PATCH",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(StepAlertChangeSchema)
@blueprint.response(200, StepAlertSchema)
def change(asked: dict[str, Any], step_alert_id: int) -> dict[str, Any]:
    """Change an alert, or turn it off and on. What is raised of it is over where it watches something else from now on,
    or is turned off.
    """
    project, revision = caller().project_id, asked.pop("revision")
    rules = serving().service.rules_now(project)
    made = _desk().change(
        project,
        step_alert_id,
        read_changes(asked),
        rules,
        revision=revision,
        by=caller().actor,
        now=serving().clock(),
    )
    return alert_document(made)


@blueprint.route("/<int:step_alert_id>", methods=("DELETE",))
@needs(Scope.RULES_WRITE)
@blueprint.response(200, StepAlertSchema)
def remove(step_alert_id: int) -> dict[str, Any]:
    """Remove an alert, and the list of when it was raised."""
    found = _desk().remove(caller().project_id, step_alert_id, by=caller().actor, now=serving().clock())
    return alert_document(found)


@blueprint.route("/history")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(EpisodesQuerySchema, location="query")
@blueprint.response(200, EpisodesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def history(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """What was raised, and when and why it was over, the latest first."""
    limit = rows_wanted(asked)
    found = _desk().history(caller().project_id, alert_id=asked["alert"], before=asked["before"], limit=limit + 1)
    return in_form(
        asked["format"],
        lambda: page_of(found, limit, shown=episode_document),
        map(episode_row, found),
        HISTORY_COLUMNS,
        name="step-alert-history",
    )


def _desk() -> StepAlertDesk:
    return StepAlertDesk(serving().service.database)
