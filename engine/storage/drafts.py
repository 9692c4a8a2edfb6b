"""Working drafts in the database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from dsl.values import Instant
from engine.drafts import Draft, DraftState, StaleDraft
from engine.storage import base, draft_tables

_DRAFT = base.table(draft_tables.RuleDraft)


def draft_of(connection: Connection, project_id: int) -> tuple[int, Draft | None]:
    """The draft of a project, None where there is none, and the revision at which that is so."""
    row = connection.execute(sa.select(_DRAFT).where(_DRAFT.c.project_id == project_id)).one_or_none()
    if row is None:
        return 0, None
    return row.revision, None if row.files is None else _read(row)


def keep(connection: Connection, project_id: int, draft: Draft) -> Draft:
    """Keep a draft in place of the one of its revision; as it is kept. Raises StaleDraft."""
    values: dict[str, Any] = {
        "files": orjson.dumps(dict(draft.files)).decode(),
        "base": draft.base,
        "state": draft.state.value,
        "note": draft.note,
        "begun": draft.begun,
        "begun_by": draft.begun_by,
        "changed": draft.changed,
        "changed_by": draft.changed_by,
        "revision": draft.revision + 1,
    }
    if draft.revision == 0:
        try:
            connection.execute(sa.insert(_DRAFT).values(project_id=project_id, **values))
        except IntegrityError:
            raise StaleDraft(0, 1) from None
    else:
        _change(connection, project_id, draft.revision, values)
    return replace(draft, revision=draft.revision + 1)


def end(connection: Connection, project_id: int, revision: int) -> int:
    """Forget a draft; the revision from then on. Raises StaleDraft."""
    _change(connection, project_id, revision, {"files": None, "revision": revision + 1})
    return revision + 1


def _change(connection: Connection, project_id: int, revision: int, values: dict[str, Any]) -> None:
    before = (_DRAFT.c.project_id == project_id, _DRAFT.c.revision == revision)
    if connection.execute(sa.update(_DRAFT).where(*before).values(**values)).rowcount != 1:
        raise StaleDraft(revision, draft_of(connection, project_id)[0])


def _read(row: sa.Row[Any]) -> Draft:
    return Draft(
        revision=row.revision,
        files=orjson.loads(row.files),
        base=row.base,
        state=DraftState(row.state),
        note=row.note,
        begun=Instant(row.begun),
        begun_by=row.begun_by,
        changed=Instant(row.changed),
        changed_by=row.changed_by,
    )
