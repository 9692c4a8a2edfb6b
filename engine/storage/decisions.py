"""The compact row of each decision, and the place that a confirmation reserves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import SECOND, Duration, Instant, JsonValue
from engine.replies import LoggedDecision
from engine.storage import postgres_numbers, tables
from engine.storage.log import chunks
from engine.storage.rows import Row as Values
from engine.storage.rows import Rows

RESERVED_FOR: Final = Duration(30 * SECOND)
"""How long a confirmed place is kept for the browser that asked."""

_DECISION = tables.table(tables.Decision)
_ROWS: Final = Rows(
    _DECISION,
    (
        "id",
        "project_id",
        "person_id",
        "time",
        "revision",
        "trigger",
        "guide",
        "variant",
        "held_out",
        "woken",
        "context",
        "reasons",
    ),
    key=("id",),
)
_RESERVATION = tables.table(tables.Reservation)
_PERSON = tables.table(tables.Person)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What is kept of one decision."""

    id: str
    project_id: int
    person_id: int
    time: Instant
    revision: str
    trigger: str | None
    guide: str | None
    variant: str | None
    held_out: str | None
    reasons: Mapping[str, int]
    woken: Mapping[str, JsonValue] | None = None
    context: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class Reserved:
    """The place in front of a person, and for which decision it is kept."""

    person_id: int
    project_id: int
    decision_id: str
    guide: str
    holder: str | None
    until: Instant


def add(connection: Connection, rows: Sequence[DecisionRow]) -> None:
    """Keep decisions; those that are kept already stay as they are."""
    if rows:
        postgres_numbers.announce(connection, "decision")
        _ROWS.write(connection, [_to_row(row) for row in rows])


def find(connection: Connection, project_id: int, decision_id: str) -> DecisionRow | None:
    """A decision of a project."""
    statement = sa.select(_DECISION).where(_DECISION.c.id == decision_id, _DECISION.c.project_id == project_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _from_row(row)


def people_of(connection: Connection, ids: Sequence[str]) -> list[int]:
    """The people whom some decisions were made for, of any project, each once."""
    found: set[int] = set()
    for part in chunks([each for each in ids if "\0" not in each]):
        found.update(connection.execute(sa.select(_DECISION.c.person_id).where(_DECISION.c.id.in_(part))).scalars())
    return sorted(found)


def set_confirmed(connection: Connection, decision_id: str, at: Instant) -> None:
    """Note that a decision was let through to be shown."""
    connection.execute(sa.update(_DECISION).where(_DECISION.c.id == decision_id).values(confirmed=at))


def move(connection: Connection, former: Sequence[int], person_id: int) -> None:
    """Give the decisions and the place of people to the person they have become."""
    connection.execute(sa.update(_DECISION).where(_DECISION.c.person_id.in_(former)).values(person_id=person_id))
    places = connection.execute(sa.select(_RESERVATION).where(_RESERVATION.c.person_id.in_(former))).all()
    connection.execute(sa.delete(_RESERVATION).where(_RESERVATION.c.person_id.in_(former)))
    own = place_of(connection, person_id)
    latest = max(places, key=lambda place: place.until, default=None)
    if latest is not None and (own is None or own.until < latest.until):
        reserve(connection, _read_place(latest, person_id))


def place_of(connection: Connection, person_id: int) -> Reserved | None:
    """The latest reservation of a person's place, over or not."""
    return places_of(connection, [person_id]).get(person_id)


def places_of(connection: Connection, people: Sequence[int]) -> dict[int, Reserved]:
    """The latest reservations of the places of some people, over or not."""
    found: dict[int, Reserved] = {}
    for part in chunks(people):
        for row in connection.execute(sa.select(_RESERVATION).where(_RESERVATION.c.person_id.in_(part))):
            found[row.person_id] = _read_place(row, row.person_id)
    return found


def reserve(connection: Connection, place: Reserved) -> None:
    """Keep the place of a person for a decision, instead of an earlier one."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {
        "person_id": place.person_id,
        "project_id": place.project_id,
        "decision_id": place.decision_id,
        "guide": place.guide,
        "holder": place.holder,
        "until": place.until,
    }
    statement = insert(_RESERVATION).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))


def release(connection: Connection, shown: Sequence[tuple[int, str]]) -> None:
    """Free the places of people to whom the guide was shown: from then on the show itself counts."""
    if not shown:
        return
    guides = set(shown)
    kept = places_of(connection, sorted({person for person, _ in shown}))
    over = [person for person, place in kept.items() if (person, place.guide) in guides]
    if over:
        connection.execute(sa.delete(_RESERVATION).where(_RESERVATION.c.person_id.in_(over)))


def made_after(connection: Connection, project_id: int, after: int | None, *, limit: int) -> list[LoggedDecision]:
    """A project's decisions in the order in which they were made: the first ones after a number, or the latest."""
    statement = (
        sa.select(_DECISION, _PERSON.c.user_id, _PERSON.c.first_id)
        .join(_PERSON, _PERSON.c.id == _DECISION.c.person_id)
        .where(_DECISION.c.project_id == project_id)
        .limit(limit)
    )
    if (settled := postgres_numbers.settled(connection, "decision")) is not None:
        statement = statement.where(_DECISION.c.seq <= settled)
    if after is None:
        rows = reversed(connection.execute(statement.order_by(_DECISION.c.seq.desc())).all())
    else:
        rows = iter(connection.execute(statement.where(_DECISION.c.seq > after).order_by(_DECISION.c.seq)))
    return [read_logged_decision(row) for row in rows]


def _to_row(row: DecisionRow) -> Values:
    return (
        row.id,
        row.project_id,
        row.person_id,
        row.time,
        row.revision,
        row.trigger,
        row.guide,
        row.variant,
        row.held_out,
        None if row.woken is None else orjson.dumps(dict(row.woken)).decode(),
        orjson.dumps(dict(row.context)).decode() if row.context else None,
        orjson.dumps(dict(row.reasons)).decode(),
    )


def _from_row(row: sa.Row[Any]) -> DecisionRow:
    return DecisionRow(
        id=row.id,
        project_id=row.project_id,
        person_id=row.person_id,
        time=Instant(row.time),
        revision=row.revision,
        trigger=row.trigger,
        guide=row.guide,
        variant=row.variant,
        held_out=row.held_out,
        reasons=orjson.loads(row.reasons),
        woken=None if row.woken is None else orjson.loads(row.woken),
        context=None if row.context is None else orjson.loads(row.context),
    )


def _read_place(row: sa.Row[Any], person_id: int) -> Reserved:
    return Reserved(person_id, row.project_id, row.decision_id, row.guide, row.holder, Instant(row.until))


def read_logged_decision(row: sa.Row[Any]) -> LoggedDecision:
    """The decision of a row that has its person's ids beside it."""
    return LoggedDecision(
        seq=row.seq,
        id=row.id,
        time=Instant(row.time),
        person_id=row.person_id,
        user_id=row.user_id,
        first_id=row.first_id,
        revision=row.revision,
        trigger=row.trigger,
        guide=row.guide,
        variant=row.variant,
        held_out=row.held_out,
        reasons=orjson.loads(row.reasons),
        confirmed=None if row.confirmed is None else Instant(row.confirmed),
    )
