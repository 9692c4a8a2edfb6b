"""What might make one condition true, or known to be false: steps that are then tried with the evaluator.

Nothing is proposed that was not tried. A script is a list of steps that belong together; the shortest beginning of
it with which the condition is as wanted is the repair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import floor
from typing import Final

from dsl.clauses import triggers
from dsl.compiler.names import guessed_type
from dsl.explain import explain_condition
from dsl.needs import Attribute, Source
from dsl.nodes import Comparison, DidWhen, DidWithout, Node, OnEvent, ShareOf, StuckAt
from dsl.values import NUMBER, JsonValue, Value
from engine.events import GROUP_EVENT, IDENTIFY_EVENT, EventKind
from engine.ruleset import CompiledGuide
from engine.why.judging import Judge, Wanted
from engine.why.moments import moments
from engine.why.scripts import Scripts
from engine.why.tree import Asks, Becomes, Happens, Step, Told, Waits
from engine.why.values import properties_for, values_for
from engine.why.world import World

Repair = tuple[Step, ...]

_VALUES_GIVEN: Final = 2
_A_WHOLE: Final = 10
"""What a number is taken for that is not known."""
_SETTLES = (DidWhen, DidWithout, StuckAt)
"""Conditions that come true some time after an event."""


class Repairs:
    """Repairs for the conditions of one guide in one world."""

    def __init__(self, world: World, guide: CompiledGuide, judge: Judge) -> None:
        self._world, self._guide, self._judge = world, guide, judge
        self._project = world.ruleset.project

    def of(self, wanted: Wanted) -> Iterator[Repair]:
        """Steps with each of which the condition is as wanted."""
        if isinstance(wanted.condition, Comparison):
            yield from self._comparison(wanted, wanted.condition)
        else:
            scripts = Scripts(self._world, self._judge, in_segment=wanted.in_segment)
            for script in scripts.of(wanted.condition, holds=wanted.holds):
                repair = self._beginning(script, wanted)
                if repair is None and isinstance(wanted.condition, _SETTLES):
                    repair = self._waiting(wanted, script)
                if repair is not None:
                    yield repair
        waiting = self._waiting(wanted, ())
        if waiting is not None:
            yield waiting

    def _is_as_wanted(self, world: World, wanted: Wanted) -> bool:
        facts = world.facts(self._guide)
        return self._judge.truth(wanted.condition, facts, in_segment=wanted.in_segment) is wanted.truth

    def _beginning(self, script: Iterable[Step], wanted: Wanted) -> Repair | None:
        world, taken = self._world, []
        for step in script:
            world = world.after(step)
            taken.append(step)
            if self._is_as_wanted(world, wanted):
                return merged(taken)
        return None

    def _waiting(self, wanted: Wanted, script: Sequence[Step]) -> Repair | None:
        """Time alone, once the script is done."""
        world = self._world.after_all(script)
        nodes: list[Node] = [wanted.condition]
        for instant in moments(world, nodes):
            wait = Waits(instant, "")
            if self._is_as_wanted(world.after(wait), wanted):
                because = explain_condition(wanted.condition, self._project, holds=wanted.holds).text
                return (*merged(script), Waits(instant, because))
        return None

    # values

    def _comparison(self, wanted: Wanted, condition: Comparison) -> Iterator[Repair]:
        scope = self._judge.maker(in_segment=wanted.in_segment).scope
        attribute = scope.attribute(condition.subject, guessed_type(condition))
        asked: list[tuple[Attribute, str, Sequence[JsonValue]]] = []
        values = values_for(condition.operands, attribute.type, now=self._world.now, zone=self._project.zone)
        known = self._world.facts(self._guide).values
        shares = [(each, scope.attribute(each.of, NUMBER)) for each in condition.operands if isinstance(each, ShareOf)]
        near = [number for share, whole in shares for number in _near(known.get(whole.key), share)]
        asked.append((attribute, ".".join(condition.subject.parts), (*near, *values)))
        for share, whole in shares:
            asked.append((whole, ".".join(share.of.parts), (0, 1, 1_000_000_000)))
            if whole.key not in known:
                yield from self._both(wanted, (attribute, condition), (whole, share))
        for each, words, tried in asked:
            repairs = (self._beginning((step,), wanted) for step in self._settings(each, words, tried))
            yield from islice((repair for repair in repairs if repair is not None), _VALUES_GIVEN)

    def _both(
        self, wanted: Wanted, part: tuple[Attribute, Comparison], whole: tuple[Attribute, ShareOf]
    ) -> Iterator[Repair]:
        """A share of a number that is not known, and the number that it is compared with."""
        first = next(self._settings(whole[0], ".".join(whole[1].of.parts), (_A_WHOLE,)), None)
        for value in _near(_A_WHOLE, whole[1]):
            second = next(self._settings(part[0], ".".join(part[1].subject.parts), (value,)), None)
            repair = None if first is None or second is None else self._beginning((first, second), wanted)
            if repair is not None:
                yield repair
                return

    def _settings(self, attribute: Attribute, words: str, values: Sequence[JsonValue]) -> Iterator[Step]:
        """Steps that give the attribute one of the values."""
        for value in values:
            match attribute.source:
                case Source.USER:
                    told = Told(EventKind.IDENTIFY, IDENTIFY_EVENT, traits={attribute.name: value})
                    yield Becomes(told, words, value)
                case Source.ACCOUNT:
                    told = Told(EventKind.GROUP, GROUP_EVENT, traits={attribute.name: value})
                    yield Becomes(told, words, value)
                case Source.CONTEXT:
                    yield Asks(attribute.name, value)
                case _:
                    continue
        if attribute.source is Source.EVENT:
            yield from self._triggers_with(attribute.name, values)

    def _triggers_with(self, name: str, values: Sequence[JsonValue]) -> Iterator[Step]:
        """The triggering event once more, with another value of a property."""
        for clause in triggers(self._guide.node):
            if not isinstance(clause, OnEvent) or clause.first:
                continue
            tracked = self._judge.occurrence(clause.event)
            found = properties_for(tracked, {name: values}, now=self._world.now, zone=self._project.zone)
            for properties in found:
                told = Told(EventKind.TRACK, tracked.name, properties)
                yield Happens(told, is_more=self._world.is_known(tracked.name))


def _near(whole: Value | None, share: ShareOf) -> list[JsonValue]:
    """Whole numbers about the share of a number, which is unknown where None is given."""
    if not isinstance(whole, int | float):
        return []
    number = floor(whole * share.percent / 100)
    return [number, number + 1, number - 1]


def merged(steps: Sequence[Step]) -> Repair:
    """The steps with equal events in a row as one step, several times."""
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if isinstance(step, Happens) and isinstance(last, Happens) and step.event == last.event:
            found[-1] = Happens(step.event, last.times + step.times, last.is_more, last.words)
        else:
            found.append(step)
    return tuple(found)
