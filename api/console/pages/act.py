"""Act: the opportunities with their causes, and a first rule written for the one that was chosen; the fourth step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.console.desk import Desk
from api.console.proposing import opportunities, proposed
from api.console.registry import Group, Page
from engine.permissions import Scope
from engine.stages import step_marks


def view(desk: Desk) -> Mapping[str, Any]:
    """What Act shows."""
    journey = desk.journey
    if journey is None:
        return {"journey": None}
    found = opportunities(desk, journey)
    return {
        "journey": journey,
        "journeys": desk.rules.project.journeys,
        "marks": step_marks(desk.rules.project, journey.name.text),
        "found": found.opportunities,
        "chosen": found.chosen,
        "proposed": None if found.chosen is None else proposed(desk, found.chosen),
        "left_out": found.whose.left_out,
    }


PAGE = Page(
    "act", "act", "Act", "Where users could be won, and a rule for it.", Group.METHOD, Scope.RECORDS_READ, view, key="a"
)
