"""What is known of one person."""

from __future__ import annotations

from api.auth import require_secret, secret_access
from api.blueprint import Blueprint
from api.problems import UnknownUser
from api.schemas.people import UserSchema
from api.serving import serving
from engine.replies import UserView

blueprint = Blueprint("users", __name__, url_prefix="/api/v1/users", description="What is known of one person")
blueprint.before_request(require_secret)


@blueprint.route("/<path:user_id>")
@blueprint.doc(security=[{"secretKey": []}])
@blueprint.response(200, UserSchema)
def user(user_id: str) -> UserView:
    """A person by the user id, or by an anonymous id."""
    service, project = serving().service, secret_access().project_id
    found = service.user(project, user_id=user_id) or service.user(project, anonymous_id=user_id)
    if found is None:
        raise UnknownUser(f"no user with the id `{user_id[:200]}` has been seen")
    return found
