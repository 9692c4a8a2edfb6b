"""How requests reach the analyses, and in what form they get the answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, TypeVar, cast

import marshmallow as ma
from flask import Flask, Response, current_app

from api import recomputing, tables
from api.analysts import analyst_of
from api.auth import caller
from api.schemas.funnels import funnel_document, read_who
from api.serving import serving
from engine.analyst import Analyst, UsersBehind
from engine.analytics.asked import FunnelAsked
from engine.analytics.tables import (
    DESIGN_COLUMNS,
    FUNNEL_COLUMNS,
    USER_COLUMNS,
    design_rows,
    funnel_rows,
    user_rows,
)
from engine.stages import NO_MARKS, step_marks

_EXTENSION = "waypost-analyst"
Answer = TypeVar("Answer")


def analyst() -> Analyst:
    """The analyst for this request, who may give it an earlier answer where a new one takes long."""
    return shared_analyst().asked_by(recomputing.asker())


def shared_analyst() -> Analyst:
    """The application's analyst: one for all requests, so that answers are kept and one is computed at a time."""
    kept = current_app.extensions
    if _EXTENSION not in kept:
        here = serving()
        made = analyst_of(here.service.database, here.settings, timer=time.monotonic)
        app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's own
        again = recomputing.Recomputing(
            app, made, timer=time.monotonic, clock=here.clock, keeps_warm=here.settings.worker
        )
        recomputing.attach(app, again)
        here.service.forgetting.add(made.forget)
        here.service.forgetting.add(again.forget)
        kept[_EXTENSION] = made
    return cast("Analyst", kept[_EXTENSION])


def funnel_answer(asked: FunnelAsked, query: dict[str, Any]) -> dict[str, Any] | Response:
    """A funnel of the caller's project, as a document or a file of a part of it."""
    project = caller().project_id
    rules = serving().service.rules_now(project)
    answer = analyst().funnel(project, asked, rules)
    marks = NO_MARKS if asked.journey is None else step_marks(rules.project, asked.journey)
    if query["format"] == "json":
        return funnel_document(answer, marks)
    if query["part"] == "design":
        return as_file(design_rows(answer), list(DESIGN_COLUMNS), query["format"], name="design")
    return as_file(funnel_rows(answer, marks), list(FUNNEL_COLUMNS), query["format"], name="funnel")


def users_behind(asked: FunnelAsked, query: dict[str, Any]) -> UsersBehind | Response:
    """A page of those behind a figure of a funnel of the caller's project, or all of them as a file."""
    project, rules = caller().project_id, serving().service.rules_now(caller().project_id)
    page = analyst().users_behind(
        project, asked, read_who(query), rules, after=query["after"], limit=rows_wanted(query)
    )
    return users_answer(page, query)


def rows_wanted(query: dict[str, Any]) -> int:
    """How many rows an answer is to have: a page of a document, all in a file."""
    return int(query["limit"]) if query["format"] == "json" else tables.ALL


def users_answer(page: UsersBehind, query: dict[str, Any]) -> UsersBehind | Response:
    """Users as a page of a document, or as a file."""
    if query["format"] == "json":
        return page
    return as_file(user_rows(page.users), list(USER_COLUMNS), query["format"], name="users")


def page_of(
    found: Sequence[Any],
    limit: int,
    *,
    shown: Callable[[Any], Any] | None = None,
    number: Callable[[Any], Any] = attrgetter("id"),
) -> dict[str, Any]:
    """A page of a document, and in `next` the number of its last member where more follow.

    found: one more than `limit` where more follow. shown: a member as the document has it.
    """
    page = found[:limit]
    return {
        "data": page if shown is None else list(map(shown, page)),
        "next": number(page[-1]) if len(found) > limit else None,
    }


def in_form(
    form: str, document: Callable[[], Answer], rows: Iterable[dict[str, Any]], columns: Iterable[str], *, name: str
) -> Answer | Response:
    """An answer in the form that was asked for: the document, or its rows as a file."""
    return document() if form == "json" else as_file(list(rows), list(columns), form, name=name)


def listed_in_form(
    form: str,
    found: Sequence[Any],
    member: type[ma.Schema],
    document: Callable[[], Answer] | None = None,
    *,
    name: str,
) -> Answer | dict[str, Any] | Response:
    """A list in the form that was asked for: a document, or a file with a row for each member as `member` shows it.

    document: where it is another than the whole list as `data`.
    """
    if form == "json":
        return {"data": found} if document is None else document()
    shown = member(many=True)
    columns = [field.data_key or own for own, field in shown.dump_fields.items()]
    return as_file(tables.document_rows(shown.dump(found), columns), columns, form, name=name)


def as_file(rows: list[dict[str, Any]], columns: list[str], form: str, *, name: str) -> Response:
    """Rows as a file to save: `csv` or `parquet`."""
    if form == "csv":
        response = Response(tables.as_csv(rows, columns), content_type=tables.CSV)
    else:
        response = Response(tables.as_parquet(rows, columns), content_type=tables.PARQUET)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
