"""How requests reach the roadmap: one planner for all of them, so that answers are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import current_app

from api.analyses import shared_analyst
from api.auth import caller
from api.problems import FieldError, InvalidFields
from api.serving import serving
from engine.mapping.cartographer import Cartographer
from engine.membership import RulesNow
from engine.roadmap.guide_effects import GuideEffects
from engine.roadmap.opportunities import Opportunity
from engine.roadmap.path_contrasts import PathContrasts
from engine.roadmap.planner import Planner
from engine.roadmap.readings import Asked, Readings
from engine.roadmap.reviewing import Reviewer

_EXTENSION = "waypost-planner"


def planner() -> Planner:
    """The application's planner."""
    kept = current_app.extensions
    if _EXTENSION not in kept:
        service, shared = serving().service, shared_analyst()
        readings = Readings(service.database, contrasts=PathContrasts(shared), effects=GuideEffects(shared))
        service.forgetting.add(readings.forget)
        kept[_EXTENSION] = Planner(service.database, readings)
    return cast("Planner", kept[_EXTENSION])


def reviewer() -> Reviewer:
    """What makes the quarterly review."""
    return Reviewer(planner(), shared_analyst())


def cartographer() -> Cartographer:
    """What draws the maps of journeys."""
    return Cartographer(serving().service.database, planner(), shared_analyst())


def rules_now() -> RulesNow:
    """The rules in force in the caller's project, and now."""
    return serving().service.rules_now(caller().project_id)


def opportunities_page(found: Sequence[Opportunity], asked: Asked, *, after: str, limit: int) -> dict[str, Any]:
    """A page of opportunities, after the one of that name. Raises InvalidFields."""
    begin = 0
    if after:
        names = [one.id for one in found]
        if after not in names:
            raise InvalidFields((FieldError("after", "is not the `next` of a page"),))
        begin = names.index(after) + 1
    page = found[begin : begin + limit]
    more = len(found) > begin + len(page)
    return {
        "data": page,
        "left_out": [kind.value for kind in asked.whose.left_out],
        "next": page[-1].id if more else None,
    }
