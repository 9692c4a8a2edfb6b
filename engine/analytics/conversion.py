"""Ask the lake how many convert: which events are a funnel's steps, whose they are, and in what groups.

The rules of a funnel are in `engine.analytics.funnels`; here its answer is computed from the events of a lake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.values import MINUTE, Duration, Instant, JsonValue
from engine.analytics.funnels import Funnel, Order, StepCount, Unit, count_steps, furthest
from engine.traits import changed, changes_of

if TYPE_CHECKING:
    import ibis

SESSION_GAP: Final = Duration(30 * MINUTE)
"""A gap of this length or more ends a session, where events do not bring a session of their own."""

UNSET_GROUP: Final = "(not set)"

Predicate = Callable[[dict[str, JsonValue], Instant], bool]
"""Whether an event counts, by its properties and its time."""


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Which events are a step: those of a name, and where there is a predicate, only those for which it is true."""

    name: str
    counts: Predicate | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the lake.

    labels: the steps' names in the answer. events: for each step the events that are one. breakdown: a trait; people
    are grouped by its latest value.
    """

    labels: tuple[str, ...]
    events: tuple[tuple[StepEvent, ...], ...]
    window: Duration | None = None
    order: Order = Order.ORDERED
    unit: Unit = Unit.USER
    breakdown: str | None = None
    with_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The counts of all, or of each group where a breakdown was asked for, the largest group first."""

    steps: tuple[StepCount, ...]
    groups: Mapping[str, tuple[StepCount, ...]] | None = None


def conversion(events: ibis.Table, question: Question, backend: Any) -> Answer:
    """How many came how far.

    events: as `engine.storage.lake.Lake.events` gives them. backend: the engine of ibis that reads them, and counts.
    """
    if not question.with_simulated:
        events = events.filter(~events.simulated)
    tracked = events.filter((events.kind == "track") & ~events.name.startswith("$"))
    matches = _matches(_with_unit(tracked, question.unit), question, backend)
    reached = furthest(matches, Funnel(question.labels, question.window, question.order))
    if question.breakdown is None:
        rows = backend.to_pyarrow(reached.group_by("furthest").agg(units=reached.count())).to_pylist()
        return Answer(_counted(Counter({row["furthest"]: row["units"] for row in rows}), question))
    groups = _traits(events, question.breakdown, backend)
    person = matches.select("unit", "person").distinct()
    found = backend.to_pyarrow(reached.join(person, "unit").select("person", "furthest")).to_pylist()
    return _grouped(found, groups, question)


def _grouped(found: list[dict[str, Any]], groups: Mapping[int, str], question: Question) -> Answer:
    everyone: Counter[int] = Counter()
    by_group: dict[str, Counter[int]] = {}
    for row in found:
        everyone[row["furthest"]] += 1
        by_group.setdefault(groups.get(row["person"], UNSET_GROUP), Counter())[row["furthest"]] += 1
    largest = sorted(by_group, key=lambda name: (-by_group[name].total(), name))
    return Answer(_counted(everyone, question), {name: _counted(by_group[name], question) for name in largest})


def _counted(units: Counter[int], question: Question) -> tuple[StepCount, ...]:
    return count_steps([units[level + 1] for level in range(len(question.labels))], question.labels)


def _with_unit(events: ibis.Table, unit: Unit) -> ibis.Table:
    """The events with whose chain they belong to: a person, or one session of a person."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    if unit is Unit.USER:
        return events.mutate(unit=events.person.cast("string"))
    in_order = ibis.window(group_by="person", order_by=["time", "seq"])
    gap = events.time - events.time.lag().over(in_order)
    begun = events.mutate(begins=ibis.ifelse(gap.fill_null(SESSION_GAP) >= SESSION_GAP, 1, 0))
    upto = ibis.window(group_by="person", order_by=["time", "seq"], preceding=None, following=0)
    numbered = begun.mutate(number=begun.begins.sum().over(upto))
    own = ibis.coalesce(ibis.literal("s:") + numbered.session_id, ibis.literal("n:") + numbered.number.cast("string"))
    return numbered.mutate(unit=numbered.person.cast("string") + "/" + own).drop("begins", "number")


def _matches(events: ibis.Table, question: Question, backend: Any) -> ibis.Table:
    names = sorted({event.name for step in question.events for event in step})
    if question.order is not Order.STRICT:
        events = events.filter(events.name.isin(names))
    columns = {f"step_{number}": _fits(events, step, backend) for number, step in enumerate(question.events)}
    return events.select("unit", "person", "time", "seq", **columns)


def _fits(events: ibis.Table, step: tuple[StepEvent, ...], backend: Any) -> Any:
    import ibis  # noqa: PLC0415

    fits: Any = ibis.literal(False)
    for event in step:
        named = events.name == event.name
        fits = fits | (named if event.counts is None else named & events.seq.isin(_counting(events, event, backend)))
    return fits


def _counting(events: ibis.Table, event: StepEvent, backend: Any) -> Any:
    """The numbers of the events whose `where` is true.

    The predicate is the compiled condition itself, so that a funnel and a rule never disagree on what counts.
    """
    import ibis  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    counts = event.counts
    assert counts is not None  # noqa: S101  (asked only where there is one)
    named = events.filter(events.name == event.name).select("seq", "time", "properties")
    rows = backend.to_pyarrow(named).to_pylist()
    kept = [row["seq"] for row in rows if counts(orjson.loads(row["properties"] or b"{}"), Instant(row["time"]))]
    return ibis.memtable(pa.table({"seq": pa.array(kept, pa.int64())})).seq


def _traits(events: ibis.Table, trait: str, backend: Any) -> Mapping[int, str]:
    """The latest value of a trait of each person who has one, as text."""
    said = events.filter((events.kind == "identify") & events.traits.notnull())
    rows = backend.to_pyarrow(said.select("person", "time", "seq", "traits").order_by("time", "seq")).to_pylist()
    latest: dict[int, JsonValue] = {}
    for row in rows:
        for change in changes_of(orjson.loads(row["traits"])):
            if change.name == trait:
                latest[row["person"]] = changed(latest.get(row["person"]), change)
    told = ((person, value) for person, value in latest.items() if value is not None)
    return {person: value if isinstance(value, str) else orjson.dumps(value).decode() for person, value in told}
