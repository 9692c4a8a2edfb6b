"""The rules in force, and putting new ones in force."""

from __future__ import annotations

from typing import Any, Final

from api.auth import require_secret, secret_access
from api.blueprint import Blueprint
from api.limits import RULES_LIMIT, allow_body
from api.publishing import RulesRefused
from api.schemas.rules import PublishedSchema, RulesFilesSchema, RulesSchema
from api.serving import serving
from engine.replies import Published, Refused

blueprint = Blueprint("rules", __name__, url_prefix="/api/v1", description="The rules of a project")
_SECRET: Final[list[dict[str, list[str]]]] = [{"secretKey": []}]


@blueprint.before_request
def _admit() -> None:
    require_secret()
    allow_body(RULES_LIMIT)


@blueprint.route("/rules")
@blueprint.doc(security=_SECRET)
@blueprint.response(200, RulesSchema)
def current() -> dict[str, Any]:
    """The rules in force."""
    service, project = serving().service, secret_access().project_id
    active = next((one for one in service.rules_versions(project) if one.active), None)
    if active is None:
        return {"version": None, "revision": None, "published": None, "by": None, "note": None, "files": {}}
    return {
        "version": active.version,
        "revision": active.revision,
        "published": active.published,
        "by": active.by,
        "note": active.note,
        "files": service.rules_files(project, active.version) or {},
    }


@blueprint.route("/rules", methods=("POST",))
@blueprint.doc(security=_SECRET)
@blueprint.arguments(RulesFilesSchema)
@blueprint.response(200, PublishedSchema)
def publish(asked: dict[str, Any]) -> Published:
    """Put rule files in force, whole or not at all.

    With an error in them nothing changes, and the problem document lists every message in `diagnostics`.
    """
    access = secret_access()
    outcome = serving().service.publish(
        access.project_id, asked["files"], by=f"key {access.key_id}", note=asked["note"]
    )
    if isinstance(outcome, Refused):
        raise RulesRefused(outcome)
    return outcome
