"""Which reasons of a decision a page is told by name, when it asks why: as little as helps whoever may know.

A public key stands in every page, so a page is told nothing about guides that are not shown: their names and the reason
of each would say what is planned and what is known of a user. Somebody who builds has an environment for development,
where everything is told. In other environments a visitor in the segment of a guide's `testers` is told about that
guide, which is for them alone. A secret key with `people:read` could ask `explain` as well, and is told everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from engine.environments import Environment
from engine.facts import UserFacts
from engine.ruleset import RuleSet
from engine.state import UserState
from engine.verdicts import Considered


class Telling(StrEnum):
    """How much a request is told of the guides that were considered."""

    NOTHING = "nothing"
    TESTED = "tested"
    """The guides that the user is a tester of."""
    EVERYTHING = "everything"


def telling_for(environment: Environment, *, reads_people: bool) -> Telling:
    """What somebody may be told who asks; reads_people: with a key that may read what is known of people."""
    return Telling.EVERYTHING if reads_people or environment is Environment.DEVELOPMENT else Telling.TESTED


@dataclass(frozen=True, slots=True)
class Told:
    """What is told: guides with their reasons, and the step of each journey where the user stands; None for nothing."""

    considered: tuple[Considered, ...] | None = None
    standing: Mapping[str, str | None] | None = None


def told(
    telling: Telling, considered: Iterable[Considered], ruleset: RuleSet, facts: UserFacts, state: UserState
) -> Told:
    """What may be told; a guide whose `testers` cannot be decided is not, and only testers are told of steps."""
    match telling:
        case Telling.NOTHING:
            return Told()
        case Telling.EVERYTHING:
            return Told(tuple(considered), state.standing())
        case Telling.TESTED:
            own = tuple(each for each in considered if _is_tester(ruleset, each.guide, facts))
            return Told(own, state.standing() if own else None)
        case _:
            assert_never(telling)


def _is_tester(ruleset: RuleSet, guide: str, facts: UserFacts) -> bool:
    found = ruleset.by_name.get(guide)
    if found is None or found.testers is None:
        return False
    try:
        return found.testers.holds(facts)
    except Exception:
        return False
