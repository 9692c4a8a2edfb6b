"""What may become part of a roadmap: names that the rules declare, figures that can be, members that fit each other.

The one gate of items and themes, whoever brings them: a form, a request, a file.
"""

from __future__ import annotations

from dataclasses import replace

from dsl.project import RuleProject
from dsl.values import Instant
from engine.errors import UnknownGuide, UnknownJourney
from engine.roadmap.evidence import EVERYONE, NO_PERSONA, NOT_KNOWN
from engine.roadmap.items import BadItem, ItemDraft, ItemStatus, is_scheduled, missing_of, refuse_bad, refuse_bad_texts
from engine.roadmap.metrics import check_target, stretch_of
from engine.roadmap.opportunities import UnknownOpportunity, split_id
from engine.roadmap.themes import ThemeDraft


def checked(rules: RuleProject, draft: ItemDraft, *, before: ItemStatus, now: Instant) -> ItemDraft:
    """A draft whose names, figures and members are right.

    Raises UnknownJourney, UnknownStep, UnknownGuide, UnknownOpportunity, BadItem.
    """
    refuse_bad(draft)
    if draft.guide is not None and draft.guide not in rules.guides:
        raise UnknownGuide(draft.guide, list(rules.guides))
    return settled(filled(rules, draft), before=before, now=now)


def waiting(draft: ItemDraft) -> ItemDraft:
    """A draft of a roadmap kept elsewhere: what may not be scheduled waits in the intake, with what it asked for.

    What was launched was launched, whatever it lacks.
    """
    is_over = draft.status in {ItemStatus.LAUNCHED, ItemStatus.DROPPED}
    if is_over or not is_scheduled(draft) or not missing_of(draft):
        return draft
    return replace(draft, status=ItemStatus.REQUESTED, wish=draft.timebox or draft.wish, timebox=None, sprint=None)


def filled(rules: RuleProject, draft: ItemDraft) -> ItemDraft:
    """A draft with the step of its opportunity. Raises UnknownJourney, UnknownStep, UnknownOpportunity, BadItem."""
    if draft.opportunity is not None:
        refuse_unknown_opportunity(rules, draft.opportunity)
        journey, step, _ = split_id(draft.opportunity)
        if (draft.journey or journey, draft.step or step) != (journey, step):
            raise BadItem(
                f"the opportunity `{draft.opportunity}` is at `{journey}.{step}`, and the item at "
                f"`{draft.journey}.{draft.step}`: leave one of them out"
            )
        draft = replace(draft, journey=journey, step=step)
    if draft.journey is not None:
        refuse_unknown_journey(rules, draft.journey)
        stretch_of(rules.journeys[draft.journey], step=draft.step)
    elif draft.step is not None:
        raise BadItem(f"say which journey the step `{draft.step}` belongs to")
    return draft


def settled(draft: ItemDraft, *, before: ItemStatus, now: Instant) -> ItemDraft:
    """A draft whose status, timebox and launch fit each other.

    A request that gets a timebox or a sprint is scheduled by it; what goes back to the intake loses both; what is
    launched was so at an instant.
    """
    if draft.status is ItemStatus.REQUESTED and (draft.timebox is not None or draft.sprint is not None):
        if before is ItemStatus.REQUESTED:
            draft = replace(draft, status=ItemStatus.SCHEDULED)
        else:
            draft = replace(draft, wish=draft.timebox or draft.wish, timebox=None, sprint=None)
    if draft.timebox is not None:
        draft = replace(draft, wish=None)
    if draft.status is ItemStatus.LAUNCHED:
        return replace(draft, launched=draft.launched or now)
    return replace(draft, launched=None)


def refuse_bad_theme(rules: RuleProject, draft: ThemeDraft) -> None:
    """Raise UnknownJourney, UnknownStage, UnknownStep, BadTarget, BadItem."""
    refuse_bad_texts(title=draft.title, owner=draft.owner)
    refuse_unknown_journey(rules, draft.journey)
    stretch_of(rules.journeys[draft.journey], stage=draft.stage, step=draft.step)
    check_target(draft.metric, draft.target)


def refuse_unknown_opportunity(rules: RuleProject, name: str) -> None:
    """Raise UnknownOpportunity for a name that no step and persona of the rules make."""
    journey, step, persona = split_id(name)
    segment = rules.segments.get(persona)
    is_group = persona in {EVERYONE, NO_PERSONA, NOT_KNOWN} or (segment is not None and segment.is_persona)
    if not is_group or not is_declared(rules, journey, step):
        raise UnknownOpportunity(name)


def refuse_unknown_journey(rules: RuleProject, name: str) -> None:
    """Raise UnknownJourney."""
    if name not in rules.journeys:
        raise UnknownJourney(name, list(rules.journeys))


def is_declared(rules: RuleProject, journey: str, step: str) -> bool:
    """True for a step of a journey of the rules."""
    found = rules.journeys.get(journey)
    return found is not None and any(each.name.text == step for each in found.steps)
