"""A long history in portions of people, each short enough to be lived through while somebody waits.

Who shares an account is in the same portion, for conditions ask what others of it did; else chance decides, always
the same for the same people. So one portion is a fair sample, and all of them together are everybody once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.people import Person
from engine.storage import tables
from engine.storage.log import chunks, read_event

_EVENT = tables.table(tables.Event)
_PERSON = tables.table(tables.Person)
EVENTS_OF_ONE: Final = 25_000
"""About how many events there are in a portion: some seconds."""


def portions_of(events: int) -> int:
    """In how many portions a history is looked at that has so many events."""
    return max(1, -(-events // EVENTS_OF_ONE))


def people_of_portion(
    connection: Connection,
    project_id: int,
    portion: int,
    portions: int,
    *,
    until: Instant | None = None,
    with_simulated: bool = False,
) -> list[Person]:
    """The people of one portion, from 0, in the order in which they were first received, each with all their events."""
    people: dict[int, Person] = {}
    merged: dict[int, int] = {}
    for row in connection.execute(sa.select(_PERSON).where(_PERSON.c.project_id == project_id).order_by(_PERSON.c.id)):
        if row.merged_into is not None:
            merged[row.id] = row.merged_into
        elif with_simulated or not row.simulated:
            people[row.id] = Person(row.first_id, row.user_id)
    together = _together(_members(connection, project_id, merged))
    wanted = {each for each in people if crc32(str(together.get(each, each)).encode()) % portions == portion}
    rows = [*wanted, *(own for own, other in merged.items() if other in wanted)]
    for part in chunks(sorted(rows)):
        statement = sa.select(_EVENT).where(_EVENT.c.person_id.in_(part))
        if until is not None:
            statement = statement.where(_EVENT.c.time <= until)
        for row in connection.execute(statement):
            people[merged.get(row.person_id, row.person_id)].events.append(read_event(row))
    found = [people[each] for each in people if each in wanted and people[each].events]
    for person in found:
        person.events.sort(key=lambda event: event.position)
    return found


def _members(connection: Connection, project_id: int, merged: dict[int, int]) -> Iterable[tuple[int, str]]:
    """Who was ever in which account."""
    statement = (
        sa.select(_EVENT.c.person_id, _EVENT.c.group_id)
        .where(_EVENT.c.project_id == project_id, _EVENT.c.group_id.is_not(None), tables.ABOUT_ACCOUNTS)
        .distinct()
    )
    for row in connection.execute(statement):
        yield merged.get(row.person_id, row.person_id), row.group_id


def _together(members: Iterable[tuple[int, str]]) -> dict[int, int]:
    """Who belongs together by accounts: of each, the first of them."""
    first: dict[int, int] = {}
    by_account: dict[str, int] = {}

    def root(person: int) -> int:
        while first.setdefault(person, person) != person:
            first[person] = person = first[first[person]]
        return person

    for person, account in members:
        one, other = sorted((root(person), root(by_account.setdefault(account, person))))
        first[other] = one
    return {person: root(person) for person in list(first)}
