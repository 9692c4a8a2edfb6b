"""Funnels of any events, not only of a journey's steps."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import funnel_answer, users_behind
from api.auth import needs
from api.blueprint import Blueprint
from api.schemas.funnels import FunnelAskedSchema, FunnelSchema, FunnelUsersAsked, UsersBehindSchema, read_asked
from engine.analyst import UsersBehind
from engine.permissions import Scope

blueprint = Blueprint("funnels", __name__, url_prefix="/api/v1/funnel", description="How many come from event to event")


@blueprint.route("")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FunnelAskedSchema, location="query")
@blueprint.response(200, FunnelSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def funnel(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """How many come from event to event: `?step=signup&step=purchase where amount > 10`.

    With `breakdown` the answer has `groups` instead of `steps`. The rules: docs/reference/funnels.md.
    """
    return funnel_answer(read_asked(asked), asked)


@blueprint.route("/users")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(FunnelUsersAsked, location="query")
@blueprint.response(200, UsersBehindSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def users(asked: dict[str, Any]) -> UsersBehind | Response:
    """Who is behind a figure of a funnel: their ids, in order, a page at a time; files hold all."""
    return users_behind(read_asked(asked), asked)
