"""Settings of a project: its environments, what they are called, whose pages may send, whether users are signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from api.console.desk import Desk
from api.console.registry import Group, Page
from engine.environments import Environment, split_slug
from engine.permissions import Role, Scope


def view(desk: Desk) -> Mapping[str, Any]:
    """What the page shows."""
    tenancy, root = desk.service.tenancy, desk.caller.root
    environments = tenancy.environments_of(root)
    made = {each.environment for each in environments}
    name, _ = split_slug(desk.project.slug)
    return {
        "called": name,
        "environments": environments,
        "missing": {each.value: each.value for each in Environment if each not in made},
        "may_write": desk.may(Scope.SETTINGS_WRITE),
        "may_make": Role.ADMIN in desk.person.roles.values(),
        "zones": sorted(available_timezones()),
        "role": desk.person.roles.get(root),
    }


PAGE = Page(
    "settings_project",
    "settings/project",
    "Project",
    "Its environments, its name, and which pages may send.",
    Group.SETTINGS,
    Scope.SETTINGS_READ,
    view,
    key=",",
)
