"""Journey maps in the database: what people typed, targets, looks at steps, snapshots, and whether links still hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.mapping.cells import Cell, CellDraft, Link, LinkKind
from engine.mapping.releases import Look
from engine.mapping.rows import Row
from engine.mapping.snapshots import Snapshot, SnapshotDraft
from engine.mapping.targets import Target, TargetDraft
from engine.roadmap.evidence import Period
from engine.roadmap.metrics import Metric
from engine.roadmap.timeboxes import read_timebox
from engine.storage import base, evidence_tables, map_tables, tables
from engine.storage.log import chunks
from engine.storage.revisions import put

_CELL = base.table(map_tables.MapCell)
_TARGET = base.table(map_tables.MapTarget)
_LOOK = base.table(map_tables.MapLook)
_SNAPSHOT = base.table(map_tables.MapSnapshot)
_EVIDENCE = base.table(evidence_tables.EvidenceItem)
_RESPONSE = tables.table(tables.Response)

Stamp = tuple[str, Instant]
"""By whom, and when."""

# cells


def cells_of(connection: Connection, project_id: int, journey: str) -> tuple[Cell, ...]:
    """What was typed into the maps of a journey, in the order of its making; cleared cells too."""
    statement = sa.select(_CELL).where(_CELL.c.project_id == project_id, _CELL.c.journey == journey)
    return tuple(map(_read_cell, connection.execute(statement.order_by(_CELL.c.created, _CELL.c.key))))


def cell_at(connection: Connection, project_id: int, journey: str, key: str) -> Cell | None:
    """One cell, cleared or not."""
    own = (_CELL.c.project_id == project_id, _CELL.c.journey == journey, _CELL.c.key == key)
    row = connection.execute(sa.select(_CELL).where(*own)).one_or_none()
    return None if row is None else _read_cell(row)


def keep_cell(
    connection: Connection, project_id: int, journey: str, draft: CellDraft, stamp: Stamp, before: Cell | None
) -> Cell | None:
    """Keep a cell in the place of what it was; None where that was changed meanwhile."""
    by, at = stamp
    author, created = (by, at) if before is None else (before.by, before.created)
    revision = 1 if before is None else before.revision + 1
    values = {
        "row": draft.row.value,
        "stage": draft.stage,
        "step": draft.step,
        "persona": draft.persona,
        "touchpoint": draft.touchpoint,
        "text": draft.text,
        "evidence": orjson.dumps(draft.evidence).decode(),
        "revision": revision,
        "created": created,
        "by": author,
        "changed": at,
        "changed_by": by,
    }
    key = {"project_id": project_id, "journey": journey, "key": draft.key}
    if not put(connection, _CELL, key, values):
        return None
    return Cell(draft, revision, created, author, at, by)


def there(connection: Connection, project_id: int, links: Iterable[Link]) -> frozenset[str]:
    """Of links, the texts of those whose evidence is here; addresses always are."""
    by_kind: dict[LinkKind, list[Link]] = {kind: [] for kind in LinkKind}
    for link in links:
        by_kind[link.kind].append(link)
    found = {link.text for link in by_kind[LinkKind.ADDRESS]}
    numbers = {int(link.parts[0]): link.text for link in by_kind[LinkKind.EVIDENCE]}
    for part in chunks(sorted(numbers)):
        own = sa.select(_EVIDENCE.c.id).where(_EVIDENCE.c.project_id == project_id, _EVIDENCE.c.id.in_(part))
        found.update(numbers[number] for number in connection.execute(own).scalars())
    answers = {link.parts: link.text for link in by_kind[LinkKind.RESPONSE]}
    for part in chunks(sorted({submission for _, _, submission in answers})):
        columns = (_RESPONSE.c.guide, _RESPONSE.c.question, _RESPONSE.c.submission)
        given = sa.select(*columns).where(_RESPONSE.c.project_id == project_id, _RESPONSE.c.submission.in_(part))
        found.update(answers[tuple(row)] for row in connection.execute(given) if tuple(row) in answers)
    return frozenset(found)


def speakers(connection: Connection, project_id: int, journey: str) -> dict[int, int | None]:
    """Whose words the pieces of evidence of a journey are, by their numbers; None where that is not known."""
    own = (_EVIDENCE.c.project_id == project_id, _EVIDENCE.c.journey == journey)
    return {
        row.id: row.person_id
        for row in connection.execute(sa.select(_EVIDENCE.c.id, _EVIDENCE.c.person_id).where(*own))
    }


# targets


def targets_of(connection: Connection, project_id: int, journey: str) -> tuple[Target, ...]:
    """The targets of a journey; those that were taken back too, without a value."""
    statement = sa.select(_TARGET).where(_TARGET.c.project_id == project_id, _TARGET.c.journey == journey)
    rows = connection.execute(statement.order_by(_TARGET.c.step, _TARGET.c.persona, _TARGET.c.metric))
    return tuple(map(_read_target, rows))


def keep_target(
    connection: Connection, project_id: int, journey: str, draft: TargetDraft, stamp: Stamp, *, revision: int
) -> bool:
    """Keep a target under a revision, the one after that in force."""
    by, at = stamp
    key = {
        "project_id": project_id,
        "journey": journey,
        "step": draft.step,
        "persona": draft.persona,
        "metric": draft.metric.value,
    }
    due = None if draft.due is None else str(draft.due)
    values = {"target": draft.target, "due": due, "revision": revision, "changed": at, "changed_by": by}
    return put(connection, _TARGET, key, values)


# looks


def looks_of(connection: Connection, project_id: int, journey: str) -> dict[str, Look]:
    """When somebody last looked at each step."""
    statement = sa.select(_LOOK).where(_LOOK.c.project_id == project_id, _LOOK.c.journey == journey)
    return {row.step: Look(Instant(row.at), row.by, row.note) for row in connection.execute(statement)}


def keep_looks(connection: Connection, project_id: int, journey: str, looks: Mapping[str, Look]) -> None:
    """Keep looks at steps; an earlier one never takes the place of a later one."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for step, look in sorted(looks.items()):
        statement = insert(_LOOK).values(
            project_id=project_id, journey=journey, step=step, at=look.at, by=look.by, note=look.note
        )
        later = {name: statement.excluded[name] for name in ("at", "by", "note")}
        key = ["project_id", "journey", "step"]
        connection.execute(
            statement.on_conflict_do_update(index_elements=key, set_=later, where=statement.excluded.at >= _LOOK.c.at)
        )


