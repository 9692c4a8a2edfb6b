"""The tracking plan of a project: the one in force, putting another in force, and what did not fit."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson
from flask import Response

from api import tables
from api.analyses import in_form, page_of, rows_wanted
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.limits import PLAN_LIMIT, allow_body
from api.problems import FieldError, InvalidFields
from api.schemas.plan import (
    VIOLATION_COLUMNS,
    ForgottenSchema,
    PlanCheckedSchema,
    PlanCheckSchema,
    PlanSchema,
    PlanSentSchema,
    ViolationSchema,
    ViolationsQuerySchema,
    ViolationsSchema,
    as_document,
    violation_rows,
)
from api.serving import serving
from engine.permissions import Scope
from engine.tracking import PlanRefused, read_plan
from engine.tracking.reports import PlanViolations

blueprint = Blueprint("plan", __name__, url_prefix="/api/v1", description="What events are expected to look like")


@blueprint.before_request
def _admit() -> None:
    allow_body(PLAN_LIMIT)


@blueprint.route("/plan")
@needs(Scope.RULES_READ)
@blueprint.response(200, PlanSchema)
def current() -> dict[str, Any]:
    """The tracking plan in force."""
    return as_document(serving().service.plans.current(caller().project_id))


@blueprint.route("/plan", methods=("POST",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(PlanSentSchema)
@blueprint.response(200, PlanSchema)
def publish(sent: dict[str, Any]) -> dict[str, Any]:
    """Put a tracking plan in force, whole or not at all.

    With a fault in it nothing changes, and the problem document lists every one in `errors`. An empty plan allows
    everything. Every process judges by the new plan within two seconds.
    """
    plans = serving().service.plans
    return as_document(plans.publish(caller().project_id, sent["plan"], by=caller().actor, note=sent["note"]))


@blueprint.route("/plan/check", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(PlanCheckSchema)
@blueprint.response(200, PlanCheckedSchema)
def check(sent: dict[str, Any]) -> dict[str, Any]:
    """Find everything that is wrong in a tracking plan. Changes nothing."""
    try:
        read_plan(sent["plan"])
    except PlanRefused as refused:
        return {"ok": False, "errors": refused.faults}
    return {"ok": True, "errors": []}


@blueprint.route("/plan/violations")
@needs(Scope.RULES_READ)
@blueprint.arguments(ViolationsQuerySchema, location="query")
@blueprint.response(200, ViolationsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def violations(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """What did not fit the tracking plan: where, in which way, how often, and the latest messages.

    Values that were sent are not kept here; the samples say which message it was and what kind of value it had.
    Files hold all of them.
    """
    limit = rows_wanted(asked)
    after = None if asked["after"] is None else _place(asked["after"])
    found = serving().service.plans.violations(caller().project_id, event=asked["event"], after=after, limit=limit + 1)
    page = page_of(found, limit, number=_cursor)
    rows = violation_rows(ViolationSchema(many=True).dump(page["data"]))
    return in_form(asked["format"], lambda: page, rows, VIOLATION_COLUMNS, name="violations")


@blueprint.route("/plan/violations", methods=("DELETE",))
@needs(Scope.RULES_WRITE)
@blueprint.response(200, ForgottenSchema)
def forget() -> dict[str, Any]:
    """Count violations from nothing again, as after a mistake was put right."""
    return {"forgotten": serving().service.plans.forget_violations(caller().project_id)}


def _cursor(last: PlanViolations) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([last.event, last.path, last.rule])).decode()


def _place(cursor: str) -> tuple[str, str, str]:
    try:
        match orjson.loads(base64.b64decode(cursor, altchars=b"-_", validate=True)):
            case [str(event), str(path), str(rule)]:
                return event, path, rule
            case _:
                pass
    except (binascii.Error, ValueError):
        pass
    raise InvalidFields((FieldError("after", "is not the `next` of a page"),))
