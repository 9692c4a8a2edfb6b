"""Whole histories from the log: everybody of a project with all their events, for what lives through them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.people import Person
from engine.storage import tables
from engine.storage.log import read_event

_EVENT = tables.table(tables.Event)
_PERSON = tables.table(tables.Person)
_PART: Final = 5_000


def count_events(connection: Connection, project_id: int, *, until: Instant | None = None) -> int:
    """How many events of a project there are, simulated ones too."""
    statement = sa.select(sa.func.count()).select_from(_EVENT).where(_EVENT.c.project_id == project_id)
    return int(connection.execute(statement if until is None else statement.where(_EVENT.c.time <= until)).scalar_one())


def people_of_project(
    connection: Connection,
    project_id: int,
    *,
    until: Instant | None = None,
    with_simulated: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Person]:
    """The people of a project, in the order in which they were first received, each with all events up to an instant.

    Whoever turned out to be somebody else is found there. progress: told how many events are read.
    """
    people: dict[int, Person] = {}
    merged: dict[int, int] = {}
    for row in connection.execute(sa.select(_PERSON).where(_PERSON.c.project_id == project_id).order_by(_PERSON.c.id)):
        if row.merged_into is not None:
            merged[row.id] = row.merged_into
        elif with_simulated or not row.simulated:
            people[row.id] = Person(row.first_id, row.user_id)
    statement = sa.select(_EVENT).where(_EVENT.c.project_id == project_id).order_by(_EVENT.c.time, _EVENT.c.seq)
    if until is not None:
        statement = statement.where(_EVENT.c.time <= until)
    rows = connection.execution_options(yield_per=_PART).execute(statement)
    for done, row in enumerate(rows, 1):
        person = people.get(merged.get(row.person_id, row.person_id))
        if person is not None:
            person.events.append(read_event(row))
        progress(done)
    return [person for person in people.values() if person.events]
