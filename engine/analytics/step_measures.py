"""The numbers of people at a step in two periods: what alerts on steps compare.

Everybody counts once in a period, and everybody had the same time: what they did later than that after coming to the
step counts nowhere. So who came a week ago compares with who came a month ago.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dsl.values import SECOND, Duration, Instant
from engine.analytics.heard import Heard
from engine.analytics.kpi_journeys import least
from engine.analytics.period_changes import Sample
from engine.analytics.standings import Standings
from engine.analytics.step_counts import signals_at
from engine.friction import WEIGHTS, friction

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table

Samples: TypeAlias = tuple[Sample, Sample]
"""Of the recent period, and of the one before."""
_SIGNALS: Final = tuple(WEIGHTS)


def lost(found: Standings, step: int, within: Duration, periods: tuple[Instant, Instant, Instant]) -> Samples:
    """Of each who came to stand at a step: 1 where they neither reached it nor a later one in time, else 0."""
    people = found.people
    entered = people[f"entered_{step}"]
    onward = least([people[f"reached_{k}"] for k in found.walk.numbers[step:]])
    return _shares(found, entered, ~(onward <= entered + within).fill_null(False), periods)


def converted(found: Standings, within: Duration, periods: tuple[Instant, Instant, Instant]) -> Samples:
    """Of each who reached a journey's first step: 1 where they reached its last one in time, else 0."""
    people = found.people
    began, ended = people["reached_0"], people[f"reached_{found.walk.numbers[-1]}"]
    return _shares(found, began, ((ended >= began) & (ended <= began + within)).fill_null(False), periods)


def times(found: Standings, step: int, within: Duration, periods: tuple[Instant, Instant, Instant]) -> Samples:
    """How many seconds it took each from coming to stand at a step until reaching it, of those who did in time."""
    people = found.people
    entered, reached = people[f"entered_{step}"], people[f"reached_{step}"]
    took = reached - entered
    people = people.filter(((took >= 0) & (took <= within)).fill_null(False))
    seconds = ((people[f"reached_{step}"] - people[f"entered_{step}"]) / SECOND).floor().cast("int64")
    return _numbers(found, people, people[f"entered_{step}"], {"number": seconds}, periods)


def frictions(found: Standings, step: int, within: Duration, periods: tuple[Instant, Instant, Instant]) -> Samples:
    """How hard a step was for each who came to stand at it, 0 to 1, by the signs of friction in time."""
    people = found.people
    limits = people.select(who="person", since=people[f"entered_{step}"])
    rows = found.rows.join(limits, found.rows.person == limits.who)
    in_time = (rows.time >= rows.since) & (rows.time <= rows.since + within)
    rows = rows.filter(in_time.fill_null(False)).drop("who", "since")
    signals = signals_at(replace(found, rows=rows))
    signals = signals.filter(signals["at"] == step)
    joined = people.left_join(signals, people.person == signals.who)
    met = {name: joined[name].fill_null(0) for name in _SIGNALS}
    counted = _counted(found, joined, joined[f"entered_{step}"], met, periods)
    samples = (Counter[float](), Counter[float]())
    for row in counted:
        score = friction({name: row[name] for name in _SIGNALS if row[name]})
        samples[row["period"]][score] += row["people"]
    return Sample(samples[0]), Sample(samples[1])


def said(told: Iterable[Heard], number_of: Any, periods: tuple[Instant, Instant, Instant]) -> Samples:
    """Of each who said something: the number of the latest of it in the period. number_of: None for what has none."""
    before, since, until = periods
    latest: tuple[dict[int, float], dict[int, float]] = ({}, {})
    for each in sorted(told, key=lambda one: (one.given.time, one.seq)):
        number = number_of(each.given)
        if number is None or not before <= each.given.time < until:
            continue
        latest[0 if each.given.time >= since else 1][each.person] = number
    return Sample(Counter(latest[0].values())), Sample(Counter(latest[1].values()))


def _shares(found: Standings, entered: Any, is_so: Any, periods: tuple[Instant, Instant, Instant]) -> Samples:
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    return _numbers(found, found.people, entered, {"number": ibis.ifelse(is_so, 1, 0)}, periods)


def _numbers(
    found: Standings, people: Table, entered: Any, number: dict[str, Any], periods: tuple[Instant, Instant, Instant]
) -> Samples:
    samples = (Counter[float](), Counter[float]())
    for row in _counted(found, people, entered, number, periods):
        samples[row["period"]][row["number"]] += row["people"]
    return Sample(samples[0]), Sample(samples[1])


def _counted(
    found: Standings, people: Table, entered: Any, numbers: dict[str, Any], periods: tuple[Instant, Instant, Instant]
) -> list[dict[str, Any]]:
    """How many people of each period have the same numbers. Those count who came within either."""
    import ibis  # noqa: PLC0415

    before, since, until = periods
    rows = people.select("person", entered=entered, **numbers)
    rows = rows.filter(((rows.entered >= before) & (rows.entered < until)).fill_null(False))
    rows = rows.mutate(period=ibis.ifelse(rows.entered >= since, 0, 1))
    return found.engine.rows(rows.group_by("period", *numbers).agg(people=rows.person.count()))
