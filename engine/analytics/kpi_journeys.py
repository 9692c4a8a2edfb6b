"""What people did at the steps of a journey, for the figures of a product: success, churn, and what goes with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from dsl.values import DAY
from engine.analytics.comparing import Share
from engine.analytics.history import History
from engine.analytics.kpi_figures import KEPT, RETENTION_BRACKETS, JourneyAsked, Period, amount_sums, association
from engine.analytics.kpis import Figure, Name
from engine.analytics.wheres import StepEvent, json_text, marked
from engine.events import GuideEvent

if TYPE_CHECKING:
    import ibis

_KEPT: Final = RETENTION_BRACKETS.index(KEPT)
FELT: Final = "felt bad"
MARKS: Final = ("reached", "tried and failed", "slow", "met friction", FELT)
"""What people at a step are told apart by."""
_NEVER: Final = 2**62
"""Later than any instant, in microseconds."""


def people_of(history: History, newcomers: ibis.Table, asked: JourneyAsked, period: Period) -> ibis.Table:
    """The newcomers' columns, and of each step, by number: `reached_N`, `came_N` (to it), `tried_N`, instants or
    nothing; `helped_N`, whether a guide was shown between coming and reaching; and `outcome`."""
    numbers = range(len(asked.steps))
    times = _times(history, asked, period)
    people = newcomers.left_join(times, newcomers.who == times.person).drop("person")
    began = least([people[f"{what}_{n}"] for n in numbers for what in ("reached", "attempt")])
    columns = {"came_0": began}
    columns |= {f"came_{n}": people[f"reached_{n - 1}"] for n in numbers[1:]}
    columns |= {f"tried_{n}": least([people[f"attempt_{n}"], people[f"reached_{n}"]]) for n in numbers}
    people = people.mutate(**columns)
    helped = _helped(history, people, asked, period)
    people = people.left_join(helped, people.who == helped.person).drop("person")
    return people.mutate(**{f"helped_{n}": people[f"helped_{n}"].fill_null(0) for n in numbers})


def step_figures(history: History, people: ibis.Table, asked: JourneyAsked, period: Period) -> Iterator[Figure]:
    """Task success, with and without assistance."""
    columns: dict[str, Any] = {}
    for n in range(len(asked.steps)):
        tried = (people[f"tried_{n}"] >= period.since).fill_null(False)
        done = tried & people[f"reached_{n}"].notnull()
        alone = done & (people[f"helped_{n}"] == 0)
        columns |= {
            f"n_{n}": tried.cast("int64").sum(),
            f"done_{n}": done.cast("int64").sum(),
            f"alone_{n}": alone.cast("int64").sum(),
        }
    (row,) = history.engine.rows(people.agg(**columns))
    for n, step in enumerate(asked.steps):
        of = f"{asked.name}.{step}"
        for name, key in ((Name.TASK_SUCCESS, "done"), (Name.UNASSISTED, "alone")):
            share = Share(row[f"{key}_{n}"] or 0, row[f"n_{n}"] or 0)
            yield Figure(name, of, share.value, share.interval, share.n, share.count)


def churn_figures(history: History, people: ibis.Table, asked: JourneyAsked, period: Period) -> Iterator[Figure]:
    """Who left at each stage."""
    columns: dict[str, Any] = {}
    last_step = len(asked.steps) - 1
    for number, (_, first, last) in enumerate(asked.stages):
        into = list(range(max(0, first - 1), last + 1))
        came = least([people[f"reached_{n}"] for n in into])
        if first == 0:
            came = least([came, people["came_0"]])
        later = list(range(last + 1, last_step + 1)) or [last_step]
        went_on = reduce(lambda one, other: one | other, (people[f"reached_{n}"].notnull() for n in later))
        is_in = ((came >= period.since) & (came + asked.gives_up <= period.until)).fill_null(False)
        is_gone = is_in & ~went_on & (people["last"] + asked.gives_up <= period.until)
        columns |= {f"n_{number}": is_in.cast("int64").sum(), f"gone_{number}": is_gone.cast("int64").sum()}
    (row,) = history.engine.rows(people.agg(**columns))
    for number, (stage, _, _) in enumerate(asked.stages):
        share = Share(row[f"gone_{number}"] or 0, row[f"n_{number}"] or 0)
        yield Figure(Name.CHURN, f"{asked.name}.{stage}", share.value, share.interval, share.n, share.count)


def associations(
    history: History,
    people: ibis.Table,
    asked: JourneyAsked,
    period: Period,
    *,
    has_revenue: bool,
    experience: ibis.Table | None = None,
) -> Iterator[Figure]:
    """Who reached a step, who tried in vain, who was slow: against the others, in retention and revenue.

    experience: of `engine.analytics.kpi_experience`, for who met friction and who felt bad; else neither is asked.
    Nothing is told of feelings at a step where nobody said any.
    """
    if experience is not None:
        people = people.left_join(experience, people.who == experience.member).drop("member")
    new = people.filter(people.is_new)
    # Everybody who is compared had the same time to come back.
    new = new.filter(new.begun + KEPT[1] <= period.until // DAY)
    columns: dict[str, Any] = {}
    for n in range(len(asked.steps)):
        is_here = new[f"came_{n}"].notnull() | new[f"reached_{n}"].notnull()
        for place, asks in enumerate(_marks(new, asked, n)):
            if asks is None:
                continue
            among, has = asks
            for side, among_side in (("with", has), ("without", ~has)):
                key, who = f"{n}_{place}_{side}", is_here & among & among_side
                kept = (new[f"in_{_KEPT}"] == 1) & who
                columns[f"n_{key}"] = columns[f"p_{key}"] = who.cast("int64").sum()
                columns[f"c_{key}"] = kept.cast("int64").sum()
                columns |= amount_sums(key, new.paid.fill_null(0), who)
    (row,) = history.engine.rows(new.agg(**columns))
    for n, step in enumerate(asked.steps):
        for place, mark in enumerate(MARKS):
            key = f"{n}_{place}"
            if f"n_{key}_with" not in row or (
                mark == FELT and not row[f"n_{key}_with"] and not row[f"n_{key}_without"]
            ):
                continue
            of = f"{asked.name}.{step}"
            yield association(Name.STEP_RETENTION, of, mark, row, key)
            if has_revenue:
                yield association(Name.STEP_REVENUE, of, mark, row, key)


def _marks(people: ibis.Table, asked: JourneyAsked, step: int) -> Sequence[tuple[Any, Any] | None]:
    """Of each mark: among whom it is asked, and who has it; None where it cannot be asked."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    reached, came = people[f"reached_{step}"], people[f"came_{step}"]
    everybody, expected = ibis.literal(True), asked.expected[step]
    failed = None if not asked.attempted[step] else (everybody, people[f"attempt_{step}"].notnull() & reached.isnull())
    slow = None
    if expected is not None:
        slow = (reached.notnull() & came.notnull(), (reached - came > expected).fill_null(False))
    met = felt = None
    if f"met_{step}" in people.columns:
        met = (everybody, people[f"met_{step}"].fill_null(False))
        felt = (people[f"said_{step}"].fill_null(False), people[f"bad_{step}"].fill_null(False))
    return ((everybody, reached.notnull()), failed, slow, met, felt)


