"""How often each name was sent: events, and the attributes that came along; and where events come from.

Over those who count, as every figure of the console.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from dsl.values import Instant
from engine.analytics.history import History

if TYPE_CHECKING:
    import ibis

MOST_NAMES: Final = 5_000
"""Names of events that are counted, the most frequent ones."""
_AT_ONCE: Final = 100
"""Attributes that are looked for in one question."""


@dataclass(frozen=True, slots=True)
class Count:
    """How often something was sent. people: by how many. last: when it happened last."""

    events: int
    people: int
    first: Instant
    last: Instant


@dataclass(frozen=True, slots=True)
class SourceCount:
    """What came from one kind of source."""

    from_pages: bool
    simulated: bool
    count: Count


@dataclass(frozen=True, slots=True)
class SeenCounts:
    """The counts of a project: by event, by attribute of the user and of the account, by source."""

    events: dict[str, Count]
    user: dict[str, Count]
    account: dict[str, Count]
    sources: tuple[SourceCount, ...]


def seen_counts(history: History, user: Sequence[str], account: Sequence[str]) -> SeenCounts:
    """Counts of all events, and of attributes by the names as they are sent."""
    events = history.events
    tracked = events.filter(~events.kind.isin(["identify", "group"]))
    named = tracked.group_by("name").agg(**_count(tracked))
    rows = history.engine.rows(named.order_by(named.events.desc(), "name").limit(MOST_NAMES))
    return SeenCounts(
        events={row["name"]: _read(row) for row in rows},
        user=dict(_attributes(history, "identify", user)),
        account=dict(_attributes(history, "group", account)),
        sources=_sources(history),
    )


def _sources(history: History) -> tuple[SourceCount, ...]:
    events = history.events
    found = events.group_by("from_browser", "simulated").agg(**_count(events))
    rows = history.engine.rows(found.order_by(found.events.desc()))
    return tuple(SourceCount(bool(row["from_browser"]), bool(row["simulated"]), _read(row)) for row in rows)


def _attributes(history: History, kind: str, names: Sequence[str]) -> Iterator[tuple[str, Count]]:
    """How often each attribute was told. The traits are JSON text: a name in it stands in quotes before a colon."""
    told = history.events.filter(history.events.kind == kind)
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        marks = {f"has{at}": told.traits.contains(f"{orjson.dumps(name).decode()}:") for at, name in enumerate(part)}
        marked = told.mutate(**marks)
        figures = {}
        for at in range(len(part)):
            has = marked[f"has{at}"].fill_null(False)
            figures[f"events{at}"] = has.ifelse(1, 0).sum()
            figures[f"people{at}"] = has.ifelse(marked.person, None).nunique()
            figures[f"first{at}"] = has.ifelse(marked.time, None).min()
            figures[f"last{at}"] = has.ifelse(marked.time, None).max()
        (row,) = history.engine.rows(marked.aggregate(**figures))
        for at, name in enumerate(part):
            if row[f"events{at}"]:
                yield name, _read({each: row[f"{each}{at}"] for each in ("events", "people", "first", "last")})


def _count(events: ibis.Table) -> dict[str, ibis.Value]:
    return {
        "events": events.count(),
        "people": events.person.nunique(),
        "first": events.time.min(),
        "last": events.time.max(),
    }


def _read(row: dict[str, int]) -> Count:
    return Count(int(row["events"]), int(row["people"]), Instant(int(row["first"])), Instant(int(row["last"])))
