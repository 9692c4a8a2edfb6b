"""Environments of a project: production, staging and development, each a world of its own.

Decides their names, and how a project and an environment are written as one name (`shop/staging`). To everything else
an environment is a project: its own keys, people, events and rules. See docs/decisions/0007.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from engine.errors import WaypostError

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?", re.ASCII)


class Environment(StrEnum):
    """Where a project is used."""

    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"


KEY_MARKS: Final[dict[Environment, str]] = {
    Environment.PRODUCTION: "",
    Environment.STAGING: "stg_",
    Environment.DEVELOPMENT: "dev_",
}
"""What new keys have after `wp_pub_`, so that one glance tells a key for trying things out."""


class BadProjectName(WaypostError):
    """A project cannot have this name."""

    code = "bad_project_name"


class ProjectExists(WaypostError):
    """There is a project, or an environment, of that name already."""

    code = "project_exists"


def read_project_name(text: str) -> str:
    """The name of a project, as it is written in addresses and on the command line. Raises BadProjectName."""
    if not _NAME.fullmatch(text):
        raise BadProjectName(
            f"`{text[:80]}` cannot name a project: take up to 40 small letters, digits, `-` and `_`, such as `shop`"
        )
    return text


def slug_of(project: str, environment: Environment) -> str:
    """A project and an environment as one name: `shop` for production, `shop/staging` for another one."""
    return project if environment is Environment.PRODUCTION else f"{project}/{environment.value}"


def split_slug(slug: str) -> tuple[str, str]:
    """The project and the environment that `slug_of` made one name of; the environment as text."""
    project, _, environment = slug.partition("/")
    return project, environment or Environment.PRODUCTION.value
