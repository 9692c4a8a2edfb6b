"""Where a person is in each journey, and what happened to them at each step.

A step is reached once its event happened, in any order and for good; the person stands right after the furthest step
reached, at the first if none is, at none after the last. Decides nothing about emotion (see `engine.emotion`) and
makes no record (see `engine.analytics`). Bounded by the number of steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from dsl.clauses import PAGE_EVENT
from dsl.values import Duration, Instant
from engine.events import STEP_EVENT, Event, page_path
from engine.friction import SIGNAL_EVENTS
from engine.rescoring import still_counts

KEPT_FEELINGS = 16
"""How many of the latest times of one feeling at one step are kept."""


class Role(Enum):
    """What an event is to a journey."""

    REACHES = "reached by"
    ATTEMPTS = "attempted by"
    OUTCOME = "outcome"


_REACHES: Final = Role.REACHES
_ATTEMPTS: Final = Role.ATTEMPTS
_OUTCOME: Final = Role.OUTCOME
# Looked up once: each time it takes longer than to compare.


@dataclass(frozen=True, slots=True)
class EventOfJourney:
    """An event that means something in a journey; `step` is its number, None for an outcome.

    fits: None where any event of the name does.
    """

    fits: Callable[[Event], bool] | None
    role: Role
    step: int | None


@dataclass(frozen=True, slots=True)
class JourneyPlan:
    """A journey as the fold needs it.

    steps: names in order. events: by the event's name. pages: tests of a path, with the number of the step whose
    touchpoint it is.
    """

    name: str
    steps: tuple[str, ...]
    events: Mapping[str, tuple[EventOfJourney, ...]]
    pages: tuple[tuple[Callable[[str], bool], int], ...] = ()
    has_outcome: bool = False
    gives_up_after: Duration | None = None


@dataclass(slots=True)
class StepProgress:
    """What happened to a person at a step.

    entered_at: when they came to stand at it. skipped: passed over and not reached since.
    attempts: of the events in `attempted by`, all of them.
    signals: friction by name without the `$`, since the step was entered; elsewhere: those of them that happened on
      another page than the step's. felt: the latest times of each feeling.
    returns: runs of events or page views of the step after it was reached, with something of another step in between;
    away: such a something came since. present_at: the latest time that the snippet told of presence.
    """

    entered_at: Instant | None = None
    reached_at: Instant | None = None
    skipped: bool = False
    attempts: int = 0
    signals: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, int] = field(default_factory=dict)
    felt: dict[str, list[Instant]] = field(default_factory=dict)
    returns: int = 0
    away: bool = False
    present_at: Instant | None = None


@dataclass(slots=True)
class JourneyProgress:
    """Where a person is in a journey.

    steps: those to which anything happened. standing: the step where they stand, None after the last.
    standing_since: of the event that put them there; at the first step when they were first seen.
    last_event_at: the latest event of the journey, or view of one of its pages, that `gives up after` counts from.
    outcome_at: of the first outcome.
    """

    standing: str | None
    standing_since: Instant | None = None
    steps: dict[str, StepProgress] = field(default_factory=dict)
    last_event_at: Instant | None = None
    outcome_at: Instant | None = None


def beginning(plan: JourneyPlan, first_seen: Instant | None) -> JourneyProgress:
    """The progress of a person to whom nothing of the journey has happened: they stand at its first step."""
    if not plan.steps:
        return JourneyProgress(standing=None)
    steps = {} if first_seen is None else {plan.steps[0]: StepProgress(entered_at=first_seen)}
    return JourneyProgress(standing=plan.steps[0], standing_since=first_seen, steps=steps)


def concerns(plan: JourneyPlan, name: str) -> bool:
    """True for names of events that may change a person's progress; `fold_journey` does nothing with others."""
    if name in plan.events or name == STEP_EVENT:
        return True
    return name in SIGNAL_EVENTS or (bool(plan.pages) and name == PAGE_EVENT)


