"""People taken out of the database for good, and what is left so that a late retry does not bring them back.

What is left are hashes with a salt of the project's own: of the person's ids, with the instant of the erasure, and of
the ids of their messages. A message of an erased id stays out if it was sent before, or is of before; whoever comes
back under the same id afterwards is somebody new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.events import Event
from engine.storage import accounts, identity, keeping_tables, map_links, mentions, replays, snapshots, tables
from engine.storage.identity import Id, IdKind
from engine.storage.log import chunks

_KEEPING = tables.table(keeping_tables.Keeping)
_ERASED_ID = tables.table(keeping_tables.ErasedId)
_ERASED_MESSAGE = tables.table(keeping_tables.ErasedMessage)
_ERASURE = tables.table(keeping_tables.Erasure)
_EVENT = tables.table(tables.Event)
_MESSAGE = tables.table(tables.Message)
_PERSON = tables.table(tables.Person)
_VIOLATION = tables.table(tables.PlanViolation)

_PART: Final = 2_000
"""Events that are removed in one go."""

Sent = tuple[int, Event]
"""A project, and an event that was sent to it."""


@dataclass(frozen=True, slots=True)
class Removed:
    """What an erasure took out of the database.

    person: the number that the person had. first_seen: when the database first knew them. hashes: of their ids.
    """

    project_id: int
    person: int
    first_seen: Instant
    hashes: frozenset[str]
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An erasure after which files that are made from the database have to be rewritten. people: their numbers."""

    id: int
    project_id: int
    people: tuple[int, ...]


def personal_tables() -> list[sa.Table]:
    """Every table whose rows belong to one person: all that name one by number."""
    return [each for each in tables.Base.metadata.sorted_tables if "person_id" in each.columns]


