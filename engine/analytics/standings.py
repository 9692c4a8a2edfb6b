"""Where people stood in a journey, from the log: who entered which step, reached it, tried it, passed it over, left.

The same as the fold that decides guidance keeps of each person (`engine.journeys`), as one expression over everybody:
a test compares the two on random histories. What follows from it is counted in `engine.analytics.step_counts` and
`engine.analytics.transitions`; what the words mean is in `docs/reference/records.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

from dsl.clauses import PAGE_EVENT
from dsl.values import DAY, WEEK, Duration, Instant, format_instant
from engine.analytics.engines import Engine
from engine.analytics.groups import UNSET_GROUP, Grouping
from engine.analytics.history import History
from engine.analytics.kpi_figures import JourneyAsked, Period
from engine.analytics.kpi_journeys import least
from engine.analytics.neighbours import is_tracked
from engine.analytics.records import Outcome
from engine.analytics.wheres import StepEvent, json_text, marked
from engine.events import STEP_EVENT
from engine.friction import SIGNAL_EVENTS
from engine.rescoring import still_counts

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table

TRIES: Final = ("error_click", "error_shown", "retry", "form_abandoned", "field_reentered", "rage_click", "dead_click")
"""Signs of friction that only who is doing something leaves: beside `attempted by`, what counts as having tried."""


SEPARATOR: Final = "/"
"""Between a persona and the number of a day or week: no number has it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days or weeks, told apart by number: how long each is, and when the one with the number 0 began."""

    length: Duration
    origin: Instant

    def number_of(self, time: Instant) -> int:
        """In which of them an instant lies."""
        return (time - self.origin) // self.length

    def first_day(self, number: int) -> str:
        """The day on which one of them begins, such as `2026-10-26`."""
        return format_instant(self.begin(number))[:10]

    def begin(self, number: int) -> Instant:
        """When one of them begins."""
        return Instant(self.origin + number * self.length)


DAYS: Final = Span(Duration(DAY), Instant(0))
WEEKS: Final = Span(Duration(WEEK), Instant(4 * DAY))
"""From Mondays: 1970-01-05 was one."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A journey to be looked for in a history, at an instant.

    pages: tests of a path, with the number of the step whose touchpoint it is. period: only who came to a step in it.
    span: groups by the day or week, in UTC, of coming there. grouping: groups of people; with both each of these by the
    other.
    """

    asked: JourneyAsked
    pages: tuple[tuple[Callable[[str], bool], int], ...]
    now: Instant
    period: Period
    span: Span | None = None
    grouping: Grouping | None = None

    @property
    def numbers(self) -> range:
        """Of the steps, from 0."""
        return range(len(self.asked.steps))


@dataclass(frozen=True, slots=True)
class Standings:
    """What was found, kept while it is read.

    rows: what happened, in the order of `place` (1 is a person's first): see `_happened`. people: one row a person,
    with `place_k`, when each reached step k first. steps: one row for each step that a person came to: `person`,
    `step`, `came`, `entered`, `reached` (instants or nothing), `outcome`, `tried`, and `group`, several times where
    somebody is in several.
    """

    rows: Table
    people: Table
    steps: Table
    walk: Walk
    engine: Engine


@contextmanager
def standings(history: History, walk: Walk, *, with_others: bool = False) -> Iterator[Standings]:
    """Find where everybody stood, for the block to count. with_others: `rows` has events of no step too."""
    kept = history.engine.kept
    with kept(_happened(history, walk, with_others=with_others)) as rows, kept(_people(history, walk, rows)) as people:
        steps = _grouped(_in_period(_steps(people, walk), walk), walk)
        with kept(steps) as counted:
            yield Standings(rows, people, counted, walk, history.engine)


def at_the_time(found: Standings, rows: Table) -> Table:
    """Some of the rows, with `stands`, the number of the step where the person stood just before (none: after the
    last), `came_k`, whether they ever had come to stand at step k by then, and `had_k`, whether they had reached it."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    walk, last = found.walk, len(found.walk.asked.steps)
    places = found.people.select(
        "person", *(f"place_{k}" for k in walk.numbers), *(f"entered_{k}" for k in walk.numbers)
    )
    joined = rows.join(places, "person")

    def was_before(k: int) -> Any:
        return (joined[f"place_{k}"] < joined.place).fill_null(False)

    stands: Any = ibis.literal(0, type="int64")
    for k in walk.numbers:
        stands = ibis.ifelse(was_before(k), ibis.literal(k + 1, type="int64"), stands)
    came = {
        f"came_{k}": joined[f"entered_{k}"].notnull() & (was_before(k - 1) if k else ibis.literal(True))
        for k in walk.numbers
    }
    had = {f"had_{k}": was_before(k) for k in walk.numbers}
    joined = joined.mutate(stands=stands, **came, **had)
    return joined.mutate(stands=ibis.ifelse(joined.stands == last, ibis.null("int64"), joined.stands))


def any_of(tests: Sequence[Any]) -> Any:
    """True where one of some tests is."""
    import ibis  # noqa: PLC0415

    return reduce(lambda one, other: one | other, tests, ibis.literal(False))


def _happened(history: History, walk: Walk, *, with_others: bool) -> Table:
    """What means something: `person`, `name`, `time`, `place`, `touches_k` (an event of step k, or a view of its page),
    `own_k` (it happened on a page of step k), `is_planned` (an event of the journey), `keeps` (nobody has given up
    before it), `is_signal`, `is_tracked`, `tries_k`."""
    import ibis  # noqa: PLC0415

    asked = walk.asked
    groups: dict[str, Sequence[StepEvent]] = {"is_outcome": asked.outcome}
    groups |= {f"reaches_{k}": events for k, events in enumerate(asked.reached)}
    groups |= {f"attempts_{k}": events for k, events in enumerate(asked.attempted)}
    names = {event.name for events in groups.values() for event in events}
    events = history.events
    wanted = events.name.isin(sorted({*names, STEP_EVENT, PAGE_EVENT, *SIGNAL_EVENTS}))
    rows = events.filter(wanted | is_tracked(events) if with_others else wanted)
    rows = _counting_signals(rows, history.engine)
    rows = _on_pages(marked(rows, groups, history.engine), walk, history.engine)
    in_order = ibis.window(group_by="person", order_by=["time", "seq"])
    is_view = rows.name == PAGE_EVENT
    touches = {
        f"touches_{k}": rows[f"reaches_{k}"] | rows[f"attempts_{k}"] | (is_view & rows[f"own_{k}"])
        for k in walk.numbers
    }
    rows = rows.mutate(
        **touches,
        is_planned=any_of([rows[name] for name in groups]),
        is_present=_is_present(rows, walk),
        is_signal=rows.name.isin(sorted(SIGNAL_EVENTS)),
        is_tracked=is_tracked(rows),
        place=(ibis.row_number().over(in_order) + 1).cast("int64"),
    )
    rows = rows.mutate(keeps=rows.is_planned | rows.is_present | any_of([rows[name] for name in touches]))
    marks = [f"{what}_{k}" for what in ("reaches", "attempts", "touches", "own") for k in walk.numbers]
    return rows.select("person", "name", "time", "place", "is_planned", "keeps", "is_signal", "is_tracked", *marks)


def _counting_signals(rows: Table, engine: Engine) -> Table:
    """Without the signs of friction that are none by the thresholds of this server, whichever browser sent them."""
    import ibis  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    is_judged = rows.name.isin(sorted(SIGNAL_EVENTS)) & rows.properties.contains('"evidence"')
    told = engine.rows(rows.filter(is_judged).select("name", "properties").distinct())
    no_signal = sorted(
        {
            (each["name"], each["properties"])
            for each in told
            if still_counts(each["name"].removeprefix("$"), orjson.loads(each["properties"]).get("evidence")) is False
        }
    )
    if not no_signal:
        return rows
    columns = {
        key: pa.array([each[place] for each in no_signal], pa.string())
        for place, key in enumerate(("name", "properties"))
    }
    return rows.anti_join(ibis.memtable(pa.table(columns)), ["name", "properties"])


def _on_pages(rows: Table, walk: Walk, engine: Engine) -> Table:
    """The rows with `own_k`: whether it happened on a page that is a touchpoint of step k."""
    import ibis  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    if not walk.pages:
        return rows.mutate(**{f"own_{k}": ibis.literal(False) for k in walk.numbers})
    on_pages = rows.filter(rows.name.isin(sorted({PAGE_EVENT, *SIGNAL_EVENTS})) & rows.path.notnull())
    # Each once: one that came twice would make events twice as many.
    paths = sorted({each["path"] for each in engine.rows(on_pages.select("path").distinct())})
    columns: dict[str, Any] = {"same_path": pa.array(paths, pa.string())}
    for k in walk.numbers:
        tests = [is_page for is_page, number in walk.pages if number == k]
        columns[f"page_{k}"] = pa.array([any(is_page(path) for is_page in tests) for path in paths], pa.bool_())
    found = ibis.memtable(pa.table(columns))
    joined = rows.left_join(found, rows.path == found.same_path)
    own = {f"own_{k}": joined[f"page_{k}"].fill_null(False) for k in walk.numbers}
    return joined.mutate(**own).drop("same_path", *(f"page_{k}" for k in walk.numbers))


def _is_present(rows: Table, walk: Walk) -> Any:
    """True for presence at a step of this journey, as the snippet tells it."""
    read, asked = json_text(), walk.asked
    journey, step = read(rows.properties, "$.journey"), read(rows.properties, "$.step")
    names = [spelled for name in asked.steps for spelled in (name, f"{asked.name}.{name}")]
    is_here = (journey.isnull() | (journey == asked.name)) & step.isin(names)
    return (rows.name == STEP_EVENT) & is_here.fill_null(False)


def _people(history: History, walk: Walk, rows: Table) -> Table:
    """One row a person: `first_seen`, `last` (of the journey); of each step `reached_k`, `place_k`, `entered_k`,
    `tried_k`."""
    import ibis  # noqa: PLC0415

    columns: dict[str, Any] = {"last": rows.time.max(where=rows.keeps)}
    for k in walk.numbers:
        columns |= {
            f"reached_{k}": rows.time.min(where=rows[f"reaches_{k}"]),
            f"place_{k}": rows.place.min(where=rows[f"reaches_{k}"]),
            f"attempt_{k}": rows.place.max(where=rows[f"attempts_{k}"]),
        }
    told = rows.group_by("person").agg(**columns).rename(who="person")
    events = history.events
    first = events.group_by("person").agg(first_seen=events.time.min())
    people = first.left_join(told, first.person == told.who).drop("who")
    entered = {"entered_0": people.first_seen}
    for k in walk.numbers[1:]:
        before = people[f"place_{k - 1}"]
        # Who was further already, or came further by the same event, never stood here.
        is_furthest = before.notnull()
        for j in walk.numbers[k:]:
            is_furthest = is_furthest & (people[f"place_{j}"].isnull() | (before < people[f"place_{j}"])).fill_null(
                False
            )
        entered[f"entered_{k}"] = ibis.ifelse(is_furthest, people[f"reached_{k - 1}"], ibis.null("int64"))
    attempts = {"tried_0": people.attempt_0.notnull()}
    attempts |= {
        f"tried_{k}": (people[f"attempt_{k}"] > people[f"place_{k - 1}"]).fill_null(False) for k in walk.numbers[1:]
    }
    return people.mutate(**entered, **attempts)


def _steps(people: Table, walk: Walk) -> Table:
    """One row for each step that a person came to, reached or passed over."""
    import ibis  # noqa: PLC0415

    def at(k: int) -> Table:
        entered, reached = people[f"entered_{k}"], people[f"reached_{k}"]
        later = [people[f"reached_{j}"] for j in walk.numbers[k + 1 :]]
        passed_at = least(later) if later else ibis.null("int64")
        latest = ibis.greatest(ibis.coalesce(people["last"], entered), entered)
        is_gone = walk.now - latest >= walk.asked.gives_up
        stood = ibis.ifelse(is_gone, ibis.literal(Outcome.DROPPED.value), ibis.literal(Outcome.IN_PROGRESS.value))
        outcome = ibis.ifelse(entered.isnull(), ibis.null("string"), stood)
        outcome = ibis.ifelse(passed_at.notnull(), ibis.literal(Outcome.SKIPPED.value), outcome)
        outcome = ibis.ifelse(reached.notnull(), ibis.literal(Outcome.COMPLETED.value), outcome)
        place = people[f"place_{k}"]
        is_next = place.notnull()
        for j in walk.numbers[k + 1 :]:
            is_next = is_next & (people[f"place_{j}"].isnull() | (place <= people[f"place_{j}"])).fill_null(False)
        rows = people.mutate(
            step=ibis.literal(k, type="int64"),
            came=ibis.coalesce(entered, reached, passed_at),
            entered=entered,
            reached=reached,
            outcome=outcome,
            tried=people[f"tried_{k}"],
            is_next=is_next,
        )
        rows = rows.filter(rows.outcome.notnull())
        return rows.select("person", "step", "came", "entered", "reached", "outcome", "tried", "is_next")

    parts = [at(k) for k in walk.numbers]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def _in_period(steps: Table, walk: Walk) -> Table:
    return steps.filter((steps.came >= walk.period.since) & (steps.came < walk.period.until))


def _grouped(steps: Table, walk: Walk) -> Table:
    return in_groups_of(steps, steps.came, walk.span, walk.grouping)


def in_groups_of(rows: Table, time: Any, span: Span | None, grouping: Grouping | None) -> Table:
    """The rows, each with a `person`, with `group`, as `group_of` reads it; several times where somebody is in several
    groups."""
    import ibis  # noqa: PLC0415

    number: Any = ibis.literal("")
    if span is not None:
        number = ((time - span.origin) / span.length).floor().cast("int64").cast("string")
    rows = rows.mutate(number=number)
    label: Any = ibis.literal("")
    if grouping is not None:
        rows = rows.left_join(grouping.labels, rows.person == grouping.labels.member)
        label = rows.label.fill_null(UNSET_GROUP)
    rows = rows.mutate(group=label + SEPARATOR + rows.number)
    return rows.drop("number", *(("member", "label") if grouping is not None else ()))


def group_of(key: str, span: Span | None) -> str | None:
    """A group as answers name it: a persona, the first day of a day or week, or both; None for everybody."""
    label, _, number = key.rpartition(SEPARATOR)
    day = span.first_day(int(number)) if span is not None and number else ""
    return " ".join(part for part in (label, day) if part) or None
