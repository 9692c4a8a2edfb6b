"""What the parts of the compiler share while one function is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from dsl.compiler.code import Code, Pieces, call, fill, named, negated
from dsl.compiler.names import Scope
from dsl.facts import Facts
from dsl.needs import Attribute, Kept, Need
from dsl.nodes import Condition
from dsl.project import RuleProject

Test = Callable[[Facts], bool]


class Workshop(Protocol):
    """Makes the functions that a function in the making calls."""

    def segment(self, name: str, maker: Maker, *, positive: bool) -> Test:
        """The test of a segment, true when it is (`positive`) or is not; its needs go to the maker's."""
        ...

    def part(self, condition: Condition, maker: Maker, *, positive: bool) -> tuple[Test, frozenset[Need]]:
        """A part of a condition as a function of its own."""
        ...


@dataclass(slots=True)
class Maker:
    """One function in the making.

    project: None inside a `where`, which may not ask for anything of the project.
    edge: the condition belongs to a rule with `on`.
    """

    scope: Scope
    workshop: Workshop
    project: RuleProject | None
    edge: bool = False
    pieces: Pieces = field(default_factory=Pieces)
    needs: set[Need] = field(default_factory=set)

    def slot(self, need: Kept, missing: object = None) -> Code:
        """The slot of a need, or what stands for a missing one."""
        self.needs.add(need)
        if missing is None:
            return fill("slots.get(key)", key=self.constant(need.key))
        return fill("slots.get(key, missing)", key=self.constant(need.key), missing=self.constant(missing))

    def value(self, attribute: Attribute) -> Code:
        """The value of an attribute, None where it is unknown."""
        self.needs.add(attribute)
        return fill("values.get(key)", key=self.constant(attribute.key))

    def constant(self, value: object) -> Code:
        """A value as code."""
        return self.pieces.constant(value)

    def apply(self, function: Callable[..., object], *arguments: Code) -> Code:
        """A call of one of our own functions."""
        return call(self.constant(function), *arguments)

    def once(self, value: Code) -> tuple[Code, Code]:
        """A value that is used more than once: the code for its first use, and for the others."""
        name, read = self.pieces.variable()
        return named(name, value), read


def decided(test: Code, *, positive: bool) -> Code:
    """A test that is always known to be true or false, or its negation."""
    return test if positive else negated(test)
