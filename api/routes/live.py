"""What arrives, as it arrives: for somebody who looks on, by short questions with a cursor."""

from __future__ import annotations

from typing import Any

from api.analyses import analyst
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.problems import FieldError, InvalidFields
from api.schemas.live import ArrivalsSchema, LiveAskedSchema, read_asked
from api.serving import serving
from engine.arrivals import Arrivals, BadCursor, arrivals
from engine.permissions import Scope

blueprint = Blueprint("live", __name__, url_prefix="/api/v1/live", description="What arrives, as it arrives")


@blueprint.route("")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(LiveAskedSchema, location="query")
@blueprint.response(200, ArrivalsSchema)
def live(asked: dict[str, Any]) -> Arrivals:
    """Events with the verdict of the tracking plan, what the plan refused, and decisions with their reasons.

    Answers at once: ask again with `after` every second or two. Of a flood the latest are told, and `passed_over`.
    """
    try:
        return arrivals(serving().service, analyst(), caller().project_id, read_asked(asked))
    except BadCursor as error:
        raise InvalidFields((FieldError("after", str(error)),)) from error
