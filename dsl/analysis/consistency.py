"""Can all these facts be so of one user at one instant? `False` means: never, whatever the user did."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from dsl.analysis.counts import AT_LEAST_ONCE, Counted, can_all_be, range_of
from dsl.analysis.facts import Alternatives, Fact
from dsl.analysis.values import Comparing, Domain, can_meet
from dsl.checker import answer_type
from dsl.clauses import every
from dsl.nodes import (
    Aggregate,
    Aggregation,
    Answered,
    AtPlace,
    Comparison,
    Condition,
    DaysActive,
    Did,
    DidDirectly,
    DidSequence,
    DidWhen,
    DidWithout,
    EventRef,
    FrictionAt,
    Guide,
    PlaceRef,
    Question,
    ReturnedTo,
    Saw,
    StuckAt,
)
from dsl.values import DAY, Kind, ValueType
from widgets.registry import QUESTION_TYPES

if TYPE_CHECKING:
    from dsl.project import RuleProject


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds the facts.

    properties: inside a `where`, the properties of the event; None elsewhere. triggers: the events of `event.PROP`.
    survey: in the `if` of a question, the survey. on_edge: `at` may mean just before or just after an event.
    """

    project: RuleProject
    properties: Mapping[str, ValueType] | None = None
    triggers: tuple[str, ...] = ()
    survey: Guide | None = None
    on_edge: bool = False


@dataclass(slots=True)
class _Sorted:
    values: dict[Hashable, tuple[Domain, list[Comparing]]] = field(default_factory=dict)
    counts: list[Counted] = field(default_factory=list)
    truths: dict[Condition, bool] = field(default_factory=dict)
    places: list[tuple[PlaceRef, bool]] = field(default_factory=list)
    contradict: bool = False


def is_possible(ways: Alternatives, around: Around) -> bool:
    """True unless every alternative contradicts itself."""
    return any(can_all_hold(each, around) for each in ways)


def can_all_hold(facts: Sequence[Fact], around: Around) -> bool:
    """False only if the facts exclude one another."""
    found = _Sorted()
    for fact in facts:
        _take_up(found, fact, around)
    if found.contradict or not can_all_be(found.counts):
        return False
    if not all(can_meet(each, domain, zone=around.project.zone) for domain, each in found.values.values()):
        return False
    return around.on_edge or _can_stand(found.places, around)


def _take_up(found: _Sorted, fact: Fact, around: Around) -> None:
    condition, holds = fact.condition, fact.holds
    if found.truths.setdefault(condition, holds) is not holds:
        found.contradict = True
    found.counts.extend(_implied(fact))
    match condition:
        case Comparison():
            _compare(found, _domain_of(condition, around), condition, holds=holds)
        case Answered() if condition.operator is not None:
            _compare(found, _answers_of(condition, around), condition, holds=holds)
        case Aggregate() | DaysActive() | FrictionAt():
            _compare(found, _measured(condition, around), condition, holds=holds)
        case AtPlace():
            found.places.append((condition.place, holds))
        case StuckAt() if holds:
            found.places.append((condition.place, True))
        case _:
            return


Keyed = tuple[Hashable, Domain] | None


def _compare(
    found: _Sorted,
    keyed: Keyed,
    condition: Comparison | Answered | Aggregate | DaysActive | FrictionAt,
    *,
    holds: bool,
) -> None:
    if keyed is None or condition.operator is None:
        return
    key, domain = keyed
    ignoring = isinstance(condition, Comparison | Answered) and condition.ignoring_case
    comparing = Comparing(condition.operator, condition.operands, holds, ignoring)
    found.values.setdefault(key, (domain, []))[1].append(comparing)


def domain_of(condition: Comparison | Answered, around: Around) -> Domain | None:
    """What values there are of what is compared; None where that is not known."""
    keyed = _answers_of(condition, around) if isinstance(condition, Answered) else _domain_of(condition, around)
    return None if keyed is None else keyed[1]


def _domain_of(condition: Comparison, around: Around) -> Keyed:
    parts = condition.subject.parts
    if around.survey is not None:
        return _answers_to(around.survey, ".".join(parts), now=True)
    if around.properties is not None:
        type_ = around.properties.get(".".join(parts))
        return None if type_ is None else (parts, _domain(type_, may_lack=True))
    subject = around.project.catalog.subject(parts, triggers=around.triggers)
    if subject is None:
        return None
    # Two readings of one name, as different types or with different defaults, are different values.
    key = (subject.owner, subject.key, subject.type, subject.default)
    return key, _domain(subject.type, may_lack=subject.default is None)


