"""The audit log of a project's environment."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

import orjson
from flask import Response

from api import tables
from api.analyses import as_file, page_of
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.schemas.access import AuditPageSchema, AuditQuerySchema, AuditVerdictSchema
from api.serving import serving
from engine.audit import AUDIT_COLUMNS, AuditAsked, Entry, audit_rows
from engine.permissions import Scope

IN_A_FILE: Final = 1_000_000
"""Entries of a file at most."""

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1/audit", description="Who did what")


@blueprint.route("")
@needs(Scope.AUDIT_READ)
@blueprint.arguments(AuditQuerySchema, location="query")
@blueprint.response(200, AuditPageSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def entries(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """Administrative acts, newest first."""
    form, limit = asked["format"], asked["limit"]
    chosen = AuditAsked(asked["action"], asked["actor"], asked["since"], asked["until"])
    wanted = limit + 1 if form == "json" else IN_A_FILE
    found = serving().service.auditing.entries(caller().project_id, before=asked["before"], asked=chosen, limit=wanted)
    if form != "json":
        return as_file(audit_rows(found), list(AUDIT_COLUMNS), form, name="audit")
    return page_of(found, limit, shown=_line, number=attrgetter("seq"))


@blueprint.route("/verify")
@needs(Scope.AUDIT_READ)
@blueprint.response(200, AuditVerdictSchema)
def verify() -> dict[str, Any]:
    """Work every hash out again: is each entry what it was, and is none missing?"""
    verdict = serving().service.auditing.verify(caller().project_id)
    return {
        "ok": verdict.broken_at is None,
        "entries": verdict.entries,
        "head": verdict.head,
        "broken_at": verdict.broken_at,
        "why": verdict.why,
    }


def _line(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "time": entry.time,
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "detail": orjson.loads(entry.detail),
        "previous": entry.previous,
        "hash": entry.hash,
    }