def salt_of(connection: Connection, project_id: int, new: str) -> str:
    """The project's salt; `new` from now on, where it has none yet."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(_KEEPING).values(project_id=project_id, salt=new).on_conflict_do_nothing())
    found: str = connection.execute(sa.select(_KEEPING.c.salt).where(_KEEPING.c.project_id == project_id)).scalar_one()
    return found


def hash_of_id(salt: str, kind: IdKind, value: str) -> str:
    """What is left of an id."""
    return _hash(salt, f"{kind.value}\x1f{value}")


def salts_of(connection: Connection, projects: Iterable[int]) -> dict[int, str]:
    """Of some projects, those in which anybody was erased, each with what their ids are hashed with."""
    statement = sa.select(_KEEPING.c.project_id, _KEEPING.c.salt).where(
        _KEEPING.c.project_id.in_(sorted(projects)),
        sa.exists().where(_ERASED_ID.c.project_id == _KEEPING.c.project_id),
    )
    return {row.project_id: row.salt for row in connection.execute(statement)}


def refused(connection: Connection, salts: Mapping[int, str], sent: Sequence[Sent]) -> set[tuple[int, str]]:
    """Of events, those that belong to somebody who was erased, as (project, message id). salts: see `salts_of`.

    Ask for both after the ids are locked, so that an erasure that runs meanwhile is seen.
    """
    found: set[tuple[int, str]] = set()
    for project, salt in salts.items():
        events = [event for own, event in sent if own == project]
        found.update((project, message) for message in _refused(connection, project, salt, events))
    return found


def _refused(connection: Connection, project_id: int, salt: str, events: Sequence[Event]) -> Iterator[str]:
    hashes = {event.message_id: _hash_of_owner(salt, event) for event in events}
    erased: dict[str, int] = {}
    for part in chunks(sorted({each for each in hashes.values() if each is not None})):
        statement = sa.select(_ERASED_ID.c.hash, _ERASED_ID.c.at).where(
            _ERASED_ID.c.project_id == project_id, _ERASED_ID.c.hash.in_(part)
        )
        erased.update((row.hash, row.at) for row in connection.execute(statement))
    newer: list[str] = []
    for event in events:
        at = erased.get(hashes[event.message_id] or "")
        if at is None:
            continue
        if event.time <= at:
            yield event.message_id
        else:
            newer.append(event.message_id)
    by_hash = {_hash(salt, message): message for message in newer}
    for part in chunks(sorted(by_hash)):
        statement = sa.select(_ERASED_MESSAGE.c.hash).where(
            _ERASED_MESSAGE.c.project_id == project_id, _ERASED_MESSAGE.c.hash.in_(part)
        )
        yield from (by_hash[each] for each in connection.execute(statement).scalars())


def unclaim(connection: Connection, messages: Iterable[tuple[int, str]]) -> None:
    """Leave nothing of messages that are refused."""
    by_project: dict[int, list[str]] = {}
    for project, message in sorted(messages):
        by_project.setdefault(project, []).append(message)
    for project, ids in by_project.items():
        for part in chunks(ids):
            here = sa.and_(_MESSAGE.c.project_id == project, _MESSAGE.c.message_id.in_(part))
            connection.execute(sa.delete(_MESSAGE).where(here))


def erase(connection: Connection, project_id: int, ids: Sequence[Id], *, salt: str, at: Instant) -> Removed | None:
    """Take the person of some ids out of every table; None for ids that were never seen.

    What accounts are known by is made again without them. The files are still to be rewritten: see `unfinished`.
    """
    numbers, first_seen = _people_of(connection, ids)
    if not numbers:
        return None
    own = identity.ids_of_people(connection, numbers)
    hashes = frozenset(hash_of_id(salt, kind, value) for _, kind, value in own)
    _leave_hashes(connection, project_id, sorted(hashes), at=at)
    words = mentions.words_for(connection, own, numbers)
    replays.bury(connection, project_id, numbers, at=at)
    rows: dict[str, int] = {}
    named, messages = _remove_events(connection, project_id, numbers, salt)
    rows["event"] = messages
    rows["map_cell"] = map_links.unlink(connection, project_id, numbers)
    for table in personal_tables():
        if table is _EVENT:
            continue
        rows[str(table.name)] = sum(
            connection.execute(sa.delete(table).where(table.c.person_id.in_(part))).rowcount for part in chunks(numbers)
        )
    for part in chunks(numbers):
        connection.execute(sa.delete(_PERSON).where(_PERSON.c.id.in_(part)))
    rows["typed"] = mentions.strike(connection, project_id, words)
    rows["account"] = _make_accounts_again(connection, project_id, named, numbers)
    _forget_samples(connection, project_id)
    connection.execute(
        sa.insert(_ERASURE).values(
            project_id=project_id,
            at=at,
            first_seen=first_seen,
            people=orjson.dumps(numbers).decode(),
            hashes=orjson.dumps(sorted(hashes)).decode(),
        )
    )
    kept = {name: number for name, number in rows.items() if number}
    return Removed(project_id, numbers[0], first_seen, hashes, kept)


def erased_before(connection: Connection, project_id: int, ids: Sequence[Id]) -> tuple[Instant, Instant, str] | None:
    """Of ids that were erased: when they were first seen, when they were erased, and the hash; None for others."""
    salt = connection.execute(sa.select(_KEEPING.c.salt).where(_KEEPING.c.project_id == project_id)).scalar()
    if salt is None:
        return None
    for _, kind, value in ids:
        mark = hash_of_id(salt, kind, value)
        statement = sa.select(_ERASURE).where(
            _ERASURE.c.project_id == project_id, _ERASURE.c.hashes.contains(f'"{mark}"', autoescape=True)
        )
        row = connection.execute(statement.order_by(_ERASURE.c.id.desc()).limit(1)).one_or_none()
        if row is not None:
            return Instant(row.first_seen), Instant(row.at), mark
    return None


def latest(connection: Connection) -> int:
    """A number that grows with each erasure; 0 before the first."""
    return connection.execute(sa.select(sa.func.max(_ERASURE.c.id))).scalar() or 0


def unfinished(connection: Connection, project_id: int | None = None) -> list[Unfinished]:
    """Erasures after which files are still to be rewritten; of one project, or of all."""
    statement = sa.select(_ERASURE).where(_ERASURE.c.finished.is_(None)).order_by(_ERASURE.c.id)
    if project_id is not None:
        statement = statement.where(_ERASURE.c.project_id == project_id)
    return [
        Unfinished(row.id, row.project_id, tuple(orjson.loads(row.people))) for row in connection.execute(statement)
    ]


def finish(connection: Connection, erasures: Sequence[int], *, at: Instant) -> None:
    """Note that the files are rewritten; the numbers of the people are not needed any more."""
    for part in chunks(erasures):
        statement = sa.update(_ERASURE).where(_ERASURE.c.id.in_(part))
        connection.execute(statement.values(finished=at, people="[]"))


def _hash(salt: str, text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=bytes.fromhex(salt), digest_size=16).hexdigest()


def _hash_of_owner(salt: str, event: Event) -> str | None:
    """The hash of the id that an event is filed under: the user's, where it has one."""
    if event.user_id is not None:
        return hash_of_id(salt, IdKind.USER, event.user_id)
    return None if event.anonymous_id is None else hash_of_id(salt, IdKind.ANONYMOUS, event.anonymous_id)


