"""Does what is stored agree with itself: is every person's state, and every account, what the log says it is?

States, progress and accounts are folds of the log. Here the log is folded once more, from its beginning, or from the
snapshot where earlier events are gone, and compared. Reads only, in parts, so that a running service is not held up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

import orjson

from dsl.values import JsonValue
from engine.folding import PersonState, fold_again
from engine.rulebook import Rulebook
from engine.state import KEPT_TRAITS, UserState
from engine.storage import checks, identity, log, snapshots, states
from engine.storage.accounts import load as load_accounts
from engine.storage.states import StoredState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.storage.store import Database

PART: Final = 200
"""People or accounts compared in one transaction."""
_SHOWN: Final = 5
"""Attributes that are named in one fault."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared, and every fault found. waiting: people whose state is to be folded again anyway."""

    people: int
    accounts: int
    events: int
    waiting: int
    faults: tuple[str, ...]


def verify(database: Database, *, progress: Callable[[int], None] | None = None) -> Verified:
    """Compare all that is folded from the log with it; `progress` hears how many people have been compared."""
    people = events = waiting = after = 0
    rulebook = Rulebook()
    with database.reading() as connection:
        faults = [f"the database file: {fault}" for fault in checks.faults_of_file(connection)]
        unknown = checks.events_without_message(connection)
        faults += [f"the message id `{message}` of an event is not among the kept ones" for message in unknown]
    while True:
        # A transaction a part: each sees one state of the database, and none keeps it from tidying up for long.
        with database.reading(as_of_one_moment=True) as connection:
            part = checks.people_after(connection, after, limit=PART)
            for found in _compared(connection, rulebook, part):
                people += 1
                events += found.events
                waiting += found.is_waiting
                faults += found.faults
        if not part:
            break
        after = part[-1][0]
        if progress is not None:
            progress(people)
    accounts = 0
    for source in (checks.known_accounts, checks.accounts_of_snapshots, checks.accounts_of_events):
        last = (0, "")
        while True:
            with database.reading(as_of_one_moment=True) as connection:
                names = source(connection, last, limit=PART)
                faults += _faults_of_accounts(connection, names)
            if not names:
                break
            accounts, last = accounts + len(names), names[-1]
    return Verified(people, accounts, events, waiting, tuple(faults))


def _faults_of_accounts(connection: Connection, names: Sequence[checks.AccountKey]) -> Iterator[str]:
    for project, own in groupby(names, key=lambda key: key[0]):
        ids = [name for _, name in own]
        stored = load_accounts(connection, project, ids)
        for name in ids:
            said = snapshots.account_from_log(connection, project, name).told
            kept = stored[name].told if name in stored else {}
            if len(kept) == len(said) == KEPT_TRAITS:
                # Which attributes were the first to come, nobody knows any more.
                both = kept.keys() & said.keys()
                kept, said = ({each: told[each] for each in both} for told in (kept, said))
            if kept != said:
                differ = sorted(each for each in {*kept, *said} if kept.get(each) != said.get(each))
                shown = ", ".join(f"`{each}`" for each in differ[:_SHOWN]) + (" …" if len(differ) > _SHOWN else "")
                yield f"account `{name}`: the stored attributes are not what the log says: {shown}"


@dataclass(frozen=True, slots=True)
class _Compared:
    events: int
    is_waiting: bool
    faults: tuple[str, ...]


def _compared(connection: Connection, rulebook: Rulebook, part: list[tuple[int, int, str]]) -> Iterator[_Compared]:
    numbers = [number for number, _, _ in part]
    stored = states.load(connection, numbers)
    kept = checks.progress_of_people(connection, numbers)
    aliases = identity.aliases_of(connection, numbers)
    histories = log.rows_of_people(connection, [number for those in aliases.values() for number in those])
    cut = snapshots.load(connection, numbers)
    for number, project, first_id in part:
        plan = rulebook.of(connection, project).ruleset.plan
        history = [event for alias in aliases[number] for event in histories[alias]]
        history.sort(key=lambda event: event.position)
        state = stored.get(number)
        if state is not None and state.revision != plan.revision:
            yield _Compared(len(history), is_waiting=True, faults=())
            continue
        folded = fold_again(plan, history, snapshot=cut.get(number))
        faults = tuple(_faults(state, kept[number], folded, known=bool(history) or number in cut))
        yield _Compared(len(history), is_waiting=False, faults=tuple(f"person `{first_id}`: {each}" for each in faults))


def _faults(
    stored: StoredState | None, kept: Mapping[str, JsonValue], folded: PersonState, *, known: bool
) -> Iterator[str]:
    if stored is None:
        if known:
            yield "has events but no state"
        return
    # Read and written once, as the stored one was.
    if UserState.from_json(stored.state).to_json() != UserState.from_json(folded.state.to_json()).to_json():
        yield "the stored state is not what the log says"
    if stored.account_id != folded.state.account_id:
        yield f"is stored under account `{stored.account_id}`, not `{folded.state.account_id}`"
    said = {name: orjson.loads(data) for name, data in folded.progress().items()}
    if kept != said:
        yield "the stored progress in journeys is not what the log says"
