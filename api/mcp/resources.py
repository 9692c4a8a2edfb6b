"""What assistants may read: the reference of the language, and the rules of the project, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from api.mcp.desk import Desk
from api.mcp.errors import NoSuchFile
from dsl.reference.page import reference_page
from engine.permissions import Scope

LANGUAGE: Final = "waypost://language"
RULES: Final = "waypost://rules/"
DRAFT: Final = "waypost://draft/"
MARKDOWN: Final = "text/markdown"
WAY: Final = "text/x-waypost"

TEMPLATES: Final = (
    (RULES + "{+file}", "rules", "A rule file in force"),
    (DRAFT + "{+file}", "draft", "A rule file of the working draft"),
)
"""Address, name and meaning of what there is one of for each file."""


@dataclass(frozen=True, slots=True)
class Readable:
    """Something to read. media: its type."""

    uri: str
    name: str
    about: str
    media: str


def listed(desk: Desk) -> Iterator[Readable]:
    """What there is to read at present."""
    yield Readable(LANGUAGE, "language", "The reference of the rules language: forms, meaning, messages", MARKDOWN)
    if Scope.RULES_READ not in desk.who().scopes:
        return
    for start, files, about in (
        (RULES, _in_force(desk), "A rule file in force"),
        (DRAFT, _drafted(desk), "A rule file of the working draft; not in force"),
    ):
        for name in files:
            yield Readable(start + quote(name), name, about, WAY)


def read(desk: Desk, uri: str) -> tuple[str, str]:
    """The text at an address, and its type. Raises NoSuchFile, MissingScope."""
    if uri == LANGUAGE:
        return reference_page(), MARKDOWN
    for start, files in ((RULES, _in_force), (DRAFT, _drafted)):
        if uri.startswith(start):
            desk.admit(Scope.RULES_READ)
            known, name = files(desk), unquote(uri.removeprefix(start))
            if name not in known:
                raise NoSuchFile(name, tuple(known))
            return known[name], WAY
    raise NoSuchFile(uri, (LANGUAGE, *(address for address, _, _ in TEMPLATES)))


def _in_force(desk: Desk) -> Mapping[str, str]:
    return desk.drafts.in_force(desk.project_id)[1]


def _drafted(desk: Desk) -> Mapping[str, str]:
    draft = desk.drafts.of(desk.project_id)[1]
    return {} if draft is None else draft.files
