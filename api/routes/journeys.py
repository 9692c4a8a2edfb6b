"""The records of a journey's steps."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.records import StepRecordSchema, WhoseSchema
from api.serving import serving
from engine.analytics.records import StepRecord
from engine.permissions import Scope

blueprint = Blueprint("journeys", __name__, url_prefix="/api/v1/journeys", description="What happened at each step")


@blueprint.route("/<journey>/steps/<step>")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(WhoseSchema, location="query")
@blueprint.response(200, StepRecordSchema)
def record(asked: dict[str, Any], journey: str, step: str) -> StepRecord:
    """The record of a step: who came, who went on, how hard it was, what they said and felt.

    Up to date a second after the event. Simulated people are left out unless asked for.
    """
    service, project = serving().service, caller().project_id
    return service.step_record(project, journey, step, with_simulated=asked["simulated"])
