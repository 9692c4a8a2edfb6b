"""Tools that name what there is: journeys, personas, guides, events and attributes, and the rules themselves."""

from __future__ import annotations

from typing import Any

from api.drafting import guide_lines
from api.mcp.desk import Desk
from api.mcp.shapes import (
    GuideLinesSchema,
    JourneysSchema,
    NothingAskedSchema,
    SegmentsSchema,
    WorkingRulesSchema,
)
from api.mcp.tool import tool
from api.schemas.catalog import CatalogQuerySchema, CatalogSchema, catalog_document
from api.schemas.drafts import draft_document
from dsl.nodes import Declaration
from dsl.project import RuleProject
from engine.catalog_view import catalog_view
from engine.permissions import Scope


@tool("Journeys and their steps", Scope.RULES_READ, asks=NothingAskedSchema, answers=JourneysSchema)
def list_journeys(desk: Desk, _: dict[str, Any]) -> dict[str, Any]:
    """The journeys in force with their stages and steps.

    Use these names in rules (`at activation.verify_domain`), funnels, paths and records.
    """
    project = desk.rules().project
    journeys = [
        {
            "name": each.name.text,
            "label": None if each.label is None else each.label.value,
            "steps": [
                {
                    "name": step.name.text,
                    "label": None if step.label is None else step.label.value,
                    "stage": stage.name.text,
                }
                for stage in each.stages
                for step in stage.steps
            ],
            **_as_written(each, project),
        }
        for each in project.journeys.values()
    ]
    return {"journeys": journeys}


@tool("Personas and segments", Scope.RULES_READ, asks=NothingAskedSchema, answers=SegmentsSchema)
def list_personas(desk: Desk, _: dict[str, Any]) -> dict[str, Any]:
    """The personas and segments in force, with the conditions that make them. Rules name them in `for`."""
    project = desk.rules().project
    segments = [
        {
            "name": each.name.text,
            "label": None if each.label is None else each.label.value,
            "is_persona": each.is_persona,
            **_as_written(each, project),
        }
        for each in project.segments.values()
    ]
    return {"segments": segments}


@tool("Guides and surveys", Scope.RULES_READ, asks=NothingAskedSchema, answers=GuideLinesSchema)
def list_guides(desk: Desk, _: dict[str, Any]) -> dict[str, Any]:
    """The guides, surveys and feedback forms in force: at which steps they stand, whether they are shown at present."""
    stopped = desk.service.publications.is_stopped(desk.project_id)
    return {"guides": list(guide_lines(desk.rules())), "stopped": stopped}


@tool(
    "Events and attributes",
    Scope.RULES_READ,
    asks=CatalogQuerySchema,
    answers=CatalogSchema,
    has_words_of_users=True,
)
def list_events(desk: Desk, asked: dict[str, Any]) -> dict[str, Any]:
    """Events with their properties, and attributes of users and accounts, declared in the rules and really received.

    Says how often each came, and how few users have an attribute. A rule may only use names that are here; `line` is
    what would declare one that is received and not declared yet.
    """
    found = catalog_view(
        desk.analyst(), desk.project_id, desk.rules(), everyone=asked["everyone"], with_simulated=asked["simulated"]
    )
    return catalog_document(found)


@tool("The rules as they are written on", Scope.RULES_READ, asks=NothingAskedSchema, answers=WorkingRulesSchema)
def read_rules(desk: Desk, _: dict[str, Any]) -> dict[str, Any]:
    """All rule files of the working draft, or those in force where nobody is writing.

    `revision` is what `save_draft` wants to be given.
    """
    working = desk.working()
    names = desk.service.staff.names(desk.project.root)
    told = draft_document(working.revision, working.draft, working.in_force, names)
    return told | {"files": working.files, "base": working.base, "is_draft": working.draft is not None}


def _as_written(declared: Declaration, project: RuleProject) -> dict[str, str]:
    span = declared.span
    return {"file": span.file, "text": project.sources[span.file][span.start : span.end]}