def _times(history: History, asked: JourneyAsked, period: Period) -> ibis.Table:
    """When each did each step first, tried it first, and came to the outcome."""
    groups: dict[str, Sequence[StepEvent]] = {"outcome": asked.outcome}
    groups |= {f"reached_{n}": events for n, events in enumerate(asked.reached)}
    groups |= {f"attempt_{n}": events for n, events in enumerate(asked.attempted)}
    names = sorted({event.name for events in groups.values() for event in events})
    events = history.events.filter(history.events.name.isin(names) & (history.events.time < period.until))
    events = marked(events, groups, history.engine)
    return events.group_by("person").agg(**{name: events.time.min(where=events[name]) for name in groups})


def _helped(history: History, people: ibis.Table, asked: JourneyAsked, period: Period) -> ibis.Table:
    """Whether a guide that may help was shown to somebody between coming to a step and reaching it."""
    import ibis  # noqa: PLC0415

    events = history.events
    shows = events.filter((events.name == GuideEvent.SHOWN.value) & (events.time < period.until))
    if asked.asking:
        shows = shows.filter(~json_text()(shows.properties, "$.guide").fill_null("").isin(sorted(asked.asking)))
    numbers = range(len(asked.steps))
    own = people.select("who", *(f"{what}_{n}" for n in numbers for what in ("came", "reached")))
    joined = shows.select("person", "time").join(own, shows.person == own.who)

    def was_helped(n: int) -> Any:
        is_between = (joined.time >= joined[f"came_{n}"]) & (joined.time <= joined[f"reached_{n}"])
        return ibis.ifelse(is_between.fill_null(False), 1, 0).max()

    return joined.group_by("person").agg(**{f"helped_{n}": was_helped(n) for n in numbers})


def least(times: Sequence[Any]) -> Any:
    """The least of some instants, those that are not there left out: engines differ in what `least` makes of them."""
    import ibis  # noqa: PLC0415

    if len(times) == 1:
        return times[0]
    # Each is named once: to compare two at a time names each of them several times, and so on with every further one.
    found = ibis.least(*(ibis.coalesce(each, _NEVER) for each in times))
    return found.nullif(_NEVER)
