"""The oracle: what a condition means, read off the raw history, slowly and obviously.

No state, no slots, no compiled code: every question walks all events of the person. Written from the language's
reference alone, so that an agreement with the compiled evaluator means something. None is "unknown".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import assert_never
from zoneinfo import ZoneInfo

from operations import take
from plain import ANSWER_TYPES, Truth, all_, any_, counts, fold, is_activity, is_plain, literal, not_
from walk import WEIGHTS, Walk

from dsl import nodes as n
from dsl.feelings import FEELINGS
from dsl.moments import end_of, start_of
from dsl.operators import OPERATORS
from dsl.patterns import expression, glob, network
from dsl.project import RuleProject
from dsl.values import (
    MINUTE,
    NUMBER,
    Instant,
    JsonValue,
    Kind,
    Missing,
    Value,
    ValueType,
    read_value,
    to_datetime,
)
from engine.events import Event, EventKind

TRIGGERS = ("A",)
"""The event of the edge rules that are tried."""


@dataclass(frozen=True)
class Person:
    """Whom a condition is asked of: the history, what the request tells, and the other users of the account."""

    project: RuleProject
    history: Sequence[Event]
    now: Instant
    context: Mapping[str, JsonValue] = field(default_factory=dict)
    trigger: Event | None = None
    others: Sequence[Sequence[Event]] = ()
    triggers: Sequence[str] = TRIGGERS

    @cached_property
    def events(self) -> list[Event]:
        first: dict[str, Event] = {}
        for event in sorted(self.history, key=lambda event: event.seq):
            first.setdefault(event.message_id, event)
        past = [event for event in first.values() if event.time <= self.now]
        return sorted(past, key=lambda event: (event.time, event.seq))

    @cached_property
    def traits(self) -> dict[str, JsonValue]:
        return self._said(EventKind.IDENTIFY)

    @cached_property
    def account(self) -> dict[str, JsonValue]:
        return self._said(EventKind.GROUP)

    def _said(self, kind: EventKind) -> dict[str, JsonValue]:
        said: dict[str, JsonValue] = {}
        for event in (each for each in self.events if each.kind is kind):
            take(said, event.traits)
        return {name: value for name, value in said.items() if value is not None}

    # --- conditions ---

    def truth(self, condition: n.Condition) -> Truth:
        match condition:
            case n.Always():
                return True
            case n.And():
                return all_(self.truth(term) for term in condition.terms)
            case n.Or():
                return any_(self.truth(term) for term in condition.terms)
            case n.Not():
                return not_(self.truth(condition.term))
            case n.NoneOf():
                return all_(not_(self.truth(term)) for term in condition.terms)
            case n.Comparison():
                return self.comparison(condition)
            case n.Did():
                return self.did(condition)
            case n.DidSequence():
                return self.did_sequence(condition)
            case n.DidDirectly():
                return self.did_directly(condition)
            case n.DidWithout():
                return self.did_without(condition)
            case n.DidWhen():
                return self.did_when(condition)
            case n.Aggregate():
                return self.aggregate(condition)
            case n.DaysActive():
                begin = self.now - condition.window.duration.length
                days = {self.day(event) for event in self.events if is_activity(event) and event.time > begin}
                return self.compare(len(days), NUMBER, condition.operator, condition.operands)
            case n.AnyoneInAccount():
                mine = [replace(self, history=history, others=()) for history in self.others]
                return any_([self.truth(condition.did), *(person.truth(condition.did) for person in mine)])
            case n.AtPlace():
                return bool(self.stands(condition.place) & self.places(condition.place))
            case n.Reached():
                walk = self.walk(condition.place.journey.text)
                return any(step in walk.reached for step in self.places(condition.place))
            case n.Completed():
                return self.completed(condition.name.text)
            case n.StuckAt():
                return self.stuck(condition)
            case n.ReturnedTo():
                times = sum(
                    self.walk(condition.place.journey.text).returns.get(step, 0)
                    for step in self.places(condition.place)
                )
                return counts(condition.count, times)
            case n.FrictionAt():
                return self.compare(self.friction(condition.place), NUMBER, condition.operator, condition.operands)
            case n.Felt():
                return self.felt(condition)
            case n.Answered():
                return self.answered(condition)
            case n.Saw():
                return self.saw(condition)
            case n.Dismissed():
                return bool(self.of_guide("$dismissed", condition.name.text))
            case n.InSegment():
                return self.truth(self.project.segments[condition.name.text].where)
            case _:
                assert_never(condition)

    # --- values ---

    def comparison(self, condition: n.Comparison) -> Truth:
        subject = self.project.catalog.subject(condition.subject.parts, triggers=self.triggers)
        assert subject is not None
        value = self.value(condition.subject.parts)
        return self.compare(
            value, subject.type, condition.operator, condition.operands, ignoring_case=condition.ignoring_case
        )

    def value(self, parts: tuple[str, ...]) -> Value | Missing:
        subject = self.project.catalog.subject(parts, triggers=self.triggers)
        assert subject is not None
        raw: JsonValue = None
        match subject.owner.value:
            case "user" if subject.key == "first_seen":
                return self.events[0].time if self.events else Missing.UNSET
            case "user":
                raw = self.told(subject.key)
            case "account":
                raw = self.account.get(subject.key)
            case "context":
                first, second = subject.key.split(".")
                inner = self.context.get(first)
                raw = inner.get(second) if isinstance(inner, dict) else None
            case "event":
                raw = None if self.trigger is None else self.trigger.properties.get(subject.key)
        value = read_value(raw, subject.type)
        if value is Missing.UNSET and subject.default is not None:
            return literal(subject.default, subject.type, self.project.zone)
        return value

    def told(self, key: str) -> JsonValue:
        """A value of the user: of a `language` only the first part, and in its stead that of the `locale`."""
        match key:
            case "user_id":
                return next((event.user_id for event in self.events if event.user_id is not None), None)
            case "language":
                tags = (self.traits.get("language"), self.traits.get("locale"), self.context.get("locale"))
                return next((tag.split("-")[0] for tag in tags if isinstance(tag, str)), None)
            case _:
                return self.traits.get(key)

    def compare(
        self,
        value: Value | Missing,
        kind: ValueType,
        name: str,
        operands: Sequence[n.Operand | n.OtherChoice],
        *,
        ignoring_case: bool = False,
    ) -> Truth:
        operator = OPERATORS[name]
        if operator.decided:
            return operator.body(value)
        if isinstance(value, Missing):
            return None
        wanted = [self.operand(each, kind, name, ignoring_case=ignoring_case) for each in operands]
        if None in wanted:
            return None
        if operator.shape.name == "VALUES":
            wanted = [tuple(wanted)]
        if ignoring_case and not callable(wanted[0]):
            value = fold(value)
            wanted = [fold(each) for each in wanted]
        if operator.needs_now:
            return operator.body(value, *wanted, now=self.now)
        return operator.body(value, *wanted)

    def operand(self, operand: object, kind: ValueType, name: str, *, ignoring_case: bool) -> object:
        if isinstance(operand, n.ShareOf):
            whole = self.value(operand.of.parts)
            return None if isinstance(whole, Missing) else operand.percent * whole / 100  # type: ignore[operator]
        if isinstance(operand, n.PatternLiteral):
            return expression(operand.text, ignoring_case=ignoring_case)
        if isinstance(operand, n.OtherChoice):
            return operand.name
        if name == "matches":
            return glob(operand.value, ignoring_case=ignoring_case)  # type: ignore[attr-defined]
        if name == "in network":
            return network(operand.value)  # type: ignore[attr-defined]
        if isinstance(operand, n.DurationLiteral):
            return operand.length
        if isinstance(operand, n.DayLiteral | n.TimeLiteral) and name == "after":
            return end_of(operand, self.project.zone) - isinstance(operand, n.DayLiteral)
        return literal(operand, kind, self.project.zone)

    # --- events ---

    def matching(self, ref: n.EventRef, events: Sequence[Event] | None = None) -> list[Event]:
        return [event for event in (self.events if events is None else events) if self.fits(ref, event)]

    def fits(self, ref: n.EventRef, event: Event) -> bool:
        if event.name != ref.name.value:
            return False
        if ref.where is None:
            return True
        return Where(self.project, ref.name.value, event).truth(ref.where) is True

    def window(self, window: n.Window | None) -> Callable[[Event], bool] | None:
        """Which events are in a window; None where it has not begun."""
        match window:
            case None:
                return lambda _event: True
            case n.InLast():
                return lambda event: event.time > self.now - window.duration.length
            case n.SinceMoment():
                return lambda event: event.time >= start_of(window.moment, self.project.zone)
            case n.SinceEvent():
                marks = [event for event in self.events if event.name == window.event.value]
                if not marks:
                    return None
                return lambda event: event.position > marks[-1].position
            case n.SinceStep():
                walk = self.walk(window.place.journey.text)
                reached = [walk.reached[step] for step in self.places(window.place) if step in walk.reached]
                if not reached:
                    return None
                begin = min(event.position for event in reached)
                return lambda event: event.position > begin
            case _:
                assert_never(window)

    def day(self, event: Event) -> date:
        return to_datetime(event.time).astimezone(ZoneInfo(self.project.zone)).date()

    def did(self, condition: n.Did) -> Truth:
        is_inside = self.window(condition.window)
        if is_inside is None:
            return None
        found = [event for event in self.matching(condition.event) if is_inside(event)]
        number = len({self.day(event) for event in found}) if condition.on_days else len(found)
        truth = counts(condition.count, number)
        return not truth if condition.negated else truth

    def did_sequence(self, condition: n.DidSequence) -> Truth:
        is_inside = self.window(condition.window)
        if is_inside is None:
            return None
        events = [event for event in self.events if is_inside(event)]
        within = None if condition.within is None else condition.within.length

        def chain(refs: Sequence[n.EventRef], rest: Sequence[Event], begin: Instant | None) -> bool:
            if not refs:
                return True
            for place, event in enumerate(rest):
                if begin is not None and within is not None and event.time - begin > within:
                    return False
                if self.fits(refs[0], event):
                    following = rest[place + 1 :]
                    if chain(refs[1:], following, event.time if begin is None else begin):
                        return True
            return False

        return chain(condition.events, events, None)

    def did_directly(self, condition: n.DidDirectly) -> Truth:
        is_inside = self.window(condition.window)
        if is_inside is None:
            return None
        for session in self.sessions():
            own = [event for event in session if is_inside(event) and is_plain(event)]
            runs = [list(run) for _, run in groupby(own, key=lambda event: event.name)]
            for start in range(len(runs)):
                here = runs[start : start + len(condition.events)]
                if len(here) == len(condition.events) and all(
                    any(self.fits(ref, event) for event in run) for ref, run in zip(condition.events, here, strict=True)
                ):
                    return True
        return False

    def sessions(self) -> list[list[Event]]:
        """The events of each session; only the user's own browser events start or prolong one."""
        found: list[list[Event]] = []
        last: Instant | None = None
        for event in self.events:
            is_own = event.from_browser and (is_plain(event) or event.kind is not EventKind.TRACK)
            is_open = last is not None and event.time - last < 30 * MINUTE
            if is_own and not is_open:
                found.append([])
            if is_own or is_open:
                found[-1].append(event)
            if is_own:
                last = event.time
        return found

    def did_without(self, condition: n.DidWithout) -> Truth:
        latest = self.matching(condition.event)[-1:]
        if not latest or self.now < latest[0].time + condition.within.length:
            return False
        return not any(event.position > latest[0].position for event in self.matching(condition.absent))

    def did_when(self, condition: n.DidWhen) -> Truth:
        found = self.matching(condition.event)
        if not found:
            return None
        event = found[0 if condition.edge is n.Edge.FIRST else -1]
        return self.compare(event.time, ValueType(Kind.TIME), condition.operator, condition.operands)

    def aggregate(self, condition: n.Aggregate) -> Truth:
        is_inside = self.window(condition.window)
        if is_inside is None:
            return None
        known = self.project.catalog.event(condition.event.name.value)
        assert known is not None
        kind = known.properties[condition.property.text]
        read = [
            read_value(event.properties.get(condition.property.text), kind)
            for event in self.matching(condition.event)
            if is_inside(event)
        ]
        values = [value for value in read if not isinstance(value, Missing)]
        match condition.aggregation:
            case n.Aggregation.DISTINCT:
                result: object = len(set(values))
            case n.Aggregation.SUM:
                result = sum(values)  # type: ignore[arg-type]
            case _ if not values:
                return None
            case n.Aggregation.HIGHEST:
                result = max(values)  # type: ignore[type-var]
            case n.Aggregation.LOWEST:
                result = min(values)  # type: ignore[type-var]
            case n.Aggregation.AVERAGE:
                result = sum(values) / len(values)  # type: ignore[arg-type]
        return self.compare(result, NUMBER, condition.operator, condition.operands)  # type: ignore[arg-type]

    # --- journeys ---

    def places(self, place: n.PlaceRef) -> set[str]:
        return {step.name.text for step in self.project.steps_at(place)}

    def walk(self, journey: str, before: Event | None = None) -> Walk:
        events = self.events if before is None else [e for e in self.events if e.position < before.position]
        return Walk(self.fits, self.project.journeys[journey], events)

    def stands(self, place: n.PlaceRef) -> set[str | None]:
        journey = place.journey.text
        if self.trigger is None:
            return {self.walk(journey).standing}
        upto = [e for e in self.events if e.position <= self.trigger.position]
        after = Walk(self.fits, self.project.journeys[journey], upto)
        return {self.walk(journey, before=self.trigger).standing, after.standing}

    def completed(self, name: str) -> bool:
        journey = self.project.journeys.get(name)
        if journey is None:
            return bool(self.of_guide("$completed", name))
        if journey.outcomes:
            return any(self.fits(ref, event) for ref in journey.outcomes for event in self.events)
        return journey.steps[-1].name.text in self.walk(name).reached

    def stuck(self, condition: n.StuckAt) -> bool:
        walk = self.walk(condition.place.journey.text)
        if walk.standing not in self.places(condition.place) or walk.since is None:
            return False
        return self.now >= walk.since + condition.duration.length

    def friction(self, place: n.PlaceRef) -> float:
        walk = self.walk(place.journey.text)
        smooth = 1.0
        for name, weight in WEIGHTS.items():
            number = sum(walk.signals.get(step, []).count(name) for step in self.places(place))
            smooth *= (1 - weight) ** number
        return 1 - smooth

    # --- guides ---

    def of_guide(self, name: str, guide: str) -> list[Event]:
        return [event for event in self.events if event.name == name and event.properties.get("guide") == guide]

    def saw(self, condition: n.Saw) -> Truth:
        is_inside = self.window(condition.window)
        if is_inside is None:
            return None
        surveys = [name for name, guide in self.project.guides.items() if guide.kind is n.GuideKind.SURVEY]
        names = surveys if condition.name is None else [condition.name.text]
        shown = [event for name in names for event in self.of_guide("$shown", name) if is_inside(event)]
        return counts(condition.count, len(shown))

    def answers(self, survey: str) -> list[tuple[Event, str, JsonValue]]:
        asked = {
            clause.id.text: clause for clause in self.project.guides[survey].clauses if isinstance(clause, n.Question)
        }
        found = []
        for event in self.of_guide("$answered", survey):
            question, value = event.properties.get("question"), event.properties.get("value")
            if isinstance(question, str) and question in asked and value is not None:
                found.append((event, question, value))
        return found

    def answered(self, condition: n.Answered) -> Truth:
        given = self.answers(condition.survey.text)
        if condition.question is None:
            return bool(given)
        mine = [value for _, question, value in given if question == condition.question.text]
        if condition.operator is None:
            return bool(mine)
        subject = ANSWER_TYPES[condition.question.text]
        value = read_value(mine[-1], subject) if mine else Missing.UNSET
        return self.compare(
            value, subject, condition.operator, condition.operands, ignoring_case=condition.ignoring_case
        )

    def felt(self, condition: n.Felt) -> Truth:
        is_inside = self.window(condition.window)
        if is_inside is None:
            return None
        wanted = {feeling.text for feeling in condition.feelings}
        assert wanted <= set(FEELINGS)
        for guide in self.project.guides.values():
            places = [place for clause in guide.clauses if isinstance(clause, n.At) for place in clause.places]
            if not any(self.places(place) & self.places(condition.place) for place in places):
                continue
            said = {
                choice.key: choice.feels.text
                for clause in guide.clauses
                if isinstance(clause, n.Question)
                for choice in clause.choices
                if choice.feels is not None
            }
            for event, _, value in self.answers(guide.name.text):
                if isinstance(value, str) and said.get(value) in wanted and is_inside(event):
                    return True
        return False


@dataclass(frozen=True)
class Where:
    """The truth of a `where`, about one event; relative times count from that event's own time."""

    project: RuleProject
    name: str
    event: Event

    def truth(self, condition: n.Condition) -> Truth:
        match condition:
            case n.Always():
                return True
            case n.And():
                return all_(self.truth(term) for term in condition.terms)
            case n.Or():
                return any_(self.truth(term) for term in condition.terms)
            case n.Not():
                return not_(self.truth(condition.term))
            case n.NoneOf():
                return all_(not_(self.truth(term)) for term in condition.terms)
            case n.Comparison():
                known = self.project.catalog.event(self.name)
                assert known is not None
                kind = known.properties[condition.subject.parts[0]]
                value = read_value(self.event.properties.get(condition.subject.parts[0]), kind)
                return Person(self.project, (), self.event.time).compare(
                    value, kind, condition.operator, condition.operands, ignoring_case=condition.ignoring_case
                )
            case _:
                raise AssertionError(f"not allowed in a where: {condition}")
