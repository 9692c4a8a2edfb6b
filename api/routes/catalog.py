"""The catalog: names that the rules declare, and names that were really sent."""

from __future__ import annotations

from typing import Any

from api.analyses import analyst
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.catalog import CatalogQuerySchema, CatalogSchema, catalog_document
from api.serving import serving
from engine.catalog_view import catalog_view
from engine.permissions import Scope

blueprint = Blueprint("catalog", __name__, url_prefix="/api/v1/catalog", description="Names declared and seen")


@blueprint.route("")
@needs(Scope.RULES_READ)
@blueprint.arguments(CatalogQuerySchema, location="query")
@blueprint.response(200, CatalogSchema)
def catalog(asked: dict[str, Any]) -> dict[str, Any]:
    """Events and attributes, declared and seen, with how often and when last, and the line that would declare one."""
    project = caller().project_id
    found = catalog_view(
        analyst(),
        project,
        serving().service.rules_now(project),
        everyone=asked["everyone"],
        with_simulated=asked["simulated"],
    )
    return catalog_document(found)
