"""The roadmap below the map: of each step the items that are to change it, in the order in which they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.console.desk import Desk
from api.planning import planner
from engine.mapping.model import JourneyMap
from engine.roadmap.board import Line
from engine.roadmap.items import ItemStatus

TONES: Final = {ItemStatus.LAUNCHED: "good", ItemStatus.DROPPED: ""}
"""How the tag of a status looks."""


@dataclass(frozen=True, slots=True)
class Strip:
    """The roadmap of a journey. by_step: its items by step; elsewhere: those that name no step of the map."""

    by_step: dict[str, list[Line]]
    elsewhere: list[Line]

    @property
    def count(self) -> int:
        """How many items."""
        return sum(map(len, self.by_step.values())) + len(self.elsewhere)


def strip(desk: Desk, drawn: JourneyMap) -> Strip:
    """The items of the roadmap that belong to a journey; what was dropped is left out."""
    lines = [
        line
        for line in planner().board(desk.project.id, desk.rules, desk.whose).lines
        if line.item.draft.journey == drawn.journey and line.item.draft.status is not ItemStatus.DROPPED
    ]
    steps = {step.step for step in drawn.steps}
    return Strip(
        by_step={step: _of(lines, step) for step in steps},
        elsewhere=[line for line in lines if line.item.draft.step not in steps],
    )


def sentence(found: Strip, drawn: JourneyMap) -> str:
    """What the strip says, in words."""
    if not found.count:
        return "Nothing is planned for this journey yet."
    told = f"{found.count} item{'' if found.count == 1 else 's'} of the roadmap belong to this journey."
    worst = drawn.step(drawn.worst)
    if worst is None:
        return told
    own = [line for line in found.by_step.get(worst.step, []) if line.item.draft.status is not ItemStatus.LAUNCHED]
    here = (
        f"{len(own)} of them {'is' if len(own) == 1 else 'are'} for" if own else "none that is not launched yet is for"
    )
    return f"{told} Where most are lost, {here} “{worst.label}”."


def _of(lines: Sequence[Line], step: str) -> list[Line]:
    return [line for line in lines if line.item.draft.step == step]
