"""A person as they were at an instant, made again from the log: what "why, or why not" is asked of.

Reads only. Follows event time: what happened before the instant and was received later counts, as it does in every
state. Whoever left the account since is not found among its users any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dsl.needs import Slot, Source
from dsl.values import Instant, JsonValue
from engine.accounts import AccountState, account_slots
from engine.context import read_context
from engine.decisions import Surroundings
from engine.errors import HistoryRemoved
from engine.events import Event
from engine.ruleset import RuleSet
from engine.snapshots import after_cut, begun, replayed
from engine.state import UserState, fold
from engine.storage import identity, log, projections, snapshots, states
from engine.why import Situation

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def situation_at(
    connection: Connection,
    project_id: int,
    ruleset: RuleSet,
    *,
    at: Instant,
    user_id: str | None = None,
    anonymous_id: str | None = None,
    context: Mapping[str, JsonValue] | None = None,
) -> Situation | None:
    """The person of an id at an instant, under a rule set; None for an id that was never seen.

    context: what the request told; without it that of the person's latest event from a browser.
    """
    person = identity.find_person(connection, project_id, user_id, anonymous_id)
    if person is None:
        return None
    cut = snapshots.load(connection, [person.id]).get(person.id)
    if cut is not None and at < cut.cut:
        raise HistoryRemoved(cut.cut)
    events = after_cut(_until(connection, person.id, at), cut)
    folded = fold(ruleset.plan, begun(ruleset.plan, cut), events)
    told = context if context is not None else _latest_context(events)
    return Situation(
        ruleset=ruleset,
        state=folded.state,
        now=at,
        person=person.first_id,
        user=person.user_id or person.first_id,
        woken=folded.woken,
        context=read_context(told),
        around=replace(
            _around(connection, project_id, ruleset, person.id, folded.state, events, at=at),
            # What left something out cannot be made whole where not all events are kept.
            log=None if cut is not None else lambda: events,
        ),
    )


def _around(
    connection: Connection,
    project_id: int,
    ruleset: RuleSet,
    person_id: int,
    state: UserState,
    events: Sequence[Event],
    *,
    at: Instant,
) -> Surroundings:
    asks_others = bool(ruleset.plan.account_wide) or bool(ruleset.plan.attributes.get(Source.ACCOUNT))
    account = state.account_id if asks_others else None
    others = _others(connection, project_id, person_id, account, at=at)
    slots: list[Mapping[str, Slot]] = []
    told = AccountState() if account is None else snapshots.account_from_log(connection, project_id, account, until=at)
    cuts = snapshots.load(connection, list(others))
    for number, history in others.items():
        other = replayed(ruleset.plan, cuts.get(number), history)
        if other.account_id == account:
            slots.append(account_slots(ruleset.plan, other))
    return Surroundings(
        account=told.traits if account is not None else None,
        others=lambda: slots,
        log=lambda: events,
        responses=projections.submissions(connection, project_id, ruleset.stops, until=at),
    )


def _others(
    connection: Connection, project_id: int, person_id: int, account: str | None, *, at: Instant
) -> dict[int, Sequence[Event]]:
    """The histories of the account's other users."""
    if account is None:
        return {}
    members = states.members(connection, project_id, account)
    return {number: _until(connection, number, at) for number in members if number != person_id}


def _until(connection: Connection, person_id: int, at: Instant) -> list[Event]:
    history = log.of_people(connection, identity.aliases(connection, person_id))
    return [event for event in history if event.time <= at]


def _latest_context(events: Iterable[Event]) -> Mapping[str, JsonValue]:
    found: Mapping[str, JsonValue] = {}
    for event in events:
        found = event.context if event.from_browser else found
    return found
