"""Guides in production: what to look at, and how often one would have come."""

from __future__ import annotations

from typing import Any

from flask import request

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.limits import RULES_LIMIT, allow_body
from api.publishing import RulesRefused
from api.schemas.alerts import AlertsSchema
from api.schemas.backtest import BacktestAskedSchema, BacktestSchema
from api.serving import serving
from engine.alerts import Alert
from engine.backtest import Backtest
from engine.permissions import Scope
from engine.replies import Refused

blueprint = Blueprint("guides", __name__, url_prefix="/api/v1", description="Guides in production")


@blueprint.before_request
def _admit() -> None:
    if request.method == "POST":
        allow_body(RULES_LIMIT)


@blueprint.route("/alerts")
@needs(Scope.RULES_READ)
@blueprint.response(200, AlertsSchema)
def alerts() -> dict[str, tuple[Alert, ...]]:
    """What to look at now: a target that is suddenly missing, shows that collapse.

    Compares the last 24 hours with the seven days before, and says nothing where it may be chance.
    """
    return {"data": serving().service.publications.alerts(caller().project_id)}


@blueprint.route("/guides/<guide>/backtest", methods=("POST",))
@needs(Scope.RECORDS_READ)
@blueprint.arguments(BacktestAskedSchema)
@blueprint.response(200, BacktestSchema)
def backtest(asked: dict[str, Any], guide: str) -> Backtest:
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
    )
    if isinstance(found, Refused):
        raise RulesRefused(found)
    return found
