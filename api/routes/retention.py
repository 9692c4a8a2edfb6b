"""For how long the project keeps events."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.privacy import RetentionChangeSchema, RetentionSchema
from api.serving import serving
from engine.permissions import Scope

blueprint = Blueprint(
    "retention", __name__, url_prefix="/api/v1/project/retention", description="For how long events are kept"
)


@blueprint.route("")
@needs(Scope.SETTINGS_READ)
@blueprint.response(200, RetentionSchema)
def retention() -> dict[str, Any]:
    """For how many days events are kept."""
    return {"days": serving().service.privacy.retention_days(caller().project_id)}


@blueprint.route("", methods=("PUT",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(RetentionChangeSchema)
@blueprint.response(200, RetentionSchema)
def change(asked: dict[str, Any]) -> dict[str, Any]:
    """Keep events for so many days.

    Older ones are folded into a snapshot of each person and removed, once a day. Records and answers stay.
    """
    serving().service.privacy.set_retention(caller().project_id, asked["days"], by=caller().actor)
    return {"days": asked["days"]}
