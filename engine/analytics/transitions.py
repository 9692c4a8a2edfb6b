"""From step to step of a journey: how long it takes, who goes straight on, what lies in between, who is lost.

A transition is that from a step to the next one of the design, and belongs to those who came to stand at the next one
by it. What the words mean is in `docs/reference/records.md`; where people stood is found in
`engine.analytics.standings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dsl.values import Duration
from engine.analytics.intervals import FEWEST_ANSWERS, Interval, share_interval
from engine.analytics.kpi_figures import JourneyAsked
from engine.analytics.records import Outcome
from engine.analytics.standings import Standings, any_of, at_the_time, group_of
from engine.stages import StageMark

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table

QUANTILES: Final = (0.25, 0.5, 0.75, 0.9)
MOST_UNPLANNED: Final = 10
"""How many kinds of unplanned events a transition names."""


@dataclass(frozen=True, slots=True)
class Spent:
    """How long it took: quantiles over those who came through, whole microseconds; ninth: nine of ten took at most so
    long."""

    lower: Duration
    median: Duration
    upper: Duration
    ninth: Duration


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A tracked event that the journey knows nothing of, between two of its steps.

    count: how often. people: how many had it in between; went_on, lost: how many of these went on, and were lost.
    """

    name: str
    count: int
    people: int
    went_on: int
    lost: int


@dataclass(frozen=True, slots=True)
class Transition:
    """From a step to the next one.

    group: of a breakdown: a persona, a day (`2026-10-31`); None for everybody. started: who came to stand at `to` by
    reaching `step`; each of them went on (reached `to`, and nothing later before it), skipped it (reached a later step
    first), is lost (neither, and nothing of the journey for its `gives up after` time) or is still open. took: from
    one to the other, of those who went on; None below FEWEST_ANSWERS. direct: of those who went on, how many with
    nothing unplanned and no way back in between. looped: of those who started, how many came back to an earlier step
    before they went on, if they did; loops: how often. stage, to_stage: of the two steps, where the rules are at hand.
    """

    journey: str
    step: str
    to: str
    group: str | None
    started: int
    went_on: int
    skipped: int
    lost: int
    open: int
    took: Spent | None
    direct: int
    looped: int
    loops: int
    unplanned: tuple[Unplanned, ...]
    stage: StageMark | None = None
    to_stage: StageMark | None = None

    @property
    def direct_share(self) -> float | None:
        """Of those who went on."""
        return self.direct / self.went_on if self.went_on else None

    @property
    def direct_interval(self) -> Interval | None:
        """Of `direct_share`."""
        return share_interval(self.direct, self.went_on)

    @property
    def looped_share(self) -> float | None:
        """Of those who started."""
        return self.looped / self.started if self.started else None

    @property
    def looped_interval(self) -> Interval | None:
        """Of `looped_share`."""
        return share_interval(self.looped, self.started)

    @property
    def settled(self) -> int:
        """Those of whom it is known what became."""
        return self.started - self.open

    @property
    def lost_share(self) -> float | None:
        """Of those of whom it is known what became."""
        return self.lost / self.settled if self.settled else None

    @property
    def lost_interval(self) -> Interval | None:
        """Of `lost_share`."""
        return share_interval(self.lost, self.settled)

    @property
    def note(self) -> str | None:
        """What to say instead of a time."""
        return None if self.took is not None else "not enough people"


def transitions(found: Standings) -> tuple[Transition, ...]:
    """The transitions of a journey, of each group, in the order of the journey.

    found: with others in its rows.
    """
    engine, asked = found.engine, found.walk.asked
    started = _started(found)
    between = _between(found)
    with engine.kept(between) as ways:
        counts = engine.rows(_counted(started, ways))
        met = engine.rows(_unplanned(started, ways))
    unplanned: dict[tuple[int, str], list[Unplanned]] = {}
    for row in met:
        told = Unplanned(row["name"], row["times"], row["people"], row["on"], row["gone"])
        unplanned.setdefault((row["step"], row["group"]), []).append(told)
    made = []
    span = found.walk.span
    for row in sorted(counts, key=lambda each: (group_of(each["group"], span) or "", each["step"])):
        key = (row["step"], row["group"])
        top = sorted(unplanned.get(key, ()), key=lambda one: (-one.people, -one.count, one.name))[:MOST_UNPLANNED]
        made.append(_transition(asked, group_of(row["group"], span), row, top))
    return tuple(made)


