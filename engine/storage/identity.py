"""Who an event belongs to: ids to people, anonymous visits to the user they turn out to be.

The rules, in one place:

- An id that is new makes a new person; an event with both ids gives the unknown one to the person of the known one.
- When an anonymous person turns out to be a user who is known already, the two become one; the user stays.
- Two known users never become one: the event belongs to its user id, and the anonymous id stays where it was. So does
  an `alias` whose former id is that of a known user: nothing is linked, and its sender is told.
- A person is hashed by the first id they were seen with (the user id, where the first event has both); when two become
  one, by that of whichever was exposed to a guide first, so that nobody changes arms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.errors import NoIdentity
from engine.events import Event, EventKind, GuideEvent
from engine.intake import Taken
from engine.storage import tables
from engine.storage.failures import Conflict
from engine.storage.log import chunks

if TYPE_CHECKING:
    from engine.storage.memory import Memory

_PERSON: Final = tables.table(tables.Person)
_IDENTITY: Final = tables.table(tables.Identity)
_LOCK_IDS: Final = (
    "SELECT pg_advisory_xact_lock(k) FROM (SELECT DISTINCT hashtextextended(t, 0) AS k"
    " FROM unnest(CAST(:keys AS text[])) AS t ORDER BY 1) AS s"
)
_ALIAS: Final = EventKind.ALIAS
# Looked up once: each time it takes longer than to compare.
_EXPOSED: Final = frozenset({GuideEvent.SHOWN.value, GuideEvent.HELD_OUT.value})


class IdKind(StrEnum):
    """User ids and anonymous ids are two worlds: the same text in both names two people."""

    USER = "user"
    ANONYMOUS = "anonymous"


Id = tuple[int, IdKind, str]
"""Project, kind and text of an id."""


@dataclass(slots=True, eq=False)
class Person:
    """A person while events are filed. `id` is 0 until they are stored."""

    id: int
    project_id: int
    first_id: str
    user_id: str | None
    first_exposed: Instant | None
    simulated: bool
    created: Instant
    merged_into: Person | None = None
    is_changed: bool = False
    is_new: bool = False
    """Made in this transaction: without any history before it."""
    former: list[int] = field(default_factory=list)
    """Stored people that became this one in this transaction."""

    @property
    def today(self) -> Person:
        """Who this is by now."""
        person = self
        while person.merged_into is not None:
            person = person.merged_into
        return person

    def expose(self, at: Instant) -> None:
        """A guide was shown to, or held out from, this person."""
        if self.first_exposed is None or at < self.first_exposed:
            self.first_exposed = at
            self.is_changed = True


class People:
    """The people that some events speak of: found, made, linked, and written back by `store`."""

    def __init__(self, connection: Connection, memory: Memory | None = None) -> None:
        """memory: the writer's, for who writes; without it everything is read."""
        self._connection = connection
        self._memory = memory if memory is not None and connection.dialect.name == "sqlite" else None
        self._by_id: dict[Id, Person] = {}
        self._by_number: dict[int, Person] = {}
        self._new_people: list[Person] = []
        self._new_ids: dict[Id, Person] = {}
        self._is_remembered = False
        self.have_merged = False
        """True once any of them has become another one here."""

    def load(self, ids: Iterable[Id]) -> None:
        """Read and lock what is known of some ids. Call it once, with all of them."""
        wanted = sorted(self._remember(ids))
        if not wanted:
            return
        if self._connection.dialect.name != "sqlite":
            _lock_ids(self._connection, wanted)
        owners = find_ids(self._connection, wanted)
        if self._read(sorted(set(owners.values()))):
            # Someone was merged while we waited for their lock (PostgreSQL). Whom the ids belong to has to be read
            # again from the beginning: to lock one more person now could be against the order of the others.
            raise Conflict("a person has become somebody else meanwhile")
        for key, number in owners.items():
            self._by_id[key] = self._by_number[number].today

    def _remember(self, ids: Iterable[Id]) -> set[Id]:
        """Take what is remembered; the ids of which nothing is."""
        wanted = set(ids)
        if self._memory is None:
            return wanted
        for key in [key for key in wanted if key in self._memory.ids]:
            person = self._memory.ids[key].today
            person.is_new, person.former = False, []
            self._by_id[key] = self._by_number[person.id] = person
            wanted.discard(key)
        return wanted

    def file(self, project_id: int, taken: Taken) -> Person:
        """Whom an event belongs to, after what it says of ids has been taken in."""
        event = taken.event
        linked = event.anonymous_id if self.alias_without_effect(project_id, event) is None else None
        person = self.person(project_id, event.user_id, linked, at=event.received, simulated=taken.simulated)
        if event.name in _EXPOSED:
            person.expose(event.time)
        return person

    def alias_without_effect(self, project_id: int, event: Event) -> str | None:
        """Why an alias links nothing, for its sender; None for one that does, and for every other event."""
        if event.kind is not _ALIAS:
            return None
        visitor = self._find(project_id, IdKind.ANONYMOUS, event.anonymous_id)
        if visitor is not None and visitor.user_id not in (None, event.user_id):
            return "`previousId` belongs to another known user already; two known users never become one"
        if visitor is None and self._find(project_id, IdKind.USER, event.anonymous_id) is not None:
            return "`previousId` is the id of a known user; two known users never become one"
        return None

    def person(
        self, project_id: int, user_id: str | None, anonymous_id: str | None, *, at: Instant, simulated: bool
    ) -> Person:
        """The person of one id or two, made if need be; two ids are linked as the rules above say."""
        user = self._find(project_id, IdKind.USER, user_id)
        visitor = self._find(project_id, IdKind.ANONYMOUS, anonymous_id)
        if user_id is not None and user is None and visitor is not None and visitor.user_id is None:
            user = visitor
            user.user_id = user_id
            user.is_changed = True
        person = user or (visitor if user_id is None else None)
        if person is None:
            first_id = user_id if user_id is not None else anonymous_id
            if first_id is None:
                raise ValueError("a person needs an id")
            person = Person(0, project_id, first_id, user_id, None, simulated, at, is_new=True)
            self._new_people.append(person)
        self._own(person, project_id, IdKind.USER, user_id)
        if visitor is None:
            self._own(person, project_id, IdKind.ANONYMOUS, anonymous_id)
        elif visitor is not person and visitor.user_id is None:
            self._merge(visitor, person)
        return person

    def store(self) -> None:
        """Write what is new: people, ids, links. Afterwards everyone has an `id`. May be called again later."""
        is_news = bool(self._new_ids) or bool(self._new_people) or not self._is_remembered
        self._insert_people()
        changed = [person for person in self._by_number.values() if person.is_changed]
        for person in changed:
            self._update(person)
        if self._new_ids:
            rows = [
                {"project_id": project, "kind": kind.value, "value": value, "person_id": person.today.id}
                for (project, kind, value), person in self._new_ids.items()
            ]
            self._connection.execute(sa.insert(_IDENTITY), rows)
            self._new_ids.clear()
        merged = [person for person in changed if person.merged_into is not None]
        for person in merged:
            moved = {"person_id": person.today.id}
            self._connection.execute(sa.update(_IDENTITY).where(_IDENTITY.c.person_id == person.id).values(moved))
            earlier = sa.update(_PERSON).where(_PERSON.c.merged_into == person.id)
            self._connection.execute(earlier.values(merged_into=person.today.id))
        if self._memory is not None and (is_news or changed):
            self._memory.keep_ids(self._by_id.items())
            self._is_remembered = True

    def _find(self, project_id: int, kind: IdKind, value: str | None) -> Person | None:
        if value is None:
            return None
        found = self._by_id.get((project_id, kind, value))
        return found.today if found is not None else None

    def _own(self, person: Person, project_id: int, kind: IdKind, value: str | None) -> None:
        if value is not None and (key := (project_id, kind, value)) not in self._by_id:
            self._by_id[key] = person
            self._new_ids[key] = person

    def _merge(self, visitor: Person, user: Person) -> None:
        self.have_merged = True
        visitor.merged_into = user
        visitor.is_changed = user.is_changed = True
        user.former += [*visitor.former, *([visitor.id] if visitor.id else [])]
        if visitor.first_exposed is not None and (
            user.first_exposed is None or visitor.first_exposed < user.first_exposed
        ):
            user.first_id = visitor.first_id
            user.first_exposed = visitor.first_exposed

    def _read(self, numbers: Sequence[int]) -> bool:
        """Read and lock people; True if any of them has become somebody else."""
        is_moved = False
        known = self._memory.people if self._memory is not None else {}
        self._by_number.update({number: known[number] for number in numbers if number in known})
        for part in chunks([number for number in numbers if number not in known]):
            # In the order of their numbers, so that two processes never wait for each other.
            statement = sa.select(_PERSON).where(_PERSON.c.id.in_(part)).order_by(_PERSON.c.id).with_for_update()
            for row in self._connection.execute(statement):
                self._by_number[row.id] = _read_person(row)
                is_moved = is_moved or row.merged_into is not None
        return is_moved

    def _insert_people(self) -> None:
        # One who was merged before ever being stored is nobody: no event was filed under them.
        people = [person for person in self._new_people if person.merged_into is None]
        self._new_people.clear()
        if not people:
            return
        statement = sa.insert(_PERSON).returning(_PERSON.c.id, sort_by_parameter_order=True)
        numbers = self._connection.execute(statement, [_to_row(person) for person in people]).scalars()
        for person, number in zip(people, numbers, strict=True):
            person.id = number
            person.is_changed = False
            self._by_number[number] = person

    def _update(self, person: Person) -> None:
        values: dict[str, Any] = {
            "first_id": person.first_id,
            "user_id": person.user_id,
            "first_exposed": person.first_exposed,
            "merged_into": person.today.id if person.merged_into is not None else None,
        }
        self._connection.execute(sa.update(_PERSON).where(_PERSON.c.id == person.id).values(values))
        person.is_changed = False


