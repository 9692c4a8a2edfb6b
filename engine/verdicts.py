"""What a decision says of each guide considered, kept as one set of guides for each reason.

Counting reasons costs nothing then; the list of all guides with their reasons is made when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.guide_sets import NOBODY, Guides, members
from engine.reasons import RANK, Reason


@dataclass(frozen=True, slots=True)
class Considered:
    """A guide that was considered, and why it is shown or not."""

    guide: str
    reason: Reason


@dataclass(frozen=True)
class Verdicts:
    """Guides by reason; each guide considered has one. names: of all guides of the rules, by rank."""

    by_reason: Mapping[Reason, Guides]
    names: Sequence[str] = field(compare=False, repr=False)

    @cached_property
    def considered(self) -> tuple[Considered, ...]:
        """Every guide considered with its reason, by rank."""
        found = ((rank, reason) for reason, guides in self.by_reason.items() for rank in members(guides))
        return tuple(Considered(self.names[rank], reason) for rank, reason in sorted(found))

    @property
    def counts(self) -> dict[Reason, int]:
        """How many guides have each reason, in the order of the gates."""
        return {reason: self.by_reason[reason].bit_count() for reason in sorted(self.by_reason, key=RANK.__getitem__)}


class Tally:
    """Verdicts in the making."""

    def __init__(self) -> None:
        self.by_reason: dict[Reason, Guides] = {}

    def put(self, reason: Reason, guides: Guides) -> None:
        """Some guides have this reason."""
        if guides:
            self.by_reason[reason] = self.by_reason.get(reason, NOBODY) | guides

    def keep(self, guides: Guides, passing: Guides, reason: Reason) -> Guides:
        """Those of the guides that are among the passing; the others have this reason."""
        left = guides & passing
        if left != guides:
            self.put(reason, guides ^ left)
        return left

    def take(self, other: Tally) -> None:
        """What another tally says of other guides."""
        for reason, guides in other.by_reason.items():
            self.put(reason, guides)
