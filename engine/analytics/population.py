"""Who counts: one switch for every analysis. Internal users, bots and simulated people are left out, and it says so.

* simulated: a person first received with `"simulated": true` in the context, and every event received so;
* bot: an event whose user agent is that of a program that nobody sits in front of (`engine.storage.lake_rows.is_bot`);
* internal: a person in the segment `internal` of the rules in force, as of now; without such a segment nobody is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

INTERNAL_SEGMENT: Final = "internal"
"""The segment that says who is one of your own: `segment internal where email ends with "@example.com"`."""


class Kind(StrEnum):
    """Who may be left out."""

    SIMULATED = "simulated"
    BOT = "bots"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Population:
    """Who counts. Without anything said: real people who are not your own.

    everyone: the switch; nobody is left out. with_simulated: only simulated people are let in, for a demonstration.
    internal: the numbers of your own people; only those in `persons` count, where that is given.
    """

    everyone: bool = False
    with_simulated: bool = False
    internal: Collection[int] = ()
    persons: Collection[int] | None = None

    @property
    def left_out(self) -> tuple[Kind, ...]:
        """Who is left out, as every answer shows it."""
        if self.everyone:
            return ()
        return tuple(kind for kind in Kind if kind is not Kind.SIMULATED or not self.with_simulated)
