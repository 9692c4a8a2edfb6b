"""The flags that pages may ask, for their own visitor: what the web provider for OpenFeature asks."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs_write_key, voucher
from api.blueprint import Blueprint
from api.routes.browser import seen_by_the_server
from api.schemas.flags import VisitorFlagsAskedSchema, VisitorFlagsSchema
from api.serving import serving
from engine.public_flags import PublicFlagsDesk

blueprint = Blueprint("visitor_flags", __name__, url_prefix="/v1", description="Flags for one visitor of a page")


@blueprint.route("/flags", methods=("POST",))
@needs_write_key
@blueprint.arguments(VisitorFlagsAskedSchema)
@blueprint.response(200, VisitorFlagsSchema)
def ask(asked: dict[str, Any]) -> dict[str, Any]:
    """The flags that the project lets browsers ask, for the visitor now.

    Asking changes nothing. A known user is judged as in `/v1/decide`: with a `userToken` where the project insists.
    """
    service, project_id = serving().service, caller().project_id
    user_id, vouched = asked.get("userId"), voucher(asked.get("userToken"))
    project = service.project(project_id)
    if user_id is not None and vouched is not None and project is not None:
        service.vouching.admit_user(project, user_id, vouched)
    found, revision = service.flags.ask_for_visitor(
        project_id,
        PublicFlagsDesk(service.database).of(project_id).flags,
        user_id=user_id,
        anonymous_id=asked.get("anonymousId"),
        context=seen_by_the_server() | asked["context"],
    )
    return {"revision": revision, "flags": found}