def spent_of(quantiles: Sequence[float | None] | None, n: int) -> Spent | None:
    """The quantiles of a time, from an engine; None below FEWEST_ANSWERS."""
    if n < FEWEST_ANSWERS or not quantiles or any(each is None for each in quantiles):
        return None
    return Spent(*(Duration(round(each)) for each in quantiles if each is not None))


def _transition(asked: JourneyAsked, group: str | None, row: Mapping[str, Any], top: Sequence[Unplanned]) -> Transition:
    number, steps = row["step"], asked.steps
    return Transition(
        journey=asked.name,
        step=steps[number - 1],
        to=steps[number],
        group=group,
        started=row["started"],
        went_on=row["on"],
        skipped=row["over"],
        lost=row["gone"],
        open=row["started"] - row["on"] - row["over"] - row["gone"],
        took=spent_of(row["quantiles"], row["on"]),
        direct=row["direct"],
        looped=row["looped"],
        loops=row["loops"],
        unplanned=tuple(top),
    )


def _started(found: Standings) -> Table:
    """Those who came to stand at a step by reaching the one before it, and what became of them there."""
    steps = found.steps
    steps = steps.filter((steps.step > 0) & steps.entered.notnull())
    # Who reached a later step first and came back for this one has skipped it on the way.
    is_on = steps.is_next
    is_stuck = ~is_on & (steps.outcome == Outcome.DROPPED.value)
    is_waiting = ~is_on & (steps.outcome == Outcome.IN_PROGRESS.value)
    return steps.select(
        "person",
        "step",
        "group",
        took=steps.reached - steps.entered,
        is_on=is_on,
        is_gone=is_stuck,
        is_over=~is_on & ~is_stuck & ~is_waiting,
    )


def _between(found: Standings) -> Table:
    """What lies between two steps: `person`, `step` (where they stood), `name` (of what is unplanned; none: a way
    back), and how often."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    numbers, rows = found.walk.numbers, found.rows
    touches = any_of([rows[f"touches_{k}"] for k in numbers])
    rows = rows.filter(touches | (rows.is_tracked & ~rows.is_planned)).mutate(is_touching=touches)
    of_steps = ibis.window(group_by=["person", "is_touching"], order_by="place")
    # Back at a step: something of it, after something of the journey that was not.
    before = {f"before_{k}": rows[f"touches_{k}"].lag().over(of_steps) for k in numbers}
    rows = at_the_time(found, rows.mutate(**before))
    back = any_of(
        [
            rows[f"touches_{k}"] & (rows.stands > k) & ~rows[f"before_{k}"].fill_null(True) & rows[f"had_{k}"]
            for k in numbers
        ]
    )
    is_back = rows.is_touching & back.fill_null(False)
    is_unplanned = rows.is_tracked & ~rows.is_planned
    rows = rows.mutate(called=ibis.ifelse(is_unplanned, rows.name, ibis.null("string")), is_back=is_back)
    rows = rows.filter(rows.stands.notnull() & (rows.stands > 0) & (is_unplanned | rows.is_back))
    return rows.group_by("person", "stands", "called").agg(number=rows.count())


def _counted(started: Table, ways: Table) -> Table:
    import ibis  # noqa: PLC0415

    others = ways.group_by("person", "stands").agg(
        strange=ways.number.sum(where=ways.called.notnull()), back=ways.number.sum(where=ways.called.isnull())
    )
    others = others.rename(who="person")
    joined = started.left_join(others, (started.person == others.who) & (started.step == others.stands))
    strange, back = joined.strange.fill_null(0), joined.back.fill_null(0)

    def number(test: Any) -> Any:
        return ibis.ifelse(test.fill_null(False), 1, 0).sum()

    return joined.group_by("step", "group").agg(
        started=joined.person.count(),
        on=number(joined.is_on),
        over=number(joined.is_over),
        gone=number(joined.is_gone),
        direct=number(joined.is_on & (strange == 0) & (back == 0)),
        looped=number(back > 0),
        loops=back.sum(),
        quantiles=ibis.ifelse(joined.is_on, joined.took, ibis.null("int64")).quantile(list(QUANTILES)),
    )


def _unplanned(started: Table, ways: Table) -> Table:
    import ibis  # noqa: PLC0415

    told = ways.filter(ways.called.notnull()).rename(who="person")
    joined = told.join(started, (told.who == started.person) & (told.stands == started.step))
    return joined.group_by("step", "group", name=joined.called).agg(
        times=joined.number.sum(),
        people=joined.person.count(),
        on=ibis.ifelse(joined.is_on, 1, 0).sum(),
        gone=ibis.ifelse(joined.is_gone, 1, 0).sum(),
    )
