"""What is kept of one person: a fold of their events, bounded, and the same whatever the batching.

State equals a replay of the log in (time, seq) order, byte for byte in `to_json`. An event that is earlier than the
state's position cannot be folded any more: that person is rebuilt from the log (`replay`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Final

import orjson

from dsl.needs import Slot
from dsl.values import Instant, JsonValue
from engine.emotion import emotion_of_answer
from engine.errors import WaypostError
from engine.events import GUIDE_EVENTS, Event, EventKind, GuideEvent, in_history_order
from engine.exposures import Answer, GuideHistory, fold_guide
from engine.journeys import (
    JourneyProgress,
    StepProgress,
    beginning,
    concerns,
    feel,
    fold_journey,
    step_of_answer,
)
from engine.occurrences import Happening
from engine.plan import GuidePlan, StatePlan, plan_for
from engine.sessions import Session, after
from engine.traits import OPERATIONS, Change, Operation, changed, changes_of

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


class LateEvent(WaypostError):
    """An event that is earlier than what the state already holds: the person has to be rebuilt from the log."""

    code = "late_event"


@dataclass(slots=True)
class UserState:
    """What is kept of one person. `fold` changes it in place; everything in it is JSON.

    revision: of the plan that it was folded with; under another plan it is rebuilt.
    traits, account: as received; the later by event time wins, null takes away, and operations (`engine.traits`) build
      on what was there when they happened. account: what this person's own `group` calls said; what all users of the
      account said is in `engine.accounts`.
    told_anonymously: names of traits that no `identify` with a user id told; one with a user id goes before those
      without, whatever the time, so that a user's attributes win when an anonymous history is linked to theirs.
    position: (time, seq) of the latest event folded.
    journeys: of every journey of the plan. guides: of those with which anything happened.
    read: what `engine.facts` made of the traits, as long as they stay; not part of the state.
    """

    revision: str
    user_id: str | None = None
    traits: dict[str, JsonValue] = field(default_factory=dict)
    told_anonymously: list[str] = field(default_factory=list)
    account_id: str | None = None
    account: dict[str, JsonValue] = field(default_factory=dict)
    first_seen: Instant | None = None
    position: tuple[Instant, int] | None = None
    session: Session | None = None
    journeys: dict[str, JourneyProgress] = field(default_factory=dict)
    guides: dict[str, GuideHistory] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    read: object = field(default=None, compare=False, repr=False)

    def session_at(self, now: Instant) -> Session | None:
        """The session that is open at the instant, or None."""
        return self.session if self.session is not None and self.session.is_open(now) else None

    def standing(self) -> dict[str, str | None]:
        """The step where the person stands, by journey."""
        return {name: progress.standing for name, progress in self.journeys.items()}

    def to_json(self) -> bytes:
        """The state as JSON: equal states give equal bytes."""
        return orjson.dumps(_packed(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes) -> UserState:
        """The state that `to_json` wrote."""
        return _unpacked_state(orjson.loads(data))


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


@dataclass(frozen=True, slots=True)
class Folded:
    """The state after some events, and those of them that may wake rules, in history order.

    journeys: the names of the journeys in which the person's progress may have changed.
    """

    state: UserState
    woken: tuple[Woken, ...]
    journeys: frozenset[str] = frozenset()


def new_state(plan: StatePlan) -> UserState:
    """The state of a person of whom nothing is known yet."""
    return UserState(
        revision=plan.revision, journeys={name: beginning(journey, None) for name, journey in plan.journeys.items()}
    )


def fold(plan: StatePlan, state: UserState | None, events: Sequence[Event]) -> Folded:
    """Fold events into a state (None: a new person), which is changed in place and given back.

    events: new ones, in (time, seq) order, none before the state's position. Raises LateEvent otherwise, before
    anything is changed.
    """
    state = new_state(plan) if state is None else state
    _require_order(state, events)
    woken: list[Woken] = []
    changed: set[str] = set()
    standing = state.standing()
    for event in events:
        session = state.session.number if state.session is not None else None
        candidates = [each.key for each in plan.folders.get(event.name, ()) if each.is_first]
        firsts = [key for key in candidates if key not in state.slots]
        journeys = _fold_event(plan, state, event)
        changed |= journeys
        before, standing = standing, state.standing() if journeys else standing
        if event.live:
            woken.append(
                Woken(
                    event=event,
                    stood_before=before,
                    stands_after=standing,
                    started_session=state.session is not None and state.session.number != session,
                    firsts=frozenset(key for key in firsts if key in state.slots),
                )
            )
    return Folded(state, tuple(woken), frozenset(changed))


def replay(plan: StatePlan, events: Iterable[Event]) -> UserState:
    """The state of a person whose whole history this is, in any order, duplicates and all."""
    return fold(plan, None, in_history_order(events)).state


def _require_order(state: UserState, events: Sequence[Event]) -> None:
    position = state.position
    for event in events:
        if position is not None and event.position <= position:
            raise LateEvent(f"event `{event.message_id}` is not later than what was folded before")
        position = event.position


def _fold_event(plan: StatePlan, state: UserState, event: Event) -> set[str]:
    """Take one event into the state, in place. Gives the journeys in which something may have changed."""
    changed: set[str] = set()
    if state.first_seen is None:
        state.first_seen = event.time
        state.journeys = {name: beginning(journey, event.time) for name, journey in plan.journeys.items()}
        state.read = None
        changed |= plan.journeys.keys()
    state.position = event.position
    state.session = after(state.session, event)
    _fold_identity(state, event)
    reached: list[tuple[str, str]] = []
    for name, journey in plan.journeys.items():
        if concerns(journey, event):
            changed.add(name)
            reached += [(name, step) for step in fold_journey(journey, state.journeys[name], event)]
    felt = _fold_guide(plan, state, event) if event.name in GUIDE_EVENTS else []
    changed |= {journey for journey, _, _ in felt}
    folders = plan.folders.get(event.name, ())
    if folders or plan.folders_of_all:
        happening = Happening(event, felt, reached, state.session)
        for folder in (*folders, *plan.folders_of_all):
            folder.fold(state.slots, happening)
    return changed


def _fold_identity(state: UserState, event: Event) -> None:
    if event.user_id is not None and event.user_id != state.user_id:
        state.user_id, state.read = event.user_id, None
    match event.kind:
        case EventKind.IDENTIFY:
            _identify(state, event)
            state.read = None
        case EventKind.GROUP:
            if event.group_id is not None and event.group_id != state.account_id:
                state.account_id, state.account = event.group_id, {}
            _take(state.account, event.traits)
            state.read = None
        case _:
            pass


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


_PARTS: Final = (UserState, Session, JourneyProgress, StepProgress, GuideHistory, Answer)


def _defaults(part: type[Any]) -> dict[str, object]:
    """The members of a part that are in its JSON, each with the value that is left out."""
    return {
        each.name: each.default_factory() if each.default_factory is not MISSING else each.default
        for each in fields(part)
        if each.compare
    }


_DEFAULTS: Final = {part: _defaults(part) for part in _PARTS}


def _packed(value: Any) -> Any:
    """A value as JSON; of our own parts, the members that differ from their default."""
    defaults = _DEFAULTS.get(type(value))
    if defaults is not None:
        members = ((name, getattr(value, name), default) for name, default in defaults.items())
        return {name: _packed(member) for name, member, default in members if member != default}
    if isinstance(value, dict):
        return {name: _packed(member) if type(member) in _DEFAULTS else member for name, member in value.items()}
    return value


def _unpacked_state(data: dict[str, Any]) -> UserState:
    position, session = data.get("position"), data.get("session")
    parts: dict[str, Any] = {
        "position": None if position is None else (position[0], position[1]),
        "session": None if session is None else Session(**session),
        "journeys": {name: _unpacked_journey(each) for name, each in data.get("journeys", {}).items()},
        "guides": {name: _unpacked_guide(each) for name, each in data.get("guides", {}).items()},
    }
    return UserState(**{**data, **parts})


def _unpacked_journey(data: dict[str, Any]) -> JourneyProgress:
    steps = {name: StepProgress(**each) for name, each in data.get("steps", {}).items()}
    return JourneyProgress(**{**data, "steps": steps})


def _unpacked_guide(data: dict[str, Any]) -> GuideHistory:
    answers = {name: Answer(**each) for name, each in data.get("answers", {}).items()}
    return GuideHistory(**{**data, "answers": answers})
