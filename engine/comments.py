"""Comments as facts: what one is, at which places of a project there may be any, and what goes wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dsl.values import Instant
from engine.errors import WaypostError

LONGEST_PLACE: Final = 500
LONGEST_TEXT: Final = 4_000
MOST_AT_A_PLACE: Final = 500


class PlaceKind(StrEnum):
    """What a comment may be about."""

    DRAFT = "draft"
    GUIDE = "guide"
    MAP = "map"
    ITEM = "item"
    THEME = "theme"
    OPPORTUNITY = "opportunity"
    RESPONSE = "response"
    EVIDENCE = "evidence"
    ACCOUNT = "account"
    REVIEW = "review"
    KPI = "kpi"
    EXPERIMENT = "experiment"
    PAGE = "page"


PLACES: Final[Mapping[PlaceKind, str]] = {
    PlaceKind.DRAFT: "`draft`: the draft of the rules; `draft:FILE` one of its files",
    PlaceKind.GUIDE: "`guide:GUIDE`: a guide or survey",
    PlaceKind.MAP: "`map:JOURNEY:PERSONA:ROW:STEP`: a cell of a map; persona and step blank for all of them",
    PlaceKind.ITEM: "`item:NUMBER`: an item of the roadmap",
    PlaceKind.THEME: "`theme:NUMBER`: a theme of the roadmap",
    PlaceKind.OPPORTUNITY: "`opportunity:JOURNEY.STEP`, `opportunity:JOURNEY.STEP.PERSONA`: an opportunity",
    PlaceKind.RESPONSE: "`response:SURVEY.QUESTION.SUBMISSION`: an answer of a user; needs `people:read`",
    PlaceKind.EVIDENCE: "`evidence:NUMBER`: a piece of evidence from elsewhere; needs `people:read`",
    PlaceKind.ACCOUNT: "`account:ACCOUNT`: an account; needs `people:read`",
    PlaceKind.REVIEW: "`review:QUARTER`: a quarterly review",
    PlaceKind.KPI: "`kpi:NAME`: a figure of the product",
    PlaceKind.EXPERIMENT: "`experiment:GUIDE`: the experiment of a guide",
    PlaceKind.PAGE: "`page:NAME`: anything else that a page shows",
}
"""How each place is written, for messages and reference pages."""

ABOUT_PEOPLE: Final = frozenset({PlaceKind.RESPONSE, PlaceKind.EVIDENCE, PlaceKind.ACCOUNT})
"""Places that tell of single users or accounts: read and written only by those who may look people up."""


class BadComment(WaypostError):
    """What was said cannot be a comment, or is said at no place."""

    code = "bad_comment"


class NoSuchComment(WaypostError):
    """The project has no comment of that number."""

    code = "no_such_comment"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no comment {number} in this project")


class NotYourComment(WaypostError):
    """Somebody wants to change the words of a comment that another one wrote, or to delete it."""

    code = "not_your_comment"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. by: its author as the audit log names them. edited, resolved: None for never, and for still open."""

    id: int
    place: str
    text: str
    by: str
    created: Instant
    edited: Instant | None
    resolved: Instant | None
    resolved_by: str | None
    revision: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which comments. place: one alone. kinds: of these places only. resolved: None for both. before: a number."""

    kinds: Collection[PlaceKind]
    place: str | None = None
    resolved: bool | None = None
    before: int | None = None
    limit: int = 100


def read_place(text: str) -> PlaceKind:
    """Of what kind a place is. Raises BadComment."""
    kind, colon, rest = text.partition(":")
    known = {each.value: each for each in PlaceKind}.get(kind)
    is_whole = known is PlaceKind.DRAFT and not colon
    if known is None or not (rest or is_whole) or len(text) > LONGEST_PLACE or not text.isprintable():
        raise BadComment(f"`{text[:100]}` is no place; write {'; '.join(PLACES.values())}")
    parts = rest.split(":")
    if known is PlaceKind.MAP and (len(parts) != 4 or not parts[0] or not parts[2]):
        raise BadComment(f"`{text[:100]}` is no cell of a map; write {PLACES[known]}")
    if known in {PlaceKind.ITEM, PlaceKind.THEME, PlaceKind.EVIDENCE} and not _is_number(rest):
        raise BadComment(f"`{text[:100]}` names no number; write {PLACES[known]}")
    return known


def checked(text: str) -> str:
    """What somebody says, as it is kept. Raises BadComment."""
    words = text.strip().replace("\r\n", "\n")
    if not words:
        raise BadComment("a comment says something: this one is empty")
    if len(words) > LONGEST_TEXT:
        raise BadComment(f"a comment takes {LONGEST_TEXT:,} characters, and this has {len(words):,}")
    if "\x00" in words:
        raise BadComment("a zero character cannot be kept")
    return words


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
