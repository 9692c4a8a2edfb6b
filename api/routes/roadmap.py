"""The roadmap: themes, items with their gate, the board, imports and exports, the quarterly review."""

from __future__ import annotations

import io
from typing import Any

from flask import Response

from api import tables
from api.analyses import as_file, in_form, listed_in_form
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.planning import planner, reviewer, rules_now
from api.roadmap_pages import POLICY, review_page
from api.schemas import roadmap as shapes
from api.schemas.fields import FileFormSchema
from api.schemas.opportunities import WhoseFileSchema, WhoseQuerySchema, read_whose
from api.schemas.roadmap_documents import (
    board_document,
    change_document,
    edited_item,
    edited_theme,
    item_document,
    limits_document,
    review_document,
    theme_document,
)
from engine.permissions import Scope
from engine.roadmap.board import Line
from engine.roadmap.items import ItemDraft, NoSuchItem
from engine.roadmap.quadrants import Limits
from engine.roadmap.readings import Whose
from engine.roadmap.review_text import markdown_of as review_as_markdown
from engine.roadmap.sheets import ISSUE_COLUMNS, Audit, issue_rows, markdown_of
from engine.roadmap.tables import (
    AUDIT_COLUMNS,
    ITEM_COLUMNS,
    OUTCOME_COLUMNS,
    REVIEW_COLUMNS,
    STARTER_COLUMNS,
    THEME_COLUMNS,
    audit_rows,
    item_rows,
    outcome_rows,
    review_rows,
    starter_rows,
    theme_rows,
)
from engine.roadmap.themes import ThemeDraft, starters_for
from engine.roadmap.timeboxes import quarter_of, read_timebox
from engine.stages import stage_marks

blueprint = Blueprint(
    "roadmap", __name__, url_prefix="/api/v1/roadmap", description="What is done about it: themes, items, reviews"
)

MARKDOWN = "text/markdown; charset=utf-8"
HTML = "text/html; charset=utf-8"


