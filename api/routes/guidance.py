"""Asking for guidance, and whether it may be shown now."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs_write_key, voucher
from api.blueprint import Blueprint
from api.routes.browser import seen_by_the_server
from api.schemas.guidance import ConfirmationSchema, ConfirmSchema, DecideSchema, ReplySchema
from api.serving import serving
from engine.replies import Confirmation, Reply

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
        voucher=voucher(asked.get("userToken")),
    )
    current.metrics.serve([each.kind for each in reply.decisions])
    return reply


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


def _context(asked: dict[str, Any]) -> dict[str, Any] | None:
    given = asked.get("context")
    return None if given is None else seen_by_the_server() | given
