"""The project that a caller belongs to: its settings, and how its users are signed."""

from __future__ import annotations

from typing import Any

from api.auth import caller, callers_project, needs
from api.blueprint import Blueprint
from api.config import read_origin
from api.schemas.access import (
    DaysSchema,
    NewSigningSecretSchema,
    ProjectChangeSchema,
    ProjectSchema,
    RotateSchema,
    SigningSchema,
    SigningSecretSchema,
)
from api.serving import serving
from dsl.values import SECOND, Duration
from engine.environments import split_slug
from engine.permissions import Scope
from engine.replies import ProjectView
from engine.vouching import NoSuchSecret, SigningSecret

blueprint = Blueprint("project", __name__, url_prefix="/api/v1/project", description="The project and its settings")


@blueprint.route("")
@needs(Scope.SETTINGS_READ)
@blueprint.response(200, ProjectSchema)
def project() -> dict[str, Any]:
    """The project, in the environment that the key or the header names."""
    return line(callers_project())


@blueprint.route("", methods=("PATCH",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(ProjectChangeSchema)
@blueprint.response(200, ProjectSchema)
def change(asked: dict[str, Any]) -> dict[str, Any]:
    """Change settings of the environment."""
    origins = asked.get("allowed_origins")
    changed = serving().service.tenancy.change(
        caller().project_id,
        name=asked.get("name"),
        allowed_origins=None if origins is None else tuple(dict.fromkeys(map(read_origin, origins))),
        signed_users=asked.get("signed_users"),
        shared_links=asked.get("shared_links"),
        actor=caller().actor,
    )
    return line(changed)


@blueprint.route("/signing")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(DaysSchema, location="query")
@blueprint.response(200, SigningSchema)
def signing(asked: dict[str, Any]) -> dict[str, Any]:
    """Whether pages must prove who their user is, with which secrets, and how much of the traffic does."""
    vouching, number = serving().service.vouching, caller().project_id
    share = vouching.share(number, days=asked["days"])
    return {
        "required_of_pages": callers_project().signed_users,
        "secrets": vouching.secrets(number),
        "traffic": {
            "days": asked["days"],
            "signed": share.signed,
            "unsigned": share.unsigned,
            "invalid": share.invalid,
            "share": share.share,
        },
    }


@blueprint.route("/signing/secrets", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(RotateSchema)
@blueprint.response(201, NewSigningSecretSchema)
def add_secret(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a signing secret; one that is in use goes on working for the grace, and a third is refused until then."""
    grace = Duration(asked["grace"] * SECOND)
    made, text = serving().service.vouching.add_secret(caller().project_id, grace=grace, actor=caller().actor)
    return {"id": made.id, "shown": made.shown, "created": made.created, "expires": made.expires, "secret": text}


@blueprint.route("/signing/secrets/<int:secret_id>", methods=("DELETE",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(200, SigningSecretSchema)
def withdraw_secret(secret_id: int) -> SigningSecret:
    """Withdraw a signing secret at once."""
    vouching, number = serving().service.vouching, caller().project_id
    found = next((each for each in vouching.secrets(number) if each.id == secret_id), None)
    if found is None:
        raise NoSuchSecret(secret_id)
    vouching.withdraw_secret(number, secret_id, actor=caller().actor)
    return found


def line(view: ProjectView) -> dict[str, Any]:
    """A project as `ProjectSchema` takes it."""
    return {
        "project": split_slug(view.slug)[0],
        "environment": view.environment,
        "name": view.name,
        "zone": view.zone,
        "allowed_origins": view.allowed_origins,
        "signed_users": view.signed_users,
        "shared_links": view.shared_links,
    }
