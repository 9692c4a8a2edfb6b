"""How often each guide was shown, or its target was missing, by hour of receipt: what alerts are read off.

Counts alone, of nobody in particular. Events of imports and of simulated people do not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import HOUR, Instant
from engine.events import GuideEvent
from engine.storage import tables
from engine.storage.log import Filed

_HOUR = tables.table(tables.GuideHour)
_COUNTED: Final = frozenset({GuideEvent.SHOWN.value, GuideEvent.TARGET_MISSING.value})

Hours = Mapping[str, Mapping[int, int]]
"""By guide: by hour since 1970, how often."""


def hour_of(at: Instant) -> int:
    """The hour of an instant, counted from 1970 in UTC."""
    return at // HOUR


def take_in(connection: Connection, events: Iterable[Filed]) -> None:
    """Count what happened to guides among new events."""
    found: Counter[tuple[int, int, str, str]] = Counter()
    for filed in events:
        event = filed.event
        if event.name not in _COUNTED or not event.live or filed.taken.simulated:
            continue
        guide = event.properties.get("guide")
        if isinstance(guide, str) and 0 < len(guide) <= tables.ID_LENGTH and "\0" not in guide:
            found[filed.project_id, hour_of(event.received), guide, event.name] += 1
    if not found:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_HOUR)
    key = ["project_id", "hour", "guide", "what"]
    statement = statement.on_conflict_do_update(
        index_elements=key, set_={"number": _HOUR.c.number + statement.excluded.number}
    )
    # In one order everywhere, so that two processes never wait for each other in a circle.
    rows = [
        {**dict(zip(("project_id", "hour", "guide", "what"), each, strict=True)), "number": number}
        for each, number in sorted(found.items())
    ]
    connection.execute(statement, rows)


def hours_of(connection: Connection, project_id: int, what: GuideEvent, *, since: int) -> Hours:
    """The counts of a project from an hour on."""
    statement = sa.select(_HOUR.c.guide, _HOUR.c.hour, _HOUR.c.number).where(
        _HOUR.c.project_id == project_id, _HOUR.c.hour >= since, _HOUR.c.what == what.value
    )
    found: dict[str, dict[int, int]] = {}
    for guide, hour, number in connection.execute(statement):
        found.setdefault(guide, {})[hour] = number
    return found


def forget(connection: Connection, project_id: int, *, before: int) -> None:
    """Remove the counts of hours before one."""
    connection.execute(sa.delete(_HOUR).where(_HOUR.c.project_id == project_id, _HOUR.c.hour < before))
