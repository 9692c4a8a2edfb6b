"""What a set of facts plainly settles: of texts which values are left, of journeys which steps.

Two sets of facts that leave nothing to one subject exclude one another. Cheap, and asked before `consistency`, which
looks at all facts: what is found here is found there too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from dsl.analysis.facts import Fact
from dsl.nodes import AtPlace, Comparison, TextLiteral
from dsl.values import Kind

if TYPE_CHECKING:
    from dsl.project import RuleProject

Settled: TypeAlias = Mapping[tuple[str, ...], frozenset[str]]
"""By the parts of a subject's name, or `at` and a journey: what is left."""

_EQUALITIES: Final = frozenset({"is", "is one of"})
_AT: Final = "at"
"""Before a journey's name; no subject's name of several parts begins with it."""


def settled_by(facts: Iterable[Fact], project: RuleProject) -> Settled:
    """What the facts of one alternative settle."""
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for fact in facts:
        left = _left_by(fact, project) if fact.holds else None
        if left is not None:
            subject, values = left
            found[subject] = found[subject] & values if subject in found else values
    return found


def excludes(one: Settled, other: Settled) -> bool:
    """True when the two leave nothing to some subject."""
    # A plain loop: asked of every two guides on one event.
    for subject, values in one.items():  # noqa: SIM110
        if subject in other and values.isdisjoint(other[subject]):
            return True
    return False


def _left_by(fact: Fact, project: RuleProject) -> tuple[tuple[str, ...], frozenset[str]] | None:
    condition = fact.condition
    if isinstance(condition, AtPlace):
        steps = frozenset(step.name.text for step in project.steps_at(condition.place))
        return (_AT, condition.place.journey.text), steps
    if not isinstance(condition, Comparison) or condition.operator not in _EQUALITIES or condition.ignoring_case:
        return None
    subject = project.catalog.subject(condition.subject.parts)
    # A number or a version may be written in several ways.
    if subject is None or subject.type.kind not in (Kind.TEXT, Kind.ONE_OF):
        return None
    texts = frozenset(each.value for each in condition.operands if isinstance(each, TextLiteral))
    # A word that is no text (`other`) settles nothing here.
    return (condition.subject.parts, texts) if len(texts) == len(set(condition.operands)) else None
