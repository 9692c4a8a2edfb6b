"""The working draft of a project's rules as facts: what it is, in which state, and what goes wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dsl.values import Instant
from engine.errors import WaypostError


class DraftState(StrEnum):
    """How far a draft is."""

    WRITING = "writing"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Draft:
    """The rules that a project is writing on. revision: counts every change. base: the version that they were made
    from, 0 for none. note: what is said of the change. begun_by, changed_by: as the audit log names people.
    """

    revision: int
    files: Mapping[str, str]
    base: int
    state: DraftState
    note: str
    begun: Instant
    begun_by: str
    changed: Instant
    changed_by: str


class NoDraft(WaypostError):
    """The project has no working draft: nobody has changed its rules since the last publication."""

    code = "no_draft"

    def __init__(self) -> None:
        super().__init__("there is no draft: the rules are as they were published last")


class StaleDraft(WaypostError):
    """Somebody else changed the draft meanwhile: the change was made from an earlier revision, and was not kept."""

    code = "stale_draft"

    def __init__(self, given: int, current: int) -> None:
        super().__init__(
            f"the draft is at revision {current}, and your change was made from revision {given}: nothing was changed; "
            "look at what the other one wrote, put both together, and send it again"
        )


class NothingToTry(WaypostError):
    """Testers would see nothing new: the draft changes no guide, or the segment that should try it is not there."""

    code = "nothing_to_try"
