"""How requests reach the roadmap: one planner for all of them, so that answers are kept."""

from __future__ import annotations

from typing import cast

from flask import current_app

from api.analyses import shared_analyst
from api.auth import caller
from api.serving import serving
from engine.mapping.cartographer import Cartographer
from engine.membership import RulesNow
from engine.roadmap.guide_effects import GuideEffects
from engine.roadmap.path_contrasts import PathContrasts
from engine.roadmap.planner import Planner
from engine.roadmap.readings import Readings
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
