"""A condition in plain English, as a tree of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from dsl.explain.tree import Joined, Line
from dsl.explain.words import (
    comparison_words,
    count_words,
    duration_words,
    listed,
    names_people,
    path_words,
    place_words,
    plain,
    quoted,
    uncapitalised,
    window_words,
)
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
    InSegment,
    Name,
    NoneOf,
    Not,
    Or,
    Reached,
    ReturnedTo,
    Saw,
    Segment,
    StuckAt,
)
from dsl.operators import OPERATORS

if TYPE_CHECKING:
    from dsl.project import RuleProject

_JOINING = {
    Joined.ALL: "all of these are so:",
    Joined.ANY: "one of these is so:",
    Joined.NONE: "none of these is so:",
}


def explain_condition(  # noqa: PLR0911  (one case a way to join)
    condition: Condition, project: RuleProject, *, holds: bool = True
) -> Line:
    """What must be so for the condition to be true, or (`holds=False`) known to be false."""
    match condition:
        case Not():
            return explain_condition(condition.term, project, holds=not holds)
        case And():
            return _joined(condition, condition.terms, project, Joined.ALL if holds else Joined.ANY, holds=holds)
        case Or():
            joined = Joined.ANY if holds else Joined.NONE
            return _joined(condition, condition.terms, project, joined, holds=holds)
        case NoneOf():
            joined = Joined.NONE if holds else Joined.ANY
            return _joined(condition, condition.terms, project, joined, holds=not holds)
        case InSegment():
            return _segment(condition, project, holds=holds)
        case Did() if condition.negated:
            line = explain_condition(replace(condition, negated=False), project, holds=not holds)
            return replace(line, about=condition, holds=holds)
        case _:
            return Line(statement(condition, project, holds=holds), condition, holds)


def _joined(
    condition: Condition, terms: Sequence[Condition], project: RuleProject, joined: Joined, *, holds: bool
) -> Line:
    # Below "none of these" each term is told as it would be if it were so.
    told = True if joined is Joined.NONE else holds
    below = tuple(explain_condition(term, project, holds=told) for term in terms)
    return Line(_JOINING[joined], condition, holds, joined, below)


def _segment(condition: InSegment, project: RuleProject, *, holds: bool) -> Line:
    segment = project.segments.get(condition.name.text)
    words = f"they {'are' if holds else 'are not'} {segment_words(condition.name, project)}"
    below = () if segment is None else (explain_condition(segment.where, project),)
    # What is told below is what the others are, not what they are.
    meant = "that is:" if holds else "of whom this is so:"
    return Line(f"{words}, {meant}" if below else words, condition, holds, Joined.PARTS, below)


def segment_words(name: Name, project: RuleProject) -> str:
    """`self-serve trial users`, `admins`; `users in stuck_on_dns` of a segment without a label."""
    segment: Segment | None = project.segments.get(name.text)
    if segment is None or segment.label is None:
        return f"users in {name.text}"
    label = uncapitalised(segment.label.value)
    return label if names_people(label) else f"{label} users"


def statement(condition: Condition, project: RuleProject, *, holds: bool = True) -> str:  # noqa: C901, PLR0911, PLR0912
    """One condition without parts, as a sentence about `they`, the user."""
    no = "" if holds else "not "
    match condition:
        case Comparison():
            return _comparison(condition, holds=holds)
        case Did():
            return _did(condition, project, holds=holds, who="they")
        case AnyoneInAccount():
            return _anyone(condition.did, project, holds=holds)
        case DidSequence() | DidDirectly():
            return _sequence(condition, project, holds=holds)
        case DidWithout():
            done, absent = event_words(condition.event), event_words(condition.absent)
            within = duration_words(condition.within)
            return f"{_unless(holds)}after the latest {done}, {absent} did not follow within {within}"
        case DidWhen():
            when = comparison_words(condition.operator, condition.operands)
            return f"{_unless(holds)}their {condition.edge.value} {event_words(condition.event)} {when}"
        case Aggregate():
            return _aggregate(condition, project, holds=holds)
        case DaysActive():
            days = comparison_words(condition.operator, condition.operands)
            return (
                f"{_unless(holds)}the number of days they were active{window_words(condition.window, project)} {days}"
            )
        case AtPlace():
            return f"they are {no}at {place_words(condition.place, project)}"
        case Reached():
            return f"they have {no}reached {place_words(condition.place, project)}"
        case StuckAt():
            lasted = f"for {duration_words(condition.duration)}"
            return f"they have {no}been at {place_words(condition.place, project)} {lasted}"
        case ReturnedTo():
            often = count_words(condition.count)
            return f"{_unless(holds)}they returned to {place_words(condition.place, project)} {often}"
        case FrictionAt():
            friction = comparison_words(condition.operator, condition.operands)
            return f"{_unless(holds)}friction at {place_words(condition.place, project)} {friction}"
        case Felt():
            feelings = listed([each.text for each in condition.feelings], "or")
            window = window_words(condition.window, project)
            verb = "felt" if holds else "did not feel"
            return f"they {verb} {feelings} at {place_words(condition.place, project)}{window}"
        case Completed():
            return f"they have {no}completed {called(condition.name, project)}"
        case Dismissed():
            return f"they have {no}dismissed {called(condition.name, project)}"
        case Saw():
            return _saw(condition, project, holds=holds)
        case Answered():
            return _answered(condition, project, holds=holds)
        case Always():
            return "always" if holds else "never"
        case And() | Or() | Not() | NoneOf() | InSegment():
            return explain_condition(condition, project, holds=holds).text
        case _:
            assert_never(condition)


def event_words(ref: EventRef) -> str:
    """`“Purchase” with amount more than 100`."""
    if ref.where is None:
        return quoted(ref.name.value)
    return f"{quoted(ref.name.value)} where {where_words(ref.where)}"


def where_words(condition: Condition, *, inner: bool = False) -> str:
    """The `where` of an event, in one line."""
    match condition:
        case And() | Or():
            word = " and " if isinstance(condition, And) else " or "
            joined = word.join(where_words(term, inner=True) for term in condition.terms)
            return f"({joined})" if inner else joined
        case NoneOf():
            return "none of " + ", ".join(where_words(term, inner=True) for term in condition.terms)
        case Not():
            return f"not ({where_words(condition.term)})"
        case Comparison():
            return _comparison(condition, holds=True)
        case _:
            return ""


def _unless(holds: bool) -> str:
    return "" if holds else "it is not so that "


def _comparison(condition: Comparison, *, holds: bool) -> str:
    operator, subject = condition.operator, path_words(condition.subject)
    opposite = OPERATORS[operator].opposite
    if not holds and opposite is not None:
        operator, holds = opposite, True
    words = comparison_words(operator, condition.operands, ignoring_case=condition.ignoring_case)
    return f"{_unless(holds)}{subject} {words}"


def _anyone(condition: Did, project: RuleProject, *, holds: bool) -> str:
    if holds or condition.count is not None or condition.on_days or condition.negated:
        return _did(condition, project, holds=holds, who="somebody of the account")
    return _did(condition, project, holds=True, who="nobody of the account")


def _did(condition: Did, project: RuleProject, *, holds: bool, who: str) -> str:
    done, window = event_words(condition.event), window_words(condition.window, project)
    if condition.count is None and not condition.on_days:
        if holds:
            return f"{who} did {done}{window}"
        return f"{who} did not do {done}{window}" if window else f"{who} never did {done}"
    often = count_words(condition.count, days=condition.on_days)
    return f"{_unless(holds)}{who} did {done} {often}{window}"


def _sequence(condition: DidSequence | DidDirectly, project: RuleProject, *, holds: bool) -> str:
    word = " then " if isinstance(condition, DidSequence) else " directly followed by "
    chain = word.join(event_words(each) for each in condition.events)
    within = ""
    if isinstance(condition, DidSequence) and condition.within is not None:
        within = f" within {duration_words(condition.within)}"
    elif isinstance(condition, DidDirectly):
        within = " in one session"
    return f"{_unless(holds)}they did {chain}{within}{window_words(condition.window, project)}"


_AGGREGATES = {
    Aggregation.SUM: "the sum of",
    Aggregation.HIGHEST: "the highest",
    Aggregation.LOWEST: "the lowest",
    Aggregation.AVERAGE: "the average",
    Aggregation.DISTINCT: "the number of different values of",
}


def _aggregate(condition: Aggregate, project: RuleProject, *, holds: bool) -> str:
    of = f"{_AGGREGATES[condition.aggregation]} {plain(condition.property.text)} in {event_words(condition.event)}"
    window = window_words(condition.window, project)
    return f"{_unless(holds)}{of}{window} {comparison_words(condition.operator, condition.operands)}"


def _saw(condition: Saw, project: RuleProject, *, holds: bool) -> str:
    what = "any survey" if condition.name is None else called(condition.name, project)
    window = window_words(condition.window, project)
    if condition.count is None:
        return f"they {'saw' if holds else 'did not see'} {what}{window}"
    return f"{_unless(holds)}they saw {what} {count_words(condition.count)}{window}"


def _answered(condition: Answered, project: RuleProject, *, holds: bool) -> str:
    survey = called(condition.survey, project)
    if condition.question is None:
        return f"they have {'' if holds else 'not '}answered {survey}"
    question = plain(condition.question.text)
    if condition.operator is None:
        return f"they have {'' if holds else 'not '}answered {question} of {survey}"
    operator = condition.operator
    opposite = OPERATORS[operator].opposite
    if not holds and opposite is not None:
        operator, holds = opposite, True
    words = comparison_words(operator, condition.operands, ignoring_case=condition.ignoring_case)
    return f"{_unless(holds)}their answer to {question} of {survey} {words}"


def called(name: Name, project: RuleProject) -> str:
    """A guide, survey or journey by its label, in quotes."""
    declared = project.guides.get(name.text) or project.journeys.get(name.text)
    label = declared.label.value if declared is not None and declared.label is not None else plain(name.text)
    return quoted(label)
