"""How the answers stand that take long: which are about earlier data, which are being computed again."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import listed_in_form
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.recomputing import recomputing
from api.schemas.answers import AnswerStateSchema, AnswerStatesSchema
from api.schemas.fields import FileFormSchema
from engine.permissions import Scope

blueprint = Blueprint("answers", __name__, url_prefix="/api/v1/answers", description="Answers that take long")


@blueprint.route("")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, AnswerStatesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def answers(query: dict[str, Any]) -> dict[str, Any] | Response:
    """The questions whose answers take a second or more, with their progress where they are being computed again.

    Of this process, since it was started. Whoever asks one of them gets the earlier answer meanwhile, which says so in
    the header `Waypost-Answer`; `Cache-Control: no-cache` waits for the new one. docs/reference/analyses.md
    """
    here = recomputing()
    found = () if here is None else here.states(caller().project_id)
    return listed_in_form(query["format"], found, AnswerStateSchema, name="answers")