def _domain(type_: ValueType, *, may_lack: bool) -> Domain:
    return Domain(type_.kind, values=type_.allowed if type_.kind is Kind.ONE_OF else None, may_lack=may_lack)


def _answers_of(condition: Answered, around: Around) -> Keyed:
    survey = around.project.guides.get(condition.survey.text)
    if survey is None or condition.question is None:
        return None
    return _answers_to(survey, condition.question.text, now=False)


def _answers_to(survey: Guide, name: str, *, now: bool) -> Keyed:
    """now: while the survey is answered. Of what was answered earlier, the choice may have been taken out since."""
    question = next((each for each in every(survey, Question) if each.id.text == name), None)
    type_ = answer_type(question) if question is not None else None
    if question is None or type_ is None:
        return None
    key = (survey.name.text, name)
    scale = question.scale or QUESTION_TYPES[question.type].scale
    if scale is not None:
        return key, Domain(Kind.NUMBER, whole=True, low=scale.low, high=scale.high)
    if now and type_.kind is Kind.TEXT and question.choices:
        return key, Domain(Kind.ONE_OF, values=tuple(choice.key for choice in question.choices))
    return key, Domain(type_.kind)


def _measured(condition: Aggregate | DaysActive | FrictionAt, around: Around) -> Keyed:
    match condition:
        case FrictionAt():
            return ("friction", condition.place), Domain(Kind.NUMBER, low=0, high=1, may_lack=False)
        case DaysActive():
            # The days that begin in the window, and the one in which it begins; where clocks are changed, a day is
            # shorter than 24 hours, so that one more fits in.
            most = ceil(condition.window.duration.length / DAY) + (1 if around.project.zone == "UTC" else 2)
            return ("days active", condition.window), Domain(Kind.NUMBER, whole=True, low=0, high=most, may_lack=False)
        case Aggregate():
            key = (condition.aggregation, condition.property, condition.event, condition.window)
            if condition.aggregation is Aggregation.DISTINCT:
                return key, Domain(Kind.NUMBER, whole=True, low=0, may_lack=False)
            return key, Domain(Kind.NUMBER, may_lack=condition.aggregation is not Aggregation.SUM)


def _implied(fact: Fact) -> Iterator[Counted]:
    """What a fact says of how often something happened."""
    condition, holds = fact.condition, fact.holds
    match condition:
        case Did():
            ref = condition.event
            yield from _counted(ref.name, ref.where, condition, holds=holds)
        case Saw():
            yield from _counted(condition.name, None, condition, holds=holds)
        case ReturnedTo():
            yield from _counted(("returned to", condition.place), None, condition, holds=holds)
        case DidSequence() | DidDirectly() if holds:
            yield from (_happened(ref) for ref in condition.events)
        case DidWithout() if holds:
            yield _happened(condition.event)
        case DidWhen():
            # True or known to be false: there is such an event.
            yield _happened(condition.event)
        case _:
            return


def _counted(
    what: Hashable, where: Hashable | None, condition: Did | Saw | ReturnedTo, *, holds: bool
) -> Iterator[Counted]:
    limits = range_of(condition.count, holds=holds)
    if limits is None:
        return
    window = None if isinstance(condition, ReturnedTo) else condition.window
    on_days = isinstance(condition, Did) and condition.on_days
    yield Counted(what, where, window, on_days, *limits)


def _happened(ref: EventRef) -> Counted:
    return Counted(ref.name, ref.where, None, False, *AT_LEAST_ONCE)


def _can_stand(places: Iterable[tuple[PlaceRef, bool]], around: Around) -> bool:
    """True when there is a step, or none, at which the user can stand in every journey that is asked about."""
    by_journey: dict[str, list[tuple[frozenset[str], bool]]] = {}
    for place, holds in places:
        steps = frozenset(step.name.text for step in around.project.steps_at(place))
        by_journey.setdefault(place.journey.text, []).append((steps, holds))
    for journey, asked in by_journey.items():
        declared = around.project.journeys.get(journey)
        if declared is None:
            continue
        everywhere: list[str | None] = [None, *(step.name.text for step in declared.steps)]
        if not any(all((step in steps) is holds for steps, holds in asked) for step in everywhere):
            return False
    return True
