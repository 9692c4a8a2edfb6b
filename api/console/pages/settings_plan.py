"""The tracking plan: its text, and what did not fit it, how often, with the latest messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.registry import Group, Page
from api.schemas.plan import VIOLATION_COLUMNS, ViolationSchema, violation_rows
from engine.permissions import Scope
from engine.tracking.declared import plan_from

_AT_ONCE: Final = 1_000
"""Places that are looked at; more are never kept apart."""


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the page shows."""
    plans = desk.service.plans
    event = desk.said.get("event") or None
    found = plans.violations(desk.project.id, event=event, limit=_AT_ONCE)
    if desk.said.get("format") == "csv":
        rows = violation_rows(ViolationSchema(many=True).dump(found))
        return as_file(rows, list(VIOLATION_COLUMNS), "csv", name="violations")
    current = plans.current(desk.project.id)
    text = orjson.dumps(current.document, option=orjson.OPT_INDENT_2).decode() if current.version else ""
    return {
        "current": current,
        "text": text,
        "drafted": orjson.dumps(plan_from(desk.rules.project), option=orjson.OPT_INDENT_2).decode(),
        "violations": sorted(found, key=lambda each: (-each.last, each.event, each.path)),
        "event": event,
        "may_write": desk.may(Scope.RULES_WRITE),
    }


PAGE = Page(
    "settings_plan",
    "settings/plan",
    "Tracking plan",
    "What events are expected to look like, and which do not.",
    Group.SETTINGS,
    Scope.RULES_READ,
    view,
)
