"""The nearest change that would show a guide: steps are tried with the evaluator until it is shown.

A search that looks at what is nearest first: the gate that is closed names repairs, each gives another world, and
only a world in which the decision itself shows the guide counts. What is not found is not proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count, islice
from typing import Final, assert_never

from dsl.clauses import every, one, places
from dsl.explain.guides import frequency_words
from dsl.nodes import For, Frequency, InSegment, Node, NotWith, Testers, Unless, When
from dsl.nodes.conditions import AtPlace, Condition, Or
from dsl.values import DAY, Instant
from engine.events import GUIDE_EVENTS, GuideEvent
from engine.reasons import Reason
from engine.ruleset import CompiledGuide
from engine.why.gates import capped, has_room, is_in_share, is_on_schedule
from engine.why.judging import Judge
from engine.why.moments import all_moments, clock_moments, moments, rounds
from engine.why.repairs import Repair, Repairs, merged
from engine.why.saying import CONSENT, change_words
from engine.why.scripts import Scripts, life
from engine.why.tree import Asks, Becomes, Change, Happens, Step, Waits
from engine.why.world import Situation, World

_MOST_WORLDS: Final = 80
"""Worlds that are looked at before the search gives up."""
_MOST_STEPS: Final = 7
_MOST_REPAIRS: Final = 8
_MOST_DEADLINES: Final = 120


@dataclass(slots=True)
class Found:
    """What the search gave. stuck: the nearest world in which nothing could be mended."""

    changes: tuple[Change, ...] = ()
    stuck: World | None = None
    gave_up: bool = False


class Search:
    """Looks for changes that show one guide."""

    def __init__(self, situation: Situation, guide: CompiledGuide, judge: Judge, *, wanted: int = 2) -> None:
        """wanted: how many changes are enough."""
        self._situation, self._guide, self._judge, self._wanted = situation, guide, judge, wanted
        self._conditions = {
            Reason.NOT_AT_STEP: _at(guide),
            Reason.NOT_IN_AUDIENCE: _audience(guide),
            Reason.CONDITION_FALSE: _asked(guide),
            Reason.CONDITION_UNKNOWN: _asked(guide),
        }

    def run(self) -> Found:
        """The nearest changes, and where the search was stuck."""
        found = Found()
        shown: list[World] = []
        turn = count()
        queue: list[tuple[float, int, World]] = [(0.0, next(turn), World.of(self._situation))]
        met: set[str] = set()
        for _ in range(_MOST_WORLDS):
            if not queue or len(shown) == self._wanted:
                break
            _, _, world = heappop(queue)
            if self._shows(world):
                self._take(shown, world)
                continue
            if len(world.steps) >= _MOST_STEPS:
                continue
            repairs = list(islice(self._repairs(world), _MOST_REPAIRS))
            found.stuck = found.stuck or (None if repairs else world)
            for repair in repairs:
                after = World.of(self._situation).after_all(merged([*world.steps, *repair]))
                if repr(after.steps) not in met:
                    met.add(repr(after.steps))
                    heappush(queue, (_cost(after), next(turn), after))
        else:
            found.gave_up = True
        found.changes = tuple(self._change(world) for world in shown)
        return found

    def _take(self, shown: list[World], world: World) -> None:
        """Keep a world without the steps that it does not need, unless a nearer one says much the same."""
        world = self._without_needless(world)
        kinds = _kinds(world)
        if not any(_kinds(each) <= kinds for each in shown):
            shown.append(world)

    def _without_needless(self, world: World) -> World:
        for number in range(len(world.steps)):
            rest = [*world.steps[:number], *world.steps[number + 1 :]]
            fewer = World.of(self._situation).after_all(merged(rest))
            if self._shows(fewer):
                return self._without_needless(fewer)
        return world

    def _shows(self, world: World) -> bool:
        """True where the guide is shown, whether the events come from a server or from the user's browser.

        Those of a browser begin and prolong sessions; a change that holds for one kind only is none.
        """
        if not world.reason(self._guide).shows:
            return False
        seen = [_in_browser(step) for step in world.steps]
        other = World.of(self._situation).after_all(seen)
        return seen == list(world.steps) or other.reason(self._guide).shows

    # repairs

    def _repairs(self, world: World) -> Iterator[Repair]:
        guide, reason = self._guide, world.reason(self._guide)
        match reason:
            case Reason.NO_CONSENT:
                yield (Asks(CONSENT, True),)
            case Reason.NOT_TRIGGERED:
                yield from self._triggers(world)
            case Reason.NOT_AT_STEP | Reason.NOT_IN_AUDIENCE | Reason.CONDITION_FALSE | Reason.CONDITION_UNKNOWN:
                yield from self._of_conditions(world, self._conditions[reason])
            case Reason.OUT_OF_SCHEDULE:
                instants = moments(world, [guide.node], also=clock_moments(world, guide))
                yield from _until(world, instants, lambda each: is_on_schedule(each, guide), "its schedule is open")
            case Reason.SNOOZED:
                instants = moments(world, [guide.node])
                yield from _until(world, instants, lambda each: capped(each, guide) is None, "the snooze has ended")
            case Reason.FREQUENCY_CAPPED:
                words = frequency_words(one(guide.node, Frequency))
                because = f"the cap of {words} is free again"
                yield from _until(
                    world, moments(world, [guide.node]), lambda each: capped(each, guide) is None, because
                )
            case Reason.NOT_IN_ROLLOUT:
                instants = moments(world, (), also=rounds(world, guide))
                yield from _until(world, instants, lambda each: is_in_share(each, guide), "the sample is drawn anew")
            case Reason.GLOBAL_LIMIT:
                nodes: list[Node] = [*every(guide.node, NotWith), *world.ruleset.project.limits]
                because = "limits across guides leave room again"
                yield from _until(world, moments(world, nodes), lambda each: has_room(each, guide), because)
            case Reason.OUTRANKED:
                yield from self._past_the_holder(world)
            case _:
                return

    def _triggers(self, world: World) -> Iterator[Repair]:
        for script in Scripts(world, self._judge).triggers():
            if world.after_all(script).trigger(self._guide) is not None:
                yield tuple(script)

    def _of_conditions(self, world: World, conditions: Sequence[tuple[Condition, bool]]) -> Iterator[Repair]:
        facts = world.facts(self._guide)
        repairs = Repairs(world, self._guide, self._judge)
        for condition, holds in conditions:
            amiss = list(self._judge.amiss(condition, facts, holds=holds))
            # By turns, so that of many parts each gets its chance.
            yield from _by_turns([repairs.of(each) for each in amiss])
            if amiss:
                return

    def _past_the_holder(self, world: World) -> Iterator[Repair]:
        """Once the guide that has the place was shown, it may leave it."""
        holder = _holder(world)
        if holder is not None:
            step = life(GuideEvent.SHOWN, holder)
            if _holder(world.after(step)) != holder:
                yield (step,)
        instants = all_moments(world, self._guide)[:_MOST_DEADLINES]
        because = "no guide of a higher rank has the place"
        yield from _until(world, instants, lambda each: each.reason(self._guide).shows, because)

    # what is said of a change

    def _change(self, world: World) -> Change:
        steps, zone = world.steps, world.ruleset.project.zone
        until = self._deadline(world)
        return Change(
            steps=steps,
            events=world.events,
            at=world.now,
            until=until,
            context=world.context,
            text=change_words(steps, at=world.now, until=until, zone=zone),
        )

    def _deadline(self, world: World) -> Instant | None:
        """The first instant at which it is too late for what follows the last wait; None where none was found."""
        waits = [number for number, step in enumerate(world.steps) if isinstance(step, Waits)]
        first = waits[-1] if waits else 0
        before = World.of(self._situation).after_all(world.steps[:first])
        rest = world.steps[first + 1 if waits else 0 :]
        instants = [each for each in all_moments(world, self._guide) if each > world.now]
        tried = instants[:_MOST_DEADLINES]
        for instant in tried:
            later = before.after_all((Waits(instant, ""), *rest))
            if not self._shows(later):
                return instant
        return tried[-1] if len(tried) < len(instants) else None


def _in_browser(step: Step) -> Step:
    """The step with an event that the user's browser sends; what becomes of guides is always told by it."""
    if isinstance(step, Happens | Becomes) and step.event.name not in GUIDE_EVENTS:
        return replace(step, event=replace(step.event, from_browser=True))
    return step


