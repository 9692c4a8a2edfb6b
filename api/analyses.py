"""How requests reach the analyses, and in what form they get the answer."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, current_app

from api import tables
from api.auth import caller
from api.schemas.funnels import funnel_document, read_who
from api.serving import serving
from engine.analyst import Analyst, UsersBehind
from engine.analytics.asked import FunnelAsked
from engine.analytics.tables import FUNNEL_COLUMNS, funnel_rows
from engine.stages import NO_MARKS, step_marks

_EXTENSION = "waypost-analyst"


def analyst() -> Analyst:
    """The application's analyst: one for all requests, so that answers are kept and one is computed at a time."""
    kept = current_app.extensions
    if _EXTENSION not in kept:
        here = serving()
        made = Analyst(here.service.database, here.settings.lakes, master=here.settings.spark)
        here.service.forgetting.add(made.forget)
        kept[_EXTENSION] = made
    return cast("Analyst", kept[_EXTENSION])


def funnel_answer(asked: FunnelAsked, form: str) -> dict[str, Any] | Response:
    """A funnel of the caller's project, as a document or a file."""
    project = caller().project_id
    rules = serving().service.rules_now(project)
    answer = analyst().funnel(project, asked, rules)
    marks = NO_MARKS if asked.journey is None else step_marks(rules.project, asked.journey)
    if form == "json":
        return funnel_document(answer, marks)
    return as_file(funnel_rows(answer, marks), list(FUNNEL_COLUMNS), form, name="funnel")


def users_behind(asked: FunnelAsked, query: dict[str, Any]) -> UsersBehind:
    """A page of those behind a figure of a funnel of the caller's project."""
    project, rules = caller().project_id, serving().service.rules_now(caller().project_id)
    return analyst().users_behind(project, asked, read_who(query), rules, after=query["after"], limit=query["limit"])


def as_file(rows: list[dict[str, Any]], columns: list[str], form: str, *, name: str) -> Response:
    """Rows as a file to save: `csv` or `parquet`."""
    if form == "csv":
        response = Response(tables.as_csv(rows, columns), content_type=tables.CSV)
    else:
        response = Response(tables.as_parquet(rows, columns), content_type=tables.PARQUET)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
