"""The instants at which the answer about a guide may change while nothing happens.

Between two of them nothing changes, since every condition and gate compares a time that is kept with the present and
a length that the rules name. Too many instants do no harm; a missing one would.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Final

from dsl.moments import end_of, start_of
from dsl.nodes import DayLiteral, DurationLiteral, Moment, Name, Node, TimeLiteral
from dsl.project import RuleProject
from dsl.values import DAY, Duration, Instant, from_datetime, read_instant
from dsl.walk import find
from engine.decisions import TRIGGERS_FOR
from engine.frequency import NO_SESSION_GAP
from engine.rollout import Salt, place
from engine.ruleset import TIMEZONE, CompiledGuide
from engine.schedule import is_zone, local_time
from engine.sessions import SESSION_GAP
from engine.why.world import World

HORIZON: Final = Duration(400 * DAY)
"""Nobody is told to wait for longer."""
_DAYS_AHEAD: Final = 9
"""A week repeats: of days and hours of the clock, the next ones are enough."""
_MOST: Final = 600


def moments(world: World, nodes: Sequence[Node], *, also: Iterable[int] = (), most: int = _MOST) -> tuple[Instant, ...]:
    """The next instants after the world's own at which something that these rules say may change, in order.

    also: further ones. most: how many at most.
    """
    rules = [*nodes, *_segments_in(nodes, world.ruleset.project)]
    zone = world.ruleset.project.zone
    lengths = {0, *also_always(), *(each.length for node in rules for each in find(node, DurationLiteral))}
    found: set[int] = set(also)
    for time in {*_times_of(world), *_written(rules, zone)}:
        for length in lengths:
            # Some windows hold at the very end, some do not: the instant after is another case.
            found.update((time + length, time + length + 1, time - length, time - length + 1))
    last = world.now + HORIZON
    return tuple(Instant(each) for each in sorted(each for each in found if world.now < each <= last))[:most]


def all_moments(world: World, guide: CompiledGuide) -> tuple[Instant, ...]:
    """As `moments`, of everything that the guide's place may depend on: other guides may have it, too."""
    project = world.ruleset.project
    nodes: list[Node] = [guide.node, *project.limits, *(each.node for each in world.ruleset.guides)]
    return moments(world, nodes, also=[*clock_moments(world, guide), *rounds(world, guide)])


def also_always() -> tuple[int, ...]:
    """Lengths that no rule writes: of a session's gap, and of how long an event wakes rules."""
    return (SESSION_GAP, NO_SESSION_GAP, TRIGGERS_FOR)


def _segments_in(nodes: Sequence[Node], project: RuleProject) -> list[Node]:
    found: dict[str, Node] = {}
    waiting = [each.text for node in nodes for each in find(node, Name)]
    while waiting:
        name = waiting.pop()
        segment = project.segments.get(name)
        if segment is not None and name not in found:
            found[name] = segment
            waiting += [each.text for each in find(segment, Name)]
    return list(found.values())


def _written(rules: Iterable[Node], zone: str) -> Iterator[int]:
    """Dates and times that stand in the rules."""
    for node in rules:
        found: list[Moment] = [*find(node, DayLiteral), *find(node, TimeLiteral)]
        for moment in found:
            try:
                yield start_of(moment, zone)
                yield end_of(moment, zone)
            except (ValueError, OverflowError):
                continue


def _times_of(world: World) -> set[int]:
    """Every number of the state that may be a time; other numbers lie too far back to matter."""
    state = world.state
    found: set[int] = {world.now}
    _gather(state.slots, found)
    _gather(state.guides, found)
    _gather(state.session, found)
    for progress in state.journeys.values():
        found.update(each for each in (progress.standing_since, progress.outcome_at) if each is not None)
    _gather(dict(state.traits), found)
    _gather(dict(state.account), found)
    _gather(dict(world.account or {}), found)
    for event in (*(each.event for each in world.woken), *world.events):
        found.add(event.time)
        _gather(dict(event.properties), found)
    return {each for each in found if abs(each) > DAY}


def _gather(value: object, found: set[int]) -> None:
    match value:
        case bool() | None:
            return
        case int():
            found.add(value)
        case str():
            time = read_instant(value)
            if time is not None:
                found.add(time)
        case Mapping():
            for each in value.values():
                _gather(each, found)
        case list() | tuple():
            for each in value:
                _gather(each, found)
        case _ if is_dataclass(value):
            for member in fields(value):
                _gather(getattr(value, member.name), found)
        case _:
            return


def clock_moments(world: World, guide: CompiledGuide) -> Iterator[int]:
    """Midnights, and the hours after `only between`, of the next days; the ends of `from` and `expires`."""
    schedules = [each.schedule for each in world.ruleset.guides]
    for schedule in schedules:
        yield from (each for each in (schedule.begins, schedule.ends) if each is not None)
    hours = {minute for schedule in schedules if schedule.hours is not None for minute in schedule.hours}
    own = world.facts(guide).values.get(TIMEZONE.key)
    zones = {world.ruleset.project.zone, own if isinstance(own, str) and is_zone(own) else "UTC"}
    for zone in zones:
        midnight = local_time(world.now, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        for day in range(_DAYS_AHEAD):
            # By the clock of the zone: where it is put forward, a day has 23 hours.
            begin = (midnight.replace(tzinfo=None) + timedelta(days=day)).replace(tzinfo=midnight.tzinfo)
            for minutes in {0, *hours}:
                yield from_datetime(begin + timedelta(minutes=minutes))


def rounds(world: World, guide: CompiledGuide) -> Iterator[int]:
    """The beginnings of the next draws of `sample` for the person."""
    every = guide.cap.every
    if every is None or guide.sample >= 100:
        return
    phase = place(Salt.PHASE, guide.name, world.situation.person) * every // 1_000_000
    first = (world.now + phase) // every + 1
    for number in range(first, first + 40):
        yield number * every - phase


def day_words(instant: Instant, zone: str) -> str:
    """`2026-03-04 10:00 UTC`; with seconds only where there are any."""
    local = local_time(instant, zone)
    form = "%Y-%m-%d %H:%M" if local.second == 0 and local.microsecond == 0 else "%Y-%m-%d %H:%M:%S"
    return f"{local.strftime(form)} {local.tzname()}"
