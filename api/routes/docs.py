"""`/docs`: the documentation of the HTTP interface as a page, without the internet and under a strict policy."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

import api
from api.auth import open_to_all

blueprint = Blueprint("docs", __name__, url_prefix="/docs")

FOLDER: Final = Path(next(iter(api.__path__))) / "static" / "docs"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may do: nothing from elsewhere, no inline script, no inline style, in nobody's frame."""

_PARTS: Final = {
    "docs.js": (FOLDER / "docs.js", "text/javascript; charset=utf-8"),
    "docs.css": (FOLDER / "docs.css", "text/css; charset=utf-8"),
    "swagger-ui-bundle.js": (FOLDER / "vendor" / "swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    "swagger-ui.css": (FOLDER / "vendor" / "swagger-ui.css", "text/css; charset=utf-8"),
}


@blueprint.get("")
@open_to_all
def page() -> Response:
    """The page."""
    return _answer(FOLDER / "index.html", "text/html; charset=utf-8")


@blueprint.get("/")
@open_to_all
def page_with_slash() -> BaseResponse:
    """The page again, where its parts are found beside it."""
    return redirect(url_for("docs.page"), code=308)


@blueprint.get("/<name>")
@open_to_all
def part(name: str) -> Response:
    """A part of the page."""
    if name not in _PARTS:
        raise NotFound
    return _answer(*_PARTS[name])


def _answer(path: Path, kind: str) -> Response:
    answer = Response(path.read_bytes(), content_type=kind)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.add_etag()
    answer.make_conditional(request.environ)
    return answer
