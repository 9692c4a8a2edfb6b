"""Asking for guidance, and whether it may be shown now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.auth import caller, needs_write_key, voucher
from api.blueprint import Blueprint
from api.routes.browser import seen_by_the_server
from api.schemas.guidance import ConfirmationSchema, ConfirmSchema, DecideSchema, ReplySchema
from api.serving import serving
from engine.environments import Environment
from engine.permissions import Scope
from engine.replies import Confirmation, Reply
from engine.telling import Telling, telling_for

blueprint = Blueprint("guidance", __name__, url_prefix="/v1", description="Guidance for one user")


@blueprint.route("/decide", methods=("POST",))
@needs_write_key
@blueprint.arguments(DecideSchema)
@blueprint.response(200, ReplySchema)
def decide(asked: dict[str, Any]) -> Reply:
    """Guidance for a user now."""
    current = serving()
    reply = current.service.decide(
        caller().project_id,
        user_id=asked.get("userId"),
        anonymous_id=asked.get("anonymousId"),
        context=seen_by_the_server() | asked["context"],
        trigger=asked.get("trigger"),
        guide=asked.get("guide"),
        telling=_telling() if asked["explain"] else Telling.NOTHING,
        voucher=voucher(asked.get("userToken")),
    )
    current.metrics.serve([each.kind for each in reply.decisions])
    clicks = current.service.clicks(caller().project_id, known=asked.get("revision"))
    return reply if clicks is None else replace(reply, clicks=clicks)


@blueprint.route("/decisions/<decision_id>/confirm", methods=("POST",))
@needs_write_key
@blueprint.arguments(ConfirmSchema)
@blueprint.response(200, ConfirmationSchema)
def confirm(asked: dict[str, Any], decision_id: str) -> Confirmation:
    """May a decision be shown now?

    Asked just before showing. A yes reserves the place for 30 seconds against other tabs and devices.
    """
    return serving().service.confirm(
        caller().project_id, decision_id, context=_context(asked), holder=asked.get("holder")
    )


def _telling() -> Telling:
    project = serving().service.project(caller().project_id)
    environment = Environment.PRODUCTION if project is None else project.environment
    return telling_for(environment, reads_people=Scope.PEOPLE_READ in caller().scopes)


def _context(asked: dict[str, Any]) -> dict[str, Any] | None:
    given = asked.get("context")
    return None if given is None else seen_by_the_server() | given
