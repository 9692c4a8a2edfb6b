"""The state of a person at a cut, from which a replay starts when the events before it are gone.

A snapshot was folded under the rules of its day. Under other rules it gives what both have in common: attributes,
sessions, what was kept for conditions that are the same, steps and guides of the same name. What newer rules ask beyond
that begins at the cut. Two people who become one add up, as far as two sums can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dsl.needs import Slot
from dsl.values import Instant
from engine.events import Event
from engine.exposures import KEPT, KEPT_SUBMISSIONS, GuideHistory
from engine.journeys import KEPT_FEELINGS, JourneyPlan, JourneyProgress, StepProgress, beginning
from engine.plan import StatePlan
from engine.sessions import Session
from engine.slots import added
from engine.state import UserState, fold, new_state

NO_SNAPSHOT: Final = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state at a cut. cut: events at or after it are not in it. events: how many are. state: as JSON."""

    cut: Instant
    events: int
    state: bytes


def begun(plan: StatePlan, snapshot: Snapshot | None) -> UserState:
    """The state from which the events that are left are folded."""
    return new_state(plan) if snapshot is None else under(plan, UserState.from_json(snapshot.state))


def after_cut(events: Sequence[Event], snapshot: Snapshot | None) -> Sequence[Event]:
    """The events that are not in the snapshot. What comes later and is of before the cut is past its time."""
    return events if snapshot is None else [event for event in events if event.time >= snapshot.cut]


def replayed(plan: StatePlan, snapshot: Snapshot | None, events: Sequence[Event]) -> UserState:
    """The state of a person: the snapshot, and what came since, in history order."""
    return fold(plan, begun(plan, snapshot), after_cut(events, snapshot)).state


def under(plan: StatePlan, state: UserState) -> UserState:
    """A state of other rules as these would have it, as far as both have the same in common."""
    if state.revision == plan.revision:
        return state
    return replace(
        state,
        revision=plan.revision,
        journeys={
            name: _progress(journey, state.journeys.get(name), state.first_seen)
            for name, journey in plan.journeys.items()
        },
        guides={
            name: replace(
                history,
                answers={
                    each: answer for each, answer in history.answers.items() if each in plan.guides[name].questions
                },
            )
            for name, history in state.guides.items()
            if name in plan.guides
        },
        slots={key: slot for key, slot in state.slots.items() if key in plan.kept},
        read=None,
        packed={},
    )


def united(plan: StatePlan, user: Snapshot, visitor: Snapshot) -> Snapshot:
    """One snapshot of two people who have become one; the user's attributes win."""
    ours, theirs = begun(plan, user), begun(plan, visitor)
    return Snapshot(
        cut=max(user.cut, visitor.cut),
        events=user.events + visitor.events,
        state=_one_of(plan, ours, theirs).to_json(),
    )


def _one_of(plan: StatePlan, user: UserState, visitor: UserState) -> UserState:
    later = user if (user.position or (0, 0)) >= (visitor.position or (0, 0)) else visitor
    traits = {**visitor.traits, **user.traits}
    unsure = [name for name in traits if name in (user if name in user.traits else visitor).told_anonymously]
    first_seen = _least(user.first_seen, visitor.first_seen)
    account = user if user.account_id is not None else visitor
    return UserState(
        revision=plan.revision,
        user_id=user.user_id or visitor.user_id,
        traits=traits,
        told_anonymously=unsure,
        account_id=account.account_id,
        account=dict(account.account),
        first_seen=first_seen,
        position=later.position,
        session=_session(user.session, visitor.session),
        journeys={
            name: _progress(journey, _progress_of_both(user.journeys[name], visitor.journeys[name]), first_seen)
            for name, journey in plan.journeys.items()
        },
        guides={
            name: _history_of_both(user.guides.get(name, GuideHistory()), visitor.guides.get(name, GuideHistory()))
            for name in {**user.guides, **visitor.guides}
        },
        slots=_slots_of_both(plan, later.slots, (visitor if later is user else user).slots),
    )


def _slots_of_both(plan: StatePlan, later: Mapping[str, Slot], earlier: Mapping[str, Slot]) -> dict[str, Slot]:
    found = {**earlier, **later}
    for key in earlier.keys() & later.keys():
        found[key] = added(plan.kept[key], earlier[key], later[key])
    return found


