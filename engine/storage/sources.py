"""Where events come from, as far as the log's last lines tell: for what is asked while somebody waits for the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.storage import tables

_EVENT = tables.table(tables.Event)
_LOOKED_AT: Final = 2_000
"""How many of the latest events are looked at: a page that sends is among them soon."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest event that came from a page. path: of the page; blank where it was not told."""

    name: str
    received: Instant
    path: str


def latest_from_pages(connection: Connection, project_id: int) -> Latest | None:
    """The latest event that a browser sent; None where there is none among the latest events."""
    column = _EVENT.c
    lately = (
        sa.select(column.name, column.received, column.from_browser, column.context, column.seq)
        .where(column.project_id == project_id)
        .order_by(column.seq.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    statement = sa.select(lately).where(lately.c.from_browser).order_by(lately.c.seq.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    return Latest(row.name, Instant(row.received), page_of(row.context))


def page_of(context: str | None) -> str:
    """The path of the page in an event's context; blank where it tells none."""
    page = orjson.loads(context).get("page") if context else None
    path = page.get("path") if isinstance(page, dict) else None
    return path if isinstance(path, str) else ""
