"""What the lake's files hold: the columns of events and of people, and how rows of the log become them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson
import sqlalchemy as sa

from engine.context import described
from engine.storage import postgres_numbers
from engine.storage.log import chunks
from engine.storage.tables import Event, Person, table

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Connection

FETCHED: Final = 10_000
"""Rows fetched at a time; as Python objects they take a kilobyte or two each."""
COPIED: Final = 500_000
"""Rows written at a time: what bounds the memory of a copy."""
MANY_PEOPLE: Final = 20_000
"""Above this many people all are read instead of each by number."""

_AS_STORED: Final = (
    "seq",
    "person_id",
    "kind",
    "name",
    "time",
    "user_id",
    "anonymous_id",
    "group_id",
    "session_id",
    "properties",
    "traits",
    "from_browser",
    "simulated",
)
_FROM_CONTEXT: Final[Mapping[str, str]] = {
    "path": "page.path",
    "device": "device.type",
    "browser": "device.browser",
    "country": "country",
    "language": "language",
    "app_version": "app_version",
}
"""Columns that are read from an event's context, each with its name in the language."""
EVENT_COLUMNS: Final = (*_AS_STORED, *_FROM_CONTEXT, "bot")
"""Of the files with events. `person_id` is whom an event was filed under on receipt; who that is today is in the files
with people. time: microseconds since 1970. path: of the event's own properties, else of its context."""
PEOPLE_COLUMNS: Final = ("id", "person", "user", "is_known", "simulated", "created")
"""Of the files with people: one row for each number under which events were filed. person: whose number that is today.
user: the id that people know, the user's own, else the first. created: microseconds since 1970."""

_BOT: Final = re.compile(
    r"(?<!cu)bot(?:\b|[/;_ -])|crawl|spider|slurp|headless|lighthouse|pagespeed|pingdom|uptime|phantomjs|puppeteer"
    r"|playwright|selenium|webdriver|synthetic|facebookexternalhit|embedly|preview|prerender|scrap|datadog|newrelic|statuscake",
    re.IGNORECASE,
)
"""What gives automatic visitors away in the user agent that they send. Fixed text of our own: no input is a pattern."""


def is_bot(user_agent: str) -> bool:
    """True for the user agent of a program that nobody sits in front of."""
    return _BOT.search(user_agent) is not None


def events_after(connection: Connection, project_id: int, cursor: int) -> Iterator[tuple[pa.Table, set[int]]]:
    """The events of a project after a `seq`, in its order, in portions; with the numbers of the people in each."""
    import pyarrow as pa  # noqa: PLC0415  (heavy: only where files are written)

    waiting: list[pa.Table] = []
    touched: set[int] = set()
    for rows in _fetched(connection, project_id, cursor):
        waiting.append(_as_events(rows))
        touched.update(row.person_id for row in rows)
        if sum(each.num_rows for each in waiting) >= COPIED:
            yield pa.concat_tables(waiting), touched
            waiting, touched = [], set()
    if waiting:
        yield pa.concat_tables(waiting), touched


def people(connection: Connection, project_id: int, numbers: Collection[int]) -> pa.Table:
    """Who people are, by their numbers, and everybody who turned out to be one of them."""
    person = table(Person)
    other = person.alias()
    is_merged = person.c.merged_into.is_not(None)
    statement = (
        sa.select(
            person.c.id,
            sa.func.coalesce(person.c.merged_into, person.c.id).label("person"),
            sa.case((is_merged, other.c.user_id), else_=person.c.user_id).label("user_id"),
            sa.case((is_merged, other.c.first_id), else_=person.c.first_id).label("first_id"),
            sa.case((is_merged, other.c.simulated), else_=person.c.simulated).label("simulated"),
            person.c.created,
        )
        .select_from(person.outerjoin(other, other.c.id == person.c.merged_into))
        .where(person.c.project_id == project_id)
    )
    if len(numbers) > MANY_PEOPLE:
        return _as_people(connection.execute(statement).all())
    found: dict[int, Any] = {}
    for part in chunks(sorted(numbers)):
        for column in (person.c.id, person.c.merged_into):
            found |= {row.id: row for row in connection.execute(statement.where(column.in_(part)))}
    return _as_people(list(found.values()))


