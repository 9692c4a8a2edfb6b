"""How often values came that cannot be read, as it is stored; what counts is decided in `engine.unreadable`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.project import RuleProject
from dsl.values import Instant
from engine.storage import findings_tables, tables
from engine.unreadable import Place, Unreadable, declared_by

_UNREADABLE = tables.table(findings_tables.UnreadableValue)
_KEY: Final = ("project_id", "kind", "name", "member", "type", "form")


def add(connection: Connection, project_id: int, counts: Mapping[Place, int], *, at: Instant) -> None:
    """Count some more, received at an instant."""
    rows = [
        {
            "project_id": project_id,
            "kind": place.kind,
            "name": place.name[: tables.ID_LENGTH],
            "member": place.member[: tables.ID_LENGTH],
            "type": place.type[: tables.ID_LENGTH],
            "form": place.form,
            "count": number,
            "first": at,
            "last": at,
        }
        # In one order for all, so that two processes never wait for each other.
        for place, number in sorted(counts.items())
    ]
    if not rows:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_UNREADABLE)
    changed = {"count": _UNREADABLE.c.count + statement.excluded.count, "last": statement.excluded.last}
    connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=changed), rows)


def unreadable_values(connection: Connection, project_id: int, rules: RuleProject) -> tuple[Unreadable, ...]:
    """What cannot be read in a project, the most frequent first.

    Only where the rules still declare the type that it was to be read as: once a declaration is corrected, what came
    before is no fault any more.
    """
    declared = declared_by(rules)
    statement = sa.select(_UNREADABLE).where(_UNREADABLE.c.project_id == project_id)
    found = []
    for row in connection.execute(statement):
        place = Place(row.kind, row.name, row.member, row.type, row.form)
        type_ = declared.type_at(place)
        if type_ is not None and str(type_)[: tables.ID_LENGTH] == place.type:
            found.append(Unreadable(place, row._mapping["count"], Instant(row.first), Instant(row.last)))
    return tuple(sorted(found, key=lambda each: (-each.count, each.place)))
