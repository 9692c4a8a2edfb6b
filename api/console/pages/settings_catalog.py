"""The catalog: events and attributes that are declared, and those that were sent, with how often and when last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.registry import Group, Page
from engine.catalog_view import EVENT_COLUMNS, catalog_rows, catalog_view
from engine.permissions import Scope
from engine.trials import TRIAL_FILE

TABS: Final[Mapping[str, str]] = {"events": "Events", "attributes": "Attributes"}


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the page shows."""
    found = catalog_view(
        desk.analyst, desk.project.id, desk.rules, everyone=desk.everyone, with_simulated=desk.with_simulated
    )
    if desk.said.get("format") == "csv":
        return as_file(catalog_rows(found), list(EVENT_COLUMNS), "csv", name="catalog")
    tab = desk.said.get("tab", "events")
    tab = tab if tab in TABS else "events"
    wanted = desk.said.get("q", "").strip().casefold()
    events = [each for each in found.events if wanted in each.name.casefold()]
    attributes = [each for each in found.attributes if wanted in each.key.casefold()]
    named = [each.declared or each.built_in for each in found.events]
    named += [each.declared or each.built_in for each in found.attributes]
    numbers = {"events": len(found.events), "attributes": len(found.attributes)}
    return {
        "tab": tab,
        "tabs": [
            {"label": label, "href": desk.here(tab=name), "current": name == tab, "count": numbers[name]}
            for name, label in TABS.items()
        ],
        "events": events,
        "attributes": attributes,
        "undeclared": named.count(False),
        "trial_file": TRIAL_FILE,
        "wanted": desk.said.get("q", ""),
        "may_write": desk.may(Scope.RULES_DRAFT),
    }


PAGE = Page(
    "settings_catalog",
    "settings/catalog",
    "Catalog",
    "Names declared and names seen.",
    Group.SETTINGS,
    Scope.RULES_READ,
    view,
)