def _session(one: Session | None, other: Session | None) -> Session | None:
    if one is None or other is None:
        return one or other
    later = max(one, other, key=lambda each: each.last)
    return Session(number=one.number + other.number, start=later.start, last=later.last)


def _progress(plan: JourneyPlan, known: JourneyProgress | None, first_seen: Instant | None) -> JourneyProgress:
    """Progress with the steps of a journey as it is; where the person stands follows from what was reached."""
    if known is None:
        return beginning(plan, first_seen)
    steps = {name: known.steps[name] for name in plan.steps if name in known.steps}
    reached = [number for number, name in enumerate(plan.steps) if name in steps and steps[name].reached_at is not None]
    if not plan.steps:
        standing = None
    elif not reached:
        standing = plan.steps[0]
    else:
        standing = plan.steps[reached[-1] + 1] if reached[-1] + 1 < len(plan.steps) else None
    since = known.standing_since
    if standing != known.standing:
        since = steps[plan.steps[reached[-1]]].reached_at if reached else first_seen
    if standing is not None and since is not None:
        here = steps.get(standing, StepProgress())
        steps[standing] = replace(here, entered_at=here.entered_at if here.entered_at is not None else since)
    return replace(known, standing=standing, standing_since=since, steps=steps)


def _progress_of_both(one: JourneyProgress, other: JourneyProgress) -> JourneyProgress:
    names = {**one.steps, **other.steps}
    steps = {name: _step_of_both(one.steps.get(name), other.steps.get(name)) for name in names}
    return JourneyProgress(
        standing=one.standing if one.standing == other.standing else "",
        standing_since=_least(one.standing_since, other.standing_since),
        steps=steps,
        last_event_at=_most(one.last_event_at, other.last_event_at),
        outcome_at=_least(one.outcome_at, other.outcome_at),
    )


def _step_of_both(one: StepProgress | None, other: StepProgress | None) -> StepProgress:
    if one is None or other is None:
        return one or other or StepProgress()
    reached = _least(one.reached_at, other.reached_at)
    return StepProgress(
        entered_at=_least(one.entered_at, other.entered_at),
        reached_at=reached,
        skipped=reached is None and (one.skipped or other.skipped),
        attempts=one.attempts + other.attempts,
        signals=_counts(one.signals, other.signals),
        elsewhere=_counts(one.elsewhere, other.elsewhere),
        felt={
            feeling: sorted([*one.felt.get(feeling, []), *other.felt.get(feeling, [])])[-KEPT_FEELINGS:]
            for feeling in {**one.felt, **other.felt}
        },
        returns=one.returns + other.returns,
        away=one.away or other.away,
        present_at=_most(one.present_at, other.present_at),
    )


def _history_of_both(one: GuideHistory, other: GuideHistory) -> GuideHistory:
    snoozed = max((one, other), key=lambda each: each.snoozed_until or 0)
    answers = dict(one.answers)
    for name, answer in other.answers.items():
        if name not in answers or answers[name].time < answer.time:
            answers[name] = answer
    return GuideHistory(
        shown=sorted([*one.shown, *other.shown])[-KEPT:],
        shown_count=one.shown_count + other.shown_count,
        held_out=sorted([*one.held_out, *other.held_out])[-KEPT:],
        held_out_count=one.held_out_count + other.held_out_count,
        started_at=_least(one.started_at, other.started_at),
        completed_at=_most(one.completed_at, other.completed_at),
        dismissed=sorted([*one.dismissed, *other.dismissed])[-KEPT:],
        closed_at=_least(one.closed_at, other.closed_at),
        snoozed_until=snoozed.snoozed_until,
        snooze_used=snoozed.snooze_used,
        answers=answers,
        first_answered_at=_least(one.first_answered_at, other.first_answered_at),
        last_answered_at=_most(one.last_answered_at, other.last_answered_at),
        submissions=one.submissions + other.submissions,
        latest_submissions=[*one.latest_submissions, *other.latest_submissions][-KEPT_SUBMISSIONS:],
    )


def _counts(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _least(one: Instant | None, other: Instant | None) -> Instant | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _most(one: Instant | None, other: Instant | None) -> Instant | None:
    return max((each for each in (one, other) if each is not None), default=None)
