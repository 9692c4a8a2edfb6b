"""The records of a journey's steps, and how many come from step to step."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import funnel_answer, users_behind
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.funnels import (
    FunnelSchema,
    JourneyFunnelAsked,
    JourneyFunnelUsersAsked,
    UsersBehindSchema,
    read_asked,
)
from api.schemas.records import StepRecordSchema, WhoseSchema
from api.serving import serving
from engine.analyst import UsersBehind
from engine.analytics.records import StepRecord
from engine.permissions import Scope

blueprint = Blueprint("journeys", __name__, url_prefix="/api/v1/journeys", description="What happened at each step")


@blueprint.route("/<journey>/steps/<step>")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(WhoseSchema, location="query")
@blueprint.response(200, StepRecordSchema)
def record(asked: dict[str, Any], journey: str, step: str) -> StepRecord:
    """The record of a step: who came, who went on, how hard it was, what they said and felt.

    Up to date a second after the event. Simulated people are left out unless asked for.
    """
    service, project = serving().service, caller().project_id
    return service.step_record(project, journey, step, with_simulated=asked["simulated"])


@blueprint.route("/<journey>/funnel")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(JourneyFunnelAsked, location="query")
@blueprint.response(200, FunnelSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def funnel(asked: dict[str, Any], journey: str) -> dict[str, Any] | Response:
    """How many come from step to step of a journey, in what time, and where the sharpest drop is.

    With `breakdown` the answer has `groups` instead of `steps`. The rules: docs/reference/funnels.md.
    """
    return funnel_answer(read_asked(asked, journey=journey), asked)


@blueprint.route("/<journey>/funnel/users")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(JourneyFunnelUsersAsked, location="query")
@blueprint.response(200, UsersBehindSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def funnel_users(asked: dict[str, Any], journey: str) -> UsersBehind | Response:
    """Who is behind a figure of the funnel of a journey: their ids, in order, a page at a time; files hold all."""
    return users_behind(read_asked(asked, journey=journey), asked)
