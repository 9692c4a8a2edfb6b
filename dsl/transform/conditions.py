"""From the words of a condition to its node."""

from __future__ import annotations

from typing import Any, NamedTuple

from lark import Token

from dsl.codes import syntax
from dsl.limits import TERM_LIMIT, terms_exceeded
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
    DurationLiteral,
    Edge,
    EventRef,
    Felt,
    FrictionAt,
    InLast,
    InSegment,
    Node,
    NoneOf,
    Not,
    Operand,
    Or,
    OtherChoice,
    Reached,
    ReturnedTo,
    Saw,
    SinceEvent,
    SinceMoment,
    SinceStep,
    StuckAt,
    Window,
)
from dsl.operators import OPERATORS
from dsl.terminals import OPERATOR_SPELLINGS
from dsl.transform.literals import Children, LiteralBuilder


class Test(NamedTuple):
    """What stands after the subject of a comparison."""

    operator: str
    operands: tuple[Any, ...]
    ignoring_case: bool
    last: Token | Node


class Times(NamedTuple):
    """`3 times`, `once`: the number and its last word."""

    number: int
    last: Token


class Tally(NamedTuple):
    """How often, in events or in days, and the last word of it."""

    test: CountTest
    on_days: bool


def _words(token: Token) -> str:
    return " ".join(token.split())


