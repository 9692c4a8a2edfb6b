"""Conditions: every name is known, every comparison fits, every count and duration can be meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from dsl.catalog import EventType, Owner
from dsl.checker.comparisons import Asked, Test, check_test, kind_words
from dsl.checker.literals import check_duration
from dsl.checker.names import resolve
from dsl.checker.questions import check_answered
from dsl.checker.report import Report
from dsl.checker.scope import Scope
from dsl.checker.where import Ended, check_event, report_unknown_property
from dsl.codes import names, values, warnings
from dsl.feelings import FEELINGS
from dsl.nodes import (
    Aggregate,
    Aggregation,
    Always,
    And,
    Answered,
    AnyoneInAccount,
    AtPlace,
    Comparison,
    Completed,
    Condition,
    CountTest,
    CountWord,
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
    InLast,
    InSegment,
    Name,
    NoneOf,
    Not,
    NumberLiteral,
    Or,
    Path,
    Reached,
    ReturnedTo,
    Saw,
    SinceEvent,
    SinceMoment,
    SinceStep,
    StuckAt,
    Window,
)
from dsl.values import NUMBER, TIME, Kind, ValueType

RARE = 0.05
"""The share of users with an attribute below which comparing it is mostly unknown."""


def check(report: Report, condition: Condition, scope: Scope, behind: EventType | None = None) -> None:
    """Check one condition. `behind`: the event whose `where` was ended just before it by `or` or `not`."""
    match condition:
        case And() | Or() | NoneOf():
            for term in condition.terms:
                check(report, term, scope, behind)
                behind = _ended_where(report, term)
        case Not():
            check(report, condition.term, scope, behind)
        case Comparison():
            _comparison(report, condition, scope, behind)
        case _:
            _check_asked(report, condition, scope)


def _check_asked(report: Report, condition: Condition, scope: Scope) -> None:  # noqa: C901, PLR0912, PLR0915
    """One case a kind of condition."""
    match condition:
        case Always() | And() | Or() | NoneOf() | Not() | Comparison():
            return
        case Did():
            _did(report, condition)
        case AnyoneInAccount():
            _did(report, condition.did)
        case DidSequence() | DidDirectly():
            _events(report, condition.events)
            _window(report, condition.window)
            if isinstance(condition, DidSequence) and condition.within is not None:
                check_duration(report, condition.within)
        case DidWithout():
            _events(report, (condition.event, condition.absent))
            check_duration(report, condition.within)
        case DidWhen():
            _events(report, (condition.event,))
            words = f"the time of the {condition.edge.value} `{condition.event.name.value}`"
            _numbers_and_times(report, Asked(words, TIME, condition.span), condition, scope)
        case Aggregate():
            _aggregate(report, condition, scope)
        case DaysActive():
            _window(report, condition.window)
            _numbers_and_times(report, Asked("the number of days", NUMBER, condition.span), condition, scope)
        case AtPlace():
            report.steps(condition.place, word="at", stage_too=True)
        case Reached():
            report.steps(condition.place, word="reached", stage_too=True)
        case StuckAt():
            report.steps(condition.place, word="stuck at", stage_too=False)
            check_duration(report, condition.duration)
        case ReturnedTo():
            report.steps(condition.place, word="returned to", stage_too=False)
            _count(report, condition.count)
        case FrictionAt():
            _friction(report, condition, scope)
        case Felt():
            _felt(report, condition)
        case Completed():
            report.journey_or_guide(condition.name)
        case Dismissed():
            report.guide(condition.name)
        case Saw():
            if condition.name is not None:
                report.guide(condition.name)
            _count(report, condition.count)
            _window(report, condition.window)
        case Answered():
            check_answered(report, condition)
        case InSegment():
            report.segment(condition.name)
        case _:
            assert_never(condition)


def _comparison(report: Report, condition: Comparison, scope: Scope, behind: EventType | None) -> None:
    path = condition.subject
    found = resolve(report, path, scope, operands=condition.operands, behind=behind)
    if found is None:
        return
    name = ".".join(path.parts)
    test = Test(condition.operator, condition.operands, condition.span, condition.ignoring_case)
    check_test(report, Asked(f"`{name}`", found.type, path.span), test, _share_in(report, scope))
    share = report.project.seen.share_of(found)
    if share is not None and share < RARE and found.default is None and "set" not in condition.operator.split():
        message = f"only {share * 100:.2g} % of the users have `{name}`; for all others this is unknown"
        declared = f"account attribute {found.key}" if found.owner is Owner.ACCOUNT else f"attribute {name}"
        help_ = f"declare a default (`{declared}: {found.type} default …`), or ask `{name} is set`"
        report.add(warnings.MOSTLY_UNKNOWN.at(path.span, message, help=help_))


class _ShareIn:
    """Resolves the path after `80% of`."""

    def __init__(self, report: Report, scope: Scope) -> None:
        self._report = report
        self._scope = scope

    def __call__(self, path: Path) -> ValueType | None:
        found = resolve(self._report, path, self._scope)
        return None if found is None else found.type


def _share_in(report: Report, scope: Scope) -> _ShareIn:
    return _ShareIn(report, scope)


def _numbers_and_times(
    report: Report, asked: Asked, condition: DidWhen | Aggregate | DaysActive | FrictionAt, scope: Scope
) -> None:
    check_test(report, asked, Test(condition.operator, condition.operands, condition.span), _share_in(report, scope))


def _did(report: Report, condition: Did) -> None:
    _events(report, (condition.event,))
    _count(report, condition.count)
    _window(report, condition.window)


def _events(report: Report, events: Sequence[EventRef]) -> None:
    for ref in events:
        check_event(report, ref, Ended.OPEN)


def _count(report: Report, count: CountTest | None) -> None:
    if count is not None and count.word is CountWord.AT_LEAST and count.low == 0:
        message = "everybody did that at least 0 times"
        help_ = "write `at least 1 time`, or `exactly 0 times` for those who never did"
        report.add(warnings.AT_LEAST_ZERO.at(count.span, message, help=help_))


def _window(report: Report, window: Window | None) -> None:
    match window:
        case None | SinceMoment():
            return
        case InLast():
            check_duration(report, window.duration)
        case SinceEvent():
            report.event(window.event)
        case SinceStep():
            report.steps(window.place, word="since", stage_too=False)
        case _:
            assert_never(window)


_AGGREGATE_WORDS = {
    Aggregation.SUM: "the sum of",
    Aggregation.HIGHEST: "the highest",
    Aggregation.LOWEST: "the lowest",
    Aggregation.AVERAGE: "the average of",
    Aggregation.DISTINCT: "the number of different",
}

_LISTS = (Kind.TEXT_LIST, Kind.NUMBER_LIST)


def _aggregate(report: Report, condition: Aggregate, scope: Scope) -> None:
    event = check_event(report, condition.event, Ended.OPEN)
    _window(report, condition.window)
    name = condition.property.text
    words = f"{_AGGREGATE_WORDS[condition.aggregation]} `{name}`"
    _numbers_and_times(report, Asked(words, NUMBER, condition.span), condition, scope)
    if event is None:
        return
    if name not in event.properties:
        path = Path((name,), span=condition.property.span)
        report_unknown_property(report, event, path, name, (NumberLiteral(0, span=path.span),))
        return
    kind = event.properties[name].kind
    counts = condition.aggregation is Aggregation.DISTINCT
    if kind is not Kind.NUMBER and not counts:
        message = f"`{name}` of `{event.name}` is {kind_words(kind)}; `{condition.aggregation.value}` needs numbers"
        help_ = f'to count its values write `number of different {name} in "{event.name}"`'
        report.add(values.WRONG_TYPE.at(condition.property.span, message, help=help_))
    elif counts and kind in _LISTS:
        message = f"`{name}` of `{event.name}` is {kind_words(kind)}; only single values can be counted"
        report.add(values.WRONG_TYPE.at(condition.property.span, message))


def _friction(report: Report, condition: FrictionAt, scope: Scope) -> None:
    report.steps(condition.place, word="friction at", stage_too=False)
    _numbers_and_times(report, Asked("friction", NUMBER, condition.span), condition, scope)
    for operand in condition.operands:
        if isinstance(operand, NumberLiteral) and not 0 <= operand.value <= 1:
            message = f"friction is never {operand.value:g}"
            report.add(values.OUT_OF_RANGE.at(operand.span, message, help="friction goes from 0 (none) to 1"))


def _felt(report: Report, condition: Felt) -> None:
    for feeling in condition.feelings:
        check_feeling(report, feeling)
    report.steps(condition.place, word="felt", stage_too=False)
    _window(report, condition.window)


def check_feeling(report: Report, feeling: Name) -> None:
    """One of the six words."""
    if feeling.text not in FEELINGS:
        report.unknown(
            names.UNKNOWN_FEELING,
            feeling.span,
            f"`{feeling.text}` is none of the six feelings",
            feeling.text,
            FEELINGS,
            write=lambda each: each,
            otherwise="there are " + ", ".join(f"`{each}`" for each in FEELINGS),
        )


def _ended_where(report: Report, condition: Condition) -> EventType | None:
    """The event of the `where` that stands last in a condition."""
    refs: Sequence[EventRef]
    match condition:
        case And() | Or():
            return _ended_where(report, condition.terms[-1])
        case Not():
            return _ended_where(report, condition.term)
        case Did():
            refs = (condition.event,)
        case AnyoneInAccount():
            refs = (condition.did.event,)
        case DidSequence() | DidDirectly():
            refs = condition.events
        case DidWithout():
            refs = (condition.absent,)
        case _:
            return None
    last: EventRef = refs[-1]
    return None if last.where is None else report.project.catalog.event(last.name.value)
