"""Which events an export has, and how they are read: from the lake's view `events`, a portion at a time.

The columns are those of the view (`engine/lake_views.sql`), and nowhere else defined; who counts is what analyses
leave out (`engine.analytics.population`). Whoever was erased is not in the lake, and so in no export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dsl.project import load
from dsl.values import Instant, format_instant
from engine.analytics.engines import DuckDB
from engine.analytics.history import NothingRecorded
from engine.analytics.population import Kind, Population
from engine.events import EventKind
from engine.lake_views import script, views
from engine.storage.lake import Lake, Manifest

if TYPE_CHECKING:
    import pyarrow as pa

PORTION: Final = 20_000
"""Events that are in memory at a time, beside what DuckDB takes for sorting them."""
IN_TIME: Final = "time, seq"
"""The order of history."""
AS_RECEIVED: Final = "seq"
"""The order of receipt."""


@dataclass(frozen=True, slots=True)
class EventsWanted:
    """Which events. names, kinds: only these, where there are any. since, until: half-open, by when they happened."""

    since: Instant | None = None
    until: Instant | None = None
    names: tuple[str, ...] = ()
    kinds: tuple[EventKind, ...] = ()
    population: Population = field(default_factory=Population)


def columns() -> Mapping[str, str]:
    """The columns of tables of events, with what they mean."""
    return next(view.columns for view in views() if view.name == "events")


@dataclass(frozen=True, slots=True)
class ChosenEvents:
    """The events of an export, while it is open. `chosen` and `of_people` are views of the connection.

    chosen: those that are wanted. of_people: all events of everybody who counts, for what is known of them.
    """

    connection: Any
    count: int

    def portions(self, sql: str, *, rows: int = PORTION) -> pa.RecordBatchReader:
        """What a query over the views answers, a portion at a time."""
        return self.connection.sql(sql).to_arrow_reader(rows)

    def numbers(self) -> Iterator[list[int]]:
        """The numbers of the events in the order of receipt."""
        for batch in self.portions(f"SELECT seq FROM chosen ORDER BY {AS_RECEIVED}"):  # noqa: S608  (our own text)
            yield batch.column(0).to_pylist()

    def tables(self, *, rows: int = PORTION) -> pa.RecordBatchReader:
        """The events with the columns of `columns`, in the order of history; JSON is text."""
        as_text = ", ".join(f"{name}::VARCHAR AS {name}" for name in ("properties", "traits"))
        sql = f"SELECT * REPLACE ({as_text}) FROM chosen ORDER BY {IN_TIME}"  # noqa: S608  (our own text)
        return self.portions(sql, rows=rows)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The same as dictionaries; times as they are written everywhere."""
        for batch in self.tables():
            micros = batch.column("time").cast("int64").to_pylist()
            for row, time in zip(batch.to_pylist(), micros, strict=True):
                row["time"] = format_instant(Instant(time))
                row["day"] = row["day"].isoformat()
                yield row


@contextmanager
def open_events(
    lake: Lake, wanted: EventsWanted, *, memory: str | None = None, spill: Path | None = None
) -> Iterator[ChosenEvents]:
    """The events of a lake; its files stay until the block ends. Raises NothingRecorded.

    memory: the most that DuckDB takes, such as `4GB`, before it writes to `spill`.
    """
    with lake.reading() as manifest:
        if not manifest.days or not manifest.people:
            raise NothingRecorded
        engine = DuckDB(lake=lake.folder, memory=memory, spill=spill)
        try:
            connection = engine.backend.con
            # Without rules: the steps of journeys are asked by nobody here.
            connection.execute(script(lake.folder, load({})).sql)
            _pin(connection, lake, manifest, wanted)
            _choose(connection, wanted)
            [(count,)] = connection.execute("SELECT count(*) FROM chosen").fetchall()
            yield ChosenEvents(connection, count)
        finally:
            engine.close()


def _pin(connection: Any, lake: Lake, manifest: Manifest, wanted: EventsWanted) -> None:
    """Read the files of the days that are wanted, as they are now, whatever is copied meanwhile."""
    first, last = (None if each is None else format_instant(each)[:10] for each in (wanted.since, wanted.until))
    days = [day for day in sorted(manifest.days) if (not first or day >= first) and (not last or day <= last)]
    # There is no table of no files. What is of another day the condition leaves out.
    days = days or [max(manifest.days)]
    files = [str(lake.folder / part.name) for day in days for part in manifest.days[day]]
    people = [str(lake.folder / part.name) for part in manifest.people]
    for name, found in (("waypost_event_files", files), ("waypost_people_files", people)):
        told = ", ".join("'" + each.replace("'", "''") + "'" for each in found)
        connection.execute(f"SET VARIABLE {name} = [{told}]")


def _choose(connection: Any, wanted: EventsWanted) -> None:
    """Make the views `of_people` and `chosen`."""
    import pyarrow as pa  # noqa: PLC0415  (heavy: only where events are read)

    chosen = wanted.population
    conditions = ["true"]
    if Kind.SIMULATED in chosen.left_out:
        conditions.append("NOT simulated")
    if Kind.BOT in chosen.left_out:
        conditions.append("NOT bot")
    if Kind.INTERNAL in chosen.left_out and chosen.internal:
        connection.register("internal_people", pa.table({"person": pa.array(sorted(chosen.internal), pa.int64())}))
        conditions.append("person NOT IN (SELECT person FROM internal_people)")
    if chosen.persons is not None:
        connection.register("wanted_people", pa.table({"person": pa.array(sorted(chosen.persons), pa.int64())}))
        conditions.append("person IN (SELECT person FROM wanted_people)")
    _create(connection, "of_people", "events", conditions)
    conditions = ["true"]
    if wanted.since is not None:
        conditions.append(f"time >= make_timestamp({int(wanted.since)})")
    if wanted.until is not None:
        conditions.append(f"time < make_timestamp({int(wanted.until)})")
    if wanted.names:
        connection.register("wanted_names", pa.table({"name": pa.array(sorted(wanted.names), pa.string())}))
        conditions.append("name IN (SELECT name FROM wanted_names)")
    if wanted.kinds:
        conditions.append("kind IN (" + ", ".join(f"'{kind.value}'" for kind in wanted.kinds) + ")")
    _create(connection, "chosen", "of_people", conditions)


def _create(connection: Any, name: str, source: str, conditions: list[str]) -> None:
    told = " AND ".join(conditions)
    connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {source} WHERE {told}")  # noqa: S608  (our own text)
