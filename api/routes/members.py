"""People who may use the console of a project, and the links by which they join."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from api import tables
from api.analyses import in_form
from api.auth import caller, needs, refuse_beyond
from api.blueprint import Blueprint
from api.links import join_link
from api.schemas.fields import FileFormSchema
from api.schemas.members import (
    InviteSchema,
    InvitesSchema,
    InviteWantedSchema,
    MemberSchema,
    MembersSchema,
    NewInviteSchema,
    RoleSchema,
)
from api.serving import serving
from engine.members import MEMBER_COLUMNS, Link, Member, NewLink, NoSuchInvite, member_rows
from engine.permissions import GRANTS, Scope

blueprint = Blueprint("members", __name__, url_prefix="/api/v1", description="People of the console")


@blueprint.route("/members")
@needs(Scope.MEMBERS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, MembersSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def members(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """Everybody who may use the console of the project, in all its environments."""
    found = serving().service.staff.members(caller().root)
    return in_form(asked["format"], lambda: {"data": found}, member_rows(found), MEMBER_COLUMNS, name="members")


@blueprint.route("/members/<int:member_id>", methods=("PATCH",))
@needs(Scope.MEMBERS_WRITE)
@blueprint.arguments(RoleSchema)
@blueprint.response(200, MemberSchema)
def change_role(asked: dict[str, Any], member_id: int) -> Member:
    """Give a member another role; never one that may do more than who gives it."""
    refuse_beyond(GRANTS[asked["role"]])
    return serving().service.staff.set_role(caller().root, member_id, asked["role"], actor=caller().actor)


@blueprint.route("/members/<int:member_id>", methods=("DELETE",))
@needs(Scope.MEMBERS_WRITE)
@blueprint.response(200, MemberSchema)
def remove(member_id: int) -> Member:
    """Remove a member.

    What was kept about somebody who is then a member of no project is forgotten.
    """
    staff = serving().service.staff
    found = staff.member(caller().root, member_id)
    staff.remove(caller().root, member_id, actor=caller().actor)
    return found


@blueprint.route("/members/<int:member_id>/reset", methods=("POST",))
@needs(Scope.MEMBERS_WRITE)
@blueprint.response(201, NewInviteSchema)
def reset(member_id: int) -> dict[str, Any]:
    """Make a link with which a member chooses a new password.

    Refused for a member of other projects: no single one of them decides about a password that opens all.
    """
    staff = serving().service.staff
    refuse_beyond(GRANTS[staff.member(caller().root, member_id).role])
    return _new(staff.reset(caller().root, member_id, actor=caller().actor))


@blueprint.route("/invites")
@needs(Scope.MEMBERS_READ)
@blueprint.response(200, InvitesSchema)
def invites() -> dict[str, Any]:
    """The links that still work."""
    return {"data": serving().service.staff.links(caller().root)}


@blueprint.route("/invites", methods=("POST",))
@needs(Scope.MEMBERS_WRITE)
@blueprint.arguments(InviteWantedSchema)
@blueprint.response(201, NewInviteSchema)
def invite(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a link with which one person joins the project.

    It works once and for seven days; an earlier one for the same address ends.
    """
    refuse_beyond(GRANTS[asked["role"]])
    return _new(serving().service.staff.invite(caller().root, asked["email"], asked["role"], actor=caller().actor))


@blueprint.route("/invites/<int:invite_id>", methods=("DELETE",))
@needs(Scope.MEMBERS_WRITE)
@blueprint.response(200, InviteSchema)
def withdraw(invite_id: int) -> Link:
    """Withdraw a link."""
    staff = serving().service.staff
    found = next((link for link in staff.links(caller().root) if link.id == invite_id), None)
    if found is None:
        raise NoSuchInvite(invite_id)
    staff.withdraw(caller().root, invite_id, actor=caller().actor)
    return found


def _new(made: NewLink) -> dict[str, Any]:
    link = made.link
    return {
        "id": link.id,
        "kind": link.kind,
        "email": link.email,
        "role": link.role,
        "created": link.created,
        "expires": link.expires,
        "by": link.by,
        "link": join_link(serving().settings.public_url or request.url_root, made.token),
        "token": made.token,
    }
