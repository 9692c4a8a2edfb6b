"""All that a decision asks of one person, read in one question: the rules in force, who they are, their state.

Reads only and locks nothing: whoever finds that something has to be written leaves it to the writer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.storage.decisions import Reserved
from engine.storage.identity import Id, Person, ids_of
from engine.storage.projects import ActiveRules
from engine.storage.states import StoredState

_QUESTION: Final = """
SELECT j.active_version, j.guidance_stopped,
  p.id, p.first_id, p.user_id, p.first_exposed, p.simulated, p.created,
  s.revision, s.account_id, s.state, s.pending, r.decision_id, r.guide, r.holder, r.until
FROM identity i
JOIN project j ON j.id = i.project_id
JOIN person p ON p.id = i.person_id
JOIN user_state s ON s.person_id = p.id
LEFT JOIN reservation r ON r.person_id = p.id
WHERE i.project_id = ? AND i.kind = ? AND i.value = ?
"""
_QUESTIONS: Final = {"sqlite": _QUESTION, "postgresql": _QUESTION.replace("?", "%s")}


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A person as they are stored. place: the latest reservation in front of them, over or not."""

    rules: ActiveRules
    person: Person
    stored: StoredState
    place: Reserved | None


def glimpse(connection: Connection, project_id: int, user_id: str | None, anonymous_id: str | None) -> Glimpse | None:
    """The person whose ids these are; None where one is new, has no state, or where two are of different people."""
    rows = [_ask(connection, key) for key in ids_of(project_id, user_id, anonymous_id)]
    first = rows[0]
    if first is None or any(row is None or row.id != first.id for row in rows):
        return None
    person = Person(
        id=first.id,
        project_id=project_id,
        first_id=first.first_id,
        user_id=first.user_id,
        first_exposed=first.first_exposed,
        simulated=bool(first.simulated),
        created=Instant(first.created),
    )
    state = bytes(first.state)
    stored = StoredState(first.id, project_id, first.revision, first.account_id, state, first.pending)
    place = None
    if first.until is not None:
        place = Reserved(first.id, project_id, first.decision_id, first.guide, first.holder, Instant(first.until))
    return Glimpse(ActiveRules(first.active_version, bool(first.guidance_stopped)), person, stored, place)


def _ask(connection: Connection, key: Id) -> sa.Row[Any] | None:
    project, kind, value = key
    asked = connection.exec_driver_sql(_QUESTIONS[connection.dialect.name], (project, kind.value, value))
    return asked.one_or_none()
