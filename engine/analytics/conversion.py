"""Ask a history how many convert: which events are a funnel's steps, whose they are, and in what groups.

The rules of a funnel are in `engine.analytics.funnels`. Everything here is made of two expressions: the units of a
funnel with their times, and the counts of these. The paths that people really took are in `engine.analytics.designs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from dsl.values import MINUTE, Duration
from engine.analytics.funnel_answer import FunnelAnswer, StepCount, Times, count_steps, sharpest_drop
from engine.analytics.funnels import Between, Funnel, Order, Unit, furthest, refuse_impossible
from engine.analytics.groups import UNSET_GROUP, Grouping
from engine.analytics.history import History, accounts_of, page_of_users
from engine.analytics.neighbours import in_sessions, marked_runs
from engine.analytics.wheres import StepEvent, marked
from engine.errors import WaypostError

if TYPE_CHECKING:
    import ibis


class UnitOfNeighbours(WaypostError):
    """A funnel of neighbours that counts something else than users."""

    code = "funnel_unit"

    def __init__(self) -> None:
        super().__init__("the order `directly` counts users, as the rule does that says the same: leave the unit out")


SESSION_GAP: Final = Duration(30 * MINUTE)
"""A gap of this length or more ends a session, where events do not bring a session of their own."""
QUARTILES: Final = (0.25, 0.5, 0.75)
_DAY: Final = 86_400_000_000
_MONDAY: Final = 4 * _DAY
"""1970-01-05, in microseconds."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Events that must not come in between: anywhere in the chain, or between two steps by their numbers from 0."""

    events: tuple[StepEvent, ...]
    between: Between | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a history.

    labels: the steps' names in the answer. events: for each step the events that are one. by_week: groups by the week,
    from Monday in UTC, in which the chain was entered that counts. grouping: groups of people, or of accounts.
    """

    labels: tuple[str, ...]
    events: tuple[tuple[StepEvent, ...], ...]
    exclusions: tuple[Exclusion, ...] = ()
    window: Duration | None = None
    order: Order = Order.ORDERED
    unit: Unit = Unit.USER
    by_week: bool = False
    grouping: Grouping | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all events that mean anything here."""
        found = (*self.events, *(each.events for each in self.exclusions))
        return tuple(sorted({event.name for events in found for event in events}))

    @property
    def funnel(self) -> Funnel:
        """The funnel alone."""
        whole = Between(0, len(self.labels) - 1)
        found = [{event.name for event in events} for events in (*self.events, *(x.events for x in self.exclusions))]
        return Funnel(
            steps=self.labels,
            window=self.window,
            order=self.order,
            exclusions=tuple(each.between or whole for each in self.exclusions),
            distinct=sum(map(len, found)) == len(set().union(*found)),
        )


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a figure stands for: those who came to a step (by number from 0), or came to it and no further.

    group: of a breakdown.
    """

    step: int
    dropped: bool = False
    group: str | None = None


def conversion(history: History, question: Question) -> FunnelAnswer:
    """How many came how far, in what time."""
    units = reached(history, question)
    steps = _counted(history, units, question)[None]
    groups = None
    if question.by_week or question.grouping is not None:
        found = _counted(history, grouped(units, question), question)
        largest = sorted((name for name in found if name is not None), key=lambda name: (-found[name][0].count, name))
        in_order = sorted(largest) if question.by_week else largest
        groups = {name: found[name] for name in in_order}
    return FunnelAnswer(
        steps=steps,
        groups=groups,
        sharpest=sharpest_drop(steps) if question.order is not Order.ANY else None,
        left_out=history.left_out,
        version=history.version,
    )


def reached(history: History, question: Question) -> ibis.Table:
    """One row a unit that entered, with `unit`, `person` (of an account: none) and what `furthest` tells of it."""
    refuse_impossible(question.funnel)
    matches = matches_of(history, question)
    found = furthest(matches, question.funnel)
    match question.unit:
        case Unit.USER:
            return found.mutate(person=found.unit)
        case Unit.SESSION:
            return found.join(matches.select("unit", "person").distinct(), "unit")
        case Unit.ACCOUNT:
            return found


def grouped(units: ibis.Table, question: Question) -> ibis.Table:
    """The units with `group`; those in several groups several times."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    if question.by_week:
        entered = ibis.literal(None, type="int64")
        for number in range(len(question.labels)):
            entered = ibis.coalesce(units[f"at_{number}"] - units[f"took_{number}"], entered)
        # Whole weeks: what Python makes a date of.
        week = ((entered - _MONDAY) / (7 * _DAY)).floor().cast("int64")
        return units.mutate(group=week.cast("string"))
    if question.grouping is None:
        return units
    labels = question.grouping.labels
    key = units.unit if question.unit is Unit.ACCOUNT else units.person
    joined = units.left_join(labels, key == labels.member)
    return joined.mutate(group=joined.label.fill_null(UNSET_GROUP)).drop("member", "label")


