"""The log of events: appended to, never changed; read by person in history order, or by receipt.

Decides how an event is stored and read back; whom it belongs to is decided in `engine.storage.identity`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Row

from dsl.values import Instant, JsonValue
from engine.events import Event, EventKind
from engine.intake import Taken
from engine.replies import LoggedEvent
from engine.storage import postgres_copy, postgres_numbers, tables
from engine.storage.rows import Rows, driver_of

_EVENT: Final = tables.table(tables.Event)
_MESSAGE: Final = tables.table(tables.Message)
_COLUMNS: Final = (
    "seq",
    "project_id",
    "message_id",
    "person_id",
    "kind",
    "name",
    "time",
    "received",
    "user_id",
    "anonymous_id",
    "group_id",
    "session_id",
    "properties",
    "traits",
    "context",
    "from_browser",
    "live",
    "simulated",
    "clamped",
)
"""As `_columns_of` fills them."""
_EVENT_ROWS: Final = Rows(_EVENT, _COLUMNS)
_MESSAGE_ROWS: Final = Rows(_MESSAGE, ("project_id", "message_id"))
_LAST_NUMBER: Final = "SELECT seq FROM sqlite_sequence WHERE name = 'event'"
_KNOWN_MESSAGES: Final = (
    "SELECT message_id FROM message WHERE project_id = ? AND message_id IN (SELECT value FROM json_each(?))"
)
_FLAGS: Final = [_COLUMNS.index(name) for name in ("from_browser", "live", "simulated", "clamped")]
_CHUNK: Final = 500
"""Values in one `IN (…)`."""

_dumps: Final = orjson.dumps
_SPELLED: Final = {kind: kind.value for kind in EventKind}
_KINDS: Final = {kind.value: kind for kind in EventKind}
# Looked up rather than asked of the enum: a tenth of the time, a hundred thousand times over.

EventRow = Row[Any]


@dataclass(frozen=True, slots=True)
class Filed:
    """An event with the person whom it belongs to, ready for the log."""

    project_id: int
    person_id: int
    taken: Taken
    event: Event
    """The event of `taken` with its place in the order of receipt."""


def claim(connection: Connection, messages: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Of (project, message id), those that were never seen before; from now on they are. Repeats are welcome."""
    if not messages:
        return set()
    if connection.dialect.name == "sqlite":
        return _claim_alone(connection, messages)
    # In one order for all processes: two that claim the same ids would else wait for each other.
    wanted = sorted(set(messages))
    if len(wanted) >= postgres_copy.FROM:
        return postgres_copy.claim(connection, wanted)
    rows = [{"project_id": project, "message_id": message} for project, message in wanted]
    insert = postgresql.insert(_MESSAGE).on_conflict_do_nothing()
    statement = insert.returning(_MESSAGE.c.project_id, _MESSAGE.c.message_id)
    return {(project, message) for project, message in connection.execute(statement, rows)}


