"""An event that is earlier than what was folded before: merged into the state where its place makes no difference.

Out of order by seconds is everyday: two tabs, a queue that was sent again. Most of what is kept of a person is a count,
a sum or the latest few times, and these are the same in any order. Where the order matters, or cannot be told any more,
the history has to be folded again.
"""

from __future__ import annotations

from collections.abc import Container

from engine.events import Event, EventKind
from engine.occurrences import Happening
from engine.plan import Meaning, StatePlan
from engine.sessions import prolongs
from engine.state import Woken
from engine.summaries import OrderMatters
from engine.user_state import UserState


def merge_late(
    plan: StatePlan, state: UserState, event: Event, *, wakers: Container[str] | None = None
) -> tuple[Woken, ...]:
    """Take a late event into a state, in place: as a replay in the order of history would have it.

    Gives what may wake rules. wakers: as for `engine.state.fold`. Raises OrderMatters before anything is changed.
    """
    meaning = plan.meaning(event.name)
    _require_no_trace(meaning, state, event)
    happening = Happening(event, session=state.session)
    new = {each.key: each.fold_late(state.slots, happening) for each in meaning.folders}
    woken: tuple[Woken, ...] = ()
    if event.live and (wakers is None or event.name in wakers):
        _require_same_place(state, event)
        firsts = frozenset(key for key in meaning.firsts if new[key] is not None and new[key] != state.slots.get(key))
        standing = state.standing()
        woken = (Woken(event, standing, standing, firsts=firsts),)
    state.slots.update({key: slot for key, slot in new.items() if slot is not None})
    return woken


def _require_no_trace(meaning: Meaning, state: UserState, event: Event) -> None:
    """Raise OrderMatters unless the event leaves no trace but in slots."""
    if meaning.journeys or meaning.is_of_guide or event.kind in (EventKind.IDENTIFY, EventKind.GROUP):
        raise OrderMatters
    if state.first_seen is None or event.time < state.first_seen or event.user_id not in (None, state.user_id):
        raise OrderMatters
    session = state.session
    if prolongs(event) and (session is None or not session.start <= event.time <= session.last):
        raise OrderMatters


def _require_same_place(state: UserState, event: Event) -> None:
    """Raise OrderMatters unless the person stood then where they stand now."""
    for progress in state.journeys.values():
        if progress.standing_since is None or progress.standing_since > event.time:
            raise OrderMatters
