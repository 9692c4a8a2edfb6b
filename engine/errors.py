"""What a caller may do wrong, as exceptions: the base of them all.

One class per mistake, each with a sentence of its own and a code that never changes. What HTTP status a class means
is decided in `api.problems`, never here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from dsl.suggest import did_you_mean, nearest
from dsl.values import Instant, format_instant


class WaypostError(Exception):
    """The caller asked for something impossible. The text is a sentence for the caller; `code` is stable."""

    code: ClassVar[str] = "waypost_error"


class Busy(WaypostError):
    """More was received than can be written right now; nothing of this request was kept. Send it again later."""

    code = "busy"

    def __init__(
        self, message: str = "too many events are waiting to be written; send this again", *, retry_after: int = 1
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds to wait before trying again."""


class StorageUnavailable(WaypostError):
    """The database does not answer, is locked, full or read-only. Send it again: nothing is ever kept twice."""

    code = "storage_unavailable"

    def __init__(self, detail: str, *, retry_after: int = 2) -> None:
        super().__init__(f"the database cannot be used right now: {detail}")
        self.retry_after = retry_after
        """Seconds to wait before trying again."""


class NewerDatabase(WaypostError):
    """The database was written by a newer Waypost; an older one must not touch it."""

    code = "newer_database"

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database has the schema `{revision}`, which this version does not know; start the newer Waypost"
        )


class OlderDatabase(WaypostError):
    """The database has the schema of an earlier release, and the settings say that a start must not change it."""

    code = "older_database"

    def __init__(self, revision: str | None, newest: str) -> None:
        found = f"has the schema `{revision}`" if revision is not None else "is empty"
        super().__init__(
            f"the database {found}, and this version needs `{newest}`; make a backup and run `waypost db upgrade`, "
            "or let the start do so with WAYPOST_MIGRATE=auto"
        )


class UnknownRevision(WaypostError):
    """The schema cannot be taken back to that: it is no revision, or a later one than there is."""

    code = "unknown_revision"

    def __init__(self, revision: str, earlier: Sequence[str]) -> None:
        known = ", ".join(f"`{each}`" for each in earlier) or "none"
        super().__init__(f"the schema cannot be taken back to `{revision[:40]}`; what it can be taken back to: {known}")


class UnsupportedDatabase(WaypostError):
    """The address names a database that we cannot use."""

    code = "unsupported_database"

    def __init__(self, scheme: str) -> None:
        super().__init__(
            f"`{scheme}` is not a database that we know; write `sqlite:////folder/file` or `postgresql://user@host/name`"
        )


class UnknownProject(WaypostError):
    """There is no such project."""

    code = "unknown_project"

    def __init__(self) -> None:
        super().__init__("there is no such project")


class UnknownVersion(WaypostError):
    """The project never published a version of that number."""

    code = "unknown_version"

    def __init__(self, version: int) -> None:
        super().__init__(f"there is no version {version} of the rules; see the list of versions")


class StaleVersion(WaypostError):
    """Somebody else published meanwhile: other rules are in force than those that the change was made from."""

    code = "stale_version"

    def __init__(self, expected: int, active: int) -> None:
        super().__init__(
            f"version {active} of the rules is in force, not {expected}: nothing was published; look at what changed, "
            "take it over, and publish again"
        )


class HistoryRemoved(WaypostError):
    """The question is about a time whose events the project does not keep any more."""

    code = "history_removed"

    def __init__(self, since: Instant) -> None:
        super().__init__(
            f"events before {format_instant(since)} were removed, as the project's retention says; ask of a later time"
        )


class UnknownDecision(WaypostError):
    """The project has no decision of that id, or it is another project's."""

    code = "unknown_decision"

    def __init__(self) -> None:
        super().__init__("there is no such decision")


class NoIdentity(WaypostError):
    """A request for guidance says neither `userId` nor `anonymousId`."""

    code = "no_identity"

    def __init__(self, message: str = "say whom the guidance is for: `userId` or `anonymousId`") -> None:
        super().__init__(message)


class UnknownJourney(WaypostError):
    """The rules in force declare no journey of that name."""

    code = "unknown_journey"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        declared = ", ".join(f"`{each}`" for each in known) or "none"
        super().__init__(f"there is no journey `{name}` in the rules in force; declared: {declared}")


class UnknownStep(WaypostError):
    """The journey has no step of that name."""

    code = "unknown_step"

    def __init__(self, journey: str, step: str, known: Sequence[str]) -> None:
        steps = ", ".join(f"`{name}`" for name in known)
        super().__init__(f"journey `{journey}` has no step `{step}`; its steps are {steps}")


class UnknownFlag(WaypostError):
    """The rules have no segment, persona or guide of which a flag's key speaks."""

    code = "unknown_flag"

    def __init__(self, key: str, known: Sequence[str]) -> None:
        near = did_you_mean([f"`{each}`" for each in nearest(key, known)])
        forms = near or "write `segment:NAME`, `persona:NAME` or `guide:NAME` with a name of the rules in force"
        super().__init__(f"there is no flag `{key[:200]}` in the rules in force; {forms}")


class UnknownGuide(WaypostError):
    """The rules have no guide, survey or feedback of that name."""

    code = "unknown_guide"

    def __init__(self, name: str, known: Sequence[str], *, version: int | None = None) -> None:
        near = did_you_mean([f"`{each}`" for each in nearest(name, known)])
        more = f"; {near}" if near else ""
        rules = "the rules in force" if version is None else f"version {version} of the rules, in force then"
        super().__init__(f"there is no guide or survey `{name[:200]}` in {rules}{more}")
