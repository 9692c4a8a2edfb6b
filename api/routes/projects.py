"""Projects and their environments: those that somebody belongs to, and new ones."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs, needs_session, signed_in
from api.blueprint import Blueprint
from api.config import read_origin
from api.console.desk import projects_of
from api.problems import MissingScope
from api.routes.project import line
from api.schemas.access import (
    EnvironmentWantedSchema,
    OwnProjectSchema,
    OwnProjectsSchema,
    ProjectSchema,
    ProjectWantedSchema,
)
from api.serving import serving
from engine.environments import split_slug
from engine.errors import UnknownProject
from engine.permissions import Role, Scope
from engine.staff import member_name

blueprint = Blueprint("projects", __name__, url_prefix="/api/v1", description="Projects and their environments")


@blueprint.route("/projects")
@needs_session
@blueprint.response(200, OwnProjectsSchema)
def projects() -> dict[str, Any]:
    """The projects that the signed-in person belongs to, each environment apart."""
    person = signed_in()
    return {"data": [line(each) | {"role": person.roles[each.root]} for each in projects_of(person)]}


@blueprint.route("/projects", methods=("POST",))
@needs_session
@blueprint.arguments(ProjectWantedSchema)
@blueprint.response(201, OwnProjectSchema)
def make(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a project of one's own.

    Whoever is an admin of any project here may, and becomes the first admin of the new one.
    """
    person = signed_in()
    if Role.ADMIN not in person.roles.values():
        raise MissingScope("only an admin of a project may make another one")
    made = serving().service.tenancy.add(
        asked["project"],
        name=asked["name"],
        zone=asked["zone"],
        allowed_origins=tuple(dict.fromkeys(map(read_origin, asked["allowed_origins"]))),
        founder=person.user_id,
        actor=member_name(person.user_id),
    )
    return line(made) | {"role": Role.ADMIN}


@blueprint.route("/project/environments", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(EnvironmentWantedSchema)
@blueprint.response(201, ProjectSchema)
def make_environment(asked: dict[str, Any]) -> dict[str, Any]:
    """Make another environment of the caller's project: with keys, people, events and rules of its own."""
    tenancy = serving().service.tenancy
    root = tenancy.by_id(caller().root)
    if root is None:
        raise UnknownProject
    return line(tenancy.add(split_slug(root.slug)[0], asked["environment"], actor=caller().actor))
