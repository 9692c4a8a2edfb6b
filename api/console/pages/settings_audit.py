"""The audit log: who did what, by page and by filter, and whether the chain of its hashes is whole."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.periods import read_day
from api.console.registry import Group, Page
from api.console.turning import turned
from dsl.values import DAY, Instant
from engine.audit import AUDIT_COLUMNS, MEANINGS, Action, AuditAsked, audit_rows
from engine.permissions import Scope

PER_PAGE: Final = 50
_IN_A_FILE: Final = 1_000_000


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the page shows."""
    auditing, project = desk.service.auditing, desk.project.id
    asked = asked_of(desk.said)
    if desk.said.get("format") == "csv":
        rows = audit_rows(auditing.entries(project, asked=asked, limit=_IN_A_FILE))
        return as_file(rows, list(AUDIT_COLUMNS), "csv", name="audit")
    number = desk.number("before")
    found = auditing.entries(project, before=number, asked=asked, limit=PER_PAGE + 1)
    shown, turning = turned(desk, found, PER_PAGE, before=number, number=attrgetter("seq"))
    people = {f"member {each.user_id}": each.email for each in desk.service.staff.members(desk.caller.root)}
    return {
        "entries": shown,
        **turning,
        "meanings": {action.value: meaning for action, meaning in MEANINGS.items()},
        "asked": desk.said,
        "is_filtered": asked != AuditAsked(),
        "people": people,
        "verdict": auditing.verify(project) if desk.said.get("verify") == "1" else None,
    }


def asked_of(said: Mapping[str, str]) -> AuditAsked:
    """Which entries the address asks for; what it says amiss is left out. The last day is meant whole."""
    try:
        action = Action(said.get("action", ""))
    except ValueError:
        action = None
    since, until = read_day(said.get("since", "")), read_day(said.get("until", ""))
    return AuditAsked(
        action=action,
        actor=said.get("actor", "").strip() or None,
        since=since,
        until=None if until is None else Instant(until + DAY),
    )


PAGE = Page(
    "settings_audit",
    "settings/audit",
    "Audit log",
    "Who did what, and that nothing of it was changed.",
    Group.SETTINGS,
    Scope.AUDIT_READ,
    view,
)
