"""Random programs: hypothesis strategies for every kind of node of the language.

The programs are such that they can be written and read again; what their names mean is not looked at. `conditions()`
and `programs()` are what most tests want.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from dsl import nodes as n
from dsl.diagnostics import Span
from dsl.feelings import FEELINGS
from dsl.operators import OPERATORS, Operator, Shape
from dsl.terminals import GRAMMAR_FILE, keyword_terminals, phrase_of
from dsl.values import UNITS, Kind, ValueType, from_datetime

SPAN = Span("generated.way", 0, 0, 1, 1)

WORDS = sorted(
    {word for terminal in keyword_terminals(GRAMMAR_FILE.read_text()) for word in phrase_of(terminal).split()}
    | {word for spelling in OPERATORS for word in spelling.split() if word.isalpha()}
    | {"text", "number", "time", "version", "email", "chat", "stars", "monday", "weekdays", "days", "times", "ago"}
)
"""Every word of the language: all of them are tried as names."""


def node(kind: type[Any], /, **fields: Any) -> st.SearchStrategy[Any]:
    return st.builds(kind, span=st.just(SPAN), **fields)


def tuples(of: st.SearchStrategy[Any], low: int = 0, high: int = 3) -> st.SearchStrategy[Any]:
    return st.lists(of, min_size=low, max_size=high).map(tuple)


# Names and values

plain_names = st.from_regex(r"\A[a-z_$][a-z0-9_]{0,8}\Z")
any_names = (
    st.sampled_from(WORDS)
    | plain_names
    | st.sampled_from(
        ("firstName", "Company Size", "été", "$shown", "a.b", "2fa", "verify-help", "#x", '"', "{", "true")
    )
)
names = node(n.Name, text=any_names)
paths = tuples(any_names, 1, 3).map(lambda parts: n.Path(parts, span=SPAN))
places = node(n.PlaceRef, journey=names, place=names)

# Control characters are no part of a file of rules (WP027).
visible = st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\t")
any_text = st.text(visible, max_size=20) | st.sampled_from(
    ("Domain Verified", 'a "quote"', "a\\b", "two\nlines", "tab\t", "# no comment", '{{ name | "there" }}', "{{{ x }}")
)
texts = node(n.TextLiteral, value=any_text)
long_texts = node(
    n.TextLiteral,
    value=any_text | st.lists(any_text | st.sampled_from(("", "  indented", "- item")), max_size=4).map("\n".join),
)
numbers = node(
    n.NumberLiteral,
    value=st.integers(-(10**12), 10**12)
    | st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 4) + 0.0).filter(lambda x: str(x) != "-0.0"),
)
counts = st.integers(0, 1000) | st.sampled_from((1, 2))
percents = st.integers(0, 100) | st.sampled_from((0.5, 12.25, 99.99))
durations = node(n.DurationLiteral, amount=st.integers(1, 500), unit=st.sampled_from(sorted(UNITS)))
days = st.dates(date(1000, 1, 1), date(9999, 12, 31)).map(
    lambda day: n.DayLiteral(day.year, day.month, day.day, span=SPAN)
)


def _time(moment: datetime) -> n.TimeLiteral:
    aware = moment.replace(tzinfo=UTC)
    return n.TimeLiteral(from_datetime(aware), aware.isoformat().replace("+00:00", "Z"), span=SPAN)


times = st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1)).map(_time)  # noqa: DTZ001
moments = days | times
versions = node(n.VersionLiteral, text=any_text)
patterns = node(n.PatternLiteral, text=st.sampled_from((r".+@corp\..+", "^/a/b$", "#\\d+", '"', "{x}", " ")))
yes_no = node(n.YesNoLiteral, value=st.booleans())
shares = node(n.ShareOf, percent=percents, of=paths)
values = texts | numbers | yes_no | moments | versions | patterns | shares


def _tested(operator: Operator, of: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    match operator.shape:
        case Shape.NOTHING:
            operands = st.just(())
        case Shape.VALUE:
            operands = tuples(of, 1, 1)
        case Shape.VALUES:
            operands = tuples(of, 1, 3)
        case Shape.RANGE:
            operands = tuples(values, 2, 2)
        case Shape.DURATION:
            operands = tuples(durations, 1, 1)
        case Shape.MOMENT:
            operands = tuples(moments, 1, 1)
    can_ignore = operator.shape in {Shape.VALUE, Shape.VALUES}
    return st.fixed_dictionaries(
        {
            "operator": st.just(operator.name),
            "operands": operands,
            "ignoring_case": st.booleans() if can_ignore else st.just(False),
        }
    )


def comparing(of: st.SearchStrategy[Any] = values, *, shapes: set[Shape] | None = None) -> st.SearchStrategy[Any]:
    """An operator with operands that fit its shape."""
    fitting = [operator for operator in OPERATORS.values() if shapes is None or operator.shape in shapes]
    return st.sampled_from(fitting).flatmap(lambda operator: _tested(operator, of))


def _compared(subject: n.Path, test: dict[str, Any]) -> n.Comparison:
    return n.Comparison(subject, **test, span=SPAN)


comparisons = st.builds(_compared, paths, comparing())


def _plain(test: dict[str, Any]) -> tuple[str, Any]:
    return test["operator"], test["operands"]


plain_tests = comparing().filter(lambda test: not test["ignoring_case"])
time_tests = comparing(shapes={Shape.DURATION, Shape.MOMENT})


# and, or, not


def _joined(kind: Any, of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Two or three terms, none of which is itself joined by the same word."""
    terms = of.filter(lambda term: not (isinstance(term, kind) and not term.block))
    return tuples(terms, 2, 3).map(lambda joined: kind(joined, span=SPAN))


