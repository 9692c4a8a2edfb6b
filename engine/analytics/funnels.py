"""How far each one comes: one expression over the events of a history, whatever engine reads it.

The rules, which every engine and the oracle in `tests/oracle/funnel.py` follow (`docs/reference/funnels.md`):

* ordered: a chain takes events of step 1, 2, 3 … in this order, others in between allowed; the window runs from the
  event that entered the chain and includes its end; a later entry takes the place of an earlier one;
* strict: as ordered, but each event follows the one before it directly;
* any: the steps in any order, all within the window that begins at one of them;
* then: as ordered, but events at the same instant go by order of receipt alone: `did "A" then "B" within D` of a rule;
* directly: next to each other in one session of a browser, repeats collapsed, also by order of receipt:
  `did "A" directly then "B" in one session` of a rule;
* in the other orders events at the same instant go by (lowest step they fit, order of receipt), those of no step last;
* one event fills one step of a chain;
* an exclusion is an event that must not come between two steps of a chain; at the same instant steps go first;
* a unit (person, session or account) counts at the furthest step that one of its chains has come to; the time to a step
  is that of the chain which came there first, from its latest entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dsl.values import Duration
from engine.analytics.chains import PLACES, Candidates, chained, number_of, packed, plain, received
from engine.errors import WaypostError

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table
    Expression: TypeAlias = Any

MOST_STEPS: Final = PLACES - 2
"""Steps of a funnel; the number of what is none of them needs a place besides."""


class Order(StrEnum):
    """How strictly the steps must follow each other."""

    ORDERED = "ordered"
    STRICT = "strict"
    ANY = "any"
    THEN = "then"
    DIRECTLY = "directly"


class Unit(StrEnum):
    """What is counted."""

    USER = "user"
    ACCOUNT = "account"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Between:
    """Between which steps, by number from 0, an exclusion must not come: after `first`, before `last` is filled."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """What is asked.

    steps: the name of each step, in order. window: microseconds from entry, None for no limit. exclusions: of each
    excluded event, where it must not come. distinct: no event can fit two steps or be an exclusion besides.
    """

    steps: tuple[str, ...]
    window: Duration | None = None
    order: Order = Order.ORDERED
    exclusions: tuple[Between, ...] = ()
    distinct: bool = False


class FunnelTooShort(WaypostError):
    """A funnel of fewer than two steps."""

    code = "funnel_too_short"

    def __init__(self) -> None:
        super().__init__("a funnel needs at least two steps: separate them with commas, `--steps signup,purchase`")


class FunnelTooLong(WaypostError):
    """A funnel of more steps than anybody reads."""

    code = "funnel_too_long"

    def __init__(self, steps: int) -> None:
        super().__init__(f"a funnel has at most {MOST_STEPS} steps, this one {steps}: ask for a part of it")


class RepeatedStep(WaypostError):
    """The same event twice where the order does not matter."""

    code = "funnel_step_repeated"

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` stands twice in a funnel without order: name each event once, or use an order")


class BadExclusion(WaypostError):
    """An exclusion that says nothing: between steps that are none, or where the order forbids everything anyhow."""

    code = "funnel_exclusion"


def furthest(matches: Table, funnel: Funnel) -> Table:
    """One row per unit: `unit`; for each step k from 0 `at_k`, when a chain first came there (null: none did), and
    `took_k`, how long after the chain's entry that was. Times in microseconds. Only units that entered are there.

    matches: one row per event, `unit`, `time` (microseconds), `seq` (order of receipt), one boolean column `step_k` per
    step and `exclusion_k` per exclusion. For the orders that allow events in between, rows that fit nothing may be left
    out. In a funnel without order `at_k` is when k + 1 of the steps were done. Of the order `directly` the rows are the
    runs of `engine.analytics.neighbours.marked_runs`.
    """
    refuse_impossible(funnel)
    match funnel.order:
        case Order.ORDERED:
            return _ordered(matches, funnel)
        case Order.STRICT:
            return _strict(matches, funnel)
        case Order.ANY:
            return _any_order(matches, funnel)
        case Order.THEN:
            return _then(matches, funnel)
        case Order.DIRECTLY:
            return _directly(matches, funnel)


def refuse_impossible(funnel: Funnel) -> None:
    """Raises FunnelTooShort, FunnelTooLong, RepeatedStep, BadExclusion for what nobody can answer."""
    steps = len(funnel.steps)
    if steps < 2:
        raise FunnelTooShort
    if steps > MOST_STEPS:
        raise FunnelTooLong(steps)
    if funnel.order is Order.ANY:
        for name in funnel.steps:
            if funnel.steps.count(name) > 1:
                raise RepeatedStep(name)
    if funnel.exclusions and funnel.order is Order.STRICT:
        raise BadExclusion("a strict funnel allows nothing between its steps: leave the exclusion out, or the order")
    if funnel.exclusions and funnel.order in {Order.THEN, Order.DIRECTLY}:
        raise BadExclusion(
            f"the order `{funnel.order}` counts whom a rule would reach, and a rule cannot say this: leave the "
            "exclusion out, or ask for the order `ordered`"
        )
    for exclusion in funnel.exclusions:
        if not 0 <= exclusion.first < exclusion.last < steps:
            raise BadExclusion("an exclusion lies between a step and a later one of the same funnel")
        if funnel.order is Order.ANY and (exclusion.first, exclusion.last) != (0, steps - 1):
            raise BadExclusion("without an order there is no `between`: exclude the event from the whole funnel")


def _ordered(matches: Table, funnel: Funnel) -> Table:
    """Chains over the events, with what is excluded as a border between segments."""
    steps = len(funnel.steps)
    rows = _in_segments(_ranked(matches, funnel), funnel, ["time", "step"] if funnel.distinct else ["position"])
    segments = [f"segment_{place}" for place in range(len(funnel.exclusions))]
    rows = rows.filter(rows.step < steps)
    candidates = packed(rows, *segments) if funnel.distinct else plain(rows, ["position"])
    # A chain goes on only where nothing that is excluded came since: within one segment of each exclusion.
    borders = {
        number: [f"segment_{place}" for place, each in enumerate(funnel.exclusions) if each.first < number <= each.last]
        for number in range(1, steps)
    }
    return _firsts(chained(candidates, steps, funnel.window, borders=borders), candidates, funnel)


def _then(matches: Table, funnel: Funnel) -> Table:
    """As ordered, by order of receipt."""
    candidates = received(matches, len(funnel.steps), distinct=funnel.distinct)
    return _firsts(chained(candidates, len(funnel.steps), funnel.window), candidates, funnel)


def _ranked(matches: Table, funnel: Funnel) -> Table:
    """The rows that fit something, with `step`, which of an exclusion is none.

    Where an event may fit several steps it becomes a row for each, the furthest first, so that it never follows itself,
    and its exclusion the last; `position` is the order in which they are taken.
    """
    import ibis  # noqa: PLC0415

    marks = [f"exclusion_{place}" for place in range(len(funnel.exclusions))]
    numbers = range(len(funnel.steps))
    lowest = number_of([matches[f"step_{number}"] for number in numbers], otherwise=len(funnel.steps))
    if funnel.distinct:
        return matches.select("unit", "time", *marks, step=lowest)
    ranked = matches.mutate(lowest=lowest)
    none = {mark: ibis.literal(False) for mark in marks}
    parts = [
        ranked.filter(ranked[f"step_{number}"]).select(
            "unit", "time", "seq", "lowest", step=ibis.literal(number, type="int64"), **none
        )
        for number in numbers
    ]
    if marks:
        is_excluded = reduce(lambda one, other: one | other, (ranked[mark] for mark in marks))
        last = ibis.literal(len(funnel.steps), type="int64")
        parts.append(
            ranked.filter(is_excluded)
            .mutate(lowest=last, step=last)
            .select("unit", "time", "seq", "lowest", "step", *marks)
        )
    rows = ibis.union(*parts)
    place = ibis.row_number().over(ibis.window(group_by="unit", order_by=["time", "lowest", "seq", ibis.desc("step")]))
    return rows.mutate(position=place)


def _in_segments(rows: Table, funnel: Funnel, order: Sequence[Any]) -> Table:
    """The rows with `segment_k`: how often the k-th exclusion has come until then."""
    import ibis  # noqa: PLC0415

    so_far = ibis.window(group_by="unit", order_by=order, preceding=None, following=0)
    for place in range(len(funnel.exclusions)):
        came = ibis.ifelse(rows[f"exclusion_{place}"], 1, 0).sum().over(so_far)
        rows = rows.mutate(**{f"segment_{place}": came})
    return rows


def _strict(matches: Table, funnel: Funnel) -> Table:
    """Each level looks at the row just before: the event that a chain has to follow directly."""
    import ibis  # noqa: PLC0415

    steps = range(len(funnel.steps))
    lowest = number_of([matches[f"step_{number}"] for number in steps], otherwise=len(funnel.steps))
    ranked = matches.mutate(lowest=lowest)
    in_order = ibis.window(group_by="unit", order_by=["time", "lowest", "seq"])
    rows = ranked.mutate(position=ibis.row_number().over(in_order))
    follows_on = ibis.window(group_by="unit", order_by="position")
    rows = rows.mutate(entry_0=ibis.ifelse(rows.step_0, rows.time, ibis.null("int64")))
    for number in steps[1:]:
        rows = rows.mutate(latest=rows[f"entry_{number - 1}"].lag().over(follows_on))
        rows = _entered(rows, funnel.window, number, ibis.ifelse(rows[f"step_{number}"], rows.time, ibis.null("int64")))
    came = {number: rows[f"entry_{number}"].notnull() for number in steps}
    return _by_unit(rows, {number: (rows.time, rows[f"entry_{number}"], came[number]) for number in steps})


def _directly(runs: Table, funnel: Funnel) -> Table:
    """Each level looks at the run just before, which has to be of the same session."""
    import ibis  # noqa: PLC0415

    steps = range(len(funnel.steps))
    follows_on = ibis.window(group_by=["unit", "session"], order_by="run")
    rows = runs.mutate(entry_0=runs.last_0)
    for number in steps[1:]:
        rows = rows.mutate(latest=rows[f"entry_{number - 1}"].lag().over(follows_on))
        rows = _entered(rows, funnel.window, number, rows[f"first_{number}"])
    came = {number: rows[f"entry_{number}"].notnull() for number in steps}
    return _by_unit(
        rows, {number: (rows[f"first_{number}"], rows[f"entry_{number}"], came[number]) for number in steps}
    )


def _entered(rows: Table, window: Duration | None, number: int, when: Expression) -> Table:
    """The rows with `entry_k`: when the chain was entered that comes to step k here. when: it does, null where the row
    is not of this step.
    """
    import ibis  # noqa: PLC0415

    follows = when.notnull() & rows.latest.notnull()
    if window is not None:
        follows = follows & (when - rows.latest <= window)
    return rows.mutate(**{f"entry_{number}": ibis.ifelse(follows, rows.latest, ibis.null("int64"))}).drop("latest")


def _firsts(rows: Table, candidates: Candidates, funnel: Funnel) -> Table:
    """Of each unit, and each step, the chain that came there first."""
    time, step = candidates.time(rows), candidates.step(rows)
    levels = {number: (time, rows.entry, step == number) for number in range(len(funnel.steps))}
    return _by_unit(rows, levels, parts=candidates.parts)


def _by_unit(rows: Table, levels: Mapping[int, tuple[Expression, Expression, Expression]], *, parts: int = 1) -> Table:
    """Of each unit, and each step, when a chain came there first and how long that took.

    levels: of each step when a row came there, when its chain was entered, and whether it came; times in so many parts
    of a microsecond. Chains that come later are never entered earlier, so the first to come is the one with the
    earliest entry.
    """
    columns: dict[str, Expression] = {}
    for number, (time, entry, came) in levels.items():
        columns[f"at_{number}"] = time.min(where=came)
        if number:
            columns[f"entry_{number}"] = entry.min(where=came)
    found = rows.group_by("unit").agg(**columns)
    found = found.filter(found.at_0.notnull())

    def whole(time: Expression) -> Expression:
        # Times are multiples of the parts, which are a power of two: the quotient is exact.
        return time if parts == 1 else (time / parts).cast("int64")

    times = {f"at_{number}": whole(found[f"at_{number}"]) for number in levels}
    took = {f"took_{number}": whole(found[f"at_{number}"] - found[f"entry_{number}"]) for number in levels if number}
    return found.select("unit", **times, took_0=found.at_0 * 0, **took)


def _any_order(matches: Table, funnel: Funnel) -> Table:
    """From each event on: when how many different steps were done, each as soon as may be."""
    import ibis  # noqa: PLC0415

    steps = range(len(funnel.steps))
    lowest = number_of([matches[f"step_{number}"] for number in steps], otherwise=len(funnel.steps))
    rows = matches.mutate(lowest=lowest)
    order = ["time", "lowest", "seq"]
    rows = _in_segments(rows, funnel, order)
    rows = rows.filter(rows.lowest < len(funnel.steps))
    segments = [f"segment_{place}" for place in range(len(funnel.exclusions))]
    onward = ibis.window(group_by=["unit", *segments], order_by=order, preceding=0, following=None)
    never = ibis.literal(2**62, type="int64")
    soonest: dict[str, Expression] = {}
    for number in steps:
        soon = rows.time.min(where=rows[f"step_{number}"]).over(onward)
        fits = soon.notnull() if funnel.window is None else soon - rows.time <= funnel.window
        soonest[f"soon_{number}"] = ibis.ifelse(fits.fill_null(False), soon, never)
    rows = rows.mutate(**soonest)
    rows = rows.mutate(done=ibis.array([rows[name] for name in soonest]).sort())
    columns = {f"done_{number}": rows.done[number] for number in steps}
    rows = rows.select("unit", "time", **columns)
    whole = ibis.window(group_by="unit")
    rows = rows.mutate(**{f"first_{number}": rows[f"done_{number}"].min().over(whole) for number in steps})
    found: dict[str, Expression] = {}
    for number in steps:
        came = (rows[f"done_{number}"] == rows[f"first_{number}"]) & (rows[f"done_{number}"] < never)
        found[f"at_{number}"] = rows[f"done_{number}"].min(where=came)
        found[f"took_{number}"] = (rows[f"done_{number}"] - rows.time).min(where=came)
    return rows.group_by("unit").agg(**found)
