"""Conditions that can never be true, or are always true: in a condition, and in a guide as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

from dsl.analysis.consistency import Around, can_all_hold, domain_of, is_possible
from dsl.analysis.facts import Alternatives, Fact, TooMany, alternatives, both
from dsl.checker.report import Report
from dsl.checker.soundness import Soundness
from dsl.clauses import every, one, places, trigger_events, triggers
from dsl.codes import warnings
from dsl.diagnostics import Span
from dsl.nodes import (
    Always,
    And,
    Answered,
    AnyoneInAccount,
    AtPlace,
    ChecklistItem,
    Comparison,
    Condition,
    CountWord,
    Did,
    DurationLiteral,
    EventRef,
    For,
    Guide,
    InLast,
    InSegment,
    NoneOf,
    Not,
    OnEvent,
    Or,
    Question,
    ReturnedTo,
    Saw,
    Segment,
    TextLiteral,
    Unless,
    When,
)

TRIGGER_SECONDS = 301
"""A trigger is at most 5 minutes old, both ends included: it lies in the last 301 seconds."""


class Truth:
    """Looks for what can never be, and what is always so. `sound` says what has no errors and may be looked at."""

    def __init__(self, report: Report, sound: Soundness) -> None:
        self._report = report
        self._project = report.project
        self._sound = sound
        self._segments: Mapping[str, Segment] = {
            name: segment for name, segment in self._project.segments.items() if sound.of(segment)
        }

    def check_segment(self, segment: Segment) -> None:
        """The condition of a segment or persona."""
        if self._sound.of(segment):
            self._examine(segment.where, Around(self._project, on_edge=True))
            self._examine_inside(segment)

    def check_guide(self, guide: Guide) -> None:
        """Each condition of a guide, then all of them together."""
        if not self._sound.of(guide):
            return
        around = self.around(guide)
        said = False
        for clause in guide.clauses:
            if isinstance(clause, When | Unless):
                said |= self._examine(clause.condition, around)
            elif isinstance(clause, Question) and clause.condition is not None:
                said |= self._examine(clause.condition, replace(around, survey=guide))
        for item in self._report.nodes(guide):
            if isinstance(item, ChecklistItem):
                self._examine(item.done_when, Around(self._project))
        said |= self._examine_inside(guide)
        if not said:
            self._check_whole(guide, around)

    def around(self, guide: Guide) -> Around:
        """What surrounds the conditions of a guide."""
        return Around(self._project, triggers=trigger_events(guide), on_edge=bool(triggers(guide)))

    def ways(self, condition: Condition, *, holds: bool = True) -> Alternatives | None:
        """The alternatives of a condition; None if there are too many."""
        try:
            return alternatives(condition, self._segments, holds=holds)
        except TooMany:
            return None

    def guide_ways(self, guide: Guide) -> Alternatives | None:
        """The alternatives under which a guide may be shown; None if there are too many."""
        try:
            return both([alternatives(each, self._segments) for each in needed_by(guide)])
        except TooMany:
            return None

    def _examine_inside(self, declaration: Guide | Segment) -> bool:
        """The `where` of every event."""
        said = False
        for ref in self._report.nodes(declaration):
            if not isinstance(ref, EventRef) or ref.where is None:
                continue
            event = self._project.catalog.event(ref.name.value)
            if event is not None:
                said |= self._examine(ref.where, Around(self._project, properties=event.properties))
        return said

    def _examine(self, condition: Condition, around: Around) -> bool:
        """Report the smallest parts that can never be true, or are always true. True if there are any."""
        never = self._is_impossible(condition, around, holds=True)
        always = not never and self._is_impossible(condition, around, holds=False)
        parts = _parts(condition)
        said = False
        for part in parts:
            said |= self._examine(part, around)
        if said or not (never or always) or isinstance(condition, Always):
            return said
        if never:
            self._report_never(condition, around)
        elif not _counts_zero(condition):
            self._report_always(condition)
        return True

    def _is_impossible(self, condition: Condition, around: Around, *, holds: bool) -> bool:
        ways = self.ways(condition, holds=holds)
        return ways is not None and not is_possible(ways, around)

    def _report_never(self, condition: Condition, around: Around) -> None:
        ways = self.ways(condition) or ()
        reason = self._why_impossible(ways[0], around) if ways else None
        help_ = f"{reason[0]} and {reason[1]} exclude one another" if reason else _why_alone(condition, around)
        self._report.add(warnings.NEVER_TRUE.at(condition.span, "this can never be true", help=help_))

    def _report_always(self, condition: Condition) -> None:
        help_ = None
        if isinstance(condition, Or):
            help_ = "one of the parts is true whatever the value; `and` may be meant"
        message = "this is always true, whenever the values are known"
        self._report.add(warnings.ALWAYS_TRUE.at(condition.span, message, help=help_))

    def _check_whole(self, guide: Guide, around: Around) -> None:
        """The clauses of a guide may exclude one another even if each of them can be."""
        ways = self.guide_ways(guide)
        if ways is None or is_possible(ways, around):
            return
        place, help_ = guide.name.span, None
        if ways:
            culprits = self._culprits(ways[0], around)
            if culprits is not None:
                first, second = culprits
                place = second.condition.span if _is_in(second.condition.span, guide.span) else place
                help_ = f"{self._words(first)} and {self._words(second)} exclude one another"
        message = f"`{guide.name.text}` can never be shown"
        self._report.add(warnings.NEVER_TRUE.at(place, message, help=help_))

    def _why_impossible(self, facts: tuple[Fact, ...], around: Around) -> tuple[str, str] | None:
        culprits = self._culprits(facts, around)
        return None if culprits is None else (self._words(culprits[0]), self._words(culprits[1]))

    def _culprits(self, facts: tuple[Fact, ...], around: Around) -> tuple[Fact, Fact] | None:
        """Two facts that exclude one another, where it takes no more than two."""
        return next((pair for pair in combinations(facts, 2) if not can_all_hold(pair, around)), None)

    def _words(self, fact: Fact) -> str:
        span = fact.condition.span
        text = " ".join(self._project.sources.get(span.file, "")[span.start : span.end].split())
        return f"`{text}`" if fact.as_written else f"the opposite of `{text}`"


def needed_by(guide: Guide) -> list[Condition]:
    """What must be true for a guide to be shown: its clauses as conditions, and that its event has happened."""
    needed: list[Condition] = []
    if places(guide):
        at_one: list[Condition] = [AtPlace(place, span=place.span) for place in places(guide)]
        needed.append(_any(at_one))
    audience = one(guide, For)
    if audience is not None:
        needed.append(_any([InSegment(name, span=name.span) for name in audience.segments]))
    needed += [clause.condition for clause in every(guide, When)]
    needed += [Not(clause.condition, span=clause.condition.span) for clause in every(guide, Unless)]
    events = [clause for clause in triggers(guide) if isinstance(clause, OnEvent)]
    if events and len(events) == len(triggers(guide)):
        needed.append(_any([_happened(clause) for clause in events]))
    return needed


def _happened(clause: OnEvent) -> Condition:
    window = InLast(DurationLiteral(TRIGGER_SECONDS, "second", span=clause.span), span=clause.span)
    return Did(clause.event, window=window, span=clause.span)


def _any(terms: list[Condition]) -> Condition:
    return terms[0] if len(terms) == 1 else Or(tuple(terms), span=terms[0].span)


def _parts(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case And() | Or() | NoneOf():
            return condition.terms
        case Not():
            return (condition.term,)
        case _:
            return ()


def _why_alone(condition: Condition, around: Around) -> str | None:
    """Why one comparison by itself can never be true, where that can be said."""
    if not isinstance(condition, Comparison | Answered):
        return None
    if any(isinstance(each, TextLiteral) and not each.value.strip() for each in condition.operands):
        return "blank text counts as not set: ask `is not set`"
    domain = domain_of(condition, around)
    if domain is None or domain.low is None or domain.high is None:
        return None
    return f"the values go from {domain.low:g} to {domain.high:g}"


def _counts_zero(condition: Condition) -> bool:
    """True for `at least 0 times`, which has a message of its own."""
    counted = condition.did if isinstance(condition, AnyoneInAccount) else condition
    if not isinstance(counted, Did | Saw | ReturnedTo) or counted.count is None:
        return False
    return counted.count.word is CountWord.AT_LEAST and counted.count.low == 0


def _is_in(inner: Span, outer: Span) -> bool:
    return inner.file == outer.file and outer.start <= inner.start and inner.end <= outer.end
