"""What guides change, and the figures of a product."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import analyst, as_file
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.effects import EffectAskedSchema, EffectSchema, effect_document, read_asked
from api.serving import serving
from engine.analytics.tables import EFFECT_COLUMNS, effect_rows
from engine.effects import effect
from engine.permissions import Scope

blueprint = Blueprint("effects", __name__, url_prefix="/api/v1/guides", description="What guides change")


@blueprint.route("/<guide>/effect")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(EffectAskedSchema, location="query")
@blueprint.response(200, EffectSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def guide_effect(asked: dict[str, Any], guide: str) -> dict[str, Any] | Response:
    """Who was to see a guide against who was held out: at its goal, at its step, and at what it should not make worse.

    May be read every day: `any_day` holds at all looks together. Without a holdout it is before/after, not causal.
    What each figure means: docs/reference/effect.md.
    """
    project = caller().project_id
    found = effect(analyst(), project, read_asked(asked, guide), serving().service.rules_now(project))
    if asked["format"] == "json":
        return effect_document(found)
    return as_file(effect_rows(found), list(EFFECT_COLUMNS), asked["format"], name=f"effect-{guide}")
