"""The records of a journey's steps."""

from __future__ import annotations

from api.auth import require_secret, secret_access
from api.blueprint import Blueprint
from api.schemas.records import StepRecordSchema
from api.serving import serving
from engine.analytics.records import StepRecord

blueprint = Blueprint("journeys", __name__, url_prefix="/api/v1/journeys", description="What happened at each step")
blueprint.before_request(require_secret)


@blueprint.route("/<journey>/steps/<step>")
@blueprint.doc(security=[{"secretKey": []}])
@blueprint.response(200, StepRecordSchema)
def record(journey: str, step: str) -> StepRecord:
    """The record of a step: who came, who went on, how hard it was, what they said and felt."""
    return serving().service.step_record(secret_access().project_id, journey, step)
