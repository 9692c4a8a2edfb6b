"""People who may use the console of the project, what they are in it, and the links that still work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.registry import Group, Page
from engine.members import MEMBER_COLUMNS, member_rows
from engine.permissions import Role, Scope

ROLES: Final[Mapping[Role, str]] = {
    Role.VIEWER: "viewer: reads every figure about many people",
    Role.ANALYST: "analyst: looks single people up, too; keeps map, roadmap and evidence; drafts rules",
    Role.AUTHOR: "author: publishes rules, too",
    Role.ADMIN: "admin: everything, settings, keys and people too",
}
"""What each role may do, in few words."""


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the page shows."""
    staff, root = desk.service.staff, desk.caller.root
    members = staff.members(root)
    if desk.said.get("format") == "csv":
        return as_file(member_rows(members), list(MEMBER_COLUMNS), "csv", name="members")
    admins = [each.user_id for each in members if each.role is Role.ADMIN]
    return {
        "members": members,
        "links": staff.links(root),
        "roles": {role.value: role.value for role in Role},
        "told_roles": {role.value: words for role, words in ROLES.items()},
        "last_admin": admins[0] if len(admins) == 1 else None,
        "me": desk.person.user_id,
        "may_write": desk.may(Scope.MEMBERS_WRITE),
    }


PAGE = Page(
    "settings_people",
    "settings/people",
    "People",
    "Who may use the console, and as what.",
    Group.SETTINGS,
    Scope.MEMBERS_READ,
    view,
)
