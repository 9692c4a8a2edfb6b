"""Pictures of pages in the database, and where recordings have some."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.storage import base, heat_tables, replay_tables

if TYPE_CHECKING:
    from engine.heat_snapshots import Taken

_SNAPSHOT: Final = base.table(heat_tables.HeatSnapshot)
_REPLAY: Final = base.table(replay_tables.Replay)
_PART: Final = base.table(replay_tables.ReplayPart)
_MOMENT: Final = base.table(replay_tables.ReplayMoment)


class Row(NamedTuple):
    """A picture without what is drawn. packed: bytes of that."""

    id: int
    page: str
    width: int
    height: int
    taken: int
    by: str
    scrubbed: int
    packed: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording. paths: where it began, and where something went wrong in it."""

    number: int
    recording: str
    paths: frozenset[str]


_COLUMNS: Final = (
    *(_SNAPSHOT.c[name] for name in Row._fields[:-1]),
    sa.func.length(_SNAPSHOT.c.events).label("packed"),
)


def put(connection: Connection, project_id: int, taken: Taken, *, by: str, at: Instant) -> Row:
    """Keep a picture, in place of the one for the same pages."""
    keys = {"project_id": project_id, "page_hash": _hash(taken.page)}
    told = {
        "page": taken.page,
        "width": taken.width,
        "height": taken.height,
        "taken": at,
        "by": by,
        "scrubbed": taken.scrubbed,
        "events": taken.packed,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    # In one statement: two people may take a picture of the same page at once.
    statement = dialect.insert(_SNAPSHOT).values({**keys, **told})
    statement = statement.on_conflict_do_update(index_elements=list(keys), set_=told)
    number = connection.execute(statement.returning(_SNAPSHOT.c.id)).scalar_one()
    return _row(connection.execute(sa.select(*_COLUMNS).where(_SNAPSHOT.c.id == number)).one())


def count(connection: Connection, project_id: int, *, besides: str) -> int:
    """How many pictures a project has, of other pages."""
    others = (_SNAPSHOT.c.project_id == project_id, _SNAPSHOT.c.page_hash != _hash(besides))
    return connection.execute(sa.select(sa.func.count()).select_from(_SNAPSHOT).where(*others)).scalar_one()


def listed(connection: Connection, project_id: int) -> list[Row]:
    """The pictures of a project, by their pages."""
    rows = connection.execute(
        sa.select(*_COLUMNS).where(_SNAPSHOT.c.project_id == project_id).order_by(_SNAPSHOT.c.page)
    )
    return list(map(_row, rows))


def delete(connection: Connection, project_id: int, number: int) -> Row | None:
    """Remove a picture; what it was, or None where there is none."""
    own = (_SNAPSHOT.c.project_id == project_id, _SNAPSHOT.c.id == number)
    found = connection.execute(sa.select(*_COLUMNS).where(*own)).one_or_none()
    connection.execute(sa.delete(_SNAPSHOT).where(*own))
    return None if found is None else _row(found)


def events_of(connection: Connection, number: int) -> bytes:
    """What is drawn, packed."""
    found: bytes = connection.execute(sa.select(_SNAPSHOT.c.events).where(_SNAPSHOT.c.id == number)).scalar_one()
    return bytes(found)


def recordings(connection: Connection, project_id: int, *, limit: int) -> list[Recorded]:
    """The latest recordings of a project."""
    chosen = sa.select(_REPLAY.c.id, _REPLAY.c.recording, _REPLAY.c.page).where(_REPLAY.c.project_id == project_id)
    rows = connection.execute(chosen.order_by(_REPLAY.c.ended.desc(), _REPLAY.c.id.desc()).limit(limit)).all()
    paths: dict[int, set[str]] = {row.id: {row.page} for row in rows}
    moments = sa.select(_MOMENT.c.replay_id, _MOMENT.c.path).where(_MOMENT.c.replay_id.in_(paths))
    for moment in connection.execute(moments.where(_MOMENT.c.path.is_not(None))):
        paths[moment.replay_id].add(moment.path)
    return [Recorded(row.id, row.recording, frozenset(paths[row.id])) for row in rows]


def parts_backwards(connection: Connection, replay_id: int) -> Iterator[bytes]:
    """The parts of a recording, packed, the latest first."""
    numbers: Sequence[int] = (
        connection.execute(
            sa.select(_PART.c.number).where(_PART.c.replay_id == replay_id).order_by(_PART.c.number.desc())
        )
        .scalars()
        .all()
    )
    for number in numbers:
        own = (_PART.c.replay_id == replay_id, _PART.c.number == number)
        packed = connection.execute(sa.select(_PART.c.events).where(*own)).scalar()
        if packed is not None:
            yield bytes(packed)


def _hash(page: str) -> str:
    return hashlib.sha256(page.encode()).hexdigest()


def _row(row: sa.Row[Any]) -> Row:
    return Row(**row._mapping)
