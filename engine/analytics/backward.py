"""Ask a history what came before: the last steps, found once (`engine.analytics.paths`), counted in several ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dsl.values import Duration
from engine.analytics.contrast import Contrast, Met, contrasts
from engine.analytics.conversion import QUARTILES
from engine.analytics.funnel_answer import Times
from engine.analytics.funnels import Funnel, Order, furthest
from engine.analytics.history import History
from engine.analytics.intervals import FEWEST_ANSWERS
from engine.analytics.path_answer import (
    Cohort,
    CommonPath,
    Flow,
    Link,
    MatrixRow,
    PathsAnswer,
    common_paths,
    flows_of,
    loop_name,
    matrix_of,
)
from engine.analytics.paths import EVENT, PathQuestion, ends, stretches

if TYPE_CHECKING:
    import ibis

MOST_PATHS: Final = 10
MOST_LINKS: Final = 200
LONGEST_LOOP: Final = 4
"""Steps of the longest loop that is named."""
LOOP: Final = "loop"


@dataclass(frozen=True, slots=True)
class Wording:
    """How the answer names things. left_aside: the names that are the steps themselves. conditions: of a link."""

    at: str
    label: str
    others: str
    left_aside: tuple[str, ...]
    cohort_where: str | None
    directly: Callable[[Sequence[str]], str]
    then: Callable[[Sequence[str]], str]


@dataclass(frozen=True, slots=True)
class Stretches:
    """The last steps of both groups (see `engine.analytics.paths.stretches`), found once and kept while they are read.

    rows: with `mine`, true for those the paths are of.
    """

    rows: ibis.Table
    ended: ibis.Table
    question: PathQuestion
    history: History


@contextmanager
def last_steps(history: History, question: PathQuestion) -> Iterator[Stretches]:
    """Find the last steps, for the block to count."""
    kept = history.engine.kept
    with kept(ends(history, question)) as ended, kept(stretches(history, question, ended)) as rows:
        mine = rows.came if question.wants_goal else ~rows.came
        yield Stretches(rows.mutate(mine=mine), ended, question, history)


def backward(history: History, question: PathQuestion, wording: Wording) -> PathsAnswer:
    """What came before."""
    with last_steps(history, question) as found:
        cohort = _cohort(found, wording)
        steps = _steps(found)
        compared = _contrast(found, cohort, wording)
        matrix, flows = _picture(found, steps, cohort, wording)
        return PathsAnswer(
            at=wording.at,
            cohort=cohort,
            contrast=compared,
            compared=len(compared),
            left_aside=wording.left_aside,
            loops=_loops(found, steps, cohort),
            matrix=matrix,
            flows=flows,
            links=_links(found, steps, wording),
            paths=_paths(found, cohort),
            took=_whole_time(found),
            steps_back=question.back,
            cohort_where=wording.cohort_where,
            left_out=history.left_out,
            version=history.version,
        )


def chain_units(found: Stretches, names: Sequence[str], order: Order) -> ibis.Table:
    """How far each unit came along a chain within its last steps: `furthest` of the funnel that the chain is."""
    rows = found.rows.filter(found.rows.kind == EVENT)
    place = -rows.place
    if order is Order.DIRECTLY:
        columns = {
            f"first_{number}": (rows.name == name).ifelse(rows.first, _nothing()) for number, name in enumerate(names)
        }
        last = (rows.name == names[0]).ifelse(rows["last"], _nothing())
        matches = rows.select("unit", session=rows.place * 0, run=place, last_0=last, **columns)
    else:
        marks = {f"step_{number}": rows.name == name for number, name in enumerate(names)}
        matches = rows.select("unit", time=rows.first, seq=place, **marks)
    reached = furthest(matches, Funnel(tuple(names), order=order))
    groups = found.rows.select("unit", "mine").distinct()
    return reached.join(groups, "unit")


def chain_counts(found: Stretches, names: Sequence[str], order: Order) -> tuple[list[int], list[int]]:
    """How many of each group came how far along a chain within their last steps."""
    units = chain_units(found, names, order)
    numbers = range(len(names))
    counted = units.group_by("mine").agg(**{f"count_{number}": units[f"at_{number}"].count() for number in numbers})
    rows = {row["mine"]: row for row in found.history.engine.rows(counted)}
    mine, others = (
        [rows[side][f"count_{n}"] for n in numbers] if side in rows else [0] * len(names) for side in _SIDES
    )
    return mine, others


_SIDES: Final = (True, False)


def _nothing() -> Any:
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    return ibis.null("int64")


def _cohort(found: Stretches, wording: Wording) -> Cohort:
    engine, wants = found.history.engine, found.question.wants_goal
    ended, rows = found.ended, found.rows
    settled = ended.group_by(["came", "is_open"]).agg(units=ended.unit.nunique())
    totals = {(row["came"], row["is_open"]): row["units"] for row in engine.rows(settled)}
    told = rows.group_by("mine").agg(units=rows.unit.nunique())
    shown = {row["mine"]: row["units"] for row in engine.rows(told)}
    return Cohort(
        label=wording.label,
        others=wording.others,
        units=shown.get(True, 0),
        other_units=shown.get(False, 0),
        straight=totals.get((wants, False), 0)
        + totals.get((not wants, False), 0)
        - shown.get(True, 0)
        - shown.get(False, 0),
        open=totals.get((False, True), 0),
    )


def _contrast(found: Stretches, cohort: Cohort, wording: Wording) -> tuple[Contrast, ...]:
    rows = found.rows.filter(~((found.rows.kind == EVENT) & found.rows.name.isin(list(wording.left_aside))))
    rows = rows.select("unit", "mine", "kind", "name").distinct()
    counted = rows.group_by(["kind", "name"]).agg(
        met=rows.unit.count(where=rows.mine), others_met=rows.unit.count(where=~rows.mine)
    )
    met = [Met(row["kind"], row["name"], row["met"], row["others_met"]) for row in found.history.engine.rows(counted)]
    return contrasts(met, cohort.units, cohort.other_units)


def _steps(found: Stretches) -> ibis.Table:
    """The steps of each path with the one that follows, `to`, when it began, `next`, and those before, `back_k`."""
    import ibis  # noqa: PLC0415

    rows = found.rows.filter(found.rows.kind == EVENT)
    onward = ibis.window(group_by="unit", order_by=ibis.desc("place"))
    before = {f"back_{number}": rows.name.lag(number).over(onward) for number in range(1, LONGEST_LOOP + 1)}
    return rows.mutate(to=rows.name.lead().over(onward), next=rows.first.lead().over(onward), **before)


def _picture(
    found: Stretches, steps: ibis.Table, cohort: Cohort, wording: Wording
) -> tuple[tuple[MatrixRow, ...], tuple[Flow, ...]]:
    rows = steps.filter(steps.mine)
    began = (rows.place < found.question.back) & rows.back_1.isnull()
    counted = rows.group_by(["place", "name", "to"]).agg(units=rows.unit.count(), began=rows.unit.count(where=began))
    pairs: dict[tuple[int, str, str], int] = {}
    places: dict[tuple[int, str], int] = {}
    firsts: dict[tuple[int, str], int] = {}
    for row in found.history.engine.rows(counted):
        place, name = row["place"], row["name"]
        pairs[place, name, row["to"] or wording.at] = row["units"]
        places[place, name] = places.get((place, name), 0) + row["units"]
        if row["began"]:
            firsts[place, name] = firsts.get((place, name), 0) + row["began"]
    matrix = matrix_of(places, found.question.back, cohort.units)
    return matrix, flows_of(pairs, firsts, wording.label if not found.question.wants_goal else wording.at)


def _links(found: Stretches, steps: ibis.Table, wording: Wording) -> tuple[Link, ...]:
    rows = steps.filter(steps.to.notnull())
    rows = rows.mutate(gap=rows.next - rows["last"])
    units = rows.group_by(["name", "to", "unit", "mine"]).agg(times=rows.place.count())
    counted = units.group_by(["name", "to"]).agg(
        met=units.unit.count(where=units.mine), others_met=units.unit.count(where=~units.mine)
    )
    mine = rows.filter(rows.mine)
    times = mine.group_by(["name", "to"]).agg(quartiles=mine.gap.quantile(list(QUARTILES)))
    counted = counted.join(times, ["name", "to"])
    most = [each.desc() for each in (counted.met,)] + [counted.name.asc(), counted.to.asc()]
    return tuple(
        Link(
            name=row["name"],
            to=row["to"],
            count=row["met"],
            others=row["others_met"],
            took=_times(row["quartiles"], row["met"]),
            condition=wording.directly((row["name"], row["to"])),
            then=wording.then((row["name"], row["to"])),
        )
        for row in found.history.engine.rows(counted.order_by(most).limit(MOST_LINKS))
    )


def _paths(found: Stretches, cohort: Cohort) -> tuple[CommonPath, ...]:
    rows = found.rows.filter((found.rows.kind == EVENT) & found.rows.mine)
    places = range(1, found.question.back + 1)
    whole = rows.group_by("unit").agg(**{f"at_{place}": rows.name.max(where=rows.place == place) for place in places})
    names = [f"at_{place}" for place in places]
    counted = whole.group_by(names).agg(units=whole.unit.count())
    ordered = counted.order_by([counted.units.desc(), *(counted[name].asc(nulls_first=True) for name in names)])
    taken = [
        ([row[name] for name in reversed(names) if row[name] is not None], row["units"])
        for row in found.history.engine.rows(ordered.limit(MOST_PATHS))
    ]
    return common_paths(taken, back=found.question.back, units=cohort.units)


def _loops(found: Stretches, steps: ibis.Table, cohort: Cohort) -> tuple[Contrast, ...]:
    """Coming back to a step after one to three others, each of them once: who did, of both groups."""
    import ibis  # noqa: PLC0415

    nobody = ibis.null("string")
    parts = []
    for length in range(2, LONGEST_LOOP + 1):
        inner = [steps[f"back_{number}"] for number in range(1, length)]
        closes = (steps.name == steps[f"back_{length}"]) & _all_differ([*inner, steps.name])
        told = [steps[f"back_{number}"] for number in range(length, 0, -1)]
        if length == 2:
            # There and back is the same loop as back and there.
            told = [ibis.least(*told), ibis.greatest(*told)]
        columns = {f"n{place}": each for place, each in enumerate([*told, *[nobody] * (LONGEST_LOOP - length)])}
        parts.append(steps.filter(closes.fill_null(False)).select("unit", "mine", **columns))
    names = [f"n{place}" for place in range(LONGEST_LOOP)]
    rows = ibis.union(*parts).distinct()
    counted = rows.group_by(names).agg(
        met=rows.unit.count(where=rows.mine), others_met=rows.unit.count(where=~rows.mine)
    )
    met = [
        Met(LOOP, loop_name([row[name] for name in names if row[name] is not None]), row["met"], row["others_met"])
        for row in found.history.engine.rows(counted)
    ]
    return contrasts(met, cohort.units, cohort.other_units)


def _all_differ(names: Sequence[Any]) -> Any:
    import ibis  # noqa: PLC0415

    found: Any = ibis.literal(True)
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            found = found & (one != other)
    return found


def _whole_time(found: Stretches) -> Times | None:
    """From the first of the last steps to the last."""
    rows = found.rows.filter(found.rows.mine & (found.rows.kind == EVENT))
    units = rows.group_by("unit").agg(length=rows["last"].max() - rows.first.min())
    row = found.history.engine.rows(
        units.agg(number=units.unit.count(), quartiles=units.length.quantile(list(QUARTILES)))
    )[0]
    return _times(row["quartiles"], row["number"])


def _times(quartiles: Sequence[float | None] | None, number: int) -> Times | None:
    if number < FEWEST_ANSWERS or not quartiles or any(each is None for each in quartiles):
        return None
    return Times(*(Duration(round(each)) for each in quartiles if each is not None))
