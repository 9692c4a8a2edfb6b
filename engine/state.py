"""What is kept of one person: a fold of their events, bounded, and the same whatever the batching.

State equals a replay of the log in (time, seq) order, byte for byte in `to_json`. An event that is earlier than the
state's position cannot be folded any more: that person is rebuilt from the log (`replay`).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.clauses import SESSION_START_EVENT
from dsl.values import JsonValue
from engine.emotion import emotion_of_answer
from engine.errors import WaypostError
from engine.events import Event, EventKind, GuideEvent, in_history_order
from engine.exposures import Answer, GuideHistory, fold_guide
from engine.journeys import (
    JourneyProgress,
    StepProgress,
    beginning,
    feel,
    fold_journey,
    step_of_answer,
)
from engine.occurrences import Happening
from engine.plan import GuidePlan, Meaning, StatePlan, plan_for
from engine.quick import quick
from engine.sessions import after
from engine.traits import OPERATIONS, Change, Operation, changed, changes_of
from engine.user_state import UserState

__all__ = [
    "Answer",
    "Folded",
    "GuideHistory",
    "JourneyProgress",
    "LateEvent",
    "StatePlan",
    "StepProgress",
    "UserState",
    "Woken",
    "fold",
    "new_state",
    "plan_for",
    "replay",
]

KEPT_TRAITS: Final = 1_000
"""How many traits are kept of one user, and of one account; further names are not taken."""
_NONE: Final[frozenset[str]] = frozenset()
_IDENTIFY: Final = EventKind.IDENTIFY
_GROUP: Final = EventKind.GROUP
# Looked up once: each time it takes longer than to compare.
_new_happening: Final = quick(Happening)


class LateEvent(WaypostError):
    """An event that is earlier than what the state already holds: the person has to be rebuilt from the log."""

    code = "late_event"


@dataclass(frozen=True, slots=True)
class Woken:
    """A live event that may wake rules.

    stood_before, stands_after: by journey, the step where the person stood just before and just after it; None after
      the last step.
    started_session: it began a session (`on session start`).
    firsts: keys of the `First` needs of the plan whose first event it is (`on first "E"`; see `plan.first_need`).
    """

    event: Event
    stood_before: Mapping[str, str | None]
    stands_after: Mapping[str, str | None]
    started_session: bool = False
    firsts: frozenset[str] = frozenset()


_new_woken: Final = quick(Woken)


@dataclass(frozen=True, slots=True)
class Folded:
    """The state after some events, and those of them that may wake rules, in history order.

    journeys: the names of the journeys in which the person's progress may have changed.
    """

    state: UserState
    woken: tuple[Woken, ...]
    journeys: frozenset[str] = frozenset()


_new_folded: Final = quick(Folded)


def new_state(plan: StatePlan) -> UserState:
    """The state of a person of whom nothing is known yet."""
    return UserState(
        revision=plan.revision, journeys={name: beginning(journey, None) for name, journey in plan.journeys.items()}
    )


def fold(
    plan: StatePlan, state: UserState | None, events: Sequence[Event], *, wakers: Container[str] | None = None
) -> Folded:
    """Fold events into a state (None: a new person), which is changed in place and given back.

    events: new ones, in (time, seq) order, none before the state's position. wakers: the names that wake any rule, so
    that nothing is noted of others; None for any name. Raises LateEvent before anything is changed.
    """
    state = new_state(plan) if state is None else state
    _require_order(state, events)
    woken: list[Woken] = []
    changed: set[str] = set()
    standing: Mapping[str, str | None] | None = None
    sessions_wake = wakers is None or SESSION_START_EVENT in wakers
    known = plan.meanings
    for event in events:
        name, from_browser = event.name, event.from_browser
        meaning = known.get(name) or plan.meaning(name)
        may_wake = event.live and (wakers is None or name in wakers or (sessions_wake and from_browser))
        if (
            meaning.is_nothing
            and not may_wake
            and not from_browser
            and state.first_seen is not None
            and (event.user_id is None or event.user_id == state.user_id)
        ):
            continue
        session = state.session
        firsts = [key for key in meaning.firsts if key not in state.slots] if meaning.firsts else ()
        before = (standing or state.standing()) if may_wake else None
        journeys = _fold_event(plan, meaning, state, event)
        changed |= journeys
        if before is None:
            standing = None if journeys else standing
            continue
        standing = before
        for journey in journeys:
            if state.journeys[journey].standing != before[journey]:
                standing = state.standing()
                break
        woken.append(
            _new_woken(
                event,
                before,
                standing,
                # A session that goes on is the same object, prolonged.
                state.session is not session,
                frozenset([key for key in firsts if key in state.slots]) if firsts else _NONE,
            )
        )
    if events:
        state.position = events[-1].position
    return _new_folded(state, tuple(woken), frozenset(changed))


def replay(plan: StatePlan, events: Iterable[Event]) -> UserState:
    """The state of a person whose whole history this is, in any order, duplicates and all."""
    return fold(plan, None, in_history_order(events)).state


def _require_order(state: UserState, events: Sequence[Event]) -> None:
    position = state.position
    for event in events:
        own = (event.time, event.seq)
        if position is not None and own <= position:
            raise LateEvent(f"event `{event.message_id}` is not later than what was folded before")
        position = own


def _fold_event(plan: StatePlan, meaning: Meaning, state: UserState, event: Event) -> set[str]:
    """Take one event into the state, in place. Gives the journeys in which something may have changed."""
    changed: set[str] = set()
    if state.first_seen is None:
        state.first_seen = event.time
        state.journeys = {name: beginning(journey, event.time) for name, journey in plan.journeys.items()}
        state.read = None
        state.packed.clear()
        changed |= plan.journeys.keys()
    state.position = (event.time, event.seq)
    if event.from_browser:
        state.session = after(state.session, event)
    if event.kind is _IDENTIFY or event.kind is _GROUP or event.user_id != state.user_id:
        _fold_identity(state, event)
    reached: list[tuple[str, str]] = []
    for name, journey in meaning.journeys:
        changed.add(name)
        for step in fold_journey(journey, state.journeys[name], event):
            reached.append((name, step))
    felt = _fold_guide(plan, state, event) if meaning.is_of_guide else []
    if felt:
        changed |= {journey for journey, _, _ in felt}
    if changed:
        state.unpack([("journey", name) for name in changed])
    if meaning.folders:
        happening = _new_happening(event, felt, reached, state.session)
        for folder in meaning.folders:
            folder.fold(state.slots, happening)
    return changed


def _fold_identity(state: UserState, event: Event) -> None:
    if event.user_id is not None and event.user_id != state.user_id:
        state.user_id, state.read = event.user_id, None
    if event.kind is _IDENTIFY:
        state.unpack(("traits",))
        _identify(state, event)
        state.read = None
    elif event.kind is _GROUP:
        state.unpack(("account",))
        if event.group_id is not None and event.group_id != state.account_id:
            state.account_id, state.account = event.group_id, {}
        _take(state.account, event.traits)
        state.read = None


def _identify(state: UserState, event: Event) -> None:
    if event.user_id is not None:
        if state.told_anonymously:
            # What is set already, `$set_once` leaves as it is: still told by nobody known.
            own = {each.name for each in changes_of(event.traits) if each.operation is not Operation.SET_ONCE}
            state.told_anonymously = [name for name in state.told_anonymously if name not in own]
        _take(state.traits, event.traits)
        return
    changes = changes_of(event.traits)
    free = [each for each in changes if each.name not in state.traits or each.name in state.told_anonymously]
    _change(state.traits, free)
    named = dict.fromkeys((*state.told_anonymously, *(each.name for each in free)))
    state.told_anonymously = [name for name in named if name in state.traits]


def _take(traits: dict[str, JsonValue], newer: Mapping[str, JsonValue]) -> None:
    if not OPERATIONS.isdisjoint(newer):
        _change(traits, changes_of(newer))
        return
    # Nearly always there is no operation: a tenth of the time.
    for name, value in newer.items():
        if value is None:
            traits.pop(name, None)
        elif name in traits or len(traits) < KEPT_TRAITS:
            traits[name] = value


def _change(traits: dict[str, JsonValue], changes: Iterable[Change]) -> None:
    for change in changes:
        name = change.name
        value = changed(traits.get(name), change)
        if value is None:
            traits.pop(name, None)
        elif name in traits or len(traits) < KEPT_TRAITS:
            traits[name] = value


def _fold_guide(plan: StatePlan, state: UserState, event: Event) -> list[tuple[str, str, tuple[str, ...]]]:
    """Take an event of a guide's life. Gives what was felt where: journey, step, feelings."""
    name = event.properties.get("guide")
    guide = plan.guides.get(name) if isinstance(name, str) else None
    if guide is None:
        return []
    state.unpack((("guide", guide.name),))
    history = state.guides.setdefault(guide.name, GuideHistory())
    fold_guide(history, event, questions=guide.questions)
    if event.name != GuideEvent.ANSWERED:
        return []
    state.read = None
    feelings = _feelings(guide, history, event)
    felt: list[tuple[str, str, tuple[str, ...]]] = []
    for journey, steps in guide.steps if feelings else ():
        progress = state.journeys[journey]
        step = step_of_answer(plan.journeys[journey], progress, steps)
        feel(progress, step, feelings, event.time)
        felt.append((journey, step, feelings))
    return felt


def _feelings(guide: GuidePlan, history: GuideHistory, event: Event) -> tuple[str, ...]:
    properties = event.properties
    name, text, language = properties.get("question"), properties.get("text"), properties.get("language")
    question = guide.asked(name, event.time, history.shown)[0] if isinstance(name, str) else None
    if question is None:
        return ()
    emotion = emotion_of_answer(
        question,
        properties.get("value"),
        text=text if isinstance(text, str) else None,
        language=language if isinstance(language, str) else None,
    )
    return () if emotion is None else emotion.feelings
