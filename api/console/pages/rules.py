"""Rules: the guides and surveys in force, and the editor in which they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.console.desk import Desk
from api.console.registry import Group, Page
from dsl.nodes import GuideKind
from engine.permissions import Scope

FIRST_FILE: Final = "rules.way"
"""Where the first rule of a project is written."""


def view(desk: Desk) -> Mapping[str, Any]:
    """What Rules shows."""
    files = dict(desk.service.publications.files(desk.project.id) or {})
    return {
        "start": {
            "files": files or {FIRST_FILE: ""},
            "guide": desk.said.get("guide"),
            "file": desk.said.get("file"),
            "tab": desk.said.get("tab", "text"),
            "kinds": [each.value for each in GuideKind],
        },
    }


PAGE = Page(
    "rules", "rules", "Rules", "Guides and surveys: write, try, publish.", Group.GUIDES, Scope.RULES_READ, view, key="r"
)
