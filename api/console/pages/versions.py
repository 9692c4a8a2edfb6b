"""Versions: everything that was ever published, what each changed, and the way back to any of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.console.desk import Desk
from api.console.registry import Group, Page
from api.publishing import version_document
from engine.errors import UnknownVersion
from engine.permissions import Scope

_A_PAGE: Final = 25


def view(desk: Desk) -> Mapping[str, Any]:
    """What Versions shows."""
    rules = desk.service.publications
    before = desk.number("before")
    found = rules.versions(desk.project.id, before=before, limit=_A_PAGE + 1)
    active = next((each.version for each in rules.versions(desk.project.id, limit=1)), 0)
    more = len(found) > _A_PAGE
    return {
        "versions": found[:_A_PAGE],
        "active": active,
        "older": desk.here(before=found[_A_PAGE - 1].version) if more else None,
        "newer": desk.here(before=None) if before is not None else None,
        "chosen": _chosen(desk, active),
    }


def _chosen(desk: Desk, active: int) -> dict[str, Any] | None:
    """The version that is looked at, and what it is compared with; None where the address names none that is there."""
    number, against = desk.number("version"), desk.number("against")
    if number is None:
        return None
    try:
        found = version_document(desk.service.publications, desk.project.id, number, against=against)
    except UnknownVersion:
        return None
    return {**found, "others": [each for each in range(active, 0, -1) if each != number][:200]}


PAGE = Page(
    "versions",
    "versions",
    "Versions",
    "What was published when, by whom and why; and back to any of it.",
    Group.GUIDES,
    Scope.RULES_READ,
    view,
)
