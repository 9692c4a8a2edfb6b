"""What is kept of a person under a rule set: which slots, journeys, attributes and guides.

Decides nothing about a person: a plan is made once when rules are published, and says in its `revision` whether a
state that was folded under another one can still be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dsl.needs import Attribute, Kept, Need
from dsl.nodes import Question
from dsl.project import RuleProject
from engine.journeys import JourneyPlan


@dataclass(frozen=True, slots=True)
class GuidePlan:
    """A guide as the fold needs it.

    steps: where its answers belong: (journey, names of its steps).
    """

    name: str
    is_survey: bool
    questions: Mapping[str, Question]
    steps: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class StatePlan:
    """What to keep of every person.

    revision: a hash of everything that a state's content depends on.
    kept: the needs that have a slot, by key. account_wide: keys of those that other users of the account read.
    """

    revision: str
    kept: Mapping[str, Kept]
    account_wide: frozenset[str]
    attributes: tuple[Attribute, ...]
    journeys: Mapping[str, JourneyPlan]
    guides: Mapping[str, GuidePlan]


def plan_for(project: RuleProject, needs: Iterable[Need]) -> StatePlan:
    """The plan for a checked project and what its compiled conditions need."""
    raise NotImplementedError