def _claim_alone(connection: Connection, messages: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """The same where the write lock is held: nobody can claim between the question and the answer."""
    driver = driver_of(connection)
    before = driver.total_changes
    try:
        # Nearly always all of them are new: then to ask first would take as long as to write.
        _MESSAGE_ROWS.write(connection, messages)
    except sqlite3.IntegrityError:
        # Only the statement of that message was undone; those before it stay.
        written = driver.total_changes - before
    else:
        return set(messages)
    # Up to there none came twice.
    each_once = dict.fromkeys(messages)
    rest = list(each_once)[written:]
    claimed: set[tuple[int, str]] = set()
    for project in {project for project, _ in rest}:
        sent = [message for number, message in rest if number == project]
        asked = driver.execute(_KNOWN_MESSAGES, (project, orjson.dumps(sent).decode()))
        claimed.update((project, message) for (message,) in asked)
    _MESSAGE_ROWS.write(connection, [each for each in rest if each not in claimed])
    return {each for each in each_once if each not in claimed}


def known(connection: Connection, project_id: int, messages: Sequence[str]) -> set[str]:
    """Of some message ids of a project, those that are kept already."""
    found: set[str] = set()
    for part in chunks(messages):
        statement = sa.select(_MESSAGE.c.message_id).where(
            _MESSAGE.c.project_id == project_id, _MESSAGE.c.message_id.in_(part)
        )
        found.update(connection.execute(statement).scalars())
    return found


def next_numbers(connection: Connection, count: int) -> Sequence[int]:
    """So many new numbers in the order of receipt, ascending."""
    if count == 0:
        return ()
    if connection.dialect.name == "sqlite":
        # The write lock is held, so nobody else can take the same numbers.
        found = driver_of(connection).execute(_LAST_NUMBER).fetchone()
        last = 0 if found is None else found[0]
        return range(last + 1, last + 1 + count)
    return postgres_numbers.draw(connection, "event", count)


def append(connection: Connection, filed: Sequence[Filed]) -> None:
    """Write events whose ids were claimed."""
    if not filed:
        return
    columns = _columns_of(filed)
    if connection.dialect.name == "sqlite":
        for number in _FLAGS:
            # What is no number of its own kind the driver tries to adapt, one by one.
            columns[number] = [*map(int, columns[number])]
        _EVENT_ROWS.write_columns(connection, columns)
        return
    rows = [*zip(*columns, strict=True)]
    if len(rows) >= postgres_copy.FROM:
        postgres_copy.append(connection, "event", _COLUMNS, rows)
    else:
        _EVENT_ROWS.write(connection, rows)


def of_people(connection: Connection, people: Sequence[int], *, from_time: Instant | None = None) -> list[Event]:
    """The events filed under some person ids, as one history, in (time, receipt) order."""
    return [read_event(row) for row in _rows_of(connection, people, from_time)]


def of_account(connection: Connection, project_id: int, account_id: str) -> list[Event]:
    """The `group` calls about an account, in (time, receipt) order."""
    statement = sa.select(_EVENT).where(
        _EVENT.c.project_id == project_id, _EVENT.c.group_id == account_id, tables.ABOUT_ACCOUNTS
    )
    return [read_event(row) for row in connection.execute(statement.order_by(_EVENT.c.time, _EVENT.c.seq))]


def rows_of_people(connection: Connection, people: Sequence[int]) -> dict[int, list[Event]]:
    """The events of each of some person ids, in (time, receipt) order."""
    found: dict[int, list[Event]] = {person: [] for person in people}
    for row in _rows_of(connection, people, None):
        found[row.person_id].append(read_event(row))
    return found


def is_longer(connection: Connection, people: Sequence[int], events: int) -> bool:
    """True if more than so many events are filed under some person ids. Counts no further than that."""
    some = sa.select(_EVENT.c.seq).where(_EVENT.c.person_id.in_(people)).limit(events + 1).subquery()
    return bool(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() > events)


def counts_of_people(connection: Connection, people: Sequence[int]) -> dict[int, int]:
    """How many events are filed under each of some person ids."""
    found = dict.fromkeys(people, 0)
    for part in chunks(people):
        counted = sa.select(_EVENT.c.person_id, sa.func.count()).where(_EVENT.c.person_id.in_(part))
        found.update((person, number) for person, number in connection.execute(counted.group_by(_EVENT.c.person_id)))
    return found


def stream_of_people(connection: Connection, people: Sequence[int], *, part: int) -> Iterator[list[Event]]:
    """The same as `of_people`, in parts, so that a long history need not lie in memory."""
    statement = sa.select(_EVENT).where(_EVENT.c.person_id.in_(people)).order_by(_EVENT.c.time, _EVENT.c.seq)
    rows = connection.execute(statement, execution_options={"yield_per": part})
    for each in rows.partitions():
        yield [read_event(row) for row in each]


def by_number(connection: Connection, numbers: Sequence[int]) -> dict[int, Event]:
    """Events by their place in the order of receipt."""
    found: dict[int, Event] = {}
    for part in chunks(numbers):
        for row in connection.execute(sa.select(_EVENT).where(_EVENT.c.seq.in_(part))):
            found[row.seq] = read_event(row)
    return found


def latest(connection: Connection, people: Sequence[int], *, limit: int) -> list[LoggedEvent]:
    """The latest events of some person ids, in history order."""
    statement = (
        sa.select(_EVENT)
        .where(_EVENT.c.person_id.in_(people))
        .order_by(_EVENT.c.time.desc(), _EVENT.c.seq.desc())
        .limit(limit)
    )
    return [read_logged(row) for row in reversed(connection.execute(statement).all())]


def received_after(connection: Connection, project_id: int, after: int | None, *, limit: int) -> list[LoggedEvent]:
    """A project's events in the order of receipt: the first ones after a number, or the latest ones."""
    statement = sa.select(_EVENT).where(_EVENT.c.project_id == project_id).limit(limit)
    if (settled := postgres_numbers.settled(connection, "event")) is not None:
        statement = statement.where(_EVENT.c.seq <= settled)
    if after is None:
        rows = reversed(connection.execute(statement.order_by(_EVENT.c.seq.desc())).all())
    else:
        rows = iter(connection.execute(statement.where(_EVENT.c.seq > after).order_by(_EVENT.c.seq)))
    return [read_logged(row) for row in rows]


def read_event(row: EventRow) -> Event:
    """The event of a row."""
    return Event(
        seq=row.seq,
        message_id=row.message_id,
        kind=_KINDS[row.kind],
        name=row.name,
        time=Instant(row.time),
        received=Instant(row.received),
        user_id=row.user_id,
        anonymous_id=row.anonymous_id,
        properties=_object(row.properties),
        traits=_object(row.traits),
        group_id=row.group_id,
        context=_object(row.context),
        from_browser=bool(row.from_browser),
        live=bool(row.live),
    )


def read_logged(row: EventRow) -> LoggedEvent:
    """The event of a row with what the log keeps besides."""
    return LoggedEvent(
        event=read_event(row),
        person_id=row.person_id,
        simulated=bool(row.simulated),
        session_id=row.session_id,
        clamped=bool(row.clamped),
    )


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """The values in parts that fit into one statement."""
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))


