"""The events of a project as analyses see them: whose they are today, and only of those who count.

Every analysis begins with `open_history`, and is one expression over its tables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.analytics.engines import Engine
from engine.analytics.population import Kind, Population
from engine.errors import WaypostError
from engine.storage.lake import Lake, Manifest

if TYPE_CHECKING:
    import ibis


class NothingRecorded(WaypostError):
    """A question about a project in which nothing has happened yet."""

    code = "nothing_recorded"

    def __init__(self) -> None:
        super().__init__(
            "nothing is recorded yet: send events, or bring in a history with `waypost import csv FILE`, and ask again"
        )


@dataclass(frozen=True, slots=True)
class History:
    """What an analysis reads.

    events: the columns of `engine.storage.lake_rows.EVENT_COLUMNS` without `person_id`, and `person`: who that is
    today. people: one row a person, `person`, `user` (the id that people know), `is_known`, `simulated`, `created`.
    left_out: who is not in `events`; every answer says so. version: another one with every change of the data.
    """

    events: ibis.Table
    people: ibis.Table
    engine: Engine
    version: int
    left_out: tuple[Kind, ...]


@contextmanager
def open_history(lake: Lake, engine: Engine, population: Population | None = None) -> Iterator[History]:
    """The events of those who count, on an engine; their files stay until the block ends. Raises NothingRecorded."""
    chosen = population if population is not None else Population()
    with lake.reading() as manifest:
        if not manifest.days or not manifest.people:
            raise NothingRecorded
        numbers = _numbers(lake, manifest, engine)
        events = engine.table([lake.folder / name for name in manifest.files])
        events = _counting(_resolved(events, numbers, manifest), numbers, manifest, chosen)
        people = numbers.filter(numbers.id == numbers.person).drop("id")
        yield History(events, people, engine, manifest.version, chosen.left_out)


def numbers_table(numbers: Collection[int]) -> ibis.Table:
    """Some numbers as a table with one column, `person`, to join with."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)
    import pyarrow as pa  # noqa: PLC0415

    return ibis.memtable(pa.table({"person": pa.array(sorted(numbers), pa.int64())}))


def page_of_users(users: ibis.Table, *, after: str, limit: int) -> ibis.Table:
    """The first ids, in order, after one of them, each once. users: rows with `user`.

    Grouped, not `distinct`: for Spark Ibis carries the columns of earlier filters into an ordered `distinct`, and an id
    comes as often as these differ.
    """
    later = users.filter(users.user > after)
    return later.group_by("user").agg(times=later.count()).select("user").order_by("user").limit(limit)


def accounts_of(events: ibis.Table) -> ibis.Table:
    """The account of each person who has one, as of now: `person`, `account`."""
    import ibis  # noqa: PLC0415

    told = events.filter((events.kind == "group") & events.group_id.notnull())
    latest = ibis.window(group_by="person", order_by=[ibis.desc("time"), ibis.desc("seq")])
    told = told.mutate(place=ibis.row_number().over(latest))
    return told.filter(told.place == 0).select("person", account="group_id")


def _numbers(lake: Lake, manifest: Manifest, engine: Engine) -> ibis.Table:
    """Every number under which events were filed, and who that is."""
    import ibis  # noqa: PLC0415

    base, *later = (engine.table([lake.folder / part.name]) for part in manifest.people)
    for changed in later:
        base = ibis.union(base.anti_join(changed, "id"), changed)
    return base


def _resolved(events: ibis.Table, numbers: ibis.Table, manifest: Manifest) -> ibis.Table:
    """The events with `person`. Few people turn out to be others, so that this costs next to nothing."""
    import ibis  # noqa: PLC0415

    if not manifest.merged:
        return events.rename(person="person_id")
    moved = numbers.filter(numbers.id != numbers.person).select(moved="id", into="person")
    joined = events.left_join(moved, events.person_id == moved.moved)
    return joined.mutate(person=ibis.coalesce(joined["into"], joined.person_id)).drop("moved", "into", "person_id")


def _counting(events: ibis.Table, numbers: ibis.Table, manifest: Manifest, chosen: Population) -> ibis.Table:
    marks = [mark for kind, mark in ((Kind.SIMULATED, "simulated"), (Kind.BOT, "bot")) if kind in chosen.left_out]
    events = events.filter([~events[mark] for mark in marks]) if marks else events
    if Kind.SIMULATED in chosen.left_out and manifest.simulated:
        simulated = numbers.filter(numbers.simulated).select("person").distinct()
        events = events.anti_join(simulated, "person")
    if Kind.INTERNAL in chosen.left_out and chosen.internal:
        events = events.anti_join(numbers_table(chosen.internal), "person")
    if chosen.persons is not None:
        events = events.semi_join(numbers_table(chosen.persons), "person")
    return events
