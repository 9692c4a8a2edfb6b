"""What browsers told of some pages, read from the history of those who count, some people at a time.

A view of a page begins with the page view that the snippet sends; what the same person does on the same path until the
next one belongs to it. What was done on a path without one before is one view too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.clauses import PAGE_EVENT
from engine.analytics.heat import SIGNS, Seen, Told
from engine.analytics.heat_forms import FIELD_SIGNS
from engine.analytics.history import History, numbers_table, page_of_users
from engine.analytics.kpi_figures import Period
from engine.events import HEAT_EVENTS

if TYPE_CHECKING:
    import ibis

NAMES: Final = (PAGE_EVENT, *sorted(HEAT_EVENTS), *SIGNS, *FIELD_SIGNS)
"""The events that heat maps are made of."""
AT_ONCE: Final = 200_000
"""Events that are read at a time: what bounds the memory of a heat map."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Which events are wanted. fits: whether a path is one of the pages; None for all. persons: only of these."""

    fits: Callable[[str], bool] | None
    period: Period
    device: str | None = None
    persons: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class PageCount:
    """A path, and how often and by how many it was seen in the period. gathered: clicks or depths were told of it."""

    path: str
    seen: Seen
    gathered: bool


@contextmanager
def heat_events(history: History, pages: Pages) -> Iterator[ibis.Table]:
    """The events of the pages, with the number of the view that each belongs to, kept for the block."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)
    import pyarrow as pa  # noqa: PLC0415

    events = _wanted(history, pages)
    if pages.fits is not None:
        paths = history.engine.rows(events.select("path").distinct())
        fitting = sorted(row["path"] for row in paths if pages.fits(row["path"]))
        events = events.semi_join(ibis.memtable(pa.table({"path": pa.array(fitting, pa.string())})), "path")
    so_far = ibis.window(group_by=["person", "path"], order_by=["time", "seq"], preceding=None, following=0)
    is_page = ibis.ifelse(events.name == PAGE_EVENT, 1, 0)
    numbered = events.mutate(is_page=is_page)
    numbered = numbered.mutate(view=numbered.is_page.sum().over(so_far))
    columns = ("seq", "time", "person", "path", "name", "properties", "view")
    with history.engine.kept(numbered.select(*columns)) as rows:
        yield rows


def seen(history: History, rows: ibis.Table) -> Seen:
    """How often the pages were seen, and by how many."""
    views = rows.select("person", "path", "view").distinct()
    (row,) = history.engine.rows(views.agg(views=views.count(), people=views.person.nunique()))
    return Seen(int(row["views"]), int(row["people"]))


def portions(history: History, rows: ibis.Table) -> Iterator[list[Told]]:
    """What was told in these events besides page views, some people at a time, in order."""
    told = rows.filter(rows.name != PAGE_EVENT)
    (count,) = history.engine.rows(told.agg(events=told.count()))
    slices = max(1, -(-int(count["events"]) // AT_ONCE))
    for number in range(slices):
        part = told.filter(told.person % slices == number) if slices > 1 else told
        found = history.engine.arrow(part.order_by("person", "time", "seq").drop("time", "seq"))
        yield [
            Told((row["person"], row["path"], row["view"]), row["name"], orjson.loads(row["properties"] or "{}"))
            for batch in found.to_batches(max_chunksize=10_000)
            for row in batch.to_pylist()
        ]


def people_of(history: History, rows: ibis.Table) -> set[int]:
    """Everybody who saw the pages."""
    return {row["person"] for row in history.engine.rows(rows.select("person").distinct())}


def named(history: History, people: Collection[int], *, after: str, limit: int) -> list[str]:
    """The ids that some people are known by, in order, after one of them."""
    known = history.people.select("person", "user").semi_join(numbers_table(people), "person")
    return [row["user"] for row in history.engine.rows(page_of_users(known, after=after, limit=limit))]


def page_counts(history: History, pages: Pages, *, most: int) -> list[PageCount]:
    """The paths that were seen by most people."""
    events = _wanted(history, pages)
    counts: dict[str, Any] = {
        "views": events.seq.count(where=events.name == PAGE_EVENT),
        "people": events.person.nunique(),
        "gathered": events.seq.count(where=events.name.isin(sorted(HEAT_EVENTS))),
    }
    found = events.group_by("path").agg(**counts)
    rows: Sequence[dict[str, Any]] = history.engine.rows(found.order_by(found.people.desc(), "path").limit(most))
    return [PageCount(row["path"], Seen(int(row["views"]), int(row["people"])), bool(row["gathered"])) for row in rows]


def _wanted(history: History, pages: Pages) -> ibis.Table:
    events = history.events
    period = pages.period
    events = events.filter(events.name.isin(NAMES) & events.path.notnull())
    events = events.filter((events.time >= period.since) & (events.time < period.until))
    if pages.device is not None:
        events = events.filter(events.device == pages.device)
    if pages.persons is not None:
        events = events.semi_join(numbers_table(pages.persons), "person")
    return events
