"""Who meets a condition now, over all people of a project: for analyses, not for decisions.

Read from the folded states where these hold what the condition asks for, else from each one's whole history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.compiler import Compiler
from dsl.needs import AccountWide
from dsl.nodes import Condition
from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.errors import WaypostError
from engine.facts import facts_of
from engine.plan import StatePlan, plan_for
from engine.roster import state_now
from engine.ruleset import RuleSet
from engine.state import UserState
from engine.storage import accounts, states, tables

PART: Final = 2_000
"""People whose states are read at a time."""
_PERSON = tables.table(tables.Person)


class AsksOthers(WaypostError):
    """A condition about the other users of an account, asked of everybody at once."""

    code = "condition_asks_others"

    def __init__(self) -> None:
        super().__init__("`anyone in account` cannot be asked of everybody at once: ask for the event itself")


@dataclass(frozen=True, slots=True)
class RulesNow:
    """The rules in force, and the instant at which they are asked.

    project: what they declare; for conditions of somebody's own with what live data has shown until now.
    """

    ruleset: RuleSet
    now: Instant
    project: RuleProject

    @classmethod
    def of(cls, ruleset: RuleSet, now: Instant) -> RulesNow:
        """What is in force, with what it declares alone."""
        return cls(ruleset, now, ruleset.project)


def members(
    connection: Connection, project_id: int, rules: RulesNow, conditions: Mapping[str, Condition]
) -> dict[str, frozenset[int]]:
    """The numbers of the people of whom each condition is true now, by the condition's name.

    The conditions have been checked with what the rules declare. Raises AsksOthers.
    """
    return members_among(connection, project_id, rules, conditions, _numbers(connection, project_id))


def members_among(
    connection: Connection,
    project_id: int,
    rules: RulesNow,
    conditions: Mapping[str, Condition],
    parts: Iterable[Sequence[int]],
) -> dict[str, frozenset[int]]:
    """The same among some people, given by their numbers and some at a time. Raises AsksOthers."""
    compiler = Compiler(rules.project)
    compiled = {name: compiler.condition(condition) for name, condition in conditions.items()}
    needs = frozenset(need for each in compiled.values() for need in each.needs)
    if any(isinstance(need, AccountWide) for need in needs):
        raise AsksOthers
    plan, in_force = plan_for(rules.project, needs), rules.ruleset.plan
    found: dict[str, set[int]] = {name: set() for name in conditions}
    # Traits, journeys and guides are in every state; what else is asked for only if the rules in force ask it too.
    folded = in_force if plan.kept.keys() <= in_force.kept.keys() else plan
    for people in parts:
        for person, state, account in _known(connection, project_id, people, folded):
            facts = facts_of(plan, state, now=rules.now, account=account)
            for name, each in compiled.items():
                if each.holds(facts):
                    found[name].add(person)
    return {name: frozenset(people) for name, people in found.items()}


Known = tuple[int, UserState, Mapping[str, JsonValue] | None]
"""A person's number, their state, and what is known of their account."""


def _numbers(connection: Connection, project_id: int) -> Iterator[Sequence[int]]:
    own = sa.select(_PERSON.c.id).where(_PERSON.c.project_id == project_id, _PERSON.c.merged_into.is_(None))
    after = 0
    while (
        part := connection.execute(own.where(_PERSON.c.id > after).order_by(_PERSON.c.id).limit(PART)).scalars().all()
    ):
        yield part
        after = part[-1]


def _known(connection: Connection, project_id: int, people: Sequence[int], plan: StatePlan) -> Iterator[Known]:
    stored = states.load(connection, people)
    known: dict[int, UserState] = {}
    for person in people:
        own = stored.get(person)
        is_fresh = own is not None and own.revision == plan.revision
        known[person] = UserState.from_json(own.state) if own and is_fresh else state_now(connection, plan, person)
    names = {state.account_id for state in known.values() if state.account_id is not None}
    told = accounts.load(connection, project_id, names)
    for person, state in known.items():
        account = told.get(state.account_id or "")
        yield person, state, None if account is None else account.traits