def is_id(text: str) -> bool:
    """True for what an id may be: 1 to 255 characters that every database keeps."""
    return 0 < len(text) <= tables.ID_LENGTH and "\0" not in text


def read_ids(*said: str | None) -> list[str]:
    """The ids that a request names, in their order. Raises NoIdentity where it names none, or what is no id."""
    found = [each for each in said if each is not None]
    if not found:
        raise NoIdentity
    if not all(map(is_id, found)):
        raise NoIdentity(f"an id has 1 to {tables.ID_LENGTH} characters, none of them a zero character")
    return found


def ids_of(project_id: int, user_id: str | None, anonymous_id: str | None) -> list[Id]:
    """The ids that an event or a request names."""
    found: list[Id] = []
    if user_id is not None:
        found.append((project_id, IdKind.USER, user_id))
    if anonymous_id is not None:
        found.append((project_id, IdKind.ANONYMOUS, anonymous_id))
    return found


def ids_among(events: Iterable[tuple[int, Event]]) -> set[Id]:
    """The ids that some events name, each with its project. Most have the ids of another one."""
    told = {(project, event.user_id, event.anonymous_id, event.kind is _ALIAS) for project, event in events}
    found: set[Id] = set()
    for project, user_id, anonymous_id, is_alias in told:
        found.update(ids_of(project, user_id, anonymous_id))
        if is_alias and anonymous_id is not None:
            # The former id of an alias might be a user's.
            found.add((project, IdKind.USER, anonymous_id))
    return found


