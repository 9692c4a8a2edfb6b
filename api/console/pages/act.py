"""Act: the opportunities with their causes, and a first rule written for the one that was chosen; the fourth step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.console.desk import Desk
from api.console.registry import Group, Page
from api.planning import planner
from engine.analytics.asked import BadCondition
from engine.permissions import Scope
from engine.proposals import Cause, Proposal, proposal
from engine.roadmap.causes import CauseKind
from engine.roadmap.evidence import EVERYONE, NO_PERSONA, NOT_KNOWN
from engine.roadmap.opportunities import Opportunity
from engine.roadmap.readings import Asked, Whose
from engine.stages import step_marks


def view(desk: Desk) -> Mapping[str, Any]:
    """What Act shows."""
    journey = desk.journey
    if journey is None:
        return {"journey": None}
    asked = Asked(
        journey=journey.name.text,
        step=desk.step,
        persona=desk.persona,
        whose=Whose(everyone=desk.everyone, with_simulated=desk.with_simulated),
        with_paths=True,
    )
    found = planner().opportunities(desk.project.id, desk.rules, asked)
    chosen = next((one for one in found if one.id == desk.said.get("chosen")), found[0] if found else None)
    return {
        "journey": journey,
        "journeys": desk.rules.project.journeys,
        "marks": step_marks(desk.rules.project, journey.name.text),
        "found": found,
        "chosen": chosen,
        "proposed": None if chosen is None else _proposed(desk, chosen),
        "left_out": asked.whose.left_out,
    }


def _proposed(desk: Desk, chosen: Opportunity) -> Proposal:
    """A first rule for the most direct of its causes, or for the chain that was selected on the way here."""
    feeling = next((each.name for each in chosen.causes if each.kind is CauseKind.FEELING), None)
    event = next((each.name for each in chosen.causes if each.kind is CauseKind.PRECEDING), None)
    persona = None if chosen.persona in {EVERYONE, NO_PERSONA, NOT_KNOWN} else chosen.persona
    cause = Cause(chosen.journey, chosen.step, persona, event, desk.said.get("condition") or None, feeling)
    try:
        return proposal(desk.rules.project, cause, now=desk.rules.now)
    except BadCondition:
        return proposal(desk.rules.project, replace(cause, condition=None), now=desk.rules.now)


PAGE = Page(
    "act", "act", "Act", "Where users could be won, and a rule for it.", Group.METHOD, Scope.RECORDS_READ, view, key="a"
)
