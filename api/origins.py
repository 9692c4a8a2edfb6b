"""Which web pages may talk to the service from a browser.

Decides the CORS headers. An origin is allowed because a project lists it, never because a request names it.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from api.posthog import PATHS
from api.problems import OriginNotAllowed
from api.serving import serving, the_request

_PUBLIC: Final = "/v1/"
_ANY: Final = "*"


def register(app: Flask) -> None:
    """Answer pre-flights and add the headers, where pages ask. `/api/v1/` is for servers and never gets any."""

    @app.before_request
    def _preflight() -> Response | None:
        asked = the_request()
        if asked.method != "OPTIONS" or not _is_for_pages(asked.path):
            return None
        answer = Response(status=204)
        # Without the key, that comes only with the real request, all projects' origins are looked through.
        if _any_project_allows(request.headers.get("Origin", "")):
            answer.headers["Access-Control-Allow-Methods"] = "POST"
            answer.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Content-Encoding"
            answer.headers["Access-Control-Max-Age"] = "7200"
        return answer

    @app.after_request
    def _headers(answer: Response) -> Response:
        asked = the_request()
        if not _is_for_pages(asked.path):
            return answer
        if "Vary" in answer.headers:
            answer.vary.add("Origin")
        else:
            answer.headers["Vary"] = "Origin"
        origin = asked.headers.get("Origin")
        # Refusals before the key was known must be readable by the page too.
        if origin and (g.get("origin_allowed") or ("origin_allowed" not in g and _any_project_allows(origin))):
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Expose-Headers"] = "Retry-After, X-Request-Id"
        return answer


def refuse_foreign_origin(project_id: int) -> None:
    """Raise OriginNotAllowed if a web page sent this and the project does not list its origin."""
    origin = the_request().headers.get("Origin")
    if origin is None:
        return
    project = serving().service.project(project_id)
    listed = project.allowed_origins if project is not None else ()
    g.origin_allowed = is_allowed(origin, listed) or is_own(origin)
    if not g.origin_allowed:
        raise OriginNotAllowed(
            f"pages of `{origin[:200]}` may not use this key; add the origin with `waypost keys allow {origin[:200]}`"
        )


def is_allowed(origin: str, listed: tuple[str, ...]) -> bool:
    """True when the list names the origin, or everybody. `null` (a sandboxed or local page) needs `*`."""
    return _ANY in listed or origin.lower() in listed


def is_own(origin: str) -> bool:
    """True for pages that this very server served."""
    public = serving().settings.public_url
    own = {request.host_url.rstrip("/").lower()} | ({origin_of(public)} if public else set())
    return origin.lower() in own


def origin_of(url: str) -> str:
    """The origin of an address, as browsers send it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_for_pages(path: str) -> bool:
    """True for addresses that web pages ask: ours, and those of PostHog's clients."""
    return path.startswith(_PUBLIC) or path.rstrip("/") in PATHS


def _any_project_allows(origin: str) -> bool:
    if not origin:
        return False
    return is_own(origin) or any(is_allowed(origin, one.allowed_origins) for one in serving().service.projects())