def find_ids(connection: Connection, ids: Iterable[Id]) -> dict[Id, int]:
    """Whose some ids are, as far as they are known."""
    groups: dict[tuple[int, IdKind], list[str]] = {}
    for project, kind, value in ids:
        if is_id(value):
            groups.setdefault((project, kind), []).append(value)
    found: dict[Id, int] = {}
    for (project, kind), values in groups.items():
        for part in chunks(values):
            statement = sa.select(_IDENTITY.c.value, _IDENTITY.c.person_id).where(
                _IDENTITY.c.project_id == project, _IDENTITY.c.kind == kind.value, _IDENTITY.c.value.in_(part)
            )
            found.update({(project, kind, value): person for value, person in connection.execute(statement)})
    return found


def find_person(
    connection: Connection, project_id: int, user_id: str | None, anonymous_id: str | None
) -> sa.Row[Any] | None:
    """The stored person of a user id or, failing that, of an anonymous id."""
    owners = find_ids(connection, ids_of(project_id, user_id, anonymous_id))
    for key in ids_of(project_id, user_id, anonymous_id):
        if key in owners:
            return connection.execute(sa.select(_PERSON).where(_PERSON.c.id == owners[key])).one()
    return None


def aliases(connection: Connection, person_id: int) -> list[int]:
    """The numbers that a person's events were filed under: their own, and those of everyone merged into them."""
    merged = connection.execute(sa.select(_PERSON.c.id).where(_PERSON.c.merged_into == person_id)).scalars()
    return [person_id, *sorted(merged)]