def _rows_of(connection: Connection, people: Sequence[int], from_time: Instant | None) -> Iterable[EventRow]:
    for_one = len(people) <= _CHUNK
    rows: list[EventRow] = []
    for part in chunks(people):
        statement = sa.select(_EVENT).where(_EVENT.c.person_id.in_(part)).order_by(_EVENT.c.time, _EVENT.c.seq)
        if from_time is not None:
            statement = statement.where(_EVENT.c.time >= from_time)
        rows += connection.execute(statement)
    return rows if for_one else sorted(rows, key=lambda row: (row.time, row.seq))


def _columns_of(filed: Sequence[Filed]) -> list[list[Any]]:
    """The rows of events, by column: a hundred at once take less than half of what a hundred rows do."""
    events, taken = [each.event for each in filed], [each.taken for each in filed]
    return [
        [event.seq for event in events],
        [each.project_id for each in filed],
        [event.message_id for event in events],
        [each.person_id for each in filed],
        [_SPELLED[event.kind] for event in events],
        [event.name for event in events],
        [event.time for event in events],
        [event.received for event in events],
        [event.user_id for event in events],
        [event.anonymous_id for event in events],
        [event.group_id for event in events],
        [each.session_id for each in taken],
        [_dumps(event.properties).decode() if event.properties else None for event in events],
        [_dumps(event.traits).decode() if event.traits else None for event in events],
        _texts([event.context for event in events]),
        [event.from_browser for event in events],
        [event.live for event in events],
        [each.simulated for each in taken],
        [each.clamped for each in taken],
    ]


def _texts(contexts: Sequence[Mapping[str, JsonValue]]) -> list[str | None]:
    """Contexts as JSON; the messages of a request often share one (`engine.intake`)."""
    texts: list[str | None] = []
    latest: Mapping[str, JsonValue] | None = None
    text: str | None = None
    for context in contexts:
        if context is not latest:
            latest, text = context, _dumps(context).decode() if context else None
        texts.append(text)
    return texts


def _object(text: str | None) -> dict[str, JsonValue]:
    if not text:
        return {}
    read: dict[str, JsonValue] = orjson.loads(text)
    return read