def combined(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Leaves joined by and, or, not, and in blocks."""

    def larger(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return (
            _joined(n.And, of)
            | _joined(n.Or, of)
            | node(n.Not, term=of)
            | tuples(of, 1, 3).map(lambda terms: n.And(terms, block=True, span=SPAN))
            | tuples(of, 1, 3).map(lambda terms: n.Or(terms, block=True, span=SPAN))
            | tuples(of, 1, 3).map(lambda terms: n.NoneOf(terms, span=SPAN))
        )

    return st.recursive(leaves, larger, max_leaves=5)


wheres = combined(comparisons)
events = node(n.EventRef, name=texts, where=st.none() | wheres)


# Conditions

count_words = [word for word in n.CountWord if word is not n.CountWord.BETWEEN]
count_tests = node(n.CountTest, word=st.sampled_from(count_words), low=counts, high=st.none()) | node(
    n.CountTest, word=st.just(n.CountWord.BETWEEN), low=counts, high=counts
)
in_lasts = node(n.InLast, duration=durations)
windows = (
    in_lasts | node(n.SinceEvent, event=texts) | node(n.SinceStep, place=places) | node(n.SinceMoment, moment=moments)
)
some_window = st.none() | windows


@st.composite
def dids(draw: st.DrawFn, *, negated: bool | None = None) -> n.Did:
    count = draw(st.none() | count_tests)
    return n.Did(
        draw(events),
        count,
        draw(some_window),
        draw(st.booleans()) if negated is None else negated,
        count is not None and draw(st.booleans()),
        span=SPAN,
    )


@st.composite
def did_whens(draw: st.DrawFn) -> n.DidWhen:
    operator, operands = _plain(draw(time_tests))
    return n.DidWhen(draw(st.sampled_from(n.Edge)), draw(events), operator, operands, span=SPAN)


@st.composite
def aggregates(draw: st.DrawFn) -> n.Aggregate:
    operator, operands = _plain(draw(plain_tests))
    aggregation = draw(st.sampled_from(n.Aggregation))
    return n.Aggregate(aggregation, draw(names), draw(events), draw(some_window), operator, operands, span=SPAN)


@st.composite
def answers(draw: st.DrawFn) -> n.Answered:
    question = draw(st.none() | names)
    if question is None or draw(st.booleans()):
        return n.Answered(draw(names), question, span=SPAN)
    test = draw(comparing(values | node(n.OtherChoice, name=any_names)))
    return n.Answered(draw(names), question, **test, span=SPAN)


leaves = st.one_of(
    comparisons,
    node(n.Always),
    dids(),
    node(n.DidSequence, events=tuples(events, 2, 4), within=st.none() | durations, window=some_window),
    node(n.DidDirectly, events=tuples(events, 2, 4), window=some_window),
    node(n.DidWithout, event=events, absent=events, within=durations),
    did_whens(),
    aggregates(),
    st.builds(
        lambda window, test: n.DaysActive(window, *_plain(test), span=SPAN),
        in_lasts,
        plain_tests,
    ),
    node(n.AnyoneInAccount, did=dids(negated=False)),
    node(n.AtPlace, place=places),
    node(n.Reached, place=places),
    node(n.Completed, name=names),
    node(n.StuckAt, place=places, duration=durations),
    node(n.ReturnedTo, place=places, count=st.none() | count_tests),
    st.builds(lambda place, test: n.FrictionAt(place, *_plain(test), span=SPAN), places, plain_tests),
    node(
        n.Felt,
        feelings=tuples(st.sampled_from(sorted(FEELINGS)).map(lambda word: n.Name(word, span=SPAN)), 1, 3),
        place=places,
        window=some_window,
    ),
    answers(),
    node(n.Saw, name=st.none() | names, count=st.none() | count_tests, window=some_window),
    node(n.Dismissed, name=names),
    node(n.InSegment, name=names),
)
"""Every kind of condition that holds no other."""


def conditions() -> st.SearchStrategy[n.Condition]:
    """Conditions of every kind."""
    return combined(leaves)


# Content

buttons = node(
    n.Button,
    text=texts,
    action=node(n.OpensUrl, url=texts)
    | node(n.Completes)
    | node(n.Dismisses)
    | node(n.Snoozes, duration=durations)
    | node(n.StartsGuide, guide=names)
    | node(n.TracksEvent, event=texts),
)
actions = st.none() | node(n.OpensUrl, url=texts) | node(n.StartsGuide, guide=names) | node(n.Completes)
thanks = node(n.Thanks, text=texts)
translations = node(
    n.Translation,
    language=texts,
    entries=tuples(
        node(n.Title, text=texts)
        | node(n.Body, text=long_texts)
        | thanks
        | node(n.TranslatedButton, number=st.integers(1, 9), text=texts)
        | node(n.TranslatedItem, number=st.integers(1, 9), text=texts)
        | node(
            n.TranslatedQuestion,
            question=names,
            text=st.none() | texts,
            choices=tuples(st.tuples(texts, texts)),
        )
        | node(n.TranslatedOther, text=texts)
        | node(n.TranslatedAlt, text=texts)
    ),
)
items = (
    node(n.Title, text=texts)
    | node(n.Body, text=long_texts)
    | node(n.Image, url=texts, alt=texts)
    | node(n.Video, url=texts)
    | buttons
    | st.deferred(lambda: node(n.ChecklistItem, text=texts, done_when=conditions(), action=actions))
    | translations
)
tour_steps = node(n.TourStep, selector=st.none() | texts, page=st.none() | texts, content=tuples(items))
shows = node(
    n.Show,
    widget=any_names,
    selector=st.none() | texts,
    side=st.sampled_from((None, "top", "bottom")),
    content=tuples(items | tour_steps),
)
frames = node(
    n.Show,
    widget=any_names,
    selector=st.none() | texts,
    side=st.sampled_from((None, "top", "bottom")),
    is_frame=st.just(True),
)
jumps = st.none() | node(n.EndsSurvey) | node(n.AsksNext, question=names)
choices = node(
    n.Choice, text=texts, id=st.none() | names, feels=st.none() | names, then=jumps, is_other=st.just(False)
) | node(n.Choice, text=st.none(), id=st.none(), feels=st.none() | names, then=jumps, is_other=st.just(True))
answer_conditions = combined(st.builds(_compared, paths, comparing(values | node(n.OtherChoice, name=any_names))))


@st.composite
def questions(draw: st.DrawFn) -> n.Question:
    at_most = draw(st.none() | st.integers(1, 500))
    scales = node(
        n.Scale,
        low=st.integers(0, 10),
        high=st.integers(0, 10),
        style=st.sampled_from((None, "stars", "numbers", "faces")),
    )
    return n.Question(
        draw(any_names),
        draw(names),
        draw(texts),
        draw(st.none() | scales),
        at_most,
        at_most is not None and draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.none() | answer_conditions),
        draw(jumps),
        draw(tuples(choices)),
        span=SPAN,
    )


# Clauses

weekdays = st.sets(st.integers(1, 7), min_size=1).map(lambda chosen: tuple(sorted(chosen)))
clocks = st.integers(0, 24 * 60 - 1)
frequencies = st.one_of(
    node(n.Frequency, at_most=st.just(1)),
    node(n.Frequency, every=durations, at_most=st.none() | counts),
    node(n.Frequency, at_most=counts, per=st.none() | durations),
    node(n.Frequency, until=st.sampled_from(n.Ending)),
)
clauses = st.one_of(
    node(n.At, places=tuples(places, 1)),
    node(n.OnEvent, event=events, first=st.booleans()),
    node(n.OnPage, pattern=texts),
    node(n.OnSessionStart),
    node(n.For, segments=tuples(names, 1)),
    node(n.When, condition=conditions()),
    node(n.Unless, condition=conditions()),
    node(
        n.Wait,
        until=node(n.IdleFor, duration=durations)
        | node(n.ElementVisible, selector=texts, duration=st.none() | durations)
        | node(n.Scrolled, percent=percents)
        | node(n.ExitIntent)
        | node(n.OnPageFor, duration=durations)
        | node(n.Elapsed, duration=durations),
    ),
    shows,
    frames,
    node(n.Variant, name=names, percent=percents, show=shows),
    questions(),
    thanks,
    translations,
    frequencies,
    node(n.Priority, value=st.integers(0, 100)),
    node(n.NotWith, guides=tuples(names, 1)),
    node(n.Rollout, percent=percents),
    node(n.Sample, percent=percents),
    node(n.Holdout, percent=percents),
    node(n.Goal, event=events, within=durations),
    node(n.From, moment=moments),
    node(n.Expires, moment=moments),
    node(n.OnlyOn, days=weekdays),
    node(n.OnlyBetween, start=clocks, end=clocks),
    node(n.StopAfter, responses=st.integers(1, 10**6)),
    node(n.Draft),
    node(n.Paused),
    node(n.Testers, segment=names),
)


# Declarations

types = st.sampled_from([ValueType(kind) for kind in Kind if kind is not Kind.ONE_OF]) | st.lists(
    any_text, min_size=1, max_size=3, unique=True
).map(lambda allowed: ValueType(Kind.ONE_OF, tuple(allowed)))
labels = st.none() | texts
literals = texts | numbers | yes_no | moments | versions
phases = st.none() | node(
    n.TextLiteral,
    value=st.sampled_from(("onboarding", "first value", "advanced usage", "after all", "Phase 1", "a  b")),
)
steps = node(
    n.Step,
    name=names,
    label=labels,
    reached_by=tuples(events),
    attempted_by=tuples(events),
    touchpoints=tuples(node(n.Touchpoint, text=texts, channel=st.none() | st.sampled_from(n.Channel))),
    expect_within=st.none() | durations,
)
whats = st.sampled_from(("guide", "survey", "tooltip", "modal", "banner"))
declarations = st.one_of(
    node(
        n.Attribute,
        name=names,
        type=types,
        of_account=st.booleans(),
        source=st.none() | texts,
        default=st.none() | literals,
    ),
    node(
        n.EventDeclaration,
        name=texts,
        properties=tuples(node(n.Property, name=names, type=types)),
        click=st.none() | node(n.ClickSource, selector=texts, page=st.none() | texts),
    ),
    node(
        n.Journey,
        name=names,
        label=labels,
        stages=tuples(node(n.Stage, name=names, label=labels, steps=tuples(steps), phase=phases)),
        outcomes=tuples(events),
        gives_up_after=st.none() | durations,
    ),
    node(n.Feature, name=names, label=labels, used_by=tuples(events, 1), audience=tuples(names)),
    node(n.Segment, name=names, label=labels, where=conditions(), is_persona=st.booleans()),
    node(
        n.Limits,
        limits=tuples(
            node(n.AtMost, number=counts, what=whats, per=durations | st.just(n.PerSession.SESSION))
            | node(n.AtLeastBetween, duration=durations, what=whats)
        ),
    ),
    node(
        n.Record,
        at=st.none() | node(n.At, places=tuples(places, 1)),
        audience=st.none() | node(n.For, segments=tuples(names, 1)),
        sample=st.none() | node(n.Sample, percent=percents),
    ),
    node(n.Guide, kind=st.sampled_from(n.GuideKind), name=names, label=labels, clauses=tuples(clauses, 0, 6)),
    node(n.Import, file=texts),
)


def programs() -> st.SearchStrategy[n.Program]:
    """Whole files with declarations of every kind."""
    return node(n.Program, declarations=tuples(declarations, 0, 4))


COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
