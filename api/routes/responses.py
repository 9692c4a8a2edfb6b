"""What people make of single answers: tags, and how a score and words that disagree are to be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response

from api import tables
from api.analyses import analyst, listed_in_form
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.fields import FileFormSchema
from api.schemas.responses import (
    AnswerTagsSchema,
    ReadOfSurveySchema,
    TagCountSchema,
    TagCountsSchema,
    TagsChangedSchema,
)
from api.schemas.step_answers import DisagreementSchema, read_found
from api.serving import serving
from engine.analytics.disagreements import Disagreement
from engine.permissions import Scope
from engine.survey_answers import change_tags, read_disagreement, tag_counts

blueprint = Blueprint(
    "responses", __name__, url_prefix="/api/v1/responses", description="What people make of single answers"
)


@blueprint.route("/tags")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, TagCountsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def tags(query: dict[str, Any]) -> dict[str, Any] | Response:
    """The tags that answers of the project have, each with how many have it."""
    found = tag_counts(analyst(), caller().project_id)
    listed = [{"tag": tag, "answers": number} for tag, number in found.items()]
    return listed_in_form(query["format"], listed, TagCountSchema, name="tags")


@blueprint.route("/<int:response_id>/tags", methods=("PATCH",))
@needs(Scope.EVIDENCE_WRITE)
@blueprint.arguments(TagsChangedSchema)
@blueprint.response(200, AnswerTagsSchema)
def change(said: dict[str, Any], response_id: int) -> dict[str, Any]:
    """Put tags on an answer, by its `number`, and take others away; the tags that it has then."""
    who, at = caller(), serving().clock()
    found = change_tags(
        analyst(), who.project_id, response_id, add=said["add"], remove=said["remove"], at=at, by=who.actor
    )
    return {"tags": found}


@blueprint.route("/disagreements", methods=("POST",))
@needs(Scope.EVIDENCE_WRITE)
@blueprint.arguments(ReadOfSurveySchema)
@blueprint.response(200, DisagreementSchema)
def read(said: dict[str, Any]) -> Disagreement:
    """Say how a disagreement among the answers to a survey is to be read, also of one that belongs to no step."""
    who = caller()
    rules = serving().service.rules_now(who.project_id)
    found = read_disagreement(
        analyst(), who.project_id, rules, said["survey"], said["id"], made=read_found(said), by=who.actor
    )
    return found if Scope.PEOPLE_READ in who.scopes else replace(found, user=None)
