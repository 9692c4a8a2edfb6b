"""What is known of one person."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.problems import UnknownUser
from api.schemas.people import UserQuerySchema, UserSchema
from api.schemas.privacy import ErasedSchema, PersonExportSchema
from api.schemas.recorded import WhyRecordedSchema
from api.schemas.why import AskedSchema, WhySchema
from api.serving import serving
from dsl.values import JsonValue
from engine.permissions import Scope
from engine.privacy import Erased, PersonExport
from engine.replay.asking import WhyRecorded, why_recorded
from engine.replies import UserView
from engine.why import document

blueprint = Blueprint("users", __name__, url_prefix="/api/v1/users", description="What is known of one person")


@blueprint.route("")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(UserQuerySchema, location="query")
@blueprint.response(200, UserSchema)
def user_by_id(asked: dict[str, str]) -> UserView:
    """A person by the user id, or by an anonymous id, whatever the id is made of.

    In an address, an id that ends in `/export`, `/explain` or `/recorded` would ask for something else: a slash that is
    written `%2F` there reaches the server as a slash.
    """
    return user(asked["id"])


@blueprint.route("/<path:user_id>")
@needs(Scope.PEOPLE_READ)
@blueprint.response(200, UserSchema)
def user(user_id: str) -> UserView:
    """A person by the user id, or by an anonymous id; see `GET /api/v1/users` for ids with slashes."""
    service, project = serving().service, caller().project_id
    found = service.user(project, user_id=user_id) or service.user(project, anonymous_id=user_id)
    if found is None:
        raise _unknown(user_id)
    return found


@blueprint.route("/<path:user_id>", methods=("DELETE",))
@needs(Scope.PEOPLE_ERASE)
@blueprint.response(200, ErasedSchema)
def erase(user_id: str) -> Erased:
    """Forget a person for good, by the user id or by an anonymous id.

    What is sent of them again, or late, stays out. `copies` are backups and exports that still hold them. Asked again,
    it finishes what was cut off.
    """
    found = serving().service.privacy.erase(caller().project_id, user_id, by=caller().actor)
    if found is None:
        raise _unknown(user_id)
    return found


@blueprint.route("/<path:user_id>/export")
@needs(Scope.PEOPLE_READ)
@blueprint.response(200, PersonExportSchema)
def export(user_id: str) -> PersonExport:
    """Everything that is kept of a person, by the user id or by an anonymous id."""
    found = serving().service.privacy.export(caller().project_id, user_id, by=caller().actor)
    if found is None:
        raise _unknown(user_id)
    return found


@blueprint.route("/<path:user_id>/explain")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(AskedSchema, location="query")
@blueprint.response(200, WhySchema)
def explain(asked: dict[str, Any], user_id: str) -> dict[str, JsonValue]:
    """Why a guide is shown to the person, or why not, now or at a past instant, and the nearest change.

    A past instant is judged by the rules that were in force then, unless `rules=now` asks for those of today.

    The person's events up to the instant are folded again; the request is taken to come from where the person's
    browser was last. A change that is given was tried with the evaluator.
    """
    service, project = serving().service, caller().project_id
    guide, at = asked["guide"], asked["at"]
    then = asked["rules"] == "then"
    found = service.explain(project, guide, at=at, user_id=user_id, rules_of_then=then) or service.explain(
        project, guide, at=at, anonymous_id=user_id, rules_of_then=then
    )
    if found is None:
        raise _unknown(user_id)
    return document(found)


@blueprint.route("/<path:user_id>/recorded")
@needs(Scope.PEOPLE_READ)
@blueprint.response(200, WhyRecordedSchema)
def recorded(user_id: str) -> WhyRecorded:
    """Whether a page of the person records now (session replay), and why.

    Both the project's setting and a `record` of the rules have to say so. The page itself says whether the person has
    agreed.
    """
    found = why_recorded(serving().service, caller().project_id, user_id)
    if found is None:
        raise _unknown(user_id)
    return found


def _unknown(user_id: str) -> UnknownUser:
    return UnknownUser(f"no user with the id `{user_id[:200]}` has been seen")
