"""The records of a journey's steps over everybody, and what people said at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Response

from api import tables
from api.analyses import analyst, as_file, rows_wanted, users_answer
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.funnels import UsersBehindSchema
from api.schemas.step_answers import (
    DisagreementsAskedSchema,
    DisagreementSchema,
    DisagreementsSchema,
    ReachAskedSchema,
    ReachesSchema,
    ReadDisagreementSchema,
    ResponsesAskedSchema,
    ResponsesSchema,
    SilentAskedSchema,
    TermsAskedSchema,
    TermsSchema,
    read_answers,
    read_found,
)
from api.schemas.step_records import (
    CurveAskedSchema,
    CurvesSchema,
    RecordsAskedSchema,
    StepRecordsSchema,
    TransitionsAskedSchema,
    TransitionsSchema,
    read_records,
)
from api.serving import serving
from engine import step_answers, step_records
from engine.analyst import UsersBehind
from engine.analytics.disagreements import Disagreement
from engine.analytics.record_tables import COLUMNS, Part, record_rows
from engine.membership import RulesNow
from engine.permissions import Scope

blueprint = Blueprint("records", __name__, url_prefix="/api/v1/journeys", description="What is known of each step")


@blueprint.route("/<journey>/records")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(RecordsAskedSchema, location="query")
@blueprint.response(200, StepRecordsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def records(asked: dict[str, Any], journey: str) -> step_records.Records | Response:
    """What became of those who came to each step: done, tried in vain, never tried; how long, how hard, how it felt.

    Of everybody, by persona, day or week. What each figure means: docs/reference/records.md.
    """
    found = step_records.records(analyst(), _project(), read_records(asked, journey), _rules())
    return found if asked["format"] == "json" else _file(found.records, Part(asked["part"]), asked)


@blueprint.route("/<journey>/transitions")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(TransitionsAskedSchema, location="query")
@blueprint.response(200, TransitionsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def transitions(asked: dict[str, Any], journey: str) -> step_records.Transitions | Response:
    """From step to step: how long it takes, who goes straight on, what lies in between, who comes back, who is lost."""
    found = step_records.transitions(analyst(), _project(), read_records(asked, journey), _rules())
    return found if asked["format"] == "json" else _file(found.transitions, Part(asked["part"]), asked)


@blueprint.route("/<journey>/curve")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(CurveAskedSchema, location="query")
@blueprint.response(200, CurvesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def curve(asked: dict[str, Any], journey: str) -> step_records.Curves | Response:
    """What people felt along the journey, with the band of its mean, and releases and publications as marks."""
    found = step_records.curves(analyst(), _project(), read_records(asked, journey), _rules())
    return found if asked["format"] == "json" else _file(found.curves, Part(asked["part"]), asked)


@blueprint.route("/<journey>/responses")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(ResponsesAskedSchema, location="query")
@blueprint.response(200, ResponsesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def responses(asked: dict[str, Any], journey: str) -> step_answers.Responses | Response:
    """The answers given at the steps, the newest first: question, score, choice, words, language, device, versions.

    Who said it is told to those only who may look people up.
    """
    question, before, limit = read_answers(asked, journey), asked["before"], asked["limit"]
    found = step_answers.responses(analyst(), _project(), question, _rules(), before=before, limit=limit)
    if Scope.PEOPLE_READ not in caller().scopes:
        found = replace(found, responses=tuple(replace(each, user=None) for each in found.responses))
    return found if asked["format"] == "json" else _file(found.responses, Part.RESPONSES, asked)


@blueprint.route("/<journey>/asked")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(ReachAskedSchema, location="query")
@blueprint.response(200, ReachesSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def asked_and_answered(asked: dict[str, Any], journey: str) -> step_answers.Asked | Response:
    """To how many the surveys of a step, or of the journey, were shown, and how many of them answered."""
    found = step_answers.asked_and_answered(analyst(), _project(), read_answers(asked, journey), _rules())
    return found if asked["format"] == "json" else _file(found.surveys, Part.ASKED, asked)


@blueprint.route("/<journey>/asked/silent")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(SilentAskedSchema, location="query")
@blueprint.response(200, UsersBehindSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def silent(asked: dict[str, Any], journey: str) -> UsersBehind | Response:
    """Who was asked and answered nothing: their ids, in order, a page at a time; all of them in a file."""
    question, after, limit = read_answers(asked, journey), asked["after"], rows_wanted(asked)
    page = step_answers.silent(analyst(), _project(), question, _rules(), after=after, limit=limit)
    return users_answer(page, asked)


@blueprint.route("/<journey>/terms")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(TermsAskedSchema, location="query")
@blueprint.response(200, TermsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def terms(asked: dict[str, Any], journey: str) -> step_answers.Terms | Response:
    """What people write of most, beside the period before, which is as long; without `from` of the last 28 days."""
    question, limit = read_answers(asked, journey), asked["limit"]
    found = step_answers.terms(analyst(), _project(), question, _rules(), limit=limit)
    return found if asked["format"] == "json" else _file(found.terms, Part.TERMS, asked)


@blueprint.route("/<journey>/disagreements")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(DisagreementsAskedSchema, location="query")
@blueprint.response(200, DisagreementsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def disagreements(asked: dict[str, Any], journey: str) -> step_answers.Disagreements | Response:
    """Answers in which the score says one thing and the words another, for a person to read; the widest apart first."""
    found = step_answers.disagreeing(
        analyst(), _project(), read_answers(asked, journey), _rules(), is_read=asked["read"]
    )
    if Scope.PEOPLE_READ not in caller().scopes:
        found = replace(found, disagreements=tuple(replace(each, user=None) for each in found.disagreements))
    return found if asked["format"] == "json" else _file(found.disagreements, Part.DISAGREEMENTS, asked)


@blueprint.route("/<journey>/disagreements", methods=("POST",))
@needs(Scope.EVIDENCE_WRITE)
@blueprint.arguments(ReadDisagreementSchema)
@blueprint.response(200, DisagreementSchema)
def read_disagreement(said: dict[str, Any], journey: str) -> Disagreement:
    """Say how a disagreement is to be read: by the score, by the words, both, or that it cannot be told."""
    by, made = caller().actor, read_found(said)
    found = step_answers.read_disagreement(analyst(), _project(), _rules(), journey, said["id"], found=made, by=by)
    return found if Scope.PEOPLE_READ in caller().scopes else replace(found, user=None)


def _project() -> int:
    return caller().project_id


def _rules() -> RulesNow:
    return serving().service.rules_now(_project())


def _file(members: Sequence[Any], part: Part, asked: dict[str, Any]) -> Response:
    return as_file(record_rows(members, part), list(COLUMNS[part]), asked["format"], name=part.value)