class ConditionBuilder(LiteralBuilder):
    """Makes conditions of words."""

    # and, or, not

    def group(self, children: Children) -> Condition:
        condition: Condition = children[1]
        return condition

    def or_terms(self, children: Children) -> Or:
        terms = self._flat(children[::2], Or)
        return Or(terms, span=self.span(children[0], children[-1]))

    def and_terms(self, children: Children) -> And:
        terms = self._flat(children[::2], And)
        return And(terms, span=self.span(children[0], children[-1]))

    def _flat(self, terms: Children, kind: type[And] | type[Or] | None) -> tuple[Condition, ...]:
        flat: list[Condition] = []
        for term in terms:
            if kind is not None and isinstance(term, kind) and not term.block:
                flat.extend(term.terms)
            else:
                flat.append(term)
        if len(flat) > TERM_LIMIT:
            self.diagnostics.append(terms_exceeded(self.span(flat[TERM_LIMIT], flat[-1])))
            return tuple(flat[:TERM_LIMIT])
        return tuple(flat)

    def not_term(self, children: Children) -> Not:
        word, term = children
        return Not(term, span=self.span(word, term))

    def all_of(self, children: Children) -> And:
        return And(self._flat(children[2:-1], None), block=True, span=self.span(children[0], children[-1]))

    def any_of(self, children: Children) -> Or:
        return Or(self._flat(children[2:-1], None), block=True, span=self.span(children[0], children[-1]))

    def none_of(self, children: Children) -> NoneOf:
        return NoneOf(self._flat(children[2:-1], None), span=self.span(children[0], children[-1]))

    def always(self, children: Children) -> Always:
        return Always(span=self.span(children[0], children[0]))

    # Comparisons

    def comparison(self, children: Children) -> Comparison:
        path, test = children
        return Comparison(
            self.path(path),
            test.operator,
            test.operands,
            test.ignoring_case,
            span=self.span(path, test.last),
        )

    def test_nothing(self, children: Children) -> Test:
        return Test(self._operator(children[0]), (), False, children[0])

    def test_value(self, children: Children) -> Test:
        operator, value, ignoring = children
        return Test(self._operator(operator), (value,), ignoring is not None, value if ignoring is None else ignoring)

    def test_values(self, children: Children) -> Test:
        *_, last, ignoring = children
        operator = self._operator(children[0])
        return Test(operator, tuple(children[1:-1:2]), ignoring is not None, last if ignoring is None else ignoring)

    def test_range(self, children: Children) -> Test:
        operator, low, _, high = children
        return Test(self._operator(operator), (low, high), False, high)

    def test_duration(self, children: Children) -> Test:
        token, length, suffix = children
        name = self._operator(token)
        wanted = OPERATORS[name].suffix
        if (suffix if suffix is None else _words(suffix)) != wanted:
            self._suffix(token, length, suffix, wanted)
        duration = self.duration(length)
        return Test(name, (duration,), False, duration if suffix is None else suffix)

    def test_moment(self, children: Children) -> Test:
        operator, moment = children
        return Test(self._operator(operator), (moment,), False, moment)

    def _operator(self, token: Token) -> str:
        return OPERATOR_SPELLINGS[str(token)] if token in OPERATOR_SPELLINGS else OPERATOR_SPELLINGS[_words(token)]

    def _suffix(self, token: Token, length: Token, suffix: Token | None, wanted: str | None) -> None:
        written = f"{_words(token)} {_words(length)}"
        wrong = (
            f"`{wanted}` is missing after `{written}`" if wanted else f"`{suffix}` does not go with `{_words(token)}`"
        )
        right = f"{written} {wanted}" if wanted else written
        span = self.span(token, length if suffix is None else suffix)
        self.diagnostics.append(syntax.AGO.at(span, wrong, help=f"write `{right}`", fix=right))

    # What a user did

    def event_open(self, children: Children) -> EventRef:
        name, word, where = children
        return EventRef(self.literal_text(name), where, span=self.span(name, name if word is None else where))

    def did(self, children: Children) -> Did:
        return self._did(children, negated=False)

    def did_not(self, children: Children) -> Did:
        return self._did(children, negated=True)

    def _did(self, children: Children, *, negated: bool) -> Did:
        word, event, tally, window = children
        return Did(
            event,
            None if tally is None else tally.test,
            window,
            negated,
            tally is not None and tally.on_days,
            span=self.span(word, window or (tally and tally.test) or event),
        )

    def sequence(self, children: Children) -> DidSequence:
        *chain, within, window = children
        events = tuple(chain[1::2])
        last = window or within or events[-1]
        return DidSequence(events, within, window, span=self.span(chain[0], last))

    def within(self, children: Children) -> DurationLiteral:
        return self.duration(children[1])

    def directly(self, children: Children) -> DidDirectly:
        *chain, session, window = children
        return DidDirectly(tuple(chain[1::2]), window, span=self.span(chain[0], window or session))

    def without(self, children: Children) -> DidWithout:
        word, event, _, absent, _, length = children
        return DidWithout(event, absent, self.duration(length), span=self.span(word, length))

    def first_did(self, children: Children) -> DidWhen:
        return self._did_when(Edge.FIRST, children)

    def last_did(self, children: Children) -> DidWhen:
        return self._did_when(Edge.LAST, children)

    def _did_when(self, edge: Edge, children: Children) -> DidWhen:
        word, event, test = children
        return DidWhen(edge, event, test.operator, test.operands, span=self.span(word, test.last))

    def aggregate(self, children: Children) -> Aggregate:
        word, prop, _, event, window, test = children
        return Aggregate(
            Aggregation(_words(word)),
            self.name(prop),
            event,
            window,
            test.operator,
            test.operands,
            span=self.span(word, test.last),
        )

    def days_active(self, children: Children) -> DaysActive:
        word, window, test = children
        return DaysActive(window, test.operator, test.operands, span=self.span(word, test.last))

    def anyone(self, children: Children) -> AnyoneInAccount:
        did = self._did(children[1:], negated=False)
        return AnyoneInAccount(did, span=self.span(children[0], did))

    # Counts and windows

    def times(self, children: Children) -> Times:
        word = children[0]
        if word.type == "NUMBER":
            return Times(self.whole(word), children[1])
        return Times(1 if word.type == "ONCE" else 2, word)

    def count(self, children: Children) -> Tally:
        word, times = children
        test = CountTest(CountWord(_words(word)), times.number, span=self.span(word, times.last))
        return Tally(test, on_days=False)

    def count_between(self, children: Children) -> Tally:
        word, low, _, high, last = children
        return Tally(self._range(word, low, high, last), on_days=False)

    def on_days(self, children: Children) -> Tally:
        word, number, last = children
        test = CountTest(CountWord(_words(word).removeprefix("on ")), self.whole(number), span=self.span(word, last))
        return Tally(test, on_days=True)

    def on_days_between(self, children: Children) -> Tally:
        word, low, _, high, last = children
        return Tally(self._range(word, low, high, last), on_days=True)

    def _range(self, word: Token, low: Token, high: Token, last: Token) -> CountTest:
        return CountTest(CountWord.BETWEEN, self.whole(low), self.whole(high), span=self.span(word, last))

    def in_last(self, children: Children) -> InLast:
        word, length = children
        return InLast(self.duration(length), span=self.span(word, length))

    def since_event(self, children: Children) -> SinceEvent:
        word, name = children
        return SinceEvent(self.literal_text(name), span=self.span(word, name))

    def since_step(self, children: Children) -> SinceStep:
        word, place = children
        return SinceStep(self.place(place), span=self.span(word, place))

    def since_moment(self, children: Children) -> SinceMoment:
        word, moment = children
        return SinceMoment(moment, span=self.span(word, moment))

    # Journeys, guides, segments

    def at_place(self, children: Children) -> AtPlace:
        word, place = children
        return AtPlace(self.place(place), span=self.span(word, place))

    def reached(self, children: Children) -> Reached:
        word, place = children
        return Reached(self.place(place), span=self.span(word, place))

    def completed(self, children: Children) -> Completed:
        word, name = children
        return Completed(self.name(name), span=self.span(word, name))

    def stuck(self, children: Children) -> StuckAt:
        word, place, _, length = children
        return StuckAt(self.place(place), self.duration(length), span=self.span(word, length))

    def returned(self, children: Children) -> ReturnedTo:
        word, place, tally = children
        count = None if tally is None else tally.test
        return ReturnedTo(self.place(place), count, span=self.span(word, count or place))

    def friction(self, children: Children) -> FrictionAt:
        word, place, test = children
        return FrictionAt(self.place(place), test.operator, test.operands, span=self.span(word, test.last))

    def felt(self, children: Children) -> Felt:
        *words, place, window = children
        return Felt(self.names(words[1:-1]), self.place(place), window, span=self.span(words[0], window or place))

    def answered(self, children: Children) -> Answered:
        word, path, test = children
        parts = self.parts(path)
        wrong = len(parts) > 2 or (test is not None and len(parts) == 1)
        if wrong:
            survey = parts[0].text
            self.diagnostics.append(
                syntax.QUESTION_NAME.at(
                    self.span(path, path),
                    "the question is missing" if len(parts) == 1 else "a survey and one of its questions belong here",
                    help=f"write the survey, a dot and the question's id: `answered {survey}.ease <= 3`",
                )
            )
        span = self.span(word, path if test is None else test.last)
        if test is None or wrong:
            return Answered(parts[0], parts[1] if len(parts) > 1 else None, span=span)
        operands: tuple[Operand | OtherChoice, ...] = test.operands
        return Answered(parts[0], parts[1], test.operator, operands, test.ignoring_case, span=span)

    def saw(self, children: Children) -> Saw:
        word, name, tally, window = children
        return self._saw(word, name, tally, window, named=True)

    def saw_any(self, children: Children) -> Saw:
        word, any_survey, tally, window = children
        return self._saw(word, any_survey, tally, window, named=False)

    def _saw(self, word: Token, name: Token, tally: Tally | None, window: Window | None, *, named: bool) -> Saw:
        count = None if tally is None else tally.test
        last = window or count or name
        return Saw(self.name(name) if named else None, count, window, span=self.span(word, last))

    def dismissed(self, children: Children) -> Dismissed:
        word, name = children
        return Dismissed(self.name(name), span=self.span(word, name))

    def in_segment(self, children: Children) -> InSegment:
        word, name = children
        return InSegment(self.name(name), span=self.span(word, name))
