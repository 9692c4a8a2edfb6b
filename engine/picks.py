"""What is picked on a page: an element for a guide to stand beside, or one whose clicks are an event.

Says how a pick is written in the rules; who may pick, and until when, is decided by `engine.picking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from dsl.diagnostics import Severity
from dsl.formatter.words import quoted
from dsl.project import load
from dsl.selectors import is_selector
from dsl.values import Instant
from engine.errors import WaypostError


class Kind(StrEnum):
    """What an element was picked for."""

    TARGET = "target"
    EVENT = "event"


class BadPick(WaypostError):
    """What was picked cannot be written as a rule: no selector, no name of an event, no pattern of a page."""

    code = "bad_pick"


@dataclass(frozen=True, slots=True)
class Picked:
    """An element by its selector. event: what its click is called. page: a pattern; None for every page."""

    kind: Kind
    selector: str
    event: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A pick that was handed back. way: as text of the rules."""

    id: int
    time: Instant
    picked: Picked
    way: str


@dataclass(frozen=True, slots=True)
class Session:
    """A link that opens the picker on pages of one origin, until it expires. opened: when a page showed it first."""

    id: int
    url: str
    origin: str
    by: str
    created: Instant
    expires: Instant
    opened: Instant | None
    picks: tuple[Pick, ...]

    def is_over(self, now: Instant) -> bool:
        """True when nothing can be picked any more."""
        return now >= self.expires


def way_of(picked: Picked) -> str:
    """The pick as text of the rules. Raises BadPick, with what the checker says, where that would be wrong."""
    match picked.kind:
        case Kind.TARGET:
            if not is_selector(picked.selector):
                raise BadPick(f"`{picked.selector[:200]}` is not a selector")
            return f"beside {quoted(picked.selector)}"
        case Kind.EVENT:
            if not picked.event:
                raise BadPick("an event needs a name")
            page = f" on page {quoted(picked.page)}" if picked.page else ""
            way = f"event {quoted(picked.event)} when clicked {quoted(picked.selector)}{page}"
            errors = [each for each in load({"picked.way": way}).diagnostics if each.severity is Severity.ERROR]
            if errors:
                raise BadPick(errors[0].message)
            return way
        case other:
            assert_never(other)
