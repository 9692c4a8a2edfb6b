"""How requests reach the webhooks."""

from __future__ import annotations

from api.serving import serving
from engine.webhook_desk import WebhookDesk


def webhook_desk() -> WebhookDesk:
    """The webhooks, with what the settings allow."""
    here = serving()
    return WebhookDesk(here.service.database, allows_private=here.settings.private_webhooks)
