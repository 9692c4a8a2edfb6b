"""The records of a journey's steps."""

from __future__ import annotations

from typing import Any

from api.auth import require_secret, secret_access
from api.blueprint import Blueprint
from api.schemas.records import StepRecordSchema, WhoseSchema
from api.serving import serving
from engine.analytics.records import StepRecord

blueprint = Blueprint("journeys", __name__, url_prefix="/api/v1/journeys", description="What happened at each step")
blueprint.before_request(require_secret)


@blueprint.route("/<journey>/steps/<step>")
@blueprint.doc(security=[{"secretKey": []}])
@blueprint.arguments(WhoseSchema, location="query")
@blueprint.response(200, StepRecordSchema)
def record(asked: dict[str, Any], journey: str, step: str) -> StepRecord:
    """The record of a step: who came, who went on, how hard it was, what they said and felt.

    Up to date a second after the event. Simulated people are left out unless asked for.
    """
    service, project = serving().service, secret_access().project_id
    return service.step_record(project, journey, step, with_simulated=asked["simulated"])
