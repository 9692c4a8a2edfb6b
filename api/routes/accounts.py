"""How accounts do, and who looks after them."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import analyst, as_file
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.health import AccountsHealthSchema, CareSchema, HealthAskedSchema, read_asked
from api.serving import serving
from engine.account_health import give_care, health
from engine.analytics.health import Health
from engine.analytics.tables import HEALTH_COLUMNS, health_rows
from engine.permissions import Scope

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1/accounts", description="How accounts do")


@blueprint.route("/health")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(HealthAskedSchema, location="query")
@blueprint.response(200, AccountsHealthSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def accounts_health(asked: dict[str, Any]) -> Health | Response:
    """How much accounts do against how much they get out of it; `standing=busy but stuck` is the list to act on.

    With their most active people, their notes and who looks after them. docs/reference/health.md.
    """
    project = caller().project_id
    found = health(analyst(), project, read_asked(asked), serving().service.rules_now(project))
    if asked["format"] == "json":
        return found
    return as_file(health_rows(found), list(HEALTH_COLUMNS), asked["format"], name="health")


@blueprint.route("/care", methods=("POST",))
@needs(Scope.ACCOUNTS_WRITE)
@blueprint.arguments(CareSchema)
@blueprint.response(204)
def care(said: dict[str, Any]) -> None:
    """Say who looks after an account, or note something of it, or both."""
    who = caller()
    at = serving().service.rules_now(who.project_id).now
    account, owner, note = said["account"], said["owner"], said["note"]
    give_care(analyst(), who.project_id, account, owner=owner, note=note, at=at, by=who.actor)