def _holder(world: World) -> str | None:
    """The guide that has the place."""
    decision = world.decision()
    return decision.winner.guide if decision.winner is not None else decision.held_out


def _kinds(world: World) -> set[tuple[str, str]]:
    """What a world's steps are about, whatever the values: two that differ in no more are one for a reader."""
    found: set[tuple[str, str]] = set()
    for step in world.steps:
        match step:
            case Happens():
                found.add(("event", f"{step.event.name} {step.event.properties.get('guide', '')}"))
            case Becomes():
                found.add(("attribute", step.words))
            case Asks():
                found.add(("context", step.name))
            case Waits():
                found.add(("wait", step.because))
            case _:
                assert_never(step)
    return found


def _cost(world: World) -> float:
    """How far a world is from the one that is: what a user does often is near, what takes days is far."""
    total, now = 0.0, World.of(world.situation).now
    for step in world.steps:
        match step:
            case Happens():
                total += 1 + 0.3 * (step.times - 1) + (1 if step.event.name in GUIDE_EVENTS else 0)
                total += 0.1 * len(step.event.properties)
            case Becomes():
                total += 1.4 if step.value is not None else 1.6
            case Asks():
                total += 1.2
            case Waits():
                total += 1 + min(3.0, (step.until - now) / DAY / 10)
            case _:
                assert_never(step)
    return total


def _until(
    world: World, instants: Iterable[Instant], is_open: Callable[[World], bool], because: str
) -> Iterator[Repair]:
    """Waiting for the first instant at which a gate is open."""
    for instant in instants:
        if is_open(world.after(Waits(instant, because))):
            yield (Waits(instant, because),)
            return


def _by_turns(sources: Sequence[Iterator[Repair]]) -> Iterator[Repair]:
    waiting = list(sources)
    while waiting:
        for source in tuple(waiting):
            found = next(source, None)
            if found is None:
                waiting.remove(source)
            else:
                yield found


def _at(guide: CompiledGuide) -> list[tuple[Condition, bool]]:
    return _either([AtPlace(each, span=each.span) for each in places(guide.node)])


def _audience(guide: CompiledGuide) -> list[tuple[Condition, bool]]:
    audience, testers = one(guide.node, For), one(guide.node, Testers)
    wanted = _either([InSegment(each, span=each.span) for each in audience.segments] if audience is not None else [])
    if testers is not None:
        wanted.append((InSegment(testers.segment, span=testers.span), True))
    return wanted


def _asked(guide: CompiledGuide) -> list[tuple[Condition, bool]]:
    wanted = [(each.condition, True) for each in every(guide.node, When)]
    return [*wanted, *((each.condition, False) for each in every(guide.node, Unless))]


def _either(terms: Sequence[Condition]) -> list[tuple[Condition, bool]]:
    if len(terms) < 2:
        return [(term, True) for term in terms]
    return [(Or(tuple(terms), span=terms[0].span), True)]
