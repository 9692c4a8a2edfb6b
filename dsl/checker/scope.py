"""Where a condition stands: what its names may speak of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Standing(Enum):
    """What a condition belongs to."""

    GUIDE = "a guide or survey"
    SEGMENT = "a segment"
    ITEM = "an item of a checklist"
    ALONE = "a condition by itself"


@dataclass(frozen=True, slots=True)
class Scope:
    """The surroundings of a condition.

    triggers: the events that may wake the rule; `event.PROP` is a property of them. Without any, it is an error.
    """

    standing: Standing = Standing.ALONE
    triggers: tuple[str, ...] = ()
