"""Is the process alive, can it take events, which release is it."""

from __future__ import annotations

from api.auth import open_to_all
from api.blueprint import Blueprint
from api.problems import NotReady
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


@blueprint.route("/version")
@open_to_all
@blueprint.response(200, VersionSchema)
def version() -> dict[str, str]:
    """Which release this is."""
    return {"version": VERSION}