# snapshots


def add_snapshot(connection: Connection, project_id: int, draft: SnapshotDraft, stamp: Stamp) -> Snapshot | None:
    """Keep a snapshot for good; None where there is one of its quarter already."""
    by, at = stamp
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_SNAPSHOT).values(
        project_id=project_id,
        journey=draft.journey,
        persona=draft.persona,
        quarter=draft.quarter,
        begin=draft.period.begin,
        end=draft.period.end,
        taken=at,
        by=by,
        note=draft.note,
        document=draft.document,
    )
    number = connection.execute(statement.on_conflict_do_nothing().returning(_SNAPSHOT.c.id)).scalar()
    return None if number is None else Snapshot(int(number), draft, at, by)


def snapshots_of(
    connection: Connection, project_id: int, journey: str, *, before: int | None = None, limit: int = 100
) -> list[Snapshot]:
    """The snapshots of a journey, the latest first, without their documents."""
    own = [_SNAPSHOT.c.project_id == project_id, _SNAPSHOT.c.journey == journey]
    if before is not None:
        own.append(_SNAPSHOT.c.id < before)
    columns = [column for column in _SNAPSHOT.c if column is not _SNAPSHOT.c.document]
    rows = connection.execute(sa.select(*columns).where(*own).order_by(_SNAPSHOT.c.id.desc()).limit(limit))
    return [_read_snapshot(row, "") for row in rows]


def snapshot_of(connection: Connection, project_id: int, journey: str, number: int) -> Snapshot | None:
    """One snapshot with its document."""
    own = (_SNAPSHOT.c.project_id == project_id, _SNAPSHOT.c.journey == journey, _SNAPSHOT.c.id == number)
    row = connection.execute(sa.select(_SNAPSHOT).where(*own)).one_or_none()
    return None if row is None else _read_snapshot(row, row.document)


def has_snapshot(connection: Connection, project_id: int, place: Sequence[str]) -> bool:
    """True where there is one of a journey, a persona and a quarter."""
    journey, persona, quarter = place
    own = (
        _SNAPSHOT.c.project_id == project_id,
        _SNAPSHOT.c.journey == journey,
        _SNAPSHOT.c.persona == persona,
        _SNAPSHOT.c.quarter == quarter,
    )
    return connection.execute(sa.select(_SNAPSHOT.c.id).where(*own)).first() is not None


# rows


def _read_cell(row: sa.Row[Any]) -> Cell:
    draft = CellDraft(
        row=Row(row.row),
        text=row.text,
        stage=row.stage,
        step=row.step,
        persona=row.persona,
        touchpoint=row.touchpoint,
        evidence=tuple(orjson.loads(row.evidence)),
    )
    return Cell(draft, row.revision, Instant(row.created), row.by, Instant(row.changed), row.changed_by)


def _read_target(row: sa.Row[Any]) -> Target:
    draft = TargetDraft(
        step=row.step,
        metric=Metric(row.metric),
        target=row.target,
        persona=row.persona,
        due=None if row.due is None else read_timebox(row.due),
    )
    return Target(draft, row.revision, Instant(row.changed), row.changed_by)


def _read_snapshot(row: sa.Row[Any], document: str) -> Snapshot:
    draft = SnapshotDraft(
        journey=row.journey,
        persona=row.persona,
        period=Period(Instant(row.begin), Instant(row.end)),
        quarter=row.quarter,
        note=row.note,
        document=document,
    )
    return Snapshot(row.id, draft, Instant(row.taken), row.by)
