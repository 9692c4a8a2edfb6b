"""Is the process alive, can it take events, which release is it, how is it doing."""

from __future__ import annotations

from hmac import compare_digest

from flask import Response, request

from api.auth import open_to_all
from api.blueprint import Blueprint
from api.metrics import MEDIA_TYPE
from api.problems import NotReady, UnknownAddress, UnknownKey
from api.schemas.operations import HealthSchema, VersionSchema
from api.serving import serving
from api.version import VERSION

blueprint = Blueprint("operations", __name__, description="For operators")


@blueprint.route("/healthz")
@open_to_all
@blueprint.response(200, HealthSchema)
def health() -> dict[str, str]:
    """The process answers. Says nothing of the database."""
    return {"status": "ok"}


@blueprint.route("/readyz")
@open_to_all
@blueprint.response(200, HealthSchema)
def ready() -> dict[str, str]:
    """The database answers and events can be written; else a problem with status 503."""
    if not serving().service.is_ready():
        raise NotReady("the database does not answer, or the writer has stopped; see the log")
    return {"status": "ready"}


@blueprint.route("/metrics")
@open_to_all
@blueprint.doc(
    responses={
        "200": {"description": "The figures, as text.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }
)
def metrics() -> Response:
    """Figures for Prometheus. Served only where the operator has set a token, and to those who bring it."""
    current = serving()
    token = current.settings.metrics_token
    if token is None:
        raise UnknownAddress("figures are not served here: set WAYPOST_METRICS_TOKEN")
    brought = request.headers.get("Authorization", "")
    # As bytes: compared as texts, letters beyond ASCII on either side are an error.
    if token != "open" and not compare_digest(brought.encode(), f"Bearer {token}".encode()):  # noqa: S105
        raise UnknownKey("this is not the token that WAYPOST_METRICS_TOKEN sets; Prometheus sends it as `credentials`")
    return Response(current.metrics.page(), content_type=MEDIA_TYPE)


@blueprint.route("/version")
@open_to_all
@blueprint.response(200, VersionSchema)
def version() -> dict[str, str]:
    """Which release this is."""
    return {"version": VERSION}
