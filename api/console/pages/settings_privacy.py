"""What people may ask for: their data, to be forgotten, and that nothing is kept longer than said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from api.console.desk import Desk
from api.console.registry import Group, Page
from engine.audit import Action, AuditAsked, Entry
from engine.permissions import Scope
from engine.replay.settings import ReplayMode

REPLAYS: Final[Mapping[ReplayMode, tuple[str, str]]] = {
    ReplayMode.OFF: ("nothing", "Nothing is recorded."),
    ReplayMode.MOMENTS: (
        "moments that went wrong",
        "The half minute before something went wrong is recorded, and what follows.",
    ),
    ReplayMode.SESSIONS: ("whole sessions", "Whole sessions are recorded."),
}
"""What people call each mode, and what it does."""


def view(desk: Desk) -> Mapping[str, Any]:
    """What the page shows."""
    may_erase = desk.may(Scope.PEOPLE_ERASE)
    erased = desk.service.auditing.entries(desk.project.id, asked=AuditAsked(action=Action.PERSON_ERASE), limit=50)
    person = desk.said.get("person", "").strip()
    service = desk.service
    found = None
    if person and desk.may(Scope.PEOPLE_READ):
        project = desk.project.id
        found = service.user(project, user_id=person) or service.user(project, anonymous_id=person)
    return {
        "days": service.privacy.retention_days(desk.project.id),
        "erased": [(each, rows_of(each)) for each in erased],
        # Where they lie is for those who can do something about it: a path may be the name of a person.
        "copies": [each for each in service.privacy.copies(desk.project.id) if each.removed is None]
        if may_erase
        else [],
        "replay": desk.project.replay,
        "replay_modes": {mode.value: words for mode, (words, _) in REPLAYS.items()},
        "replay_told": {mode: told for mode, (_, told) in REPLAYS.items()},
        "records": bool(desk.rules.project.recorded),
        "person": person,
        "found": found,
        "may_read": desk.may(Scope.PEOPLE_READ),
        "may_erase": may_erase,
        "may_write": desk.may(Scope.SETTINGS_WRITE),
    }


def rows_of(entry: Entry) -> int:
    """How many rows an erasure removed."""
    return sum(orjson.loads(entry.detail).get("rows", {}).values())


PAGE = Page(
    "settings_privacy",
    "settings/privacy",
    "Privacy",
    "Export and erase a user; how long events are kept; recordings of sessions.",
    Group.SETTINGS,
    Scope.SETTINGS_READ,
    view,
)
