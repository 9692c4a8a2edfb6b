"""Does what is stored agree with itself: is every person's state what the log says it is?

States and progress are folds of the log. Here the log is folded once more, from its beginning, or from the snapshot
where earlier events are gone, and compared. Reads only, in parts, so that a running service is not held up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from dsl.values import JsonValue
from engine.folding import PersonState, fold_again
from engine.rulebook import Rulebook
from engine.state import UserState
from engine.storage import checks, identity, log, snapshots, states
from engine.storage.states import StoredState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.storage.store import Database

PART: Final = 200
"""People compared in one transaction."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was compared, and every fault found. waiting: people whose state is to be folded again anyway."""

    people: int
    events: int
    waiting: int
    faults: tuple[str, ...]


def verify(database: Database, *, progress: Callable[[int], None] | None = None) -> Verified:
    """Compare everything that is stored with the log; `progress` hears how many people have been compared."""
    people = events = waiting = after = 0
    rulebook = Rulebook()
    with database.reading() as connection:
        faults = [f"the database file: {fault}" for fault in checks.faults_of_file(connection)]
        unknown = checks.events_without_message(connection)
        faults += [f"the message id `{message}` of an event is not among the kept ones" for message in unknown]
    while True:
        # A transaction a part: each sees one state of the database, and none keeps it from tidying up for long.
        with database.reading() as connection:
            part = checks.people_after(connection, after, limit=PART)
            if not part:
                return Verified(people, events, waiting, tuple(faults))
            for found in _compared(connection, rulebook, part):
                people += 1
                events += found.events
                waiting += found.is_waiting
                faults += found.faults
        after = part[-1][0]
        if progress is not None:
            progress(people)


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
