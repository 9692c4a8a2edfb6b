"""Keys of pages and servers, and the secrets that users are signed with: made, replaced with a grace, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.console.desk import Desk
from api.console.registry import Group, Page
from dsl.values import DAY, HOUR, SECOND
from engine.permissions import MEANINGS, Scope
from engine.replies import KeyKind, KeyView

GRACES: Final[Mapping[int, str]] = {
    0: "at once",
    HOUR // SECOND: "in an hour",
    DAY // SECOND: "in a day",
    7 * DAY // SECOND: "in 7 days",
    30 * DAY // SECOND: "in 30 days",
}
"""When the old one ends, in seconds from now."""


def view(desk: Desk) -> Mapping[str, Any]:
    """What the page shows."""
    now, every = desk.rules.now, desk.said.get("show") == "all"
    keys = desk.service.tenancy.keys([desk.project.id])
    living = [each for each in keys if each.is_alive(now)]
    return {
        "keys": list(keys) if every else living,
        "every": every,
        "ended": len(keys) - len(living),
        "states": {each.id: state(each, now=now) for each in keys},
        "replaced": {each.replaced_by for each in living if each.replaced_by is not None},
        "graces": GRACES,
        "scopes": {scope.value: MEANINGS[scope] for scope in Scope if scope in desk.caller.scopes},
        "kinds": {KeyKind.PUBLIC.value: "public: for web pages", KeyKind.SECRET.value: "secret: for servers"},
        "secrets": desk.service.vouching.secrets(desk.project.id),
        "share": desk.service.vouching.share(desk.project.id, days=7),
        "may_write": desk.may(Scope.KEYS_WRITE),
        "may_sign": desk.may(Scope.SETTINGS_WRITE),
    }


def state(key: KeyView, *, now: int) -> str:
    """How a key is doing, in a word or two."""
    if key.revoked is not None:
        return "withdrawn"
    if key.expires is not None and key.expires <= now:
        return "over"
    return "works" if key.expires is None else "ends"


PAGE = Page(
    "settings_keys",
    "settings/keys",
    "Keys",
    "What pages and servers send with.",
    Group.SETTINGS,
    Scope.KEYS_READ,
    view,
)
