"""Webhooks: which addresses are told of what, and what became of each telling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.console.desk import Desk
from api.console.registry import Group, Page
from api.console.turning import turned
from api.webhooks import hooks_seen_by, webhook_desk
from engine.chat_formats import CHAT_FORMATS
from engine.permissions import Scope
from engine.webhooks import CHOSEN, MEANINGS, OFTEN, DeliveryState, Format

PER_PAGE: Final = 50
TONES: Final = {DeliveryState.DELIVERED: "good", DeliveryState.FAILED: "bad"}


def view(desk: Desk) -> Mapping[str, Any]:
    """What the page shows."""
    webhooks, project = webhook_desk(), desk.project.id
    hooks = hooks_seen_by(desk.caller)
    said = desk.said.get("webhook", "")
    chosen = next((each for each in hooks if str(each.id) == said), hooks[0] if hooks else None)
    number = desk.number("before", digits=15)
    found = [] if chosen is None else webhooks.deliveries(project, chosen.id, before=number, limit=PER_PAGE + 1)
    shown, turning = turned(desk, found, PER_PAGE, before=number)
    return {
        "hooks": hooks,
        "chosen": chosen,
        "kinds": {kind.value: MEANINGS[kind] for kind in CHOSEN},
        "often": {kind.value for kind in OFTEN},
        "formats": {Format.STANDARD.value: "JSON for programs"}
        | {each.value: chat.tool for each, chat in CHAT_FORMATS.items()},
        "deliveries": shown,
        "tones": TONES,
        "is_waiting": any(each.state is DeliveryState.WAITING for each in shown) and number is None,
        **turning,
        "may_write": desk.may(Scope.SETTINGS_WRITE),
    }


PAGE = Page(
    "settings_webhooks",
    "settings/webhooks",
    "Webhooks",
    "Tell other systems and chat tools of alerts, answers, scores, reviews and publications.",
    Group.SETTINGS,
    Scope.SETTINGS_READ,
    view,
)