def fold_journey(plan: JourneyPlan, progress: JourneyProgress, event: Event) -> tuple[str, ...]:
    """Take an event into the progress, in place. Gives the steps that it reached for the first time."""
    if event.name in SIGNAL_EVENTS:
        _count_signal(plan, progress, event)
        return ()
    if event.name == STEP_EVENT:
        _note_presence(plan, progress, event)
        return ()
    meant = [each for each in plan.events.get(event.name, ()) if each.fits is None or each.fits(event)]
    touched = [each.step for each in meant if each.step is not None]
    if event.name == PAGE_EVENT:
        touched += _steps_of_page(plan, page_path(event))
    if not meant and not touched:
        return ()
    progress.last_event_at = event.time
    _count_returns(plan, progress, touched)
    reached: list[int] = []
    for each in meant:
        if each.role is _OUTCOME:
            progress.outcome_at = event.time if progress.outcome_at is None else progress.outcome_at
        elif each.step is None:
            continue
        elif each.role is _ATTEMPTS:
            _step(progress, plan.steps[each.step]).attempts += 1
        elif each.role is _REACHES and _reach(progress, plan.steps[each.step], event.time):
            reached.append(each.step)
    if not reached:
        return ()
    _move(plan, progress, max(reached), event.time)
    return tuple(plan.steps[number] for number in reached)


def feel(progress: JourneyProgress, step: str, feelings: Sequence[str], time: Instant) -> None:
    """Note what a person felt at a step."""
    felt = _step(progress, step).felt
    for feeling in feelings:
        felt[feeling] = [*felt.get(feeling, []), time][-KEPT_FEELINGS:]


def step_of_answer(plan: JourneyPlan, progress: JourneyProgress, steps: Sequence[str]) -> str:
    """To which of a guide's steps an answer belongs: where the person stands, else the furthest that they entered or
    reached, else the first."""
    if progress.standing is not None and progress.standing in steps:
        return progress.standing
    known = [name for name in plan.steps if name in steps and name in progress.steps]
    come_to = [name for name in known if _was_here(progress.steps[name])]
    return come_to[-1] if come_to else steps[0]


def _was_here(step: StepProgress) -> bool:
    return step.entered_at is not None or step.reached_at is not None


def _step(progress: JourneyProgress, name: str) -> StepProgress:
    step = progress.steps.get(name)
    if step is None:
        step = progress.steps[name] = StepProgress()
    return step


def _reach(progress: JourneyProgress, name: str, time: Instant) -> bool:
    step = _step(progress, name)
    if step.reached_at is not None:
        return False
    step.reached_at, step.skipped = time, False
    return True


def _move(plan: JourneyPlan, progress: JourneyProgress, furthest: int, time: Instant) -> None:
    stood = len(plan.steps) if progress.standing is None else plan.steps.index(progress.standing)
    if furthest < stood:
        return
    for name in plan.steps[stood:furthest]:
        step = _step(progress, name)
        step.skipped = step.reached_at is None
    following = furthest + 1
    progress.standing = plan.steps[following] if following < len(plan.steps) else None
    progress.standing_since = time
    if progress.standing is not None:
        _step(progress, progress.standing).entered_at = time


def _steps_of_page(plan: JourneyPlan, path: str | None) -> list[int]:
    return [] if path is None else [number for is_page, number in plan.pages if is_page(path)]


def _count_returns(plan: JourneyPlan, progress: JourneyProgress, touched: Sequence[int]) -> None:
    if not touched:
        return
    here = [plan.steps[number] for number in touched]
    for name, step in progress.steps.items():
        if step.reached_at is None:
            continue
        if name not in here:
            step.away = True
        elif step.away:
            step.returns += 1
            step.away = False


def _count_signal(plan: JourneyPlan, progress: JourneyProgress, event: Event) -> None:
    signal = event.name.removeprefix("$")
    # Scored by the thresholds of this server, whichever the browser was built with.
    if still_counts(signal, event.properties.get("evidence")) is False:
        return
    own = [plan.steps[number] for number in _steps_of_page(plan, page_path(event))]
    # Signals count since the step was entered: at one where the person never stood there is nothing to count from.
    entered = [name for name in plan.steps if name in progress.steps and progress.steps[name].entered_at is not None]
    here = [name for name in entered if not own or name in own]
    if progress.standing is not None and progress.standing in here:
        name = progress.standing
    elif own and here:
        name = here[-1]
    else:
        return
    step = progress.steps[name]
    step.signals[signal] = step.signals.get(signal, 0) + 1
    if not own:
        step.elsewhere[signal] = step.elsewhere.get(signal, 0) + 1


def _note_presence(plan: JourneyPlan, progress: JourneyProgress, event: Event) -> None:
    journey, name = event.properties.get("journey"), event.properties.get("step")
    if isinstance(name, str) and journey in (None, plan.name) and name.removeprefix(f"{plan.name}.") in plan.steps:
        _step(progress, name.removeprefix(f"{plan.name}.")).present_at = event.time
        progress.last_event_at = event.time
