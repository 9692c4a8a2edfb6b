"""What came before leaving at a step of a journey, or before any event."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import analyst, as_file, rows_wanted, users_answer
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.funnels import UsersBehindSchema
from api.schemas.paths import (
    EventChainAsked,
    EventPathsAsked,
    EventPathUsersAsked,
    JourneyChainAsked,
    JourneyPathsAsked,
    JourneyPathUsersAsked,
    PathChainSchema,
    PathsSchema,
    chain_document,
    paths_document,
    read_behind,
    read_chain,
    read_paths,
)
from api.serving import serving
from engine import paths as backward
from engine.analyst import UsersBehind
from engine.analytics.path_tables import CHAIN_COLUMNS, COLUMNS, Part, chain_rows, path_rows
from engine.analytics.paths_asked import PathsAsked
from engine.permissions import Scope

blueprint = Blueprint("paths", __name__, url_prefix="/api/v1", description="What came before people left")


@blueprint.route("/journeys/<journey>/paths")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(JourneyPathsAsked, location="query")
@blueprint.response(200, PathsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def journey_paths(asked: dict[str, Any], journey: str) -> dict[str, Any] | Response:
    """The last steps before leaving at a step (`at`), contrasted with those who went on from it.

    The rules: docs/reference/paths.md.
    """
    return _answer(read_paths(asked, journey=journey), asked)


@blueprint.route("/journeys/<journey>/paths/chain")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(JourneyChainAsked, location="query")
@blueprint.response(200, PathChainSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def journey_chain(asked: dict[str, Any], journey: str) -> dict[str, Any] | Response:
    """A link or chain of the picture as a funnel, and the condition of a rule that says the same."""
    return _chain(read_paths(asked, journey=journey), asked)


@blueprint.route("/journeys/<journey>/paths/users")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(JourneyPathUsersAsked, location="query")
@blueprint.response(200, UsersBehindSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def journey_path_users(asked: dict[str, Any], journey: str) -> UsersBehind | Response:
    """Who is behind a figure of the paths of a journey: their ids, in order, a page at a time; files hold all."""
    return _users(read_paths(asked, journey=journey), asked)


@blueprint.route("/paths")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(EventPathsAsked, location="query")
@blueprint.response(200, PathsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def event_paths(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """The last steps before an event (`?before=purchase`), or before missing one (`?step=cart&step=purchase`)."""
    return _answer(read_paths(asked), asked)


@blueprint.route("/paths/chain")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(EventChainAsked, location="query")
@blueprint.response(200, PathChainSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def event_chain(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """A link or chain of the picture as a funnel, and the condition of a rule that says the same."""
    return _chain(read_paths(asked), asked)


@blueprint.route("/paths/users")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(EventPathUsersAsked, location="query")
@blueprint.response(200, UsersBehindSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def event_path_users(asked: dict[str, Any]) -> UsersBehind | Response:
    """Who is behind a figure of the paths: their ids, in order, a page at a time; files hold all."""
    return _users(read_paths(asked), asked)


def _answer(question: PathsAsked, query: dict[str, Any]) -> dict[str, Any] | Response:
    project = caller().project_id
    answer = backward.paths(analyst(), project, question, serving().service.rules_now(project))
    if query["format"] == "json":
        return paths_document(answer)
    part = Part(query["part"])
    return as_file(path_rows(answer, part), list(COLUMNS[part]), query["format"], name=f"paths-{part}")


def _chain(question: PathsAsked, query: dict[str, Any]) -> dict[str, Any] | Response:
    project = caller().project_id
    rules = serving().service.rules_now(project)
    answer = backward.chain(analyst(), project, question, read_chain(query), rules)
    if query["format"] == "json":
        return chain_document(answer)
    return as_file(
        chain_rows(answer.steps, answer.others, answer.ever.steps, condition=answer.condition),
        list(CHAIN_COLUMNS),
        query["format"],
        name="chain",
    )


def _users(question: PathsAsked, query: dict[str, Any]) -> UsersBehind | Response:
    project = caller().project_id
    rules, who, limit = serving().service.rules_now(project), read_behind(query), rows_wanted(query)
    page = backward.users_on_paths(analyst(), project, question, who, rules, after=query["after"], limit=limit)
    return users_answer(page, query)
