"""Which reasons of a decision a page is told by name, when it asks why: as little as helps whoever may know.

A public key stands in every page, so a page is told nothing about guides that are not shown: their names and the reason
of each would say what is planned and what is known of a user. Somebody who builds has an environment for development,
where everything is told. In other environments a visitor in the segment of a guide's `testers` is told about that
guide, which is for them alone. A secret key with `people:read` could ask `explain` as well, and is told everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from engine.environments import Environment
from engine.facts import UserFacts
from engine.ruleset import RuleSet
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


def told(
    telling: Telling, considered: Iterable[Considered], ruleset: RuleSet, facts: UserFacts
) -> tuple[Considered, ...]:
    """The guides that may be told of; a guide whose `testers` cannot be decided is not."""
    if telling is Telling.EVERYTHING:
        return tuple(considered)
    if telling is Telling.NOTHING:
        return ()
    return tuple(each for each in considered if _is_tester(ruleset, each.guide, facts))


def _is_tester(ruleset: RuleSet, guide: str, facts: UserFacts) -> bool:
    found = ruleset.by_name.get(guide)
    if found is None or found.testers is None:
        return False
    try:
        return found.testers.holds(facts)
    except Exception:
        return False
