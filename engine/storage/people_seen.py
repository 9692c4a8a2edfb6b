"""People by their ids, as somebody looks for them: the latest ones, and those whose id has a text in it. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.storage import tables
from engine.storage.lake_rows import is_bot
from engine.storage.log import chunks

LOOKED_AT: Final = 5_000
"""Events of the log, the latest ones, among which the latest people are looked for."""
_EVENT = tables.table(tables.Event)
_PERSON = tables.table(tables.Person)
_IDENTITY = tables.table(tables.Identity)


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """A person as of today. name: the id that people know, the user's own, else the first anonymous one."""

    id: int
    name: str
    is_known: bool
    simulated: bool
    created: Instant


@dataclass(frozen=True, slots=True)
class Latest:
    """When something was received last of a person's number, and what."""

    number: int
    time: Instant
    event: str


def today(connection: Connection, numbers: Collection[int]) -> dict[int, PersonSeen]:
    """Who each of some numbers is today."""
    found: dict[int, PersonSeen] = {}
    merged: dict[int, int] = {}
    for part in chunks(sorted(numbers)):
        for row in connection.execute(sa.select(_PERSON).where(_PERSON.c.id.in_(part))):
            if row.merged_into is None:
                found[row.id] = _read(row)
            else:
                merged[row.id] = row.merged_into
    if merged:
        # The person that somebody turned out to be is itself never merged.
        known = {**found, **today(connection, set(merged.values()) - found.keys())}
        found.update({number: known[into] for number, into in merged.items() if into in known})
    return found


def latest(connection: Connection, project_id: int, *, with_simulated: bool, with_bots: bool = False) -> list[Latest]:
    """Whose events were received last, the latest first, among the last LOOKED_AT of the project."""
    wanted = (_EVENT.c.seq, _EVENT.c.person_id, _EVENT.c.time, _EVENT.c.name, _EVENT.c.context)
    statement = sa.select(*wanted).where(_EVENT.c.project_id == project_id)
    if not with_simulated:
        statement = statement.where(_EVENT.c.simulated.is_(False))
    found: dict[int, Latest] = {}
    for row in connection.execute(statement.order_by(_EVENT.c.seq.desc()).limit(LOOKED_AT)):
        if row.person_id not in found and (with_bots or not _is_of_bot(row.context)):
            found[row.person_id] = Latest(row.person_id, Instant(row.time), row.name)
    return list(found.values())


def with_text(connection: Connection, project_id: int, text: str, *, limit: int) -> list[int]:
    """The numbers of people with an id that has a text in it, in capitals or not: the same text first, then what begins
    with it."""
    value = _IDENTITY.c.value
    matches = value.icontains(text, autoescape=True)
    place = sa.case((value == text, 0), (value.istartswith(text, autoescape=True), 1), else_=2)
    statement = (
        sa.select(_IDENTITY.c.person_id)
        .where(_IDENTITY.c.project_id == project_id, matches)
        .group_by(_IDENTITY.c.person_id)
        .order_by(sa.func.min(place), sa.func.min(value))
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def last_times(connection: Connection, numbers: Sequence[int]) -> dict[int, Latest]:
    """The latest event of each of some numbers."""
    found: dict[int, Latest] = {}
    for number in numbers:
        statement = sa.select(_EVENT.c.time, _EVENT.c.name).where(_EVENT.c.person_id == number)
        row = connection.execute(statement.order_by(_EVENT.c.time.desc(), _EVENT.c.seq.desc()).limit(1)).one_or_none()
        if row is not None:
            found[number] = Latest(number, Instant(row.time), row.name)
    return found


def _is_of_bot(context: str | None) -> bool:
    agent = orjson.loads(context).get("userAgent") if context else None
    return isinstance(agent, str) and is_bot(agent)


def _read(row: sa.Row[Any]) -> PersonSeen:
    return PersonSeen(
        id=row.id,
        name=row.user_id if row.user_id is not None else row.first_id,
        is_known=row.user_id is not None,
        simulated=bool(row.simulated),
        created=Instant(row.created),
    )
