"""Evidence from elsewhere: taken in, listed, tagged by hand and by rule, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api import tables
from api.analyses import as_file, listed_in_form, page_of, rows_wanted
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.parsing import load
from api.planning import rules_now
from api.schemas import evidence as shapes
from api.schemas.fields import FileFormSchema
from api.schemas.roadmap import DeletedSchema
from api.serving import serving
from engine.errors import WaypostError
from engine.evidence import Draft, read_place
from engine.evidence_desk import Bad, EvidenceDesk
from engine.evidence_rows import EVIDENCE_COLUMNS, evidence_rows
from engine.permissions import Scope
from engine.storage.evidence import Asked

blueprint = Blueprint(
    "evidence", __name__, url_prefix="/api/v1/evidence", description="What people said outside of the product"
)


@blueprint.route("")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(shapes.EvidenceAskedSchema, location="query")
@blueprint.response(200, shapes.EvidencePageSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def evidence(query: dict[str, Any]) -> dict[str, Any] | Response:
    """Evidence in the order in which it was taken in, a page at a time. What no step has yet: `?tagged=false`.

    Files hold all of it.
    """
    journey, step = (None, None) if query["step"] is None else read_place(query["step"])
    own = None if query["recording"] is None else str(query["recording"])
    limit = rows_wanted(query)
    asked = Asked(query["source"], journey, step, query["tagged"], query["after"], limit + 1, own)
    found = desk().listed(caller().project_id, asked)
    if query["format"] != "json":
        return as_file(evidence_rows(found), list(EVIDENCE_COLUMNS), query["format"], name="evidence")
    return page_of(found, limit, shown=shapes.evidence_document)


@blueprint.route("", methods=("POST",))
@needs(Scope.EVIDENCE_WRITE)
@blueprint.arguments(shapes.EvidenceBroughtSchema)
@blueprint.response(200, shapes.EvidenceReceiptsSchema)
def bring(said: dict[str, Any]) -> dict[str, Any]:
    """Take evidence in: support tickets, interviews, usability tests, advisory boards, app reviews, NPS exports.

    Each piece is judged by itself; what is here already by its source and its `external` id stays as it is, so that
    the same list may be sent again. docs/how-to/evidence.md.
    """
    drafts = [_judged(item) for item in said["evidence"]]
    receipts = desk().take_in(caller().project_id, rules_now(), drafts, by=caller().actor)
    return shapes.receipts_document(receipts)


@blueprint.route("/<int:evidence_id>")
@needs(Scope.PEOPLE_READ)
@blueprint.response(200, shapes.EvidenceSchema)
def one(evidence_id: int) -> dict[str, Any]:
    """One piece of evidence."""
    return shapes.evidence_document(desk().one(caller().project_id, evidence_id))


@blueprint.route("/<int:evidence_id>", methods=("PATCH",))
@needs(Scope.EVIDENCE_WRITE)
@blueprint.arguments(shapes.EvidenceChangeSchema)
@blueprint.response(200, shapes.EvidenceSchema)
def change(said: dict[str, Any], evidence_id: int) -> dict[str, Any]:
    """Change evidence. With `step` it is tagged by hand, and no rule changes that; null: it belongs to no step."""
    who, revision = caller(), said.pop("revision")
    changed = desk().change(
        who.project_id, rules_now(), evidence_id, shapes.read_change(said), revision=revision, by=who.actor
    )
    return shapes.evidence_document(changed)


@blueprint.route("/<int:evidence_id>", methods=("DELETE",))
@needs(Scope.EVIDENCE_WRITE)
@blueprint.response(200, DeletedSchema)
def delete(evidence_id: int) -> dict[str, Any]:
    """Delete evidence. Sent again, it is taken in again."""
    desk().delete(caller().project_id, evidence_id)
    return {"deleted": evidence_id}


@blueprint.route("/rules")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, shapes.TagRulesKeptSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def tag_rules(query: dict[str, Any]) -> dict[str, Any] | Response:
    """The rules by which evidence is tagged with a step."""
    kept = shapes.rules_document(desk().rules(caller().project_id))
    return listed_in_form(query["format"], kept["rules"], shapes.TagRuleSchema, lambda: kept, name="evidence-rules")


@blueprint.route("/rules", methods=("PUT",))
@needs(Scope.EVIDENCE_WRITE)
@blueprint.arguments(shapes.TagRulesSchema)
@blueprint.response(200, shapes.TagRulesKeptSchema)
def set_tag_rules(said: dict[str, Any]) -> dict[str, Any]:
    """Change the rules that tag evidence, and tag again all that nobody tagged by hand."""
    who, found = caller(), shapes.read_tag_rules(said)
    kept = desk().set_rules(who.project_id, rules_now(), found, revision=said["revision"], by=who.actor)
    return shapes.rules_document(kept)


def desk() -> EvidenceDesk:
    """The desk of the application's database."""
    return EvidenceDesk(serving().service.database)


def _judged(item: Any) -> Draft | Bad:
    """One of a list as a draft, or what is wrong with it."""
    if not isinstance(item, Mapping):
        return "invalid_fields", "must be a JSON object"
    try:
        return shapes.read_draft(load(shapes.EvidenceNewSchema(), dict(item)))
    except WaypostError as error:
        return error.code, str(error)