def _people_of(connection: Connection, ids: Sequence[Id]) -> tuple[list[int], Instant]:
    """The numbers of the person of some ids, their own first, all locked; and when the first of them was made."""
    identity.lock_ids(connection, ids)
    owners = identity.find_ids(connection, ids)
    owner = next((owners[each] for each in ids if each in owners), None)
    if owner is None:
        return [], Instant(0)
    numbers = identity.aliases(connection, owner)
    # Whoever comes under another id of the same person meanwhile waits too.
    identity.lock_ids(connection, identity.ids_of_people(connection, numbers))
    identity.lock_people(connection, numbers)
    numbers = identity.aliases(connection, owner)
    created = sa.select(sa.func.min(_PERSON.c.created)).where(_PERSON.c.id.in_(numbers))
    return numbers, Instant(connection.execute(created).scalar_one())


def _leave_hashes(connection: Connection, project_id: int, hashes: Sequence[str], *, at: Instant) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_ERASED_ID)
    statement = statement.on_conflict_do_update(
        index_elements=["project_id", "hash"], set_={"at": statement.excluded.at}
    )
    if hashes:
        connection.execute(statement, [{"project_id": project_id, "hash": each, "at": at} for each in hashes])


def _remove_events(connection: Connection, project_id: int, people: Sequence[int], salt: str) -> tuple[set[str], int]:
    """Remove all events of people; the accounts that they told of, and how many events there were."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    columns = sa.select(_EVENT.c.seq, _EVENT.c.message_id, _EVENT.c.kind, _EVENT.c.group_id)
    named = snapshots.accounts_told_by(connection, project_id, people)
    removed = 0
    while rows := connection.execute(columns.where(_EVENT.c.person_id.in_(people)).limit(_PART)).all():
        named.update(row.group_id for row in rows if row.kind == "group" and row.group_id is not None)
        left: list[dict[str, Any]] = [{"project_id": project_id, "hash": _hash(salt, row.message_id)} for row in rows]
        connection.execute(insert(_ERASED_MESSAGE).on_conflict_do_nothing(), left)
        unclaim(connection, [(project_id, row.message_id) for row in rows])
        for part in chunks([row.seq for row in rows]):
            connection.execute(sa.delete(_EVENT).where(_EVENT.c.seq.in_(part)))
        removed += len(rows)
    return named, removed


def _make_accounts_again(connection: Connection, project_id: int, named: set[str], people: Sequence[int]) -> int:
    """Make what is known of accounts again without what people have told of them; how many accounts changed."""
    before = accounts.load(connection, project_id, named, lock=True)
    for name in sorted(named):
        snapshots.forget_told_by(connection, project_id, name, people)
    after = {name: snapshots.account_from_log(connection, project_id, name) for name in sorted(named)}
    changed = {name: state for name, state in after.items() if name not in before or before[name] != state}
    accounts.save(connection, project_id, {name: state for name, state in changed.items() if state.told})
    accounts.forget(connection, project_id, [name for name, state in changed.items() if not state.told])
    return len(changed)


def _forget_samples(connection: Connection, project_id: int) -> None:
    """Of what did not fit the tracking plan, forget the messages that are not there any more."""
    statement = sa.select(_VIOLATION.c.event, _VIOLATION.c.path, _VIOLATION.c.rule, _VIOLATION.c.samples)
    for row in connection.execute(statement.where(_VIOLATION.c.project_id == project_id)).all():
        samples = orjson.loads(row.samples)
        ids = [each["message_id"] for each in samples]
        known = sa.select(_MESSAGE.c.message_id).where(
            _MESSAGE.c.project_id == project_id, _MESSAGE.c.message_id.in_(ids)
        )
        there = set(connection.execute(known).scalars())
        kept = [each for each in samples if each["message_id"] in there]
        if len(kept) < len(samples):
            here = sa.and_(
                _VIOLATION.c.project_id == project_id,
                _VIOLATION.c.event == row.event,
                _VIOLATION.c.path == row.path,
                _VIOLATION.c.rule == row.rule,
            )
            connection.execute(sa.update(_VIOLATION).where(here).values(samples=orjson.dumps(kept).decode()))
