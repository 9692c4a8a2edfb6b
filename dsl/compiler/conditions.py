"""From a condition to a function: negations are pushed to the leaves, each leaf has a form for both.

Decides nothing about a user; makes the code that will. A condition is TRUE when `holds`, FALSE when `fails`, and
unknown when neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

from dsl.compiler import histories, progress
from dsl.compiler.code import YES, Code, both, either, fill
from dsl.compiler.comparisons import comparison
from dsl.compiler.events import occurrence, scope_of
from dsl.compiler.maker import Maker, Test, decided
from dsl.compiler.names import CompileError, RuleScope, Scope
from dsl.compiler.terms import Lookup, lookup_of, terms_of
from dsl.facts import Facts
from dsl.needs import Attribute, Need, Source, Tracked, Where
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
    EventRef,
    Felt,
    FrictionAt,
    InSegment,
    NoneOf,
    Not,
    Or,
    Reached,
    ReturnedTo,
    Saw,
    StuckAt,
)
from dsl.project import RuleProject
from dsl.walk import nodes_of


class Decides(Protocol):
    """A condition as two functions of the facts."""

    @property
    def holds(self) -> Callable[[Facts], bool]:
        """True iff the condition is TRUE."""
        ...

    @property
    def fails(self) -> Callable[[Facts], bool]:
        """True iff it is FALSE."""
        ...


@dataclass(frozen=True, eq=False)
class CompiledCondition:
    """A condition as functions of the facts, each made when it is first asked for.

    needs: what the facts must have for both functions.
    """

    needs: frozenset[Need]
    _make: Callable[[bool], Test]

    @cached_property
    def holds(self) -> Callable[[Facts], bool]:
        """True iff the condition is TRUE."""
        return self._make(True)

    @cached_property
    def fails(self) -> Callable[[Facts], bool]:
        """True iff the condition is FALSE; with `holds` false too it is unknown."""
        return self._make(False)


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """One of the terms of a condition, to be TRUE (`positive`) or FALSE. Equal terms of a project share `condition`.

    lookup: what decides it without a call, where that is so.
    """

    condition: Decides
    positive: bool
    lookup: Lookup | None = None

    @property
    def holds(self) -> Callable[[Facts], bool]:
        """True iff the term is as it is to be."""
        return self.condition.holds if self.positive else self.condition.fails

    @property
    def fails(self) -> Callable[[Facts], bool]:
        """True iff it is known not to be so."""
        return self.condition.fails if self.positive else self.condition.holds


@dataclass(frozen=True, slots=True)
class CompiledWhere:
    """A `where` as a function of an event's facts. reads: the properties that it asks for."""

    holds: Callable[[Facts], bool]
    reads: tuple[Attribute, ...]


class Compiler:
    """Compiles the conditions of one checked project; long segments are made once and called by the conditions."""

    def __init__(self, project: RuleProject) -> None:
        self.project = project
        self._segments: dict[tuple[str, bool, bool], tuple[Test, frozenset[Need]]] = {}
        self._open: list[str] = []
        self._terms: dict[tuple[int, bool], Term] = {}
        self._known: dict[tuple[Condition, bool, tuple[str, ...] | None], CompiledCondition] = {}

    def condition(
        self, condition: Condition, *, edge: bool = False, triggers: tuple[str, ...] = ()
    ) -> CompiledCondition:
        """Compile a condition of a rule.

        edge: the rule has `on`, so that `at S` also holds for who stood there just before the event. triggers: the
        names of its events, of which `event.PROP` speaks. Equal conditions of a project are compiled once. Raises
        CompileError for what the checker refuses.
        """
        known = self._known.get((condition, edge, None)) or self._known.get((condition, edge, triggers))
        if known is not None:
            return known
        compiled = self._compiled(condition, edge=edge, triggers=triggers)
        # What does not ask for the event means the same whatever the event.
        asks = any(isinstance(need, Attribute) and need.source is Source.EVENT for need in compiled.needs)
        self._known[(condition, edge, triggers if asks else None)] = compiled
        return compiled

    def terms(
        self, condition: Condition, *, positive: bool, edge: bool = False, triggers: tuple[str, ...] = ()
    ) -> tuple[Term, ...]:
        """The terms that must all be so for a condition to be TRUE (`positive`) or FALSE; see `dsl.compiler.terms`."""
        return tuple(
            self._term(term, sign, edge=edge, triggers=triggers)
            for term, sign in terms_of(condition, positive=positive)
        )

    def _term(self, condition: Condition, positive: bool, *, edge: bool, triggers: tuple[str, ...]) -> Term:
        compiled = self.condition(condition, edge=edge, triggers=triggers)
        key = (id(compiled), positive)
        if key not in self._terms:
            scope = RuleScope(self.project.catalog, self.project.zone, triggers)
            self._terms[key] = Term(compiled, positive, lookup_of(condition, scope, positive=positive))
        return self._terms[key]

    def _compiled(self, condition: Condition, *, edge: bool, triggers: tuple[str, ...]) -> CompiledCondition:
        scope = RuleScope(self.project.catalog, self.project.zone, triggers)

        def make(positive: bool) -> Test:
            return self._make(condition, scope, edge=edge, positive=positive)[0]

        if isinstance(condition, And):
            # Made of its terms, which rules share; the whole is one function only where it is asked as one.
            parts = [self.condition(term, edge=edge, triggers=triggers) for term in condition.terms]
            return CompiledCondition(frozenset[Need]().union(*(part.needs for part in parts)), make)
        holds, needs = self._make(condition, scope, edge=edge, positive=True)
        compiled = CompiledCondition(needs, make)
        compiled.__dict__["holds"] = holds
        return compiled

    def occurrence(self, event: EventRef) -> Tracked:
        """The events that a reference counts, as needs name them."""
        return occurrence(event, self.project.catalog, self.project.zone)

    def segment(self, name: str, maker: Maker, *, positive: bool) -> Test:
        """The test of a segment, made once for rules with `on` and once for those without."""
        key = (name, maker.edge, positive)
        if key not in self._segments:
            self._segments[key] = self._segment(name, edge=maker.edge, positive=positive)
        test, needs = self._segments[key]
        maker.needs |= needs
        return test

    def part(self, condition: Condition, maker: Maker, *, positive: bool) -> tuple[Test, frozenset[Need]]:
        """A part of a condition as a function of its own."""
        return self._make(condition, maker.scope, edge=maker.edge, positive=positive)

    def _segment(self, name: str, *, edge: bool, positive: bool) -> tuple[Test, frozenset[Need]]:
        segment = self.project.segments.get(name)
        if segment is None or name in self._open:
            raise CompileError(f"segment `{name}` " + ("is part of itself" if segment else "does not exist"))
        self._open.append(name)
        try:
            scope = RuleScope(self.project.catalog, self.project.zone)
            return self._make(segment.where, scope, edge=edge, positive=positive)
        finally:
            self._open.pop()

    def _make(self, condition: Condition, scope: Scope, *, edge: bool, positive: bool) -> tuple[Test, frozenset[Need]]:
        maker = Maker(scope, self, self.project, edge)
        body = truth(condition, maker, positive=positive)
        return maker.pieces.function(body), frozenset(maker.needs)