@blueprint.route("")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(WhoseFileSchema, location="query")
@blueprint.response(200, shapes.BoardSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def board(query: dict[str, Any]) -> dict[str, Any] | Response:
    """The whole roadmap with what follows from it: letters and colours of stages, quadrants, what is missing.

    Files have its items.
    """
    found = planner().board(caller().project_id, rules_now(), read_whose(query))
    rows = item_rows(found.lines)
    return in_form(query["format"], lambda: board_document(found), rows, ITEM_COLUMNS, name="roadmap")


@blueprint.route("/starters")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, shapes.StartersSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def starters(query: dict[str, Any]) -> dict[str, Any] | Response:
    """Suggested themes for each stage of the journeys: problems, each with the metric that tells whether it is one."""
    rules = rules_now().project
    marks = stage_marks(rules)
    found = [
        (name, marks[stage.name.text], starters_for(stage))
        for name, journey in rules.journeys.items()
        for stage in journey.stages
    ]
    listed = [{"journey": name, "mark": mark, "themes": themes} for name, mark, themes in found]
    return in_form(query["format"], lambda: {"data": listed}, starter_rows(found), STARTER_COLUMNS, name="starters")


# themes


@blueprint.route("/themes")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.PageSchema, location="query")
@blueprint.response(200, shapes.ThemesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def themes(query: dict[str, Any]) -> dict[str, Any] | Response:
    """The themes, in the order of their making, a page at a time."""
    found = [theme for theme in planner().themes(caller().project_id) if theme.id > query["after"]]
    if query["format"] != "json":
        return as_file(theme_rows(found), list(THEME_COLUMNS), query["format"], name="themes")
    page = found[: query["limit"]]
    return {"data": list(map(theme_document, page)), "next": page[-1].id if len(found) > len(page) else None}


@blueprint.route("/themes", methods=("POST",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(shapes.ThemeNewSchema)
@blueprint.response(201, shapes.ThemeSchema)
def add_theme(said: dict[str, Any]) -> dict[str, Any]:
    """Add a theme: the problem, not the feature, with an outcome metric and its target."""
    draft = ThemeDraft(**{**said, "due": None if said["due"] is None else read_timebox(said["due"])})
    return theme_document(planner().add_theme(caller().project_id, rules_now(), draft, by=caller().actor))


@blueprint.route("/themes/<int:theme_id>")
@needs(Scope.RECORDS_READ)
@blueprint.response(200, shapes.ThemeSchema)
def theme(theme_id: int) -> dict[str, Any]:
    """One theme."""
    return theme_document(planner().theme(caller().project_id, theme_id))


@blueprint.route("/themes/<int:theme_id>", methods=("PATCH",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(shapes.ThemeChangeSchema)
@blueprint.response(200, shapes.ThemeSchema)
def change_theme(said: dict[str, Any], theme_id: int) -> dict[str, Any]:
    """Change a theme. Refused with 409 where somebody changed it since the `revision` that you saw."""
    place, by = (theme_id, said["revision"]), caller().actor
    changed = planner().change_theme(
        caller().project_id, rules_now(), place, lambda draft: edited_theme(draft, said), by=by
    )
    return theme_document(changed)


@blueprint.route("/themes/<int:theme_id>", methods=("DELETE",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(shapes.DeleteQuerySchema, location="query")
@blueprint.response(200, shapes.DeletedSchema)
def delete_theme(query: dict[str, Any], theme_id: int) -> dict[str, Any]:
    """Delete a theme; its items stay, without it."""
    now = rules_now().now
    planner().delete_theme(caller().project_id, theme_id, revision=query["revision"], by=caller().actor, now=now)
    return {"deleted": theme_id}


# items


@blueprint.route("/items")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.ItemsAskedSchema, location="query")
@blueprint.response(200, shapes.ItemsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def items(query: dict[str, Any]) -> dict[str, Any] | Response:
    """The items, in the order of their making, a page at a time. The intake: `?status=requested`."""
    lines = planner().board(caller().project_id, rules_now(), read_whose(query)).lines
    found = sorted((line for line in lines if _is_asked(line, query)), key=lambda line: line.item.id)
    if query["format"] != "json":
        return as_file(item_rows(found), list(ITEM_COLUMNS), query["format"], name="items")
    page = found[: query["limit"]]
    return {"data": list(map(item_document, page)), "next": page[-1].item.id if len(found) > len(page) else None}


@blueprint.route("/items", methods=("POST",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(shapes.ItemNewSchema)
@blueprint.response(201, shapes.ItemSchema)
def add_item(said: dict[str, Any]) -> dict[str, Any]:
    """Add an item. Without a timebox it goes to the intake; with one it needs a step and evidence."""
    draft = edited_item(ItemDraft(title=said["title"]), said, author=caller().actor)
    return _shown(planner().add_item(caller().project_id, rules_now(), draft, by=caller().actor).id)


@blueprint.route("/items/<int:item_id>")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(WhoseQuerySchema, location="query")
@blueprint.response(200, shapes.ItemSchema)
def item(query: dict[str, Any], item_id: int) -> dict[str, Any]:
    """One item."""
    return _shown(item_id, read_whose(query))


@blueprint.route("/items/<int:item_id>", methods=("PATCH",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(shapes.ItemChangeSchema)
@blueprint.response(200, shapes.ItemSchema)
def change_item(said: dict[str, Any], item_id: int) -> dict[str, Any]:
    """Change an item. What lacks a step or evidence cannot be scheduled (422 `not_schedulable`).

    Refused with 409 where somebody changed it since the `revision` that you saw.
    """
    by = caller().actor
    planner().change_item(
        caller().project_id,
        rules_now(),
        (item_id, said["revision"]),
        lambda draft: edited_item(draft, said, author=by),
        by=by,
    )
    return _shown(item_id)


@blueprint.route("/items/<int:item_id>/override", methods=("POST",))
@needs(Scope.ROADMAP_OVERRIDE)
@blueprint.arguments(shapes.OverrideSchema)
@blueprint.response(200, shapes.ItemSchema)
def override(said: dict[str, Any], item_id: int) -> dict[str, Any]:
    """Let an item be scheduled that lacks a step or evidence, with a reason; it is written into the audit log."""
    fields = {name: said[name] for name in ("timebox", "sprint") if said[name] is not None}
    by = caller().actor
    planner().change_item(
        caller().project_id,
        rules_now(),
        (item_id, said["revision"]),
        lambda draft: edited_item(draft, fields, author=by),
        by=by,
        why=said["why"],
    )
    return _shown(item_id)


@blueprint.route("/items/<int:item_id>", methods=("DELETE",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(shapes.DeleteQuerySchema, location="query")
@blueprint.response(200, shapes.DeletedSchema)
def delete_item(query: dict[str, Any], item_id: int) -> dict[str, Any]:
    """Delete an item with its past. To keep it, set its status to `dropped`."""
    planner().delete_item(caller().project_id, item_id, revision=query["revision"])
    return {"deleted": item_id}


@blueprint.route("/items/<int:item_id>/changes")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, shapes.ItemChangesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def changes(query: dict[str, Any], item_id: int) -> dict[str, Any] | Response:
    """How an item was changed, oldest first."""
    planner().item(caller().project_id, item_id)
    found = [change_document(each) for each in planner().changes(caller().project_id, item_id)]
    return listed_in_form(query["format"], found, shapes.ItemChangedSchema, name=f"changes-{item_id}")


# the whole


@blueprint.route("/outcomes")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(WhoseFileSchema, location="query")
@blueprint.response(200, shapes.OutcomesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def outcomes(query: dict[str, Any]) -> dict[str, Any] | Response:
    """What became of everything that was launched: its metric before and after, and the lift where a guide tells it."""
    project, rules = caller().project_id, rules_now()
    found = planner().outcomes(project, rules, planner().items(project), read_whose(query))
    return in_form(query["format"], lambda: {"data": found}, outcome_rows(found), OUTCOME_COLUMNS, name="outcomes")


@blueprint.route("/limits")
@needs(Scope.RECORDS_READ)
@blueprint.response(200, shapes.LimitsSchema)
def limits() -> dict[str, Any]:
    """From where on effort and impact are called high."""
    return limits_document(*planner().limits(caller().project_id))


@blueprint.route("/limits", methods=("PUT",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(shapes.LimitsSetSchema)
@blueprint.response(200, shapes.LimitsSchema)
def set_limits(said: dict[str, Any]) -> dict[str, Any]:
    """Say from where on effort and impact are called high: what divides the quadrants."""
    wanted = Limits(said["effort_days"], said["users_per_week"])
    return limits_document(*planner().set_limits(caller().project_id, wanted, revision=said["revision"]))


@blueprint.route("/import", methods=("POST",))
@needs(Scope.ROADMAP_WRITE)
@blueprint.arguments(shapes.ImportSchema)
@blueprint.response(200, shapes.AuditSchema)
def take_in(said: dict[str, Any]) -> Audit:
    """Take in a roadmap that was kept elsewhere, and audit it. Wrong rows are listed and skipped."""
    lines, by = io.StringIO(said["csv"], newline=""), caller().actor
    return planner().take_in(caller().project_id, rules_now(), lines, by=by, keeps=said["keep"], whose=read_whose(said))


@blueprint.route("/audit")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(WhoseFileSchema, location="query")
@blueprint.response(200, shapes.AuditSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def audit(query: dict[str, Any]) -> Audit | Response:
    """What the roadmap lacks: items without step or evidence, steps where users are lost and nothing is planned."""
    found = planner().audit(caller().project_id, rules_now(), read_whose(query))
    return in_form(query["format"], lambda: found, audit_rows(found), AUDIT_COLUMNS, name="audit")


@blueprint.route("/export")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.ExportAskedSchema, location="query")
@blueprint.response(200, shapes.IssuesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET, MARKDOWN)
def export(query: dict[str, Any]) -> dict[str, Any] | Response:
    """The items for an issue tracker, with labels of their stage and their story: JSON, CSV, Parquet or Markdown."""
    found = planner().board(caller().project_id, rules_now(), read_whose(query))
    rows = issue_rows(found.lines)
    match query["format"]:
        case "csv" | "parquet":
            return as_file(rows, list(ISSUE_COLUMNS), query["format"], name="roadmap")
        case "markdown":
            return _file(markdown_of(found), MARKDOWN, "roadmap.md")
        case _:
            return {"data": rows}


@blueprint.route("/review")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.ReviewAskedSchema, location="query")
@blueprint.response(200, shapes.ReviewSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET, MARKDOWN, HTML)
def review(query: dict[str, Any]) -> dict[str, Any] | Response:
    """The quarterly review: what moved, what did not, stale maps, what is new, what to drop.

    JSON, CSV, Parquet, Markdown, or a page to print.
    """
    rules, whose = rules_now(), read_whose(query)
    quarter = quarter_of(rules.now) if query["quarter"] is None else read_timebox(query["quarter"])
    found = reviewer().review(caller().project_id, rules, quarter, whose)
    match query["format"]:
        case "csv" | "parquet":
            return as_file(review_rows(found), list(REVIEW_COLUMNS), query["format"], name=f"review-{quarter}")
        case "markdown":
            return _file(review_as_markdown(found), MARKDOWN, f"review-{quarter}.md")
        case "html":
            page = Response(
                review_page(found, planner().board(caller().project_id, rules, whose)),
                content_type=HTML,
            )
            page.headers["Content-Security-Policy"] = POLICY
            return page
        case _:
            return review_document(found)


def _shown(number: int, whose: Whose = Whose()) -> dict[str, Any]:  # noqa: B008  (frozen)
    for line in planner().board(caller().project_id, rules_now(), whose).lines:
        if line.item.id == number:
            return item_document(line)
    raise NoSuchItem(number)


def _is_asked(line: Line, query: dict[str, Any]) -> bool:
    draft = line.item.draft
    wanted = {
        "status": draft.status,
        "kind": draft.kind,
        "journey": draft.journey,
        "step": draft.step,
        "theme": draft.theme,
        "timebox": None if draft.timebox is None else str(draft.timebox),
        "quadrant": None if line.place is None else line.place.quadrant,
    }
    return line.item.id > query["after"] and all(query[name] in {None, own} for name, own in wanted.items())


def _file(text: str, content_type: str, name: str) -> Response:
    answer = Response(text, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