def aliases_of(connection: Connection, people: Sequence[int]) -> dict[int, list[int]]:
    """The same for several people at once."""
    found = {person: [person] for person in people}
    for part in chunks(people):
        statement = sa.select(_PERSON.c.merged_into, _PERSON.c.id).where(_PERSON.c.merged_into.in_(part))
        for target, number in connection.execute(statement.order_by(_PERSON.c.id)):
            found[target].append(number)
    return found


def people_today(connection: Connection, people: Sequence[int]) -> dict[int, int]:
    """Who some people are by now; nobody for those who were erased."""
    found: dict[int, int] = {}
    for part in chunks(sorted(set(people))):
        statement = sa.select(_PERSON.c.id, _PERSON.c.merged_into).where(_PERSON.c.id.in_(part))
        found.update((number, merged_into or number) for number, merged_into in connection.execute(statement))
    return found


def lock_people(connection: Connection, people: Sequence[int]) -> list[int]:
    """Keep other processes from folding these people meanwhile; those of them who are still people of their own."""
    found: list[int] = []
    for part in chunks(sorted(people)):
        statement = sa.select(_PERSON.c.id, _PERSON.c.merged_into).where(_PERSON.c.id.in_(part))
        rows = connection.execute(statement.order_by(_PERSON.c.id).with_for_update())
        found += [number for number, merged_into in rows if merged_into is None]
    return found


def first_id(connection: Connection, person_id: int) -> str:
    """What a person's shares are hashed from."""
    found: str = connection.execute(sa.select(_PERSON.c.first_id).where(_PERSON.c.id == person_id)).scalar_one()
    return found


def names_of(connection: Connection, people: Sequence[int]) -> list[str]:
    """What some people are called: by their user id, without one by their first id."""
    name = sa.func.coalesce(_PERSON.c.user_id, _PERSON.c.first_id)
    return [
        found
        for part in chunks(people)
        for found in connection.execute(sa.select(name).where(_PERSON.c.id.in_(part))).scalars()
    ]


def anonymous_ids(connection: Connection, person_id: int) -> list[str]:
    """A person's anonymous ids."""
    statement = sa.select(_IDENTITY.c.value).where(
        _IDENTITY.c.person_id == person_id, _IDENTITY.c.kind == IdKind.ANONYMOUS.value
    )
    return sorted(connection.execute(statement).scalars())


def ids_of_people(connection: Connection, people: Sequence[int]) -> list[Id]:
    """All ids of some people."""
    found: list[Id] = []
    for part in chunks(people):
        for row in connection.execute(sa.select(_IDENTITY).where(_IDENTITY.c.person_id.in_(part))):
            found.append((row.project_id, IdKind(row.kind), row.value))
    return sorted(found)


def lock_ids(connection: Connection, ids: Iterable[Id]) -> None:
    """Keep other processes from filing anything under these ids meanwhile."""
    if connection.dialect.name != "sqlite":
        _lock_ids(connection, sorted(set(ids)))


def _lock_ids(connection: Connection, ids: Sequence[Id]) -> None:
    """Take a lock on each id, in one order for all, so that two processes cannot make two people of one id."""
    keys = ["\x1f".join((str(project), kind.value, value)) for project, kind, value in ids]
    if keys:
        connection.execute(sa.text(_LOCK_IDS), {"keys": keys})


def _read_person(row: sa.Row[Any]) -> Person:
    return Person(
        id=row.id,
        project_id=row.project_id,
        first_id=row.first_id,
        user_id=row.user_id,
        first_exposed=row.first_exposed,
        simulated=bool(row.simulated),
        created=Instant(row.created),
    )


def _to_row(person: Person) -> dict[str, Any]:
    return {
        "project_id": person.project_id,
        "first_id": person.first_id,
        "user_id": person.user_id,
        "merged_into": None,
        "first_exposed": person.first_exposed,
        "simulated": person.simulated,
        "created": person.created,
    }
