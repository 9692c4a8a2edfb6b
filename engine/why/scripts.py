"""What a user might do to change a condition: for each kind, lists of steps that belong together.

Only ideas: how much of a script is needed, and whether it helps at all, is tried in `engine.why.repairs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, assert_never

from dsl.clauses import PAGE_EVENT, every, places, triggers
from dsl.compiler.histories import aggregated, bounds
from dsl.moments import end_of, start_of
from dsl.needs import Tracked
from dsl.nodes import (
    Aggregate,
    Aggregation,
    Answered,
    AnyoneInAccount,
    AtPlace,
    Completed,
    Condition,
    CountTest,
    DayLiteral,
    DaysActive,
    Did,
    DidDirectly,
    DidSequence,
    DidWhen,
    DidWithout,
    Dismissed,
    EventRef,
    Felt,
    FrictionAt,
    Guide,
    GuideKind,
    InLast,
    Journey,
    Moment,
    NumberLiteral,
    OnEvent,
    OnPage,
    OnSessionStart,
    PlaceRef,
    Question,
    Reached,
    ReturnedTo,
    Saw,
    SinceEvent,
    SinceMoment,
    SinceStep,
    StuckAt,
    TimeLiteral,
    Window,
)
from dsl.nodes import Step as JourneyStep
from dsl.values import DAY, NUMBER, Instant, JsonValue
from engine.events import NAMES, EventKind, GuideEvent
from engine.sessions import SESSION_GAP
from engine.why.judging import Judge
from engine.why.tree import Happens, Step, Told, Waits
from engine.why.values import properties_for, values_for
from engine.why.world import World

Script = Sequence[Step]

_MOST_TIMES: Final = 200
"""Nobody is told to do something more often."""
_MOST_DAYS: Final = 40
_MOST_SIGNALS: Final = 15
_SIGNALS: Final = ("$rage_click", "$quick_back")
_WAYS: Final = 3
"""In how many ways one event is tried: with other properties."""


class Scripts:
    """Scripts for the conditions of one guide in one world."""

    def __init__(self, world: World, judge: Judge, *, in_segment: bool = False) -> None:
        self._world, self._judge, self._in_segment = world, judge, in_segment
        self._project = judge.project

    def of(self, condition: Condition, *, holds: bool) -> Iterator[Script]:  # noqa: C901, PLR0912
        """Scripts that may make the condition true, or known to be false."""
        match condition:
            case Did() | AnyoneInAccount():
                yield from self._did(condition if isinstance(condition, Did) else condition.did)
            case DidSequence() | DidDirectly():
                yield from self._sequence(condition)
            case DidWithout():
                yield from self._each(condition.event if holds else condition.absent)
            case DidWhen():
                yield from self._when(condition)
            case Aggregate():
                yield from self._aggregate(condition)
            case DaysActive():
                yield self._on_days([page_view("/")] * _MOST_DAYS)
            case AtPlace() | StuckAt():
                yield from self._standing(condition, holds=holds)
            case Reached():
                yield from ([each] for step in self._project.steps_at(condition.place) for each in self._reaching(step))
            case Completed():
                yield from self._completed(condition.name.text)
            case ReturnedTo():
                yield from self._returns(condition)
            case FrictionAt():
                yield from self._friction(condition.place)
            case Felt():
                answers: list[Script] = list(self._answers_at(condition.place))
                yield from answers
                yield from ([mark, *answer] for mark in self._marks(condition.window) for answer in answers)
            case Answered():
                yield from self._answers(condition)
            case Saw():
                yield from self._saw(condition)
            case Dismissed():
                yield [life(GuideEvent.DISMISSED, condition.name.text, how="close")]
            case _:
                return

    def triggers(self) -> Iterator[Script]:
        """What wakes the guide."""
        for clause in triggers(self._judge.guide.node):
            match clause:
                case OnEvent():
                    yield from ([each] for each in self.events(clause.event))
                case OnPage():
                    path = clause.pattern.value
                    yield from (
                        [page_view(each)] for each in dict.fromkeys((path.replace("*", ""), path.replace("*", "x")))
                    )
                case OnSessionStart():
                    session = self._world.state.session_at(self._world.now)
                    ends = None if session is None else _session_end(session.last)
                    yield [*([ends] if ends is not None else []), page_view("/")]

    def events(self, ref: EventRef, *, from_browser: bool = False) -> Iterator[Happens]:
        """An event that counts, in some ways."""
        tracked = self._judge.occurrence(ref)
        found = properties_for(tracked, {}, now=self._world.now, zone=self._project.zone)
        for properties in islice(found, _WAYS):
            yield self._happens(tracked, properties, from_browser=from_browser)

    def _each(self, ref: EventRef) -> Iterator[Script]:
        yield from ([each] for each in islice(self.events(ref), 1))

    def _happens(self, tracked: Tracked, properties: dict[str, JsonValue], *, from_browser: bool = False) -> Happens:
        told = _told(tracked.name, properties, from_browser=from_browser)
        return Happens(told, is_more=self._world.is_known(tracked.name))

    # what was done

    def _when(self, condition: DidWhen) -> Iterator[Script]:
        yield from self._each(condition.event)
        for moment in condition.operands:
            if isinstance(moment, DayLiteral | TimeLiteral):
                for wait in self._moment(moment):
                    yield from ([wait, *script] for script in self._each(condition.event))

    def _did(self, condition: Did) -> Iterator[Script]:
        often = self._often(condition.count)
        for event in islice(self.events(condition.event), 1):
            again: Script = [event] * often
            again = self._on_days(again[:_MOST_DAYS]) if condition.on_days else again
            yield again
            for mark in self._marks(condition.window):
                yield [mark, *again]

    def _on_days(self, steps: Script) -> Script:
        """One of the steps a day, from today on."""
        found: list[Step] = []
        for number, step in enumerate(steps):
            if number:
                found.append(Waits(Instant(self._world.now + number * DAY), "another day has come"))
            found.append(step)
        return found

    def _marks(self, window: Window | None) -> Iterator[Step]:
        """What a count begins at."""
        match window:
            case SinceEvent():
                yield from self.events(EventRef(window.event, span=window.span))
            case SinceStep():
                for step in self._project.steps_at(window.place):
                    yield from islice(self._reaching(step), 1)
            case SinceMoment():
                yield from self._moment(window.moment)
            case InLast() | None:
                return
            case _:
                assert_never(window)

    def _moment(self, moment: Moment) -> Iterator[Waits]:
        """Waiting for a day or a time that is still to come, and for the end of the day."""
        for instant in dict.fromkeys((start_of(moment, self._project.zone), end_of(moment, self._project.zone))):
            if instant > self._world.now:
                yield Waits(instant, "that time has come")

    def _often(self, count: CountTest | None) -> int:
        """How many times are enough for any answer; none where that is too many to ask for."""
        low, high = bounds(count)
        often = max(low, 0 if high is None else high + 1, 1)
        return often if often <= _MOST_TIMES else 0

    def _sequence(self, condition: DidSequence | DidDirectly) -> Iterator[Script]:
        directly = isinstance(condition, DidDirectly)
        steps = [next(self.events(ref, from_browser=directly), None) for ref in condition.events]
        chain = [each for each in steps if each is not None]
        if len(chain) < len(steps):
            return
        # The end alone may do, after what was done before.
        yield from (chain[start:] for start in range(len(chain) - 1, -1, -1))
        yield from ([mark, *chain] for mark in self._marks(condition.window))

    def _aggregate(self, condition: Aggregate) -> Iterator[Script]:
        tracked = self._judge.occurrence(condition.event)
        name = condition.property.text
        if condition.aggregation is Aggregation.DISTINCT:
            yield from self._different(condition, tracked, name)
            return
        maker = self._judge.maker()
        current: object = maker.pieces.function(aggregated(condition, maker))(self._world.facts(self._judge.guide))
        limits = [each.value for each in condition.operands if isinstance(each, NumberLiteral)]
        values: list[JsonValue] = []
        if isinstance(current, int | float):
            values += [limit - current + more for limit in limits for more in (0, 1, -1)]
        values += values_for(condition.operands, NUMBER, now=self._world.now, zone=self._project.zone)
        values += [limit * factor for limit in limits for factor in (2, 5, 20)]
        values += [1_000_000, -1_000_000]
        numbers = [each for each in values if each is not None]
        found = properties_for(tracked, {name: numbers}, now=self._world.now, zone=self._project.zone)
        for properties in islice(found, 20):
            event = self._happens(tracked, properties)
            yield [event] * 3
            yield from ([mark, event] for mark in self._marks(condition.window))

    def _different(self, condition: Aggregate, tracked: Tracked, name: str) -> Iterator[Script]:
        limits = [int(each.value) for each in condition.operands if isinstance(each, NumberLiteral)]
        known = self._project.catalog.property(tracked.name, name)
        is_number = known is not None and known.type == NUMBER
        events: list[Step] = []
        for number in range(1, min(max(limits, default=1) + 2, _MOST_TIMES)):
            value: JsonValue = 1_000_000 + number if is_number else f"another {name} {number}"
            found = properties_for(tracked, {name: [value]}, now=self._world.now, zone=self._project.zone)
            events += [self._happens(tracked, properties) for properties in islice(found, 1)]
        yield events
        yield from ([mark, *events] for mark in self._marks(condition.window))

    # journeys

    def _reaching(self, step: JourneyStep) -> Iterator[Happens]:
        for ref in step.reached_by:
            yield from islice(self.events(ref), 1)

    def _standing(self, condition: AtPlace | StuckAt, *, holds: bool) -> Iterator[Script]:
        """To stand at a step is to have reached the one before it, and no later one."""
        journey = self._project.journeys[condition.place.journey.text]
        names = [step.name.text for step in journey.steps]
        wanted = self._project.steps_at(condition.place)
        again = list(self.triggers())[:1] if self._judge.guide.is_edge else []
        for step in wanted if holds else wanted[-1:]:
            number = names.index(step.name.text)
            if holds and number == 0:
                continue
            for event in self._reaching(journey.steps[number - 1] if holds else step):
                yield [event]
                # A rule with `on` looks at where the user stood around its own event.
                yield from ([event, *script] for script in again)

    def _completed(self, name: str) -> Iterator[Script]:
        journey = self._project.journeys.get(name)
        if journey is None:
            yield [life(GuideEvent.COMPLETED, name)]
            return
        for ref in journey.outcomes:
            yield from self._each(ref)
        if not journey.outcomes:
            yield from ([each] for step in journey.steps[-1:] for each in self._reaching(step))

    def _returns(self, condition: ReturnedTo) -> Iterator[Script]:
        journey = self._project.journeys[condition.place.journey.text]
        often = min(self._often(condition.count), 20)
        for step in self._project.steps_at(condition.place):
            own = next(self._reaching(step), None)
            away = self._away_from(journey, step)
            if own is None or away is None:
                continue
            yield [away, own] * often
            yield [own, *[away, own] * often]

    def _away_from(self, journey: Journey, step: JourneyStep) -> Happens | None:
        others = [each for each in journey.steps if each is not step]
        return next((event for each in others for event in self._reaching(each)), None)

    def _friction(self, place: PlaceRef) -> Iterator[Script]:
        journey = self._project.journeys[place.journey.text]
        names = [step.name.text for step in journey.steps]
        for step in self._project.steps_at(place):
            number = names.index(step.name.text)
            entering = list(islice(self._reaching(journey.steps[number - 1]), 1)) if number else []
            pages = [each.text.value for each in step.touchpoints if each.channel is None]
            paths = [each.replace("*", "x") for each in pages if each.startswith("/")][:1]
            properties: dict[str, JsonValue] = {"path": paths[0]} if paths else {}
            for signal in _SIGNALS:
                told = Told(EventKind.TRACK, signal, properties, from_browser=True)
                signals = [Happens(told, is_more=self._world.is_known(signal))] * _MOST_SIGNALS
                yield signals
                yield [*entering, *signals]

    # guides and answers

    def _saw(self, condition: Saw) -> Iterator[Script]:
        for name in [condition.name.text] if condition.name is not None else self._surveys():
            again = [life(GuideEvent.SHOWN, name)] * self._often(condition.count)
            yield again
            yield from ([mark, *again] for mark in self._marks(condition.window))

    def _surveys(self) -> list[str]:
        return [name for name, guide in self._project.guides.items() if guide.kind is GuideKind.SURVEY]

    def _answers_at(self, place: PlaceRef) -> Iterator[Script]:
        """Every answer that belongs to the place."""
        wanted = {step.name.text for step in self._project.steps_at(place)}
        for name, guide in self._project.guides.items():
            at = [each for each in places(guide) if each.journey.text == place.journey.text]
            if any(step.name.text in wanted for each in at for step in self._project.steps_at(each)):
                yield from ([each] for question in every(guide, Question) for each in _answered(name, question, ()))

    def _answers(self, condition: Answered) -> Iterator[Script]:
        guide: Guide | None = self._project.guides.get(condition.survey.text)
        for question in every(guide, Question) if guide is not None else ():
            if condition.question is None or question.id.text == condition.question.text:
                operands = values_for(condition.operands, NUMBER, now=self._world.now, zone=self._project.zone)
                yield from ([each] for each in _answered(condition.survey.text, question, operands))


def page_view(path: str) -> Happens:
    """A page is opened in the browser."""
    return Happens(Told(EventKind.PAGE, PAGE_EVENT, {"path": path}, from_browser=True))


def life(event: GuideEvent, guide: str, **properties: JsonValue) -> Happens:
    """Something becomes of a guide."""
    return Happens(Told(EventKind.TRACK, event.value, {"guide": guide, **properties}))


def _told(name: str, properties: dict[str, JsonValue], *, from_browser: bool) -> Told:
    kinds = {kind_name: kind for kind, kind_name in NAMES.items()}
    return Told(kinds.get(name, EventKind.TRACK), name, properties, from_browser=from_browser)


def _session_end(last: Instant) -> Waits:
    return Waits(Instant(last + SESSION_GAP), "the session is over")


def _answered(guide: str, question: Question, values: Sequence[JsonValue]) -> Iterator[Happens]:
    """Answers to a question: each choice, each number of its scale, what a comparison names, a text."""
    choices: list[JsonValue] = [choice.key for choice in question.choices]
    scale = question.scale
    numbers: list[JsonValue] = list(range(scale.low, scale.high + 1) if scale is not None else range(11))
    given = choices if choices else [*values, *numbers, "something else"]
    for value in given:
        if value is not None:
            yield life(GuideEvent.ANSWERED, guide, question=question.id.text, value=value)
