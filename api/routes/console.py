"""Pages for people of the console: where an invitation, or a link to choose a new password, leads.

Plain forms, drawn on the server; they work without a script. What they do is what `/api/v1/invites/accept` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from flask import Blueprint, Response, render_template, request

import api
from api.auth import open_to_all
from api.cookies import keep_session, refuse_other_sites, session_cookie
from api.links import JOIN
from api.problems import STATUSES, BadRequest, InternalError, answered_as
from api.rates import rates
from api.serving import serving
from engine.errors import WaypostError
from engine.members import Link, LinkKind
from engine.passwords import MAX_LENGTH, MIN_LENGTH

_HOME: Final = Path(next(iter(api.__path__))) / "console"
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What the pages may do: no script at all, nothing from elsewhere, in nobody's frame."""

blueprint = Blueprint("console", __name__, template_folder=str(_HOME / "templates"))


@blueprint.get("/console/console.css")
@open_to_all
def style() -> Response:
    """How the pages look."""
    answer = Response((_HOME / "static" / "console.css").read_bytes(), content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request.environ)
    return answer


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
    current, said = serving(), _form_body()
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


def _form_body() -> dict[str, str]:
    """The fields of a form. Raises BadRequest for what is none."""
    try:
        read = parse_qs(request.get_data().decode(), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        raise BadRequest("a form is expected") from None
    return {name: values[0] for name, values in read.items()}


def _form(link: Link, token: str, *, error: WaypostError | None = None, name: str = "") -> Response:
    is_invite = link.kind is LinkKind.INVITE
    project = serving().service.project(link.root)
    where = project.name if project is not None else "Waypost"
    return _page(
        status=200 if error is None else _status(error),
        title=f"Join {where}" if is_invite else "Choose a new password",
        words="It takes the place of the old one." if link.role is None else f"You were invited as {link.role.value}.",
        hint=f"{MIN_LENGTH} to {MAX_LENGTH} characters."
        + (" Members of another project here join with the password they have." if is_invite else ""),
        action="Join" if is_invite else "Save and sign in",
        asks_name=is_invite,
        email=link.email,
        name=name,
        token=token,
        error=None if error is None else _sentence(error),
    )


def _refused(error: WaypostError) -> Response:
    return _page(status=_status(error), title="This link does not work", error=_sentence(error))


def _status(error: WaypostError) -> int:
    return int(STATUSES[answered_as(type(error)) or InternalError])


def _sentence(error: WaypostError) -> str:
    if answered_as(type(error)) is None:
        raise error
    text = str(error)
    return text[:1].upper() + text[1:] + "."


def _page(*, status: int = 200, **values: Any) -> Response:
    answer = Response(render_template("join.html", **values), status=status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = POLICY
    # The address holds the link's secret. With `no-referrer` browsers would send the form without its origin.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer
