"""Chains of events: when the latest one was entered that has come to an event. For funnels and for paths.

An expression like all of `engine.analytics`. What is sorted is kept small: each step sorts all that later ones read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dsl.values import Duration

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table
    Expression: TypeAlias = Any

PLACES: Final = 32
"""Above every number of a step, and a power of two: what keeps time and step in one number."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Events that a chain may come to, as rows of one step each.

    rows: `unit`, and what the others read. order: in which those of a unit are taken. step, time: what a table of such
    rows says of each; time in parts of a microsecond, so many as `parts` says.
    """

    rows: Table
    order: Sequence[Any]
    step: Callable[[Table], Expression]
    time: Callable[[Table], Expression]
    parts: int = 1


def packed(rows: Table, *others: str) -> Candidates:
    """Candidates whose time and step are one number, `position`: for chains that go by time, then by step.

    rows: `unit`, `time`, `step` and the other columns named, which are kept.
    """

    def step(table: Table) -> Expression:
        return table.position & (PLACES - 1)

    def time(table: Table) -> Expression:
        return table.position - step(table)

    kept = rows.select("unit", *others, position=rows.time * PLACES + rows.step)
    return Candidates(kept, ["position"], step, time, PLACES)


def plain(rows: Table, order: Sequence[Any]) -> Candidates:
    """Candidates with `time` and `step` as columns."""
    return Candidates(rows, order, step=lambda table: table.step, time=lambda table: table.time)


def received(matches: Table, steps: int, *, distinct: bool) -> Candidates:
    """Candidates for chains that go by time, then order of receipt: one row for each step that an event fits.

    matches: `time`, `seq`, `step_k` and more. distinct: none fits two. An event that fits several comes as the furthest
    first, so that it never follows itself.
    """
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    numbers = range(steps)
    if distinct:
        rows = matches.mutate(step=number_of([matches[f"step_{number}"] for number in numbers], otherwise=steps))
        return plain(rows.filter(rows.step < steps), ["time", "seq"])
    parts = [
        matches.filter(matches[f"step_{number}"]).mutate(step=ibis.literal(number, type="int64")) for number in numbers
    ]
    return plain(ibis.union(*parts), ["time", "seq", ibis.desc("step")])


def chained(
    found: Candidates,
    steps: int,
    window: Duration | None,
    *,
    borders: Mapping[int, Sequence[str]] | None = None,
    keeps_all_of: int | None = None,
) -> Table:
    """The rows that a chain comes to, with `entry`: when the latest chain that comes there was entered (as `time` is).

    borders: of a step the columns that may not change from the step before it to it.

    Running maxima, one level a step. What no later level reads is dropped on the way, since each level sorts all that
    is left: of a step that the next is behind only the unit's first row stays, or every row of the step `keeps_all_of`.
    """
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    rows, kept = found.rows, found.rows.columns
    for number in range(1, steps):
        before = ibis.window(
            group_by=["unit", *(borders or {}).get(number, ())], order_by=found.order, preceding=(None, 1)
        )
        entry = found.time(rows) if number == 1 else rows.entry
        entries = ibis.ifelse(found.step(rows) == number - 1, entry, ibis.null("int64"))
        rows = rows.mutate(latest=entries.max().over(before))
        step, comes = found.step(rows), rows.latest.notnull()
        if window is not None:
            comes = comes & (found.time(rows) - rows.latest <= window * found.parts)
        stays = ibis.literal(True) if keeps_all_of == number - 1 else rows.latest.isnull()
        # What no chain has come before, or only such as were entered too long ago, none comes to later either. Where
        # there are borders, a later step may lie behind one.
        asked = step == number if (borders or {}).get(number) else step >= number
        rows = rows.filter(ibis.ifelse(asked, comes, (step != number - 1) | stays))
        entry = ibis.ifelse(found.step(rows) == number, rows.latest, _entry(rows, found, number))
        rows = rows.select(*kept, entry=entry)
    return rows if steps > 1 else rows.mutate(entry=_entry(rows, found, 1))


def _entry(rows: Table, found: Candidates, level: int) -> Expression:
    """When the chain was entered that came to a row before a level. A column only from the second on."""
    import ibis  # noqa: PLC0415

    if level > 1:
        return rows.entry
    return ibis.ifelse(found.step(rows) == 0, found.time(rows), ibis.null("int64"))


def number_of(tests: Sequence[Expression], *, otherwise: int) -> Expression:
    """The number of the first test that is true."""
    import ibis  # noqa: PLC0415

    choose: Callable[[Expression, int], Expression] = lambda rest, number: ibis.ifelse(tests[number], number, rest)  # noqa: E731
    return reduce(choose, reversed(range(len(tests))), ibis.literal(otherwise, type="int64")).cast("int64")
