"""Signing in to the console, and who is signed in."""

from __future__ import annotations

from typing import Any

from flask import after_this_request

from api.auth import needs_session, open_to_all, signed_in
from api.blueprint import Blueprint
from api.cookies import drop_session, keep_session, refuse_other_sites, session_cookie
from api.rates import rates
from api.schemas.members import (
    AcceptSchema,
    LoginSchema,
    MeSchema,
    PasswordSchema,
    SignedOutSchema,
    SignOutSchema,
)
from api.serving import serving
from engine.environments import split_slug
from engine.members import NewSession, SignedIn
from engine.permissions import GRANTS
from engine.staff import member_name

blueprint = Blueprint("session", __name__, url_prefix="/api/v1", description="Signing in to the console")


@blueprint.route("/session", methods=("POST",))
@open_to_all
@blueprint.arguments(LoginSchema)
@blueprint.response(200, MeSchema)
def sign_in(asked: dict[str, Any]) -> dict[str, Any]:
    """Sign in by password; the session is in the cookie of the answer.

    The same refusal for a wrong password and an unknown address, and a limit on attempts for both.
    """
    refuse_other_sites()
    email, current = asked["email"], serving()
    rates().refuse_login(email)
    session = current.service.sign_in.log_in(email, asked["password"], lasts=current.settings.session_lasts)
    rates().forgive_login(email)
    return _begun(session)


@blueprint.route("/session", methods=("DELETE",))
@needs_session
@blueprint.arguments(SignOutSchema, location="query")
@blueprint.response(200, SignedOutSchema)
def sign_out(asked: dict[str, Any]) -> dict[str, int]:
    """Sign out, here or everywhere."""
    service, person = serving().service.sign_in, signed_in()
    if asked["everywhere"]:
        ended = service.end_all(person.user_id, actor=member_name(person.user_id))
    else:
        ended = int(service.end(session_cookie() or ""))
    after_this_request(drop_session)
    return {"ended": ended}


@blueprint.route("/me")
@needs_session
@blueprint.response(200, MeSchema)
def me() -> dict[str, Any]:
    """Who is signed in, in which projects, and the token for changes."""
    return _me(signed_in())


@blueprint.route("/me/password", methods=("PUT",))
@needs_session
@blueprint.arguments(PasswordSchema)
@blueprint.response(200, MeSchema)
def change_password(asked: dict[str, Any]) -> dict[str, Any]:
    """Choose a new password; every other session of the same person ends."""
    person, current = signed_in(), serving()
    rates().refuse_login(person.email)
    session = current.service.sign_in.change_password(
        person.user_id, asked["old"], asked["new"], lasts=current.settings.session_lasts
    )
    rates().forgive_login(person.email)
    return _begun(session)


@blueprint.route("/invites/accept", methods=("POST",))
@open_to_all
@blueprint.arguments(AcceptSchema)
@blueprint.response(200, MeSchema)
def accept(asked: dict[str, Any]) -> dict[str, Any]:
    """Follow a link: join a project, or choose a new password. Signs in."""
    refuse_other_sites()
    current = serving()
    link = current.service.staff.link(asked["token"])
    rates().refuse_login(link.email)
    user = current.service.staff.follow(asked["token"], password=asked["password"], name=asked["name"])
    return _begun(current.service.sign_in.start(user, lasts=current.settings.session_lasts))


def _begun(session: NewSession) -> dict[str, Any]:
    former = session_cookie()
    if former is not None:
        serving().service.sign_in.end(former)
    after_this_request(lambda answer: keep_session(answer, session))
    return _me(session.signed_in)


def _me(person: SignedIn) -> dict[str, Any]:
    tenancy = serving().service.tenancy
    projects = []
    for root, role in person.roles.items():
        environments = tenancy.environments_of(root)
        if not environments:
            continue
        projects.append(
            {
                "project": split_slug(environments[0].slug)[0],
                "name": environments[0].name,
                "role": role,
                "scopes": sorted(GRANTS[role]),
                "environments": [one.environment for one in environments],
            }
        )
    return {
        "id": person.user_id,
        "email": person.email,
        "name": person.name,
        "has_password": person.has_password,
        "csrf": person.csrf,
        "expires": person.expires,
        "projects": projects,
    }
