"""Whether conditions are so in a world: by the compiled code that decides, condition by condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsl.clauses import trigger_events
from dsl.compiler import CompiledCondition, Compiler
from dsl.compiler.maker import Maker
from dsl.compiler.names import RuleScope
from dsl.explain import Joined, Line
from dsl.facts import Facts
from dsl.needs import Tracked
from dsl.nodes import (
    And,
    Condition,
    EventRef,
    InSegment,
    NoneOf,
    Not,
    Or,
)
from engine.ruleset import CompiledGuide, RuleSet
from engine.why.tree import Truth


@dataclass(frozen=True, slots=True)
class Wanted:
    """A condition without parts that is not as it should be. in_segment: it stands in a segment."""

    condition: Condition
    holds: bool
    in_segment: bool = False

    @property
    def truth(self) -> Truth:
        """What it should be."""
        return Truth.of(self.holds)


class Judge:
    """Judges the conditions of one guide; each is compiled once."""

    def __init__(self, ruleset: RuleSet, guide: CompiledGuide) -> None:
        self.project = ruleset.project
        self.guide = guide
        self.triggers = trigger_events(guide.node)
        self._compiler = Compiler(ruleset.project)
        self._compiled: dict[tuple[int, bool], tuple[Condition, CompiledCondition]] = {}

    def truth(self, condition: Condition, facts: Facts, *, in_segment: bool = False) -> Truth:
        """What the evaluator says of a condition."""
        compiled = self._compile(condition, in_segment=in_segment)
        if compiled.holds(facts):
            return Truth.TRUE
        return Truth.FALSE if compiled.fails(facts) else Truth.UNKNOWN

    def maker(self, *, in_segment: bool = False) -> Maker:
        """What the compiler's parts ask for, to name the needs of a condition."""
        scope = RuleScope(self.project.catalog, self.project.zone, () if in_segment else self.triggers)
        return Maker(scope, self._compiler, self.project, self.guide.is_edge)

    def occurrence(self, event: EventRef) -> Tracked:
        """The events that a reference counts."""
        return self._compiler.occurrence(event)

    def truth_of_line(self, line: Line, facts: Facts, below: Sequence[Truth], *, in_segment: bool) -> Truth:
        """Whether a statement is so; below: the truth of those that it consists of."""
        match line.joined:
            case Joined.ALL if below:
                return all_of(below)
            case Joined.ANY if below:
                return all_of([each.opposite for each in below]).opposite
            case Joined.NONE if below:
                return all_of([each.opposite for each in below])
            case _:
                # A line without parts, or one of a segment, whose parts say once more what it is.
                truth = self.truth(_condition(line), facts, in_segment=in_segment)
                return truth if line.holds else truth.opposite

    def amiss(self, condition: Condition, facts: Facts, *, holds: bool, in_segment: bool = False) -> Iterator[Wanted]:
        """The conditions without parts of which one has to change, for this one to be true or known to be false.

        Where all parts are needed, those of the first one that is amiss: the others come after it.
        """
        if self.truth(condition, facts, in_segment=in_segment) is Truth.of(holds):
            return
        match condition:
            case Not():
                yield from self.amiss(condition.term, facts, holds=not holds, in_segment=in_segment)
            case And() | Or():
                needs_all = isinstance(condition, And) is holds
                parts = ((term, holds) for term in condition.terms)
                yield from self._of_parts(parts, facts, needs_all=needs_all, in_segment=in_segment)
            case NoneOf():
                parts = ((term, not holds) for term in condition.terms)
                yield from self._of_parts(parts, facts, needs_all=holds, in_segment=in_segment)
            case InSegment():
                where = self.project.segments[condition.name.text].where
                yield from self.amiss(where, facts, holds=holds, in_segment=True)
            case _:
                yield Wanted(condition, holds, in_segment)

    def _of_parts(
        self, parts: Iterator[tuple[Condition, bool]], facts: Facts, *, needs_all: bool, in_segment: bool
    ) -> Iterator[Wanted]:
        for term, holds in parts:
            found = list(self.amiss(term, facts, holds=holds, in_segment=in_segment))
            yield from found
            if found and needs_all:
                return

    def _compile(self, condition: Condition, *, in_segment: bool) -> CompiledCondition:
        # Conditions are told apart by place: the same words may mean something else inside a segment.
        key = (id(condition), in_segment)
        if key not in self._compiled:
            triggers = () if in_segment else self.triggers
            compiled = self._compiler.condition(condition, edge=self.guide.is_edge, triggers=triggers)
            self._compiled[key] = (condition, compiled)
        return self._compiled[key][1]


def all_of(truths: Sequence[Truth]) -> Truth:
    """True when all are, false when one is, else unknown."""
    if Truth.FALSE in truths:
        return Truth.FALSE
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.TRUE


def _condition(line: Line) -> Condition:
    condition: Condition = line.about  # type: ignore[assignment]  # of a statement it is one
    return condition