def by_day(rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The rows of each day in UTC, earlier days first."""
    import pyarrow.compute as pc  # noqa: PLC0415

    days = pc.floor(pc.divide(pc.cast(rows["time"], "float64"), 86_400e6))
    for day in sorted(set(days.to_pylist())):
        name = datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()
        yield name, rows.filter(pc.equal(days, day))


def overlaid(rows: pa.Table, changed: pa.Table) -> pa.Table:
    """People as they were known, with what is known of some of them now."""
    import pyarrow as pa  # noqa: PLC0415

    return pa.concat_tables([without(rows, "id", changed["id"]), changed])


def without(rows: pa.Table, column: str, numbers: Any) -> pa.Table:
    """The rows in which a number is none of some."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    if not isinstance(numbers, pa.ChunkedArray):
        numbers = pa.array(sorted(numbers), pa.int64())
    return rows.filter(pc.invert(pc.is_in(rows[column], value_set=numbers)))


def counted(rows: pa.Table) -> tuple[int, int]:
    """How many of some people are somebody else, and how many simulated."""
    import pyarrow.compute as pc  # noqa: PLC0415

    merged = pc.sum(pc.not_equal(rows["id"], rows["person"])).as_py() or 0
    return merged, pc.sum(rows["simulated"]).as_py() or 0


def event_schema() -> pa.Schema:
    """The types of EVENT_COLUMNS."""
    import pyarrow as pa  # noqa: PLC0415

    numbers, marks = ("seq", "person_id", "time"), ("from_browser", "simulated", "bot")
    types = {**dict.fromkeys(numbers, pa.int64()), **dict.fromkeys(marks, pa.bool_())}
    return pa.schema({name: types.get(name, pa.string()) for name in EVENT_COLUMNS})


def people_schema() -> pa.Schema:
    """The types of PEOPLE_COLUMNS."""
    import pyarrow as pa  # noqa: PLC0415

    number, mark = pa.int64(), pa.bool_()
    types = (number, number, pa.string(), mark, mark, number)
    return pa.schema(dict(zip(PEOPLE_COLUMNS, types, strict=True)))


def _fetched(connection: Connection, project_id: int, cursor: int) -> Iterator[Sequence[Any]]:
    event = table(Event)
    settled = postgres_numbers.settled(connection, "event")
    ready = event.c.seq <= settled if settled is not None else sa.true()
    wanted = [event.c[column] for column in (*_AS_STORED, "context")]
    while True:
        rows = connection.execute(
            sa.select(*wanted)
            .where(event.c.project_id == project_id, event.c.seq > cursor, ready)
            .order_by(event.c.seq)
            .limit(FETCHED)
        ).all()
        if not rows:
            return
        cursor = rows[-1].seq
        yield rows


def _as_events(rows: Sequence[Any]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    stored = list(zip(*rows, strict=True))
    columns: dict[str, Sequence[Any]] = dict(zip(_AS_STORED, stored, strict=False))
    told = [_context(text) for text in stored[-1]]
    for place, name in enumerate((*_FROM_CONTEXT, "bot")):
        columns[name] = [each[place] for each in told]
    own = [_own_path(text) for text in columns["properties"]]
    columns["path"] = [mine or theirs for mine, theirs in zip(own, columns["path"], strict=True)]
    return pa.table({name: columns[name] for name in EVENT_COLUMNS}, schema=event_schema())


def _as_people(rows: Sequence[Any]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    told: Mapping[str, Callable[[Any], object]] = {
        "id": lambda row: row.id,
        "person": lambda row: row.person,
        "user": lambda row: row.user_id if row.user_id is not None else row.first_id,
        "is_known": lambda row: row.user_id is not None,
        "simulated": lambda row: bool(row.simulated),
        "created": lambda row: row.created,
    }
    return pa.table({name: [read(row) for row in rows] for name, read in told.items()}, schema=people_schema())


@lru_cache(maxsize=4_096)
def _context(text: str | None) -> tuple[str | bool | None, ...]:
    """What a context tells, and whether it is that of a bot: many events have the same."""
    sent = orjson.loads(text) if text else {}
    told = described(sent)
    values = (told.get(name) for name in _FROM_CONTEXT.values())
    agent = sent.get("userAgent")
    is_automatic = isinstance(agent, str) and is_bot(agent)
    return (*(value if isinstance(value, str) else None for value in values), is_automatic)


def forget_contexts() -> None:
    """Drop what is remembered of contexts: they may be those of people who were erased."""
    _context.cache_clear()


def _own_path(properties: str | None) -> str | None:
    """The path that an event's own properties tell: `path`, or that of its `page`."""
    if properties is None or '"path"' not in properties:
        return None
    read = orjson.loads(properties)
    page = read.get("page")
    found = read.get("path")
    if not isinstance(found, str) and isinstance(page, dict):
        found = page.get("path")
    return found if isinstance(found, str) else None
