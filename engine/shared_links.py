"""Links that show one page, read-only, to whoever has them: what one is, of what it is made, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dsl.values import DAY, Duration, Instant
from engine.errors import WaypostError

USUAL: Final = 14
CHOICES: Final = (1, 7, 14, 30, 90)
LONGEST: Final = 90
"""Days that a link is valid: by default, as pages offer them, at most."""
MOST_LIVING: Final = 200
"""Links of one project that are valid at the same time."""
KEPT: Final = Duration(365 * DAY)
"""For how long after its end a link is listed."""
LONGEST_NOTE: Final = 200
MOST_MEMBERS: Final = 30
LONGEST_VALUE: Final = 1_000
"""Of what the page's address said."""
NOT_OF_THE_SELECTION: Final = frozenset({"format", "part", "present"})
"""Members of an address that say in which form a page is shown, not what it shows."""


class BadSharedLink(WaypostError):
    """What was asked for cannot be shown by a link: no such page, one that shows users, or not for so long."""

    code = "bad_shared_link"


class SharingOff(WaypostError):
    """The project shows no page by a link."""

    code = "sharing_off"

    def __init__(self) -> None:
        super().__init__("this project shows no page by a link: an admin has switched it off under Settings, Project")


class NoSuchSharedLink(WaypostError):
    """The project has no shared link of that number."""

    code = "no_such_shared_link"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no shared link {number} in this project")


class SharedLinkOver(WaypostError):
    """A shared link that is not known, was withdrawn or has expired. The same answer to all three."""

    code = "shared_link_over"

    def __init__(self) -> None:
        super().__init__(
            "this link shows nothing: it was withdrawn, has expired, or never was; ask for a new one where you got it"
        )


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A shared link. query: what the address of its page said. opened: how often it was."""

    id: int
    project_id: int
    page: str
    query: Mapping[str, str]
    note: str
    with_words: bool
    by: str
    created: Instant
    expires: Instant
    withdrawn: Instant | None
    opened: int
    last_opened: Instant | None

    def is_over(self, now: Instant) -> bool:
        """True once it shows nothing any more."""
        return self.withdrawn is not None or now >= self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDraft:
    """A link about to be made. days: how long it is valid. with_words: shows what users said word for word too."""

    page: str
    query: Mapping[str, str]
    note: str = ""
    with_words: bool = False
    days: int = USUAL

    @property
    def lasts(self) -> Duration:
        """How long it is valid."""
        return Duration(self.days * DAY)


@dataclass(frozen=True, slots=True)
class NewSharedLink:
    """A link just made. token: seen only now."""

    link: SharedLink
    token: str


def checked(draft: LinkDraft) -> LinkDraft:
    """The draft as it may be kept. Raises BadSharedLink."""
    if not 1 <= draft.days <= LONGEST:
        raise BadSharedLink(f"a link is valid for 1 to {LONGEST} days, and {draft.days} were asked for")
    note = " ".join(draft.note.split())
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise BadSharedLink(f"a note has {LONGEST_NOTE} printable characters at most")
    query = {name: value for name, value in draft.query.items() if value and name not in NOT_OF_THE_SELECTION}
    longest = max((len(text) for pair in query.items() for text in pair), default=0)
    if len(query) > MOST_MEMBERS or longest > LONGEST_VALUE or any("\x00" in text for text in query.values()):
        raise BadSharedLink(
            f"the selection of a page has {MOST_MEMBERS} members at most, each of {LONGEST_VALUE:,} characters"
        )
    return LinkDraft(page=draft.page, query=query, note=note, with_words=draft.with_words, days=draft.days)
