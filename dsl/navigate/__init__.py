"""Finding one's way in a project: what a name at a position means, where it is declared and used, and renaming it."""

from __future__ import annotations

from dsl.navigate.hover import Hover, hover
from dsl.navigate.names import Named, Occurrence, Sort, declaration_of, name_at, uses
from dsl.navigate.renaming import Edit, Refused, can_rename, rename, renamed_guide

__all__ = [
    "Edit",
    "Hover",
    "Named",
    "Occurrence",
    "Refused",
    "Sort",
    "can_rename",
    "declaration_of",
    "hover",
    "name_at",
    "rename",
    "renamed_guide",
    "uses",
]
