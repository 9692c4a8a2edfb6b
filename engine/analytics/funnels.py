"""How many go from step to step: one expression over the lake, whatever engine reads it.

The rules, which every engine and the oracle in the tests follow:

* ordered: a chain takes events of step 1, 2, 3 … in this order, others in between allowed; the window runs from the
  event that entered the chain and includes its end; a later entry takes the place of an earlier one;
* strict: as ordered, but each event follows the one before it directly;
* any: the steps in any order, all within the window that begins at one of them;
* events at the same instant go by (lowest step they fit, order of receipt); one event fills one step of a chain;
* a unit (person or session) counts at the furthest step that one of its chains has come to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

from dsl.values import Duration
from engine.analytics.intervals import Interval, share_interval
from engine.errors import WaypostError

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table
    Expression: TypeAlias = Any


class Order(StrEnum):
    """How strictly the steps must follow each other."""

    ORDERED = "ordered"
    STRICT = "strict"
    ANY = "any"


class Unit(StrEnum):
    """What is counted."""

    USER = "user"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Funnel:
    """What is asked.

    steps: the name of each step, in order. window: microseconds from entry, None for no limit.
    """

    steps: tuple[str, ...]
    window: Duration | None = None
    order: Order = Order.ORDERED


@dataclass(frozen=True, slots=True)
class StepCount:
    """A step of the answer: units that came at least this far, as a share of those who entered, with its interval."""

    name: str
    count: int
    rate: float | None
    interval: Interval | None


class FunnelTooShort(WaypostError):
    """A funnel of fewer than two steps."""

    code = "funnel_too_short"

    def __init__(self) -> None:
        super().__init__("a funnel needs at least two steps: separate them with commas, `--steps signup,purchase`")


class RepeatedStep(WaypostError):
    """The same event twice where the order does not matter."""

    code = "funnel_step_repeated"

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` stands twice in a funnel without order: name each event once, or use an order")


def furthest(matches: Table, funnel: Funnel) -> Table:
    """One row per unit: `unit`, and `furthest`, the number of steps its best chain has filled (at least 1).

    matches: one row per event, `unit`, `time` (microseconds), `seq` (order of receipt) and one boolean column
    `step_0`, `step_1` … per step. For the orders that allow events in between, rows that fit no step may be left out.
    """
    _refuse_impossible(funnel)
    match funnel.order:
        case Order.ORDERED:
            return _ordered(matches, funnel)
        case Order.STRICT:
            return _strict(matches, funnel)
        case Order.ANY:
            return _any_order(matches, funnel)


def count_steps(reached: Sequence[int], names: Sequence[str]) -> tuple[StepCount, ...]:
    """The answer from the number of units by furthest step: `reached[k]` units filled exactly k + 1 steps."""
    entered = sum(reached)
    counts = [sum(reached[index:]) for index in range(len(names))]
    return tuple(
        StepCount(
            name=name,
            count=count,
            rate=count / entered if entered else None,
            interval=share_interval(count, entered),
        )
        for name, count in zip(names, counts, strict=True)
    )


def _refuse_impossible(funnel: Funnel) -> None:
    if len(funnel.steps) < 2:
        raise FunnelTooShort
    if funnel.order is Order.ANY:
        for name in funnel.steps:
            if funnel.steps.count(name) > 1:
                raise RepeatedStep(name)


def _ordered(matches: Table, funnel: Funnel) -> Table:
    """Running maxima, one level a step: the latest entry from which a chain has come this far.

    An event that fits several steps becomes a row for each, the furthest first, so that it never follows itself.
    """
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    numbers = range(len(funnel.steps))
    lowest = reduce(
        lambda rest, number: ibis.ifelse(matches[f"step_{number}"], number, rest),
        reversed(numbers),
        ibis.literal(None, type="int64"),
    )
    ranked = matches.mutate(lowest=lowest)
    rows = ibis.union(
        *(
            ranked.filter(ranked[f"step_{number}"]).select("unit", "time", "seq", "lowest", step=ibis.literal(number))
            for number in numbers
        )
    )
    before = ibis.window(
        group_by="unit",
        order_by=["time", "lowest", "seq", ibis.desc("step")],
        preceding=(None, 1),
    )
    rows = rows.mutate(entry_0=ibis.ifelse(rows.step == 0, rows.time, ibis.null("int64")))
    for number in numbers[1:]:
        latest = rows[f"entry_{number - 1}"].max().over(before)
        rows = rows.mutate(latest=latest)
        follows = (rows.step == number) & rows.latest.notnull()
        if funnel.window is not None:
            follows = follows & (rows.time - rows.latest <= funnel.window)
        rows = rows.mutate(**{f"entry_{number}": ibis.ifelse(follows, rows.latest, ibis.null("int64"))}).drop("latest")
    return _furthest_level(rows, funnel)


def _strict(matches: Table, funnel: Funnel) -> Table:
    """Each level looks at the row just before: the event that a chain has to follow directly."""
    import ibis  # noqa: PLC0415

    in_order = ibis.window(group_by="unit", order_by=["time", "seq"])
    rows = matches.mutate(entry_0=ibis.ifelse(matches.step_0, matches.time, ibis.null("int64")))
    for number in range(1, len(funnel.steps)):
        rows = rows.mutate(latest=rows[f"entry_{number - 1}"].lag().over(in_order))
        follows = rows[f"step_{number}"] & rows.latest.notnull()
        if funnel.window is not None:
            follows = follows & (rows.time - rows.latest <= funnel.window)
        rows = rows.mutate(**{f"entry_{number}": ibis.ifelse(follows, rows.latest, ibis.null("int64"))}).drop("latest")
    return _furthest_level(rows, funnel)


def _any_order(matches: Table, funnel: Funnel) -> Table:
    """From each event on: how many different steps come within the window."""
    import ibis  # noqa: PLC0415

    onward = ibis.window(group_by="unit", order_by=["time", "seq"], preceding=0, following=None)
    filled: Expression = ibis.literal(0)
    for number in range(len(funnel.steps)):
        moment = ibis.ifelse(matches[f"step_{number}"], matches.time, ibis.null("int64"))
        soonest = moment.min().over(onward)
        fits = soonest.notnull() if funnel.window is None else soonest - matches.time <= funnel.window
        filled = filled + ibis.ifelse(fits.fill_null(False), 1, 0)
    rows = matches.mutate(filled=filled)
    rows = rows.filter(rows.filled > 0)
    return rows.group_by("unit").agg(furthest=rows.filled.max())


def _furthest_level(rows: Table, funnel: Funnel) -> Table:
    import ibis  # noqa: PLC0415

    level: Expression = ibis.literal(0)
    for number in range(len(funnel.steps)):
        level = ibis.ifelse(rows[f"entry_{number}"].notnull(), number + 1, level)
    rows = rows.mutate(level=level)
    rows = rows.filter(rows.level > 0)
    return rows.group_by("unit").agg(furthest=rows.level.max())
