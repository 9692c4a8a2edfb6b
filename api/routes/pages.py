"""The console's pages: signing in and out, the pages of a project, and what they are made of."""

from __future__ import annotations

import gzip
import mimetypes
from collections.abc import Callable
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from api import warming
from api.answering import framework_error, problem, told
from api.auth import needs_page, needs_session, open_to_all, signed_in
from api.console.design import design_values
from api.console.desk import desk, projects_of
from api.console.drawing import (
    HOME,
    PROBLEM,
    STATIC,
    alone,
    asset,
    coded,
    draw,
    moment,
    reasons_that_show,
    sentence,
    status_of,
)
from api.console.exhibit import exhibit
from api.console.registry import Page, pages
from api.cookies import keep_session, refuse_other_sites, session_cookie
from api.parsing import form_fields
from api.problems import InternalError, NotSignedIn
from api.rates import rates
from api.serving import serving
from engine.errors import WaypostError

blueprint = Blueprint("pages", __name__, url_prefix="/console", template_folder=str(HOME / "templates"))

blueprint.add_app_template_filter(moment)
blueprint.add_app_template_filter(coded)
blueprint.add_app_template_global(asset, "asset")
blueprint.add_app_template_global(reasons_that_show, "reasons_that_show")

_PARTS: Final = frozenset(each.name for each in STATIC.iterdir())
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@blueprint.get("/static/<name>")
@open_to_all
def static_part(name: str) -> Response:
    """A part of the pages. Its address changes with its content."""
    if name not in _PARTS:
        raise NotFound
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = bool(request.accept_encodings["gzip"])
    answer = Response(_content(name, packed=packed), content_type=f"{kind}; charset=utf-8")
    answer.vary.add("Accept-Encoding")
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Cache-Control"] = _FOR_EVER if "v" in request.args else "no-cache"
    answer.add_etag(weak=True)
    answer.make_conditional(request.environ)
    return answer


@cache
def _content(name: str, *, packed: bool) -> bytes:
    raw = (STATIC / name).read_bytes()
    return gzip.compress(raw, 9, mtime=0) if packed else raw


@blueprint.get("/sign-in")
@open_to_all
def sign_in() -> Response:
    """The form to sign in."""
    warming.begin()
    return _sign_in_form()


@blueprint.post("/sign-in")
@open_to_all
def begin() -> BaseResponse:
    """Sign in by password, and go where one wanted to."""
    refuse_other_sites()
    current, said = serving(), form_fields(request)
    email = said.get("email", "")
    try:
        rates().refuse_login(email)
        session = current.service.sign_in.log_in(email, said.get("password", ""), lasts=current.settings.session_lasts)
    except WaypostError as error:
        return _sign_in_form(email=email, after=said.get("next", ""), error=error)
    rates().forgive_login(email)
    former = session_cookie()
    if former is not None:
        current.service.sign_in.end(former)
    answer = redirect(request.script_root + (_own_path(said.get("next", "")) or "/console/"), code=303)
    assert isinstance(answer, Response)  # noqa: S101  (Flask's redirect gives werkzeug's type)
    return keep_session(answer, session)


@blueprint.get("/design")
@needs_session
def design() -> Response:
    """What pages are made of: tokens and components, in light and dark."""
    return alone("design.html", title="Design", **design_values())


@blueprint.get("/")
@needs_session
def start() -> BaseResponse:
    """The home page of the first project; without one, a page that says so."""
    found = projects_of(signed_in())
    if not found:
        return alone("nothing.html", title="No project yet", email=signed_in().email)
    return redirect(url_for("pages.home", project=found[0].slug.replace("/", "~")), code=303)


@blueprint.get("/shared/<token>")
@open_to_all
def shared(token: str) -> Response:
    """A page that is shown by a link, to whoever has it."""
    rates().refuse_shared()
    return exhibit(token)


def _viewed(page: Page) -> Callable[..., Any]:
    def view(project: str) -> Response:  # noqa: ARG001  (judged before)
        return draw(page, desk())

    view.__name__ = page.name
    view.__doc__ = page.hint
    return needs_page(page.scope)(view)


for _page in pages():
    blueprint.add_url_rule(f"/p/<project>/{_page.path}", endpoint=_page.name, view_func=_viewed(_page))


@blueprint.errorhandler(Exception)
def refused(error: Exception) -> BaseResponse:
    """A refusal as a page; somebody who is not signed in is led to the form, and back afterwards."""
    if isinstance(error, HTTPException):
        return framework_error(error)
    error = told(error)
    if "HX-Request" in request.headers:
        return problem(error)
    answer: BaseResponse
    if isinstance(error, NotSignedIn) and request.method == "GET":
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        wanted = None if request.path == url_for("pages.start") else request.path + query
        answer = redirect(url_for("pages.sign_in", next=wanted), code=303)
    else:
        told_id = g.get("request_id") if isinstance(error, InternalError) else None
        values = {"title": "This does not work", "error": sentence(error), "request_id": told_id}
        answer = alone("refused.html", status=status_of(error), **values)
    answer.headers[PROBLEM] = error.code
    return answer


def _sign_in_form(*, email: str = "", after: str = "", error: WaypostError | None = None) -> Response:
    after = _own_path(after or request.args.get("next", "")) or ""
    return alone(
        "sign_in.html",
        status=200 if error is None else status_of(error),
        title="Sign in",
        email=email,
        after=after,
        provider=serving().settings.oidc_issuer is not None,
        error=None if error is None else sentence(error),
    )


def _own_path(path: str) -> str | None:
    """A path of the console; None for anything else, such as another site's."""
    parts = urlsplit(path)
    is_own = not parts.scheme and not parts.netloc and path.startswith("/console/") and "\\" not in path
    return path if is_own else None
