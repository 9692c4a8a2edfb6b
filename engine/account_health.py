"""The health of accounts, asked of a project: the door of `engine.analytics.health`, with who looks after each.

Reads the lake for what people did; from the database owners and notes, and writes these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from dsl.compiler import Compiler
from dsl.explain.conditions import event_words
from dsl.nodes import EventRef
from dsl.values import DAY, Instant
from engine.analyst import Analyst
from engine.analytics import health as figures
from engine.analytics.asked import read_event, step_event
from engine.analytics.health import Health, Standing
from engine.analytics.history import History, NothingRecorded
from engine.analytics.kpi_figures import Period
from engine.analytics.population import Population
from engine.errors import UnknownJourney, WaypostError
from engine.membership import RulesNow
from engine.storage import base, care

LONGEST_NOTE: Final = 5_000
"""Characters of a note."""


class NoOutcome(WaypostError):
    """Health is asked for, and nothing tells what an outcome is."""

    code = "no_outcome"

    def __init__(self) -> None:
        super().__init__("nothing tells what people come for: declare a journey, or name an event with `outcome`")


class UnknownAccount(WaypostError):
    """The project has received nothing of an account of that id."""

    code = "unknown_account"

    def __init__(self, account: str) -> None:
        super().__init__(f"nothing is known of an account `{account}`")


class BadCare(WaypostError):
    """An owner or a note that cannot be kept."""

    code = "bad_care"


@dataclass(frozen=True, slots=True)
class HealthAsked:
    """What is asked. journey: only its outcome counts. outcome: an event instead, `NAME` or `NAME where CONDITION`.

    days: how far the period reaches back. standing: only such accounts. owner: only whom they look after. limit: how
    many accounts are told, with their people.
    """

    journey: str | None = None
    outcome: str | None = None
    days: int = 30
    standing: Standing | None = None
    owner: str | None = None
    limit: int = 100
    everyone: bool = False
    with_simulated: bool = False


def health(analyst: Analyst, project_id: int, asked: HealthAsked, rules: RulesNow) -> Health:
    """How accounts do until now.

    Raises UnknownJourney, NoOutcome, BadCondition, NothingRecorded.
    """
    outcomes = _outcomes(asked, rules)
    compiler = Compiler(rules.project)
    events = [step_event(ref, compiler) for ref in outcomes]
    period = Period(Instant(rules.now - asked.days * DAY), rules.now)
    with analyst.database.reading() as connection:
        owners = care.owners(connection, project_id)
    # Who looks after whom changes without any event.
    key = ("health", asked, frozenset(owners.items()) if asked.owner is not None else None)

    def answer(history: History) -> Health:
        found = [
            each
            for each in figures.accounts(history, period, events)
            if asked.owner is None or owners.get(each.account) == asked.owner
        ]
        chosen = [each for each in found if asked.standing in (None, each.standing)][: asked.limit]
        people = figures.people_of(history, period, events, [each.account for each in chosen])
        named = tuple(replace(each, named=people.get(each.account, ())) for each in chosen)
        words = " or ".join(dict.fromkeys(event_words(ref) for ref in outcomes))
        return Health(named, words, period, history.left_out, history.version)

    found = analyst.answer(
        project_id,
        key,
        rules,
        answer,
        everyone=asked.everyone,
        with_simulated=asked.with_simulated,
        asks_now=True,
    )
    with analyst.database.reading() as connection:
        notes = care.notes(connection, project_id, [each.account for each in found.accounts])
    cared = [
        replace(each, owner=owners.get(each.account), notes=notes.get(each.account, ())) for each in found.accounts
    ]
    return replace(found, accounts=tuple(cared))


def give_care(
    analyst: Analyst, project_id: int, account: str, *, owner: str | None, note: str | None, at: Instant, by: str
) -> None:
    """Say who looks after an account (blank: nobody), or note something of it, or both; None leaves it as it is.

    Raises UnknownAccount, BadCare.
    """
    if owner is None and (note is None or not note.strip()):
        raise BadCare("say who looks after the account with `owner`, or write a `note`")
    if owner is not None and len(owner) > base.ID_LENGTH:
        raise BadCare(f"an owner has at most {base.ID_LENGTH} characters")
    if note is not None and len(note) > LONGEST_NOTE:
        raise BadCare(f"a note has at most {LONGEST_NOTE:,} characters")
    if not _is_known(analyst, project_id, account):
        raise UnknownAccount(account)
    with analyst.database.writing() as connection:
        if owner is not None:
            care.set_owner(connection, project_id, account, owner.strip() or None, at=at, by=by)
        if note is not None and note.strip():
            care.add_note(connection, project_id, account, note.strip(), at=at, by=by)


def _is_known(analyst: Analyst, project_id: int, account: str) -> bool:
    with analyst.database.reading() as connection:
        if care.has_traits(connection, project_id, account):
            return True
    # Of an account without traits only the log tells.
    try:
        with analyst.history(project_id, Population(everyone=True)) as history:
            events = history.events
            return bool(history.engine.rows(events.filter(events.group_id == account).select("seq").limit(1)))
    except NothingRecorded:
        return False


def _outcomes(asked: HealthAsked, rules: RulesNow) -> Sequence[EventRef]:
    if asked.outcome is not None:
        return [read_event(asked.outcome, rules.project)]
    journeys = rules.project.journeys
    if asked.journey is not None and asked.journey not in journeys:
        raise UnknownJourney(asked.journey, list(journeys))
    wanted = journeys.values() if asked.journey is None else [journeys[asked.journey]]
    found = [ref for each in wanted for ref in each.outcomes or each.steps[-1].reached_by]
    if not found:
        raise NoOutcome
    return found
