"""How requests reach the webhooks."""

from __future__ import annotations

from dataclasses import replace

from api.auth import Caller
from api.serving import serving
from engine.permissions import Scope
from engine.webhook_desk import WebhookDesk
from engine.webhooks import Hook, outline


def webhook_desk() -> WebhookDesk:
    """The webhooks, with what the settings allow."""
    here = serving()
    return WebhookDesk(here.service.database, allows_private=here.settings.private_webhooks)


def hooks_seen_by(who: Caller) -> list[Hook]:
    """The webhooks of the caller's environment; to whom may not change them, with the outline of their addresses."""
    hooks = webhook_desk().hooks(who.project_id)
    if Scope.SETTINGS_WRITE in who.scopes:
        return list(hooks)
    return [replace(each, url=outline(each.url)) for each in hooks]
