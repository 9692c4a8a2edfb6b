"""Which pages there are: the one list, in the order of the navigation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from engine.permissions import Scope

if TYPE_CHECKING:
    from flask import Response

    from api.console.desk import Desk

MODULES: Final = (
    "home",
    "find",
    "trace",
    "feel",
    "act",
    "prove",
    "rules",
    "responses",
    "versions",
    "experiments",
    "map",
    "discussion",
    "users",
    "replays",
    "heat",
    "live",
    "opportunities",
    "roadmap",
    "review",
    "kpis",
    "health",
    "settings_snippet",
    "settings_project",
    "settings_keys",
    "settings_people",
    "settings_plan",
    "settings_catalog",
    "settings_imports",
    "settings_scheduled",
    "settings_privacy",
    "settings_alerts",
    "settings_exports",
    "settings_webhooks",
    "settings_audit",
)
"""Modules of `api.console.pages`, each with a `PAGE`."""


class Group(StrEnum):
    """Under which head of the navigation a page stands."""

    TOP = ""
    METHOD = "From drop-off to proof"
    GUIDES = "Guides and surveys"
    PEOPLE = "People"
    PLAN = "Map and plan"
    SETTINGS = "Settings"


@dataclass(frozen=True, slots=True)
class Page:
    """One page. name: of its address and its template. path: below the project's. view: what its template shows, or a
    file with the same figures. key: the letter that goes to it, after `g`. shareable: a read-only link may show it to
    people who are not signed in; its view then leaves out lists of users, and their words unless `desk.shows_words`.
    frames: it may hold pages of this server in frames.
    """

    name: str
    path: str
    label: str
    hint: str
    group: Group
    scope: Scope
    view: Callable[[Desk], Mapping[str, Any] | Response]
    key: str | None = None
    shareable: bool = False
    frames: bool = False


@cache
def pages() -> tuple[Page, ...]:
    """All pages, in the order of the navigation."""
    return tuple(import_module(f"api.console.pages.{name}").PAGE for name in MODULES)


CARRIED: Final = ("who", "journey", "persona", "step", "condition", "chosen")
"""Members of an address that stay when another page is opened: the selection that the steps of the method share."""
