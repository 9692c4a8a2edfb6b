"""The snippet to paste, with its key in it, for each way of building pages; and whether it is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import request

from api.console.desk import Desk
from api.console.registry import Group, Page
from api.serving import serving
from api.snippet import bundled_lines, pinned, react_lines, server_lines, snippet_policy, snippet_tag
from engine.flags import flags_of
from engine.permissions import Scope
from engine.public_flags import PublicFlagsDesk
from engine.replies import KeyKind
from engine.storage.sources import latest_from_pages

WAYS: Final[Mapping[str, str]] = {
    "plain": "Any page",
    "react": "React",
    "bundled": "Other bundled applications",
    "server": "From a server",
}
"""How pages are built, as the tabs call it."""


def view(desk: Desk) -> Mapping[str, Any]:
    """What the page shows."""
    base = (serving().settings.public_url or request.url_root).rstrip("/")
    keys = desk.service.tenancy.keys([desk.project.id]) if desk.may(Scope.KEYS_READ) else ()
    public = [each.shown for each in keys if each.kind is KeyKind.PUBLIC and each.is_alive(desk.rules.now)]
    key = public[0] if public else "wp_pub_…"
    name, digest = pinned()
    way = desk.said.get("way", "plain")
    way = way if way in WAYS else "plain"
    with desk.service.database.reading() as connection:
        latest = latest_from_pages(connection, desk.project.id)
    return {
        "base": base,
        "key": public[0] if public else None,
        "may_see": desk.may(Scope.KEYS_READ),
        "way": way,
        "ways": [{"label": label, "href": desk.here(way=each), "current": each == way} for each, label in WAYS.items()],
        "tag": snippet_tag(f"{base}/sdk/waypost.js", key),
        "pinned": snippet_tag(f"{base}/sdk/{name}", key, integrity=digest),
        "react": react_lines(base, key),
        "bundled": bundled_lines(base, key),
        "server": server_lines(base),
        "policy": snippet_policy(base),
        "latest": latest,
        "origins": desk.project.allowed_origins,
        "flags": _flags(desk),
        "public": PublicFlagsDesk(desk.service.database).of(desk.project.id),
        "may_write": desk.may(Scope.SETTINGS_WRITE),
    }


def _flags(desk: Desk) -> Mapping[str, str]:
    """What may be asked, by its key, with what people call it; those too that the rules have no longer."""
    chosen = PublicFlagsDesk(desk.service.database).of(desk.project.id).flags
    known = {each.key: each.label or "" for each in flags_of(desk.rules.project)}
    return known | {key: "not in the rules any more" for key in chosen if key not in known}


PAGE = Page(
    "settings_snippet",
    "settings/snippet",
    "Snippet",
    "The line for your pages, and whether it is there.",
    Group.SETTINGS,
    Scope.SETTINGS_READ,
    view,
)
