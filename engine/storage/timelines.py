"""What happened to one person, the latest first, a page at a time: events and decisions. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.replies import LoggedDecision, LoggedEvent
from engine.storage import tables
from engine.storage.decisions import read_logged_decision
from engine.storage.log import read_logged

_EVENT = tables.table(tables.Event)
_DECISION = tables.table(tables.Decision)
_PERSON = tables.table(tables.Person)

EVENT: Final = 0
DECISION: Final = 1
"""At the same instant a decision stands after the event that woke it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a timeline: an instant, and at it an event or a decision by its number."""

    time: Instant
    rank: int
    number: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events. names: only these. without: none of these. times: only of these instants."""

    names: Collection[str] | None = None
    without: Collection[str] = ()
    times: Collection[Instant] | None = None


def events_before(
    connection: Connection, numbers: Sequence[int], before: Place | None, wanted: Wanted, *, limit: int
) -> list[LoggedEvent]:
    """The events filed under some numbers before a place, the latest first."""
    if wanted.names is not None and not wanted.names:
        return []
    statement = sa.select(_EVENT).where(_EVENT.c.person_id.in_(numbers))
    if wanted.names is not None:
        statement = statement.where(_EVENT.c.name.in_(sorted(wanted.names)))
    if wanted.without:
        statement = statement.where(_EVENT.c.name.not_in(sorted(wanted.without)))
    if wanted.times is not None:
        statement = statement.where(_EVENT.c.time.in_(sorted(wanted.times)))
    if before is not None:
        statement = statement.where(_earlier(_EVENT.c.time, _EVENT.c.seq, before, rank=EVENT))
    rows = connection.execute(statement.order_by(_EVENT.c.time.desc(), _EVENT.c.seq.desc()).limit(limit))
    return [read_logged(row) for row in rows]


def events_after(
    connection: Connection, numbers: Sequence[int], after: tuple[Instant, int], *, limit: int
) -> list[LoggedEvent]:
    """The next events filed under some numbers, the earliest first."""
    time, seq = after
    later = sa.or_(_EVENT.c.time > time, sa.and_(_EVENT.c.time == time, _EVENT.c.seq > seq))
    statement = sa.select(_EVENT).where(_EVENT.c.person_id.in_(numbers), later)
    return [
        read_logged(row) for row in connection.execute(statement.order_by(_EVENT.c.time, _EVENT.c.seq).limit(limit))
    ]


def decisions_before(
    connection: Connection, numbers: Sequence[int], before: Place | None, *, with_nothing: bool, limit: int
) -> list[LoggedDecision]:
    """The decisions made for somebody before a place, the latest first. with_nothing: also those without a show."""
    decision = _DECISION.c
    statement = (
        sa.select(_DECISION, _PERSON.c.user_id, _PERSON.c.first_id)
        .join(_PERSON, _PERSON.c.id == decision.person_id)
        .where(decision.person_id.in_(numbers))
    )
    if not with_nothing:
        statement = statement.where(sa.or_(decision.guide.is_not(None), decision.held_out.is_not(None)))
    if before is not None:
        statement = statement.where(_earlier(decision.time, decision.seq, before, rank=DECISION))
    rows = connection.execute(statement.order_by(decision.time.desc(), decision.seq.desc()).limit(limit))
    return [read_logged_decision(row) for row in rows]


def _earlier(time: sa.Column[Any], number: sa.Column[Any], before: Place, *, rank: int) -> sa.ColumnElement[bool]:
    if rank > before.rank:
        return time < before.time
    at_once = time == before.time if rank < before.rank else sa.and_(time == before.time, number < before.number)
    return sa.or_(time < before.time, at_once)
