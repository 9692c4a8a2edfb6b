"""Live: events as they arrive, with the verdict of the tracking plan, and decisions with their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from api.console.desk import Desk
from api.console.first_event import how_to_send
from api.console.registry import Group, Page
from engine.permissions import Scope
from engine.storage import versions


def view(desk: Desk) -> Mapping[str, Any]:
    """What Live shows. The rows come from the interface, as they arrive."""
    with desk.service.database.reading() as connection:
        seen = versions.seen(connection, desk.project.id)
    event, user = desk.said.get("event", "").strip(), desk.said.get("user", "").strip()
    return {
        "address": live_address(desk, event=event[:255], user=user[:255]),
        "event": event,
        "user": user,
        "names": sorted(seen.events),
        # The id is put behind it by the page's script.
        "users": desk.url("users", id="_")[:-1],
        "how": how_to_send(desk),
    }


def live_address(desk: Desk, *, event: str = "", user: str = "", everyone: bool = False, limit: int = 50) -> str:
    """Where what arrives is asked for, of those who count on this page."""
    asked: dict[str, Any] = {"limit": limit}
    if everyone or desk.everyone:
        asked["everyone"] = "true"
    elif desk.with_simulated:
        asked["simulated"] = "true"
    asked |= {name: said for name, said in (("event", event), ("user", user)) if said}
    return url_for("live.live", **asked)


PAGE = Page("live", "live", "Live", "What arrives, as it arrives.", Group.PEOPLE, Scope.PEOPLE_READ, view, key="l")
