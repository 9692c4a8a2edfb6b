"""What helps to write rules: what may come next at a place, what stands there, the language's one form."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.limits import RULES_LIMIT, allow_body
from api.schemas import drafts as shapes
from api.serving import serving
from dsl.complete import complete
from dsl.formatter import format_program
from dsl.navigate import hover
from dsl.parser import parse
from dsl.project import RuleProject
from engine.permissions import Scope

blueprint = Blueprint("writing", __name__, url_prefix="/api/v1/rules", description="What helps to write rules")


@blueprint.before_request
def _admit() -> None:
    allow_body(RULES_LIMIT)


@blueprint.route("/complete", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.PositionAskedSchema)
@blueprint.response(200, shapes.CompletionsSchema)
def completions(asked: dict[str, Any]) -> dict[str, Any]:
    """What may stand at a place of a rule file, the best first: words, and names that are declared or were seen."""
    text = asked["files"].get(asked["file"], "")
    return {"data": complete(text, min(asked["position"], len(text)), _checked(asked))}


@blueprint.route("/hover", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.PositionAskedSchema)
@blueprint.response(200, shapes.HoverSchema)
def explanation(asked: dict[str, Any]) -> dict[str, Any]:
    """What stands at a place of a rule file: where a name is declared, what an operator means, with an example."""
    known = asked["file"] in asked["files"]
    found = hover(_checked(asked), asked["file"], asked["position"]) if known else None
    if found is None:
        return {"title": None, "lines": [], "start": None, "end": None}
    return {"title": found.title, "lines": found.lines, "start": found.span.start, "end": found.span.end}


@blueprint.route("/format", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.FormatAskedSchema)
@blueprint.response(200, shapes.FormattedSchema)
def formatted(asked: dict[str, Any]) -> dict[str, Any]:
    """A rule file in the language's one form; comments stay. Nothing is formatted that could not be read whole."""
    parsed = parse(asked["text"])
    return {"text": None if parsed.diagnostics else format_program(parsed.program)}


def _checked(asked: dict[str, Any]) -> RuleProject:
    return serving().service.publications.check(caller().project_id, asked["files"])
