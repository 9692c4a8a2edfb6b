"""Two parts of what happened, kept apart so that records can read them without the log: progress and answers.

Both follow from the log and the rules and can be made anew from them. What an answer says is decided in
`engine.responses`, what progress is in `engine.journeys`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.responses import Response
from engine.storage import tables
from engine.storage.log import chunks
from engine.storage.rows import Rows

_PROGRESS = tables.table(tables.JourneyProgress)
_PROGRESS_ROWS = Rows(
    _PROGRESS,
    ("project_id", "journey", "person_id", "data"),
    key=("project_id", "journey", "person_id"),
    changed=("data",),
)
_RESPONSE = tables.table(tables.Response)
_RESPONSE_KEY = ("project_id", "person_id", "submission", "guide", "question")


def save_progress(connection: Connection, project_id: int, changed: Mapping[int, Mapping[str, str]]) -> None:
    """Write the progress of people, by journey, as JSON; only what has changed."""
    _PROGRESS_ROWS.write(
        connection,
        [
            (project_id, journey, person, data)
            for person, journeys in changed.items()
            for journey, data in journeys.items()
        ],
    )


def forget_progress(connection: Connection, people: Sequence[int]) -> None:
    """Drop the progress of people; it is written again when their state is."""
    for part in chunks(people):
        connection.execute(sa.delete(_PROGRESS).where(_PROGRESS.c.person_id.in_(part)))


def save_responses(connection: Connection, project_id: int, given: Iterable[tuple[int, Response]]) -> None:
    """Write answers; of several to one question of one submission the latest in history stays."""
    rows = [_to_row(project_id, person, response) for person, response in given]
    if not rows:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_RESPONSE)
    new = statement.excluded
    later = sa.or_(new.time > _RESPONSE.c.time, sa.and_(new.time == _RESPONSE.c.time, new.seq >= _RESPONSE.c.seq))
    changed = {name: new[name] for name in rows[0] if name not in _RESPONSE_KEY}
    statement = statement.on_conflict_do_update(index_elements=list(_RESPONSE_KEY), set_=changed, where=later)
    connection.execute(statement, rows)


def move_responses(connection: Connection, former: Sequence[int], person_id: int) -> None:
    """Give the answers of people to the person they have become."""
    taken = sa.select(_RESPONSE.c.submission).where(_RESPONSE.c.person_id == person_id)
    moved = sa.update(_RESPONSE).where(_RESPONSE.c.person_id.in_(former), _RESPONSE.c.submission.not_in(taken))
    connection.execute(moved.values(person_id=person_id))
    # What is left was answered under both ids in one submission: it is written again from the log.
    connection.execute(sa.delete(_RESPONSE).where(_RESPONSE.c.person_id.in_(former)))


def submissions(
    connection: Connection, project_id: int, guides: Sequence[str], *, until: Instant | None = None
) -> dict[str, int]:
    """How many submissions with an answer each of some guides has; until: those answered at or before an instant."""
    if not guides:
        return {}
    each = (
        sa.select(_RESPONSE.c.guide, _RESPONSE.c.person_id, _RESPONSE.c.submission)
        .where(_RESPONSE.c.project_id == project_id, _RESPONSE.c.guide.in_(guides))
        .where(sa.true() if until is None else _RESPONSE.c.time <= until)
        .distinct()
        .subquery()
    )
    counted = sa.select(each.c.guide, sa.func.count()).group_by(each.c.guide)
    found = dict.fromkeys(guides, 0)
    found.update((guide, number) for guide, number in connection.execute(counted))
    return found


def _to_row(project_id: int, person_id: int, response: Response) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "person_id": person_id,
        "submission": response.submission,
        "guide": response.guide,
        "question": response.question,
        "seq": response.seq,
        "time": response.time,
        "value": orjson.dumps(response.value).decode(),
        "text": response.text,
        "feeling": response.feeling,
        "valence": response.valence,
        "inferred": response.inferred,
        "language": response.language,
        "journey": response.journey,
        "step": response.step,
        "simulated": response.simulated,
        "survey_version": response.survey_version,
    }
