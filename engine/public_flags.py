"""Which flags browsers may ask: none, until somebody of the project says so.

Whoever looks at a page can read its public key, and ask with it. So a page learns of its own visitor only, of the flags
that are listed here only, and, where the project insists, of a known user only with the server's signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.audit import Act, Action
from engine.errors import UnknownFlag, WaypostError
from engine.flags import FlagKind, flags_of
from engine.roadmap.items import StaleItem
from engine.storage import audit
from engine.storage import public_flags as kept

if TYPE_CHECKING:
    from engine.storage.store import Database

MOST_PUBLIC: Final = 100
"""Flags that a page gets at once."""


class TooManyPublicFlags(WaypostError):
    """More flags than a page is told at once."""

    code = "too_many_public_flags"

    def __init__(self) -> None:
        super().__init__(f"browsers may ask up to {MOST_PUBLIC} flags: leave those out that no page asks")


@dataclass(frozen=True, slots=True)
class PublicFlags:
    """The keys that browsers may ask, and the revision at which that is so."""

    flags: tuple[str, ...]
    revision: int


class PublicFlagsDesk:
    """The choice of a database's projects. Instants are passed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, project_id: int) -> PublicFlags:
        """What pages of a project may ask."""
        with self._database.reading() as connection:
            return PublicFlags(*kept.flags_of(connection, project_id))

    def choose(
        self, project_id: int, keys: Sequence[str], rules: RuleProject, *, revision: int, by: str, now: Instant
    ) -> PublicFlags:
        """Choose which flags pages may ask. What was chosen before may stay when the rules have it no longer.

        Raises UnknownFlag, TooManyPublicFlags, StaleItem.
        """
        chosen = tuple(dict.fromkeys(keys))
        if len(chosen) > MOST_PUBLIC:
            raise TooManyPublicFlags
        known = [each.key for each in flags_of(rules)]
        known += [f"{FlagKind.SEGMENT}:{each.name}" for each in flags_of(rules) if each.kind is FlagKind.PERSONA]
        with self._database.writing() as connection:
            before, current = kept.flags_of(connection, project_id)
            for key in chosen:
                if key not in known and key not in before:
                    raise UnknownFlag(key, known)
            if revision != current or not kept.keep(connection, project_id, chosen, expected=revision, at=now):
                raise StaleItem("the flags of browsers", given=revision, current=current, by="somebody else")
            detail: dict[str, JsonValue] = {"browsers may ask": [*chosen]}
            audit.record(connection, project_id, Act(actor=by, action=Action.SETTINGS_CHANGE, detail=detail), at=now)
        return PublicFlags(chosen, revision + 1)