def people_behind(history: History, question: Question, who: Who, *, after: str = "", limit: int = 100) -> list[str]:
    """The ids of those whom a figure stands for, in order, after an id: users as people know them, or accounts."""
    units = reached(history, question)
    if who.group is not None:
        units = grouped(units, question)
        wanted = _week_number(who.group) if question.by_week else who.group
        units = units.filter(units["group"] == wanted)
    units = units.filter(units[f"at_{who.step}"].notnull())
    if who.dropped and who.step + 1 < len(question.labels):
        units = units.filter(units[f"at_{who.step + 1}"].isnull())
    page = page_of_users(names_of_units(history, question, units), after=after, limit=limit)
    return [row["user"] for row in history.engine.rows(page)]


def names_of_units(history: History, question: Question, units: ibis.Table) -> ibis.Table:
    """The ids of units as people know them, `user`: of accounts their own, else of whose units they are."""
    if question.unit is Unit.ACCOUNT:
        return units.select(user="unit")
    people = history.people.select(number="person", user="user")
    return units.join(people, units.person == people.number).select("user")


def matches_of(history: History, question: Question) -> ibis.Table:
    """The events that mean something, with their unit; see `engine.analytics.funnels.furthest`."""
    if question.order is Order.DIRECTLY:
        return _runs_of(history, question)
    events, names = with_unit(history, question.unit), list(question.names)
    named = events.name.isin(names)
    is_activity = (events.kind == "track") & ~events.name.startswith("$")
    events = events.filter(named | is_activity if question.order is Order.STRICT else named)
    columns: dict[str, Sequence[StepEvent]] = {}
    columns |= {f"step_{number}": found for number, found in enumerate(question.events)}
    columns |= {f"exclusion_{number}": each.events for number, each in enumerate(question.exclusions)}
    return marked(events, columns, history.engine, only=["unit", "person", "time", "seq"])


def _runs_of(history: History, question: Question) -> ibis.Table:
    if question.unit is not Unit.USER:
        raise UnitOfNeighbours
    columns = {f"step_{number}": found for number, found in enumerate(question.events)}
    events = marked(history.events, columns, history.engine)
    return marked_runs(in_sessions(events), len(columns))


def with_unit(history: History, unit: Unit) -> ibis.Table:
    """The events with whose chain they belong to: a person, one session of a person, or the account of a person."""
    import ibis  # noqa: PLC0415

    events = history.events
    match unit:
        case Unit.USER:
            return events.mutate(unit=events.person)
        case Unit.ACCOUNT:
            accounts = accounts_of(events).rename(member="person")
            return events.join(accounts, events.person == accounts.member).drop("member").rename(unit="account")
        case Unit.SESSION:
            pass
    is_activity = (events.kind == "track") & ~events.name.startswith("$")
    counted = events.filter(is_activity | events.name.startswith("$"))
    in_order = ibis.window(group_by="person", order_by=["time", "seq"])
    gap = counted.time - counted.time.lag().over(in_order)
    begun = counted.mutate(begins=ibis.ifelse(gap.fill_null(SESSION_GAP) >= SESSION_GAP, 1, 0))
    upto = ibis.window(group_by="person", order_by=["time", "seq"], preceding=None, following=0)
    numbered = begun.mutate(number=begun.begins.sum().over(upto))
    own = ibis.coalesce(ibis.literal("s:") + numbered.session_id, ibis.literal("n:") + numbered.number.cast("string"))
    return numbered.mutate(unit=numbered.person.cast("string") + "/" + own).drop("begins", "number")


def _counted(history: History, units: ibis.Table, question: Question) -> Mapping[str | None, tuple[StepCount, ...]]:
    numbers = range(len(question.labels))
    columns: dict[str, Any] = {f"count_{number}": units[f"at_{number}"].count() for number in numbers}
    columns |= {f"quartiles_{number}": units[f"took_{number}"].quantile(list(QUARTILES)) for number in numbers[1:]}
    has_groups = "group" in units.columns
    counted = units.group_by("group").agg(**columns) if has_groups else units.agg(**columns)
    found: dict[str | None, tuple[StepCount, ...]] = {}
    for row in history.engine.rows(counted):
        counts = [row[f"count_{number}"] or 0 for number in numbers]
        times = [None, *(_times(row[f"quartiles_{number}"]) for number in numbers[1:])]
        name = _week(row["group"]) if has_groups and question.by_week else row.get("group")
        found[name] = count_steps(question.labels, counts, times)
    return found


def _times(quartiles: Sequence[float | None] | None) -> Times | None:
    if not quartiles or any(each is None for each in quartiles):
        return None
    return Times(*(Duration(round(each)) for each in quartiles if each is not None))


def _week(number: str) -> str:
    """The Monday of a week, by its number."""
    return (date(1970, 1, 5) + timedelta(weeks=int(number))).isoformat()


def _week_number(monday: str) -> str:
    try:
        return str((date.fromisoformat(monday) - date(1970, 1, 5)).days // 7)
    except ValueError:
        return monday
