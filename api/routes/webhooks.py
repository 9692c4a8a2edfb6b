"""Webhooks: addresses of the customer's that are told of what happens."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from api.analyses import page_of
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.webhooks import (
    DeliveriesQuerySchema,
    DeliveriesSchema,
    DeliverySchema,
    NewWebhookSchema,
    WebhookChangeSchema,
    WebhookSchema,
    WebhooksSchema,
    WebhookWantedSchema,
)
from api.serving import serving
from api.webhooks import hooks_seen_by, webhook_desk
from engine.permissions import Scope
from engine.webhooks import Delivery, Format, Hook, HookKind

blueprint = Blueprint(
    "webhooks", __name__, url_prefix="/api/v1/webhooks", description="Telling other systems of what happens"
)


@blueprint.route("")
@needs(Scope.SETTINGS_READ)
@blueprint.response(200, WebhooksSchema)
def webhooks() -> dict[str, Any]:
    """The webhooks of the environment."""
    return {"data": hooks_seen_by(caller())}


@blueprint.route("", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(WebhookWantedSchema)
@blueprint.response(201, NewWebhookSchema)
def add(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a webhook, which is told of what happens from now on.

    Deliveries are signed as Standard Webhooks are; see `docs/reference/webhooks.md`.
    """
    made, secret = webhook_desk().add(
        caller().project_id,
        asked["url"],
        _kinds(asked["kinds"]),
        note=asked["note"],
        format=Format(asked["format"]),
        guides=asked["guides"],
        by=caller().actor,
        now=serving().clock(),
    )
    return asdict(made) | {"secret": secret}


@blueprint.route("/<int:webhook_id>", methods=("PATCH",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(WebhookChangeSchema)
@blueprint.response(200, WebhookSchema)
def change(asked: dict[str, Any], webhook_id: int) -> Hook:
    """Change a webhook, or turn it off and on."""
    revision = asked.pop("revision")
    if "kinds" in asked:
        asked["kinds"] = _kinds(asked["kinds"])
    if "format" in asked:
        asked["format"] = Format(asked["format"])
    return webhook_desk().change(
        caller().project_id, webhook_id, asked, revision=revision, by=caller().actor, now=serving().clock()
    )


@blueprint.route("/<int:webhook_id>", methods=("DELETE",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(200, WebhookSchema)
def remove(webhook_id: int) -> Hook:
    """Remove a webhook, and the list of what it was told."""
    return webhook_desk().remove(caller().project_id, webhook_id, by=caller().actor, now=serving().clock())


@blueprint.route("/<int:webhook_id>/secret", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(201, NewWebhookSchema)
def renew_secret(webhook_id: int) -> dict[str, Any]:
    """Make another secret, which signs from now on; the one before does not any more."""
    made, secret = webhook_desk().renew_secret(
        caller().project_id, webhook_id, by=caller().actor, now=serving().clock()
    )
    return asdict(made) | {"secret": secret}


@blueprint.route("/<int:webhook_id>/test", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(201, WebhookSchema)
def test(webhook_id: int) -> Hook:
    """Let the webhook be told of a test, also where it is off. The background worker does it in a few seconds."""
    desk, project = webhook_desk(), caller().project_id
    desk.test(project, webhook_id, now=serving().clock())
    return desk.hook(project, webhook_id)


@blueprint.route("/<int:webhook_id>/deliveries")
@needs(Scope.SETTINGS_READ)
@blueprint.arguments(DeliveriesQuerySchema, location="query")
@blueprint.response(200, DeliveriesSchema)
def deliveries(asked: dict[str, Any], webhook_id: int) -> dict[str, Any]:
    """What the webhook was told in the last 30 days, and what became of it."""
    limit = asked["limit"]
    found = webhook_desk().deliveries(caller().project_id, webhook_id, before=asked["before"], limit=limit + 1)
    return page_of(found, limit)


@blueprint.route("/deliveries/<int:delivery_id>/resend", methods=("POST",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.response(201, DeliverySchema)
def resend(delivery_id: int) -> Delivery:
    """Tell a webhook something again that is over, taken or not, with the same `webhook-id` and all tries anew."""
    desk, who = webhook_desk(), caller()
    return desk.resend(who.project_id, delivery_id, by=who.actor, now=serving().clock())


def _kinds(names: list[str]) -> list[HookKind]:
    return [HookKind(name) for name in names]
