"""Guides in production: which there are, pausing one, what to look at, and how often one would have come."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from api import tables
from api.analyses import in_form
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.drafting import drafts, guide_lines
from api.limits import RULES_LIMIT, allow_body
from api.publishing import RulesRefused
from api.schemas.alerts import AlertsSchema
from api.schemas.backtest import BacktestAskedSchema, BacktestSchema
from api.schemas.drafts import GuidesQuerySchema, GuidesSchema, PausedSchema
from api.schemas.fields import FileFormSchema
from api.schemas.rules import PublishedSchema
from api.serving import serving
from engine.alerts import ALERT_COLUMNS, Alert, alert_rows
from engine.backtest import BACKTEST_COLUMNS, Backtest, backtest_rows
from engine.permissions import Scope
from engine.replies import Published, Refused

blueprint = Blueprint("guides", __name__, url_prefix="/api/v1", description="Guides in production")


@blueprint.before_request
def _admit() -> None:
    if request.method != "GET":
        allow_body(RULES_LIMIT)


@blueprint.route("/alerts")
@needs(Scope.RULES_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, AlertsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def alerts(asked: dict[str, Any]) -> dict[str, tuple[Alert, ...]] | Response:
    """What to look at now: a target that is suddenly missing, shows that collapse.

    Compares the last 24 hours with the seven days before, and says nothing where it may be chance.
    """
    found = serving().service.publications.alerts(caller().project_id)
    return in_form(asked["format"], lambda: {"data": found}, alert_rows(found), ALERT_COLUMNS, name="alerts")


@blueprint.route("/guides")
@needs(Scope.RULES_READ)
@blueprint.arguments(GuidesQuerySchema, location="query")
@blueprint.response(200, GuidesSchema)
def guides(asked: dict[str, Any]) -> dict[str, Any]:
    """The guides and surveys in force: where each stands in the journeys, and whether it is shown at present."""
    service, project = serving().service, caller().project_id
    found, limit = list(guide_lines(service.rules_now(project))), asked["limit"]
    names = [each.name for each in found]
    start = names.index(asked["after"]) + 1 if asked["after"] in names else 0
    page = found[start : start + limit]
    return {
        "data": page,
        "next": page[-1].name if start + limit < len(found) else None,
        "stopped": service.publications.is_stopped(project),
    }


@blueprint.route("/guides/<guide>/paused", methods=("PUT",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(PausedSchema)
@blueprint.response(200, PublishedSchema)
def pause(said: dict[str, Any], guide: str) -> Published:
    """Pause one guide or survey, or let it go on: `paused` is written into its text, and that is a new version."""
    found = drafts().pause(caller().project_id, guide, is_paused=said["paused"], note=said["note"], by=caller().actor)
    if isinstance(found, Refused):
        raise RulesRefused(found)
    return found


@blueprint.route("/guides/<guide>/backtest", methods=("POST",))
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.arguments(BacktestAskedSchema)
@blueprint.response(200, BacktestSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def backtest(query: dict[str, Any], asked: dict[str, Any], guide: str) -> Backtest | Response:
    """How often a guide would have come over the project's own history, with the caps running, and what kept it away.

    That is eligibility, not effect. Nothing is published, and nobody is shown anything.
    """
    found = serving().service.publications.rehearse(
        caller().project_id,
        files=asked["files"],
        beside_live=asked["beside_live"],
        guides=[guide],
        begin=asked["begin"],
        end=asked["end"],
        with_simulated=asked["simulated"],
        sample=asked["sample"],
    )
    if isinstance(found, Refused):
        raise RulesRefused(found)
    rows = backtest_rows(found)
    return in_form(query["format"], lambda: found, rows, BACKTEST_COLUMNS, name=f"backtest-{guide}")
