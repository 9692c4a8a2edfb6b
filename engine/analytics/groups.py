"""Groups of people or accounts, for breakdowns: by the latest value of a trait, by persona, by what a guide did.

A grouping is a table `member`, `label`: whose label it is, a person's number or an account's id.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.values import JsonValue
from engine.analytics.history import History, accounts_of
from engine.analytics.wheres import json_text
from engine.events import GuideEvent
from engine.traits import changed, changes_of

if TYPE_CHECKING:
    import ibis

UNSET_GROUP: Final = "(not set)"
SAW, HELD_OUT = "saw it", "held out"
"""Groups by a guide. Who is in neither is `(not set)`."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """Who is in what group: a table of Ibis with `member` and `label`."""

    labels: ibis.Table


def by_trait(history: History, trait: str) -> Grouping:
    """People by the latest value of a trait. Texts stand as they are, everything else as JSON."""
    import pyarrow as pa  # noqa: PLC0415  (heavy: only where an analysis runs)

    return _in_memory(_latest(history, "identify", "person", trait), pa.int64())


def by_account_trait(history: History, trait: str, *, of_people: bool) -> Grouping:
    """Accounts, or the people of accounts, by the latest value of a trait of the account."""
    import pyarrow as pa  # noqa: PLC0415

    labels = _in_memory(_latest(history, "group", "group_id", trait), pa.string()).labels
    if not of_people:
        return Grouping(labels)
    accounts = accounts_of(history.events)
    return Grouping(accounts.join(labels, accounts.account == labels.member).select("label", member="person"))


def by_membership(people: Mapping[str, Collection[int]]) -> Grouping:
    """People by personas or segments, by name: whoever is in several counts in each."""
    import pyarrow as pa  # noqa: PLC0415

    pairs = [(number, name) for name, numbers in people.items() for number in sorted(numbers)]
    return _in_memory(pairs, pa.int64())


def by_guide(history: History, guide: str) -> Grouping:
    """People by whether they ever saw a guide, or were held out from it (and never saw it)."""
    import ibis  # noqa: PLC0415

    events = history.events
    names = (GuideEvent.SHOWN.value, GuideEvent.HELD_OUT.value)
    told = events.filter(events.name.isin(names) & (json_text()(events.properties, "$.guide") == guide))
    saw = told.group_by("person").agg(shows=told.seq.count(where=told.name == GuideEvent.SHOWN.value))
    return Grouping(saw.select(member="person", label=ibis.ifelse(saw.shows > 0, SAW, HELD_OUT)))


def _latest(history: History, kind: str, key: str, trait: str) -> list[tuple[Any, str]]:
    """The latest value of a trait of everyone who has one; operations on traits are done in their order."""
    events = history.events
    told = events.filter((events.kind == kind) & events.traits.contains(orjson.dumps(trait).decode()))
    rows = history.engine.rows(told.select(key, "time", "seq", "traits").order_by("time", "seq"))
    latest: dict[Any, JsonValue] = {}
    for row in rows:
        for change in changes_of(orjson.loads(row["traits"])):
            if change.name == trait:
                latest[row[key]] = changed(latest.get(row[key]), change)
    return [
        (who, value if isinstance(value, str) else orjson.dumps(value).decode())
        for who, value in latest.items()
        if value is not None and who is not None
    ]


def _in_memory(pairs: Collection[tuple[Any, str]], type_: Any) -> Grouping:
    import ibis  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    columns = {
        "member": pa.array([who for who, _ in pairs], type_),
        "label": pa.array([name for _, name in pairs], pa.string()),
    }
    return Grouping(ibis.memtable(pa.table(columns)))
