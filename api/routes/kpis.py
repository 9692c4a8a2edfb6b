"""The figures of a product."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import analyst, as_file
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.kpis import KpisAskedSchema, KpisSchema, kpis_document, read_asked
from api.serving import serving
from engine.analytics.tables import KPI_COLUMNS, kpi_rows
from engine.permissions import Scope
from engine.product_figures import figures

blueprint = Blueprint("kpis", __name__, url_prefix="/api/v1", description="The figures of a product")


@blueprint.route("/kpis")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(KpisAskedSchema, location="query")
@blueprint.response(200, KpisSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def kpis(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """Scores of surveys, response rates, adoption, task success, time to value, activation, retention, churn, revenue.

    Each with n, a 95 % interval, and its definition. What each means: docs/reference/kpis.md.
    """
    project = caller().project_id
    rules = serving().service.rules_now(project)
    found = figures(analyst(), project, read_asked(asked), rules)
    if asked["format"] == "json":
        return kpis_document(found, rules.project)
    return as_file(kpi_rows(found.figures), list(KPI_COLUMNS), asked["format"], name="kpis")
