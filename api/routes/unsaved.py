"""Questions about rules that are being written: what they say and show, whom they match, why one person would not."""

from __future__ import annotations

from typing import Any, cast

from flask import current_app

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.limits import RULES_LIMIT, allow_body
from api.problems import FieldError, InvalidFields, UnknownUser
from api.publishing import RulesRefused
from api.schemas import forms as shapes
from api.schemas.why import WhySchema
from api.serving import serving
from dsl import forms
from dsl.explain import explain_guide, write
from dsl.values import JsonValue
from engine.errors import UnknownGuide
from engine.permissions import Scope
from engine.previewing import looks_of
from engine.replies import Refused
from engine.unsaved import Matching, Unsaved
from engine.why import document

blueprint = Blueprint("unsaved", __name__, url_prefix="/api/v1/rules", description="Rules that are being written")
_EXTENSION = "waypost-unsaved"


@blueprint.before_request
def _admit() -> None:
    allow_body(RULES_LIMIT)


@blueprint.route("/preview", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.GuideAskedSchema)
@blueprint.response(200, shapes.RulePreviewSchema)
def preview(asked: dict[str, Any]) -> dict[str, Any]:
    """What a guide says in words, and what it shows in each variant and language, with the words for unknown values."""
    project = serving().service.publications.check(caller().project_id, asked["files"])
    file, name = asked["file"], asked["guide"]
    try:
        guide = forms.guide_in(asked["files"].get(file, ""), name, file=file)
    except forms.NoSuchGuide:
        raise UnknownGuide(name, tuple(project.guides)) from None
    except forms.Unreadable as unreadable:
        raise InvalidFields(tuple(FieldError("files", each.message) for each in unreadable.found)) from None
    return {
        "label": None if guide.label is None else guide.label.value,
        "sentences": [sentence for line in explain_guide(guide, project) for sentence in write(line)],
        "looks": looks_of(guide),
    }


@blueprint.route("/matching", methods=("POST",))
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(shapes.MatchingAskedSchema)
@blueprint.response(200, shapes.MatchingSchema)
def matching(asked: dict[str, Any]) -> Matching:
    """Who meets the conditions of a guide now, before it is in force. That is no promise that it would be shown."""
    service, project = serving().service, caller().project_id
    found = _unsaved().matching(
        project,
        asked["files"],
        asked["guide"],
        everyone=asked["everyone"],
        with_simulated=asked["simulated"],
        in_force=service.rules_now(project).ruleset,
    )
    if isinstance(found, Refused):
        raise RulesRefused(found)
    return found


@blueprint.route("/explain", methods=("POST",))
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(shapes.UnsavedWhySchema)
@blueprint.response(200, WhySchema)
def explain(asked: dict[str, Any]) -> dict[str, JsonValue]:
    """Why a guide would be shown to a person, or why not, now or at a past instant, by rules that are not in force."""
    service, project = serving().service, caller().project_id
    user, at = asked["user"], asked["at"]
    previous = service.rules(project)
    found = _unsaved().explain(project, asked["files"], asked["guide"], user=user, at=at, previous=previous)
    if isinstance(found, Refused):
        raise RulesRefused(found)
    if found is None:
        raise UnknownUser(f"no user with the id `{user[:200]}` has been seen")
    return document(found)


def _unsaved() -> Unsaved:
    """The application's one, so that answers are kept."""
    kept = current_app.extensions
    if _EXTENSION not in kept:
        service = serving().service
        asks = Unsaved(service.database, service.publications, clock=serving().clock)
        service.forgetting.add(asks.forget)
        kept[_EXTENSION] = asks
    return cast("Unsaved", kept[_EXTENSION])
