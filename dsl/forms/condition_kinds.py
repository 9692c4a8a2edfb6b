"""The kinds of conditions that a form draws."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dsl.formatter.words import dotted, name, path, place
from dsl.forms.compound import count_of, test_of, window_of
from dsl.forms.kinds import Field, Place, RowKind
from dsl.forms.values import Sort
from dsl.nodes import (
    Aggregate,
    Aggregation,
    Always,
    Answered,
    AnyoneInAccount,
    AtPlace,
    Comparison,
    Completed,
    DaysActive,
    Did,
    DidDirectly,
    DidSequence,
    DidWhen,
    DidWithout,
    Dismissed,
    Edge,
    Felt,
    FrictionAt,
    InSegment,
    Reached,
    ReturnedTo,
    Saw,
    StuckAt,
)

_PLACE = Field("place", Sort.PLACE, "Step", take=lambda node: place(node.place), names="places")
_STEP = Field("place", Sort.PLACE, "Step", take=lambda node: place(node.place), names="steps")
_EVENT = Field("event", Sort.EVENT, "Event", names="events")
_EVENTS = Field("events", Sort.EVENTS, "Events, one after the other", names="events")
_WINDOW = Field("window", Sort.WINDOW, "In which time", take=lambda node: window_of(node.window), optional=True)
_COUNT = Field("count", Sort.COUNT, "How often", take=lambda node: count_of(node.count), optional=True)
_TEST = Field("test", Sort.TEST, "is", take=test_of)
_WITHIN = Field("within", Sort.DURATION, "Within", optional=True)
_LAST = {"since": "last", "value": {"amount": 7, "unit": "day"}}
_ONCE = {"name": "", "where": None}
_DAY = {"amount": 1, "unit": "day"}


def _did(node: object) -> str:
    return "did not" if isinstance(node, Did) and node.negated else "did"


_DID = (
    Field("did", Sort.OPTION, "They", take=_did, options=("did", "did not")),
    _EVENT,
    Field(
        "count",
        Sort.COUNT,
        "How often",
        take=lambda node: count_of(node.count, on_days=node.on_days),
        optional=True,
    ),
    _WINDOW,
)
_C = Place.CONDITION

CONDITIONS: Final = (
    RowKind(
        "compare",
        "What is known of them",
        _C,
        Comparison,
        "{subject} {test}",
        (Field("subject", Sort.PATH, "What", take=lambda node: path(node.subject), names="attributes"), _TEST),
        starts={"subject": "", "test": {"operator": "is", "operands": [], "ignoring_case": False}},
    ),
    RowKind(
        "did",
        "What they did",
        _C,
        Did,
        "{did} {event}[ {count}][ {window}]",
        _DID,
        starts={"did": "did", "event": _ONCE, "count": None, "window": None},
    ),
    RowKind(
        "sequence",
        "What they did, one after the other",
        _C,
        DidSequence,
        "did {events}[ within {within}][ {window}]",
        (_EVENTS, _WITHIN, _WINDOW),
        negates=True,
        starts={"events": [_ONCE, _ONCE], "within": None, "window": None},
    ),
    RowKind(
        "directly",
        "What they did, one directly after the other in a session",
        _C,
        DidDirectly,
        "did {events} in one session[ {window}]",
        (Field("events", Sort.EVENTS, "Events, one after the other", names="events", hint="directly"), _WINDOW),
        negates=True,
        starts={"events": [_ONCE, _ONCE], "window": None},
    ),
    RowKind(
        "without",
        "What they did, and not another thing after it",
        _C,
        DidWithout,
        "did {event} and not {absent} within {within}",
        (
            _EVENT,
            Field("absent", Sort.EVENT, "And not", names="events"),
            Field("within", Sort.DURATION, "Within"),
        ),
        negates=True,
        starts={"event": _ONCE, "absent": _ONCE, "within": _DAY},
    ),
    RowKind(
        "did when",
        "When they did it first, or last",
        _C,
        DidWhen,
        "{edge} did {event} {test}",
        (
            Field(
                "edge",
                Sort.OPTION,
                "Which",
                take=lambda node: node.edge.value,
                options=tuple(each.value for each in Edge),
            ),
            _EVENT,
            Field("test", Sort.TEST, "was", take=test_of, hint="time"),
        ),
        negates=True,
        starts={
            "edge": "last",
            "event": _ONCE,
            "test": {"operator": "more than", "operands": [{"as": "duration", "value": _DAY}], "ignoring_case": False},
        },
    ),
    RowKind(
        "aggregate",
        "A figure of what they did",
        _C,
        Aggregate,
        "{aggregation} {property} in {event}[ {window}] {test}",
        (
            Field(
                "aggregation",
                Sort.OPTION,
                "The",
                take=lambda node: node.aggregation.value,
                options=tuple(each.value for each in Aggregation),
            ),
            Field("property", Sort.NAME, "Property", take=lambda node: name(node.property.text), names="properties"),
            _EVENT,
            _WINDOW,
            Field("test", Sort.TEST, "is", take=test_of, hint="number"),
        ),
        negates=True,
        starts={
            "aggregation": "sum of",
            "property": "",
            "event": _ONCE,
            "window": _LAST,
            "test": {"operator": ">=", "operands": [{"as": "number", "value": 1}], "ignoring_case": False},
        },
    ),
    RowKind(
        "days active",
        "On how many days they came",
        _C,
        DaysActive,
        "days active {window} {test}",
        (
            Field("window", Sort.WINDOW, "In which time", take=lambda node: window_of(node.window), hint="last"),
            Field("test", Sort.TEST, "is", take=test_of, hint="number"),
        ),
        negates=True,
        starts={
            "window": _LAST,
            "test": {"operator": ">=", "operands": [{"as": "number", "value": 3}], "ignoring_case": False},
        },
    ),
    RowKind(
        "anyone",
        "What anyone of their account did",
        _C,
        AnyoneInAccount,
        "anyone in account did {event}[ {count}][ {window}]",
        (
            Field("event", Sort.EVENT, "Event", take=lambda node: node.did.event, names="events"),
            Field(
                "count",
                Sort.COUNT,
                "How often",
                take=lambda node: count_of(node.did.count, on_days=node.did.on_days),
                optional=True,
            ),
            Field("window", Sort.WINDOW, "In which time", take=lambda node: window_of(node.did.window), optional=True),
        ),
        negates=True,
        starts={"event": _ONCE, "count": None, "window": None},
    ),
    RowKind("at place", "They are at a step", _C, AtPlace, "at {place}", (_PLACE,), negates=True, starts={"place": ""}),
    RowKind(
        "reached", "They reached a step", _C, Reached, "reached {place}", (_PLACE,), negates=True, starts={"place": ""}
    ),
    RowKind(
        "completed",
        "They completed a journey or a guide",
        _C,
        Completed,
        "completed {name}",
        (Field("name", Sort.NAME, "Which", take=lambda node: name(node.name.text), names="journeys and guides"),),
        negates=True,
        starts={"name": ""},
    ),
    RowKind(
        "stuck",
        "They are stuck at a step",
        _C,
        StuckAt,
        "stuck at {place} for {duration}",
        (_STEP, Field("duration", Sort.DURATION, "For")),
        negates=True,
        starts={"place": "", "duration": {"amount": 15, "unit": "minute"}},
    ),
    RowKind(
        "returned",
        "They came back to a step",
        _C,
        ReturnedTo,
        "returned to {place}[ {count}]",
        (_STEP, _COUNT),
        negates=True,
        starts={"place": "", "count": {"word": "at least", "low": 2, "high": None, "days": False}},
    ),
    RowKind(
        "friction",
        "How hard a step was for them",
        _C,
        FrictionAt,
        "friction at {place} {test}",
        (_PLACE, Field("test", Sort.TEST, "Friction, 0 to 1, is", take=test_of, hint="number")),
        negates=True,
        starts={
            "place": "",
            "test": {"operator": ">=", "operands": [{"as": "number", "value": 0.5}], "ignoring_case": False},
        },
    ),
    RowKind(
        "felt",
        "What they felt at a step",
        _C,
        Felt,
        "felt {feelings} at {place}[ {window}]",
        (Field("feelings", Sort.NAMES, "Feelings, any of", names="feelings", hint="or"), _PLACE, _WINDOW),
        negates=True,
        starts={"feelings": [], "place": "", "window": None},
    ),
    RowKind(
        "answered",
        "They answered a survey",
        _C,
        Answered,
        "answered {survey}",
        (Field("survey", Sort.NAME, "Survey", take=lambda node: name(node.survey.text), names="surveys"),),
        fits=lambda node: node.question is None,
        negates=True,
        starts={"survey": ""},
    ),
    RowKind(
        "answer",
        "What they answered to a question",
        _C,
        Answered,
        "answered {question}[ {test}]",
        (
            Field(
                "question",
                Sort.PLACE,
                "Question",
                take=lambda node: dotted(node.survey, node.question),
                names="questions",
            ),
            Field("test", Sort.TEST, "is", take=test_of, optional=True),
        ),
        fits=lambda node: node.question is not None,
        negates=True,
        starts={"question": "", "test": None},
    ),
    RowKind(
        "saw",
        "They saw a guide",
        _C,
        Saw,
        "saw {name}[ {count}][ {window}]",
        (
            Field("name", Sort.NAME, "Guide", take=lambda node: name(node.name.text), names="guides"),
            _COUNT,
            _WINDOW,
        ),
        fits=lambda node: node.name is not None,
        negates=True,
        starts={"name": "", "count": None, "window": None},
    ),
    RowKind(
        "saw any",
        "They saw any survey",
        _C,
        Saw,
        "saw any survey[ {count}][ {window}]",
        (_COUNT, _WINDOW),
        fits=lambda node: node.name is None,
        negates=True,
        starts={"count": None, "window": {"since": "last", "value": {"amount": 14, "unit": "day"}}},
    ),
    RowKind(
        "dismissed",
        "They closed a guide",
        _C,
        Dismissed,
        "dismissed {name}",
        (Field("name", Sort.NAME, "Guide", take=lambda node: name(node.name.text), names="guides"),),
        negates=True,
        starts={"name": ""},
    ),
    RowKind(
        "in segment",
        "They are in a segment",
        _C,
        InSegment,
        "in {name}",
        (Field("name", Sort.NAME, "Segment or persona", take=lambda node: name(node.name.text), names="segments"),),
        negates=True,
        starts={"name": ""},
    ),
    RowKind("always", "Everybody", _C, Always, "true"),
)
"""In the order in which they are offered."""

CONDITION_KINDS: Final[Mapping[str, RowKind]] = MappingProxyType({each.name: each for each in CONDITIONS})
