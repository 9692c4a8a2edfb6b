"""The opportunity that is looked at, and the first rule that answers it: what Act shows and Prove tries."""

from __future__ import annotations

from dataclasses import dataclass, replace

from api.console.desk import Desk
from api.planning import planner
from dsl.nodes import Journey
from engine.analytics.asked import BadCondition
from engine.proposals import Cause, Proposal, proposal
from engine.roadmap.causes import CauseKind
from engine.roadmap.evidence import EVERYONE, NO_PERSONA, NOT_KNOWN
from engine.roadmap.opportunities import Opportunity
from engine.roadmap.readings import Asked, Whose


@dataclass(frozen=True, slots=True)
class Found:
    """The opportunities of a selection, the most worthwhile first, and the one that is looked at."""

    opportunities: tuple[Opportunity, ...]
    chosen: Opportunity | None
    whose: Whose


def opportunities(desk: Desk, journey: Journey) -> Found:
    """What could be won in a journey, of the step and the persona that are selected. Raises NothingRecorded."""
    whose = desk.whose
    asked = Asked(journey=journey.name.text, step=desk.step, persona=desk.persona, whose=whose, with_paths=True)
    found = tuple(planner().opportunities(desk.project.id, desk.rules, asked))
    chosen = next((one for one in found if one.id == desk.said.get("chosen")), found[0] if found else None)
    return Found(found, chosen, whose)


def proposed(desk: Desk, chosen: Opportunity, *, is_draft: bool = True) -> Proposal:
    """A first rule for the most direct of its causes, or for the condition that was selected on the way here."""
    feeling = next((each.name for each in chosen.causes if each.kind is CauseKind.FEELING), None)
    event = next((each.name for each in chosen.causes if each.kind is CauseKind.PRECEDING), None)
    persona = None if chosen.persona in {EVERYONE, NO_PERSONA, NOT_KNOWN} else chosen.persona
    cause = Cause(chosen.journey, chosen.step, persona, event, desk.said.get("condition") or None, feeling)
    rules, now = desk.rules.project, desk.rules.now
    try:
        return proposal(rules, cause, now=now, is_draft=is_draft)
    except BadCondition:
        return proposal(rules, replace(cause, condition=None), now=now, is_draft=is_draft)
