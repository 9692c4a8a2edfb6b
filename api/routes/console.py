"""Pages for people of the console: where an invitation, or a link to choose a new password, leads.

Plain forms, drawn on the server; they work without a script. What they do is what `/api/v1/invites/accept` does.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from api.auth import open_to_all
from api.console.drawing import HOME, alone, sentence, status_of
from api.cookies import keep_session, refuse_other_sites, session_cookie
from api.links import JOIN
from api.parsing import form_fields
from api.rates import rates
from api.serving import serving
from engine.errors import WaypostError
from engine.members import Link, LinkKind
from engine.passwords import MAX_LENGTH, MIN_LENGTH

blueprint = Blueprint("console", __name__, template_folder=str(HOME / "templates"))


@blueprint.get(JOIN)
@open_to_all
def join() -> Response:
    """What the link is for, and the form."""
    token = request.args.get("token", "")
    try:
        return _form(serving().service.staff.link(token), token)
    except WaypostError as error:
        return _refused(error)


@blueprint.post(JOIN)
@open_to_all
def follow() -> Response:
    """Use the link: join the project, or take the new password. Signs in."""
    refuse_other_sites()
    current, said = serving(), form_fields(request)
    token = said.get("token", "")
    try:
        link = current.service.staff.link(token)
    except WaypostError as error:
        return _refused(error)
    try:
        rates().refuse_login(link.email)
        user = current.service.staff.follow(token, password=said.get("password", ""), name=said.get("name", ""))
    except WaypostError as error:
        return _form(link, token, error=error, name=said.get("name", ""))
    former = session_cookie()
    if former is not None:
        current.service.sign_in.end(former)
    session = current.service.sign_in.start(user, lasts=current.settings.session_lasts)
    return keep_session(_page(title="Welcome", done=True, email=link.email), session)


def _form(link: Link, token: str, *, error: WaypostError | None = None, name: str = "") -> Response:
    is_invite = link.kind is LinkKind.INVITE
    project = serving().service.project(link.root)
    where = project.name if project is not None else "Waypost"
    return _page(
        status=200 if error is None else status_of(error),
        title=f"Join {where}" if is_invite else "Choose a new password",
        words="It takes the place of the old one." if link.role is None else f"You were invited as {link.role.value}.",
        hint=f"{MIN_LENGTH} to {MAX_LENGTH} characters."
        + (" Members of another project here join with the password they have." if is_invite else ""),
        action="Join" if is_invite else "Save and sign in",
        asks_name=is_invite,
        email=link.email,
        name=name,
        token=token,
        error=None if error is None else sentence(error),
    )


def _refused(error: WaypostError) -> Response:
    return _page(status=status_of(error), title="This link does not work", error=sentence(error))


def _page(*, status: int = 200, **values: Any) -> Response:
    """The address holds the link's secret. With `no-referrer` browsers would send the form without its origin."""
    return alone("join.html", status=status, **values)
