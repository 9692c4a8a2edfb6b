"""What maps link of people, taken out when they are erased: of an answer that is gone not even its name stays."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.storage import base, map_tables, tables
from engine.storage.log import chunks

_CELL = base.table(map_tables.MapCell)
_RESPONSE = tables.table(tables.Response)


def unlink(connection: Connection, project_id: int, people: Sequence[int]) -> int:
    """Take the links to answers of people out of cells, before the answers go; how many cells have changed."""
    answer = _RESPONSE.c
    names = sa.select(answer.guide, answer.question, answer.submission)
    gone = {
        f"response:{row.guide}.{row.question}.{row.submission}"
        for part in chunks(people)
        for row in connection.execute(names.where(answer.project_id == project_id, answer.person_id.in_(part)))
    }
    if not gone:
        return 0
    columns = (_CELL.c.journey, _CELL.c.key, _CELL.c.evidence)
    linking = sa.select(*columns).where(_CELL.c.project_id == project_id, _CELL.c.evidence.contains('"response:'))
    changed = 0
    for row in connection.execute(linking.with_for_update()).all():
        links = orjson.loads(row.evidence)
        left = [each for each in links if each not in gone]
        if len(left) < len(links):
            own = (_CELL.c.project_id == project_id, _CELL.c.journey == row.journey, _CELL.c.key == row.key)
            connection.execute(sa.update(_CELL).where(*own).values(evidence=orjson.dumps(left).decode()))
            changed += 1
    return changed
