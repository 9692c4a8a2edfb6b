"""Opportunities: what the engine proposes, and what people say of it."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import as_file
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.planning import opportunities_page, planner, rules_now
from api.schemas.opportunities import (
    OpportunitiesAskedSchema,
    OpportunitiesSchema,
    OpportunityDecidedSchema,
    OpportunityDecisionSchema,
    OpportunitySchema,
    WhoseQuerySchema,
    read_asked,
    read_whose,
)
from engine.permissions import Scope
from engine.roadmap.opportunities import Decision, Opportunity
from engine.roadmap.planner import Verdict
from engine.roadmap.readings import Asked
from engine.roadmap.tables import OPPORTUNITY_COLUMNS, opportunity_rows
from engine.stages import stage_marks

blueprint = Blueprint(
    "opportunities", __name__, url_prefix="/api/v1/opportunities", description="Where users could be won, and why"
)


@blueprint.route("")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(OpportunitiesAskedSchema, location="query")
@blueprint.response(200, OpportunitiesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def opportunities(query: dict[str, Any]) -> dict[str, Any] | Response:
    """What the engine proposes: users lost per week × the share within reach, with causes; a person confirms.

    A page at a time; CSV and Parquet hold all of them. How it is counted: docs/reference/roadmap.md.
    """
    asked, rules = read_asked(query), rules_now()
    found = planner().opportunities(caller().project_id, rules, asked)
    if query["format"] != "json":
        rows = opportunity_rows(found, stage_marks(rules.project))
        return as_file(rows, list(OPPORTUNITY_COLUMNS), query["format"], name="opportunities")
    return opportunities_page(found, asked, after=query["after"], limit=query["limit"])


@blueprint.route("/<opportunity>")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(WhoseQuerySchema, location="query")
@blueprint.response(200, OpportunitySchema)
def one(query: dict[str, Any], opportunity: str) -> Opportunity:
    """One opportunity, `journey.step.persona`, with its causes."""
    asked = Asked(whose=read_whose(query), with_paths=True)
    return planner().opportunity(caller().project_id, rules_now(), opportunity, asked)


@blueprint.route("/<opportunity>", methods=("PUT",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(OpportunityDecidedSchema)
@blueprint.response(200, OpportunityDecisionSchema)
def decide(said: dict[str, Any], opportunity: str) -> Decision:
    """Confirm or dismiss an opportunity, with a reason; or leave it open again.

    Refused with 409 where somebody decided since the `revision` that you saw.
    """
    verdict = Verdict(said["status"], said["why"], said["cause"])
    revision, by = said["revision"], caller().actor
    return planner().decide(caller().project_id, rules_now(), opportunity, verdict, revision=revision, by=by)
