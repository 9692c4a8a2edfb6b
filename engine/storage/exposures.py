"""To whom each guide was shown, and from whom it was held out: the first time, one row a person and arm.

Follows from the log and can be made anew from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from engine.events import GuideEvent
from engine.storage import tables
from engine.storage.log import Filed

SHOWN: Final = "shown"
HELD_OUT: Final = "held_out"

_ARMS: Final = {GuideEvent.SHOWN.value: SHOWN, GuideEvent.HELD_OUT.value: HELD_OUT}
_EXPOSURE = tables.table(tables.Exposure)
_PERSON = tables.table(tables.Person)


def take_in(connection: Connection, events: Iterable[Filed]) -> None:
    """Note the exposures among new events."""
    rows = []
    for filed in events:
        arm, guide = _ARMS.get(filed.event.name), filed.event.properties.get("guide")
        if arm is not None and isinstance(guide, str) and 0 < len(guide) <= tables.ID_LENGTH and "\0" not in guide:
            rows.append(
                {
                    "project_id": filed.project_id,
                    "guide": guide,
                    "arm": arm,
                    "person_id": filed.person_id,
                    "first": filed.event.time,
                }
            )
    _keep(connection, rows)


def move(connection: Connection, former: Sequence[int], person_id: int) -> None:
    """Give the exposures of people to the person they have become; the first one of each arm stays."""
    rows = connection.execute(sa.select(_EXPOSURE).where(_EXPOSURE.c.person_id.in_(former))).all()
    connection.execute(sa.delete(_EXPOSURE).where(_EXPOSURE.c.person_id.in_(former)))
    _keep(connection, [{**row._mapping, "person_id": person_id} for row in rows])


def people_shown(
    connection: Connection, project_id: int, guides: Sequence[str], *, with_simulated: bool
) -> dict[str, int]:
    """To how many people each of some guides was shown."""
    statement = (
        sa.select(_EXPOSURE.c.guide, sa.func.count())
        .join(_PERSON, _PERSON.c.id == _EXPOSURE.c.person_id)
        .where(_EXPOSURE.c.project_id == project_id, _EXPOSURE.c.guide.in_(guides), _EXPOSURE.c.arm == SHOWN)
        .group_by(_EXPOSURE.c.guide)
    )
    if not with_simulated:
        statement = statement.where(_PERSON.c.simulated.is_(False))
    found = dict.fromkeys(guides, 0)
    found.update((guide, number) for guide, number in connection.execute(statement))
    return found


def _keep(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    if not rows:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_EXPOSURE)
    earlier = statement.excluded.first < _EXPOSURE.c.first
    key = ["project_id", "guide", "arm", "person_id"]
    statement = statement.on_conflict_do_update(
        index_elements=key, set_={"first": statement.excluded.first}, where=earlier
    )
    connection.execute(statement, rows)
