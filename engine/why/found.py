"""What is known of the user for one condition, in words: the count so far, the last time, the value.

Only tells; whether the condition is so is decided in `engine.why.judging`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, assert_never

from dsl.compiler.comparisons import answer
from dsl.compiler.histories import aggregated, since_of
from dsl.compiler.names import guessed_type
from dsl.compiler.progress import question_of, type_of_answer
from dsl.compiler.reading import returns_to
from dsl.explain.words import listed, place_words, quoted
from dsl.needs import (
    KEPT_EVENTS,
    Activity,
    Attribute,
    Days,
    DayTimes,
    Feeling,
    First,
    Kept,
    Occurrence,
    Shown,
    Slot,
    Source,
    Tally,
    Times,
    needs_mark,
)
from dsl.nodes import (
    Aggregate,
    Always,
    And,
    Answered,
    AnyoneInAccount,
    AtPlace,
    Comparison,
    Completed,
    Condition,
    DaysActive,
    Did,
    DidDirectly,
    DidSequence,
    DidWhen,
    DidWithout,
    Dismissed,
    Edge,
    EventRef,
    Felt,
    FrictionAt,
    GuideKind,
    InLast,
    InSegment,
    NoneOf,
    Not,
    Or,
    PlaceRef,
    Reached,
    ReturnedTo,
    Saw,
    SinceEvent,
    SinceMoment,
    SinceStep,
    StuckAt,
    Window,
)
from dsl.values import TEXT, Instant, JsonValue, Kind, Value, spell_number
from engine.occurrences import property_of
from engine.plan import plan_for
from engine.rendering import spoken
from engine.state import replay
from engine.why.judging import Judge
from engine.why.moments import day_words
from engine.why.world import World

_MANY: Final = 40
"""Letters of a text that are shown of a value."""


class Findings:
    """What is known of a person for the conditions of one guide."""

    def __init__(self, world: World, judge: Judge, conditions: Sequence[tuple[Condition, bool]]) -> None:
        """conditions: those without parts that will be asked about, each with whether it stands in a segment."""
        self._world, self._judge = world, judge
        self._zone = world.ruleset.project.zone
        self._facts = world.facts(judge.guide)
        self._slots = self._told_in_full([need for each, inside in conditions for need in self._needs(each, inside)])

    def words(self, condition: Condition, *, in_segment: bool = False) -> str | None:  # noqa: C901, PLR0911, PLR0912
        """What was found; None where there is nothing to tell."""
        match condition:
            case Comparison():
                return self._comparison(condition, in_segment)
            case Did() | Saw() | Felt():
                return self._happened(condition, in_segment)
            case AnyoneInAccount():
                return f"the user: {self._happened(condition.did, in_segment)}"
            case DidSequence() | DidDirectly():
                return "; ".join(self._event(ref.name.value, self._times(self._of(ref))) for ref in condition.events)
            case DidWithout():
                refs = (condition.event, condition.absent)
                return "; ".join(self._event(ref.name.value, self._times(self._of(ref))) for ref in refs)
            case DidWhen():
                times = self._times(self._of(condition.event))
                return self._when(times, condition.edge, self._slots.get(First(self._of(condition.event)).key))
            case Aggregate():
                return self._number(condition)
            case DaysActive():
                need = DayTimes(Activity(), self._zone, 1)
                times = [each for each in self._slots.get(need.key, ()) if self._is_inside(each, condition.window)]
                return _plural(len(times), "day")
            case AtPlace() | StuckAt():
                return self._standing(condition.place)
            case Reached() | ReturnedTo():
                return self._reached(condition)
            case FrictionAt():
                return self._friction(condition.place)
            case Completed():
                return self._completed(condition.name.text)
            case Answered():
                return self._answered(condition)
            case Dismissed():
                history = self._facts.guides.get(condition.name.text)
                return self._last(history.dismissed if history is not None else (), "dismissed")
            case Always() | And() | Or() | Not() | NoneOf() | InSegment():
                return None
            case _:
                assert_never(condition)

    def value(self, attribute: Attribute) -> str:
        """The value of an attribute, in words."""
        value = self._facts.values.get(attribute.key)
        if value is not None:
            return self.value_words(value, attribute.type.kind)
        if attribute.key not in self._facts.unreadable:
            return "not set"
        raw = self._raw(attribute)
        return f"{_json_words(raw)}, which cannot be read as {attribute.type}"

    def value_words(self, value: Value, kind: Kind) -> str:
        """A value in words: texts in quotes, times in full."""
        if kind is Kind.TIME and isinstance(value, int):
            return day_words(Instant(value), self._zone)
        words = spoken(value, kind)
        return words if kind in (Kind.NUMBER, Kind.YES_NO, Kind.NUMBER_LIST) else _in_quotes(words)

    # what is counted

    def _happened(self, condition: Did | Saw | Felt, in_segment: bool) -> str:
        of = self._occurrence(condition)
        since = since_of(condition.window, self._judge.maker(in_segment=in_segment))
        if needs_mark(since) and Tally(of, since).key not in self._slots:
            return f"{self._mark(condition.window)}, so there is nothing to count from"
        times = self._times(of)
        if isinstance(condition, Did) and condition.on_days:
            return f"{_plural(self._days(condition, of), 'day')}; {self._last(times, 'did so')}"
        if isinstance(condition.window, InLast):
            number = sum(1 for each in times if self._is_inside(each, condition.window))
        else:
            number = int(self._slots.get(Tally(of, since).key, 0))
        if not times:
            return "never"
        at_least = "at least " if len(times) >= KEPT_EVENTS and number >= KEPT_EVENTS else ""
        return (
            f"{at_least}{number} so far, the last at {day_words(times[-1], self._zone)}"
            if number
            else (f"none of those; the last at {day_words(times[-1], self._zone)}")
        )

    def _days(self, condition: Did, of: Occurrence) -> int:
        if isinstance(condition.window, InLast):
            times = self._slots.get(DayTimes(of, self._zone, 1).key, ())
            return sum(1 for each in times if self._is_inside(each, condition.window))
        since = since_of(condition.window, self._judge.maker())
        slot = self._slots.get(Days(of, self._zone, since).key)
        return int(slot[0]) if slot else 0

    def _mark(self, window: Window | None) -> str:
        match window:
            case SinceEvent():
                return f"{quoted(window.event.value)} never happened"
            case SinceStep():
                return f"{place_words(window.place, self._judge.project)} was never reached"
            case SinceMoment() | InLast() | None:
                return "nothing happened"
            case _:
                assert_never(window)

    def _event(self, name: str, times: Sequence[Instant]) -> str:
        return f"{quoted(name)}: {self._last(times, 'happened')}"

    def _last(self, times: Sequence[Instant], verb: str) -> str:
        return f"{verb} last at {day_words(times[-1], self._zone)}" if times else f"never {verb}"

    def _when(self, times: Sequence[Instant], edge: Edge, first: Slot | None) -> str:
        match edge:
            case Edge.FIRST:
                return f"at {day_words(first, self._zone)}" if first is not None else "never"
            case Edge.LAST:
                return f"at {day_words(times[-1], self._zone)}" if times else "never"
            case _:
                assert_never(edge)

    def _number(self, condition: Aggregate) -> str:
        maker = self._judge.maker()
        value: object = maker.pieces.function(aggregated(condition, maker))(self._facts)
        return spoken(value, Kind.NUMBER) if isinstance(value, int | float) else "no value yet"

    # values, journeys, guides

    def _comparison(self, condition: Comparison, in_segment: bool) -> str:
        scope = self._judge.maker(in_segment=in_segment).scope
        return self.value(scope.attribute(condition.subject, guessed_type(condition)))

    def _raw(self, attribute: Attribute) -> JsonValue:
        trigger = self._world.trigger(self._judge.guide)
        match attribute.source:
            case Source.USER:
                return self._world.state.traits.get(attribute.name)
            case Source.ACCOUNT:
                told = self._world.account if self._world.account is not None else self._world.state.account
                return told.get(attribute.name)
            case Source.EVENT:
                return None if trigger is None else property_of(trigger.event.properties, attribute.name)
            case Source.CONTEXT | Source.ANSWER:
                return None
            case _:
                assert_never(attribute.source)

    def _standing(self, place: PlaceRef) -> str:
        journey = self._judge.project.journeys[place.journey.text]
        progress = self._facts.journeys.get(place.journey.text)
        if progress is None or progress.standing is None:
            return "past the last step" if progress is not None else "nowhere yet"
        step = next(each for each in journey.steps if each.name.text == progress.standing)
        label = quoted(step.label.value if step.label is not None else step.name.text)
        since = progress.standing_since
        return f"at {label}" + (f" since {day_words(since, self._zone)}" if since is not None else "")

    def _reached(self, condition: Reached | ReturnedTo) -> str:
        progress = self._facts.journeys.get(condition.place.journey.text)
        names = [step.name.text for step in self._judge.project.steps_at(condition.place)]
        if isinstance(condition, ReturnedTo):
            return f"{_plural(returns_to(progress, names), 'return')} so far"
        steps = [progress.steps[name] for name in names if name in progress.steps] if progress is not None else []
        times = sorted(step.reached_at for step in steps if step.reached_at is not None)
        return f"reached at {day_words(times[0], self._zone)}" if times else "not reached"

    def _friction(self, place: PlaceRef) -> str:
        names = [step.name.text for step in self._judge.project.steps_at(place)]
        progress = self._facts.journeys.get(place.journey.text)
        steps = [progress.steps[name] for name in names if name in progress.steps] if progress is not None else []
        signals: dict[str, int] = {}
        for step in steps:
            for name, number in step.signals.items():
                signals[name] = signals.get(name, 0) + number
        figure = spell_number(round(self._facts.friction(place.journey.text, names), 2))
        told = listed([f"{number} × {name.replace('_', ' ')}" for name, number in signals.items()], "and")
        return f"{figure} ({told})" if told else f"{figure}, no signal"

    def _completed(self, name: str) -> str:
        project = self._judge.project
        if name not in project.journeys:
            history = self._facts.guides.get(name)
            at = history.completed_at if history is not None else None
        else:
            progress = self._facts.journeys.get(name)
            last = project.journeys[name].steps[-1:]
            step = progress.steps.get(last[0].name.text) if progress is not None and last else None
            reached = step.reached_at if step is not None else None
            outcome = progress.outcome_at if progress is not None else None
            at = outcome if project.journeys[name].outcomes else reached
        return f"completed at {day_words(at, self._zone)}" if at is not None else "not completed"

    def _answered(self, condition: Answered) -> str:
        survey = condition.survey.text
        history = self._facts.guides.get(survey)
        if condition.question is None:
            first = history.first_answered_at if history is not None else None
            return f"answered at {day_words(first, self._zone)}" if first is not None else "not answered"
        given = history.answers.get(condition.question.text) if history is not None else None
        if given is None:
            return "not answered"
        declared = question_of(self._judge.project.guides.get(survey), condition.question.text)
        type_ = TEXT if declared is None else type_of_answer(declared, TEXT)
        value = self._facts.values.get(answer(survey, condition.question.text, type_).key)
        words = _json_words(given.value) if value is None else self.value_words(value, type_.kind)
        return f"answered {words} at {day_words(given.time, self._zone)}"

    # what of the history is told in full

    def _of(self, ref: EventRef) -> Occurrence:
        return self._judge.occurrence(ref)

    def _occurrence(self, condition: Did | Saw | Felt) -> Occurrence:
        match condition:
            case Did():
                return self._of(condition.event)
            case Saw():
                guides = self._judge.project.guides.items()
                surveys = sorted(name for name, guide in guides if guide.kind is GuideKind.SURVEY)
                return Shown((condition.name.text,) if condition.name is not None else tuple(surveys))
            case Felt():
                names = sorted(step.name.text for step in self._judge.project.steps_at(condition.place))
                feelings = tuple(sorted({each.text for each in condition.feelings}))
                return Feeling(feelings, condition.place.journey.text, tuple(names))
            case _:
                assert_never(condition)

    def _needs(self, condition: Condition, in_segment: bool) -> Iterator[Kept]:
        match condition:
            case AnyoneInAccount():
                yield from self._needs(condition.did, in_segment)
            case Did() | Saw() | Felt():
                of, since = self._occurrence(condition), since_of(condition.window, self._judge.maker())
                yield Times(of, KEPT_EVENTS)
                yield Tally(of, since)
                if isinstance(condition, Did) and condition.on_days:
                    yield DayTimes(of, self._zone, KEPT_EVENTS)
                    yield Days(of, self._zone, since)
            case DidSequence() | DidDirectly():
                for ref in condition.events:
                    yield Times(self._of(ref), 1)
            case DidWithout():
                yield Times(self._of(condition.event), 1)
                yield Times(self._of(condition.absent), 1)
            case DidWhen():
                yield Times(self._of(condition.event), 1)
                yield First(self._of(condition.event))
            case DaysActive():
                yield DayTimes(Activity(), self._zone, KEPT_EVENTS)
            case _:
                return

    def _told_in_full(self, needs: Sequence[Kept]) -> Mapping[str, Slot]:
        """The slots as they are when nothing is left out, from the log; those of the state where no log is at hand."""
        log = self._world.around.log
        if log is None or not needs:
            return self._world.state.slots
        events = [event for event in log() or () if event.time <= self._world.now]
        plan = plan_for(self._judge.project, needs)
        return {**self._world.state.slots, **replay(plan, events).slots}

    def _times(self, of: Occurrence) -> Sequence[Instant]:
        times: Sequence[Instant] = self._slots.get(Times(of, 1).key, ())
        return times

    def _is_inside(self, time: Instant, window: Window | None) -> bool:
        return not isinstance(window, InLast) or time > self._world.now - window.duration.length


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _in_quotes(text: str) -> str:
    return quoted(text if len(text) <= _MANY else text[: _MANY - 1] + "…")


def _json_words(value: JsonValue) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return spell_number(value)
        case str():
            return _in_quotes(value)
        case list():
            return "a list"
        case dict():
            return "an object"
        case None:
            return "a value"
        case _:
            assert_never(value)