def compile_condition(
    condition: Condition, project: RuleProject, *, edge: bool = False, triggers: tuple[str, ...] = ()
) -> CompiledCondition:
    """Compile one condition; for many of one project, keep a `Compiler`. See `Compiler.condition`."""
    return Compiler(project).condition(condition, edge=edge, triggers=triggers)


def compile_where(where: Where) -> CompiledWhere:
    """Compile the `where` of an event; what it needs is in the Where itself."""
    maker = Maker(scope_of(where), _NoWorkshop(), None)
    body = truth(where.condition, maker, positive=True)
    reads = tuple(sorted((need for need in maker.needs if isinstance(need, Attribute)), key=lambda each: each.key))
    return CompiledWhere(maker.pieces.function(body), reads)


class _NoWorkshop:
    def segment(self, name: str, maker: Maker, *, positive: bool) -> Test:  # noqa: ARG002
        raise CompileError("a `where` cannot ask for a segment")

    def part(self, condition: Condition, maker: Maker, *, positive: bool) -> tuple[Test, frozenset[Need]]:  # noqa: ARG002
        raise CompileError("a `where` cannot ask for an account")


def truth(node: Condition, maker: Maker, *, positive: bool) -> Code:
    """Code that is true iff the condition is TRUE (`positive`) or FALSE."""
    match node:
        case And():
            terms = [truth(term, maker, positive=positive) for term in node.terms]
            return both(terms) if positive else either(terms)
        case Or():
            terms = [truth(term, maker, positive=positive) for term in node.terms]
            return either(terms) if positive else both(terms)
        case NoneOf():
            terms = [truth(term, maker, positive=not positive) for term in node.terms]
            return both(terms) if positive else either(terms)
        case Not():
            return truth(node.term, maker, positive=not positive)
        case _ if maker.project is None and type(node) not in _IN_WHERE:
            raise CompileError("inside a `where` only properties of the event can be asked for")
        case _:
            return LEAVES[type(node)](node, maker, positive=positive)


def _always(node: Always, maker: Maker, *, positive: bool) -> Code:  # noqa: ARG001
    return decided(YES, positive=positive)


INLINED: Final = 8
"""Up to this many parts, a segment is written out where it is asked for: a call costs as much as two of its terms."""


def _in_segment(node: InSegment, maker: Maker, *, positive: bool) -> Code:
    segment = maker.project.segments.get(node.name.text) if maker.project is not None else None
    if segment is not None and _is_short(segment.where):
        return truth(segment.where, maker, positive=positive)
    test = maker.workshop.segment(node.name.text, maker, positive=positive)
    return maker.apply(test, fill("facts"))


def _is_short(condition: Condition) -> bool:
    """True for a condition that may stand in many places: few parts, and no segment in it, which could hold many."""
    parts = [node for node in nodes_of(condition) if type(node) in LEAVES]
    return len(parts) <= INLINED and not any(isinstance(part, InSegment) for part in parts)


_IN_WHERE: Final = frozenset({Always, Comparison})

LEAVES: Final[Mapping[type, Callable[..., Code]]] = {
    Always: _always,
    Comparison: comparison,
    InSegment: _in_segment,
    Did: histories.did,
    DidSequence: histories.sequence,
    DidDirectly: histories.directly,
    DidWithout: histories.without,
    DidWhen: histories.when,
    Aggregate: histories.aggregate,
    DaysActive: histories.days_active,
    AnyoneInAccount: histories.anyone_in_account,
    AtPlace: progress.at_place,
    Reached: progress.reached,
    Completed: progress.completed,
    StuckAt: progress.stuck_at,
    ReturnedTo: progress.returned_to,
    FrictionAt: progress.friction_at,
    Felt: progress.felt,
    Answered: progress.answered,
    Saw: progress.saw,
    Dismissed: progress.dismissed,
}
"""How code is made for each kind of condition that holds no other; a test compares it with `dsl.nodes.Condition`."""
