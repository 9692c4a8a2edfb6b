"""What every summary of a history can do: go on with the next event, or take a late one in."""

from __future__ import annotations

from abc import ABC, abstractmethod

from dsl.needs import Slot
from engine.occurrences import Happening

Names = frozenset[str] | None
"""Names of events that a slot is interested in; None is any."""


class Summary(ABC):
    """How one slot goes on: the slot after one more event that counts. `None` stands for a missing slot."""

    names: Names

    @abstractmethod
    def empty(self) -> Slot:
        """The slot of a history that begins now."""

    @abstractmethod
    def after(self, slot: Slot | None, happening: Happening) -> Slot | None:
        """The slot after an event of one of `names`; the given slot may be changed and given back."""

    def with_late(self, slot: Slot | None, happening: Happening) -> Slot | None:  # noqa: ARG002
        """The slot as if an event of one of `names` had come in time; the given slot is not changed.

        Raises OrderMatters where that cannot be told from the slot alone.
        """
        raise OrderMatters


class OrderMatters(Exception):
    """What a slot would be with a late event cannot be told: the history has to be folded again."""
