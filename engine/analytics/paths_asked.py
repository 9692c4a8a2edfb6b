"""Backward paths as somebody asks for them, in text, what they mean under the rules in force, and the conditions of
rules that say the same. Computes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from dsl.compiler import Compiler
from dsl.formatter import format_condition
from dsl.nodes import (
    And,
    Condition,
    Did,
    DidDirectly,
    DidSequence,
    DurationLiteral,
    EventRef,
    Not,
    Or,
    TextLiteral,
)
from dsl.project import RuleProject
from dsl.values import UNITS, Duration, Instant
from engine.analytics.asked import NOWHERE, PeopleWhere, read_condition, read_event, step_event
from engine.analytics.backward import Wording
from engine.analytics.funnels import MOST_STEPS, FunnelTooLong, FunnelTooShort, Order, Unit
from engine.analytics.paths import GIVES_UP_AFTER, STEPS, PathQuestion
from engine.errors import UnknownJourney, UnknownStep, WaypostError

MOST_ALTERNATIVES: Final = 16
"""How many chains a condition of a rule may list, where steps are reached by several events."""


class BadChain(WaypostError):
    """A chain that no paths can have."""

    code = "paths_chain"

    def __init__(self) -> None:
        super().__init__(
            f"a chain is 2 to {MOST_STEPS} names of events, one after the other, such as `Viewed Docs,Left Page`"
        )


@dataclass(frozen=True, slots=True)
class PathsAsked:
    """What is asked.

    journey, with `at`: the step at which people left, None for the one before which the sharpest drop lies; or steps:
    events in order, of which the last was missed; or before: an event that people came to. window: from the entry; the
    drop moment is the last event inside it, without one the last of the session. back: how many steps. where: a
    condition on who counts, as of now. period: only who left or came there within so long before now.
    """

    journey: str | None = None
    at: str | None = None
    steps: tuple[str, ...] = ()
    before: str | None = None
    window: Duration | None = None
    unit: Unit = Unit.USER
    back: int = STEPS
    where: str | None = None
    period: Duration | None = None
    everyone: bool = False
    with_simulated: bool = False


@dataclass(frozen=True, slots=True)
class PathsPlan:
    """What a question means: the question, how its answer names things, who counts."""

    question: PathQuestion
    wording: Wording
    people: PeopleWhere | None


def paths_plan(asked: PathsAsked, rules: RuleProject, *, now: Instant) -> PathsPlan:
    """What a question means under rules, at an instant. Raises UnknownJourney, UnknownStep, BadCondition.

    `at` of a journey is given: see `engine.paths`.
    """
    labels, refs, gives_up = _named(asked, rules)
    compiler = Compiler(rules)
    events = [tuple(step_event(ref, compiler) for ref in step) for step in refs]
    *before, goal = labels
    people = PeopleWhere(read_condition(asked.where, rules)) if asked.where else None
    wants_goal = asked.before is not None
    question = PathQuestion(
        steps=tuple(events[:-1]),
        goal=events[-1],
        now=now,
        wants_goal=wants_goal,
        window=asked.window if before else None,
        unit=asked.unit,
        back=asked.back,
        gives_up=gives_up,
        since=None if asked.period is None else Instant(now - asked.period),
    )
    wording = Wording(
        at=goal,
        label=f"came to {goal}" if wants_goal else f"left before {goal}",
        others=f"never came to {goal}" if wants_goal else f"went on to {goal}",
        left_aside=tuple(sorted({ref.name.value for step in refs for ref in step})),
        cohort_where=_cohort_where(refs, question),
        directly=lambda names: chain_condition(names, Order.DIRECTLY),
        then=lambda names: chain_condition(names, Order.THEN),
    )
    return PathsPlan(question, wording, people)


def chain_condition(names: Sequence[str], order: Order) -> str:
    """The condition of a rule that reaches whoever did events in this order: next to each other, or at all."""
    refs = tuple(EventRef(TextLiteral(name, span=NOWHERE), span=NOWHERE) for name in names)
    if order is Order.DIRECTLY:
        return format_condition(DidDirectly(refs, span=NOWHERE)).strip()
    return format_condition(_did(refs, None)).strip()


def event_text(name: str) -> str:
    """An event as a step of a funnel spells it, whatever is in its name."""
    ref = EventRef(TextLiteral(name, span=NOWHERE), span=NOWHERE)
    return format_condition(Did(ref, span=NOWHERE)).strip().removeprefix("did ")


def _named(asked: PathsAsked, rules: RuleProject) -> tuple[list[str], list[tuple[EventRef, ...]], Duration]:
    """The steps, the goal last: their names, the events that reach each; and how long one waits."""
    if asked.journey is not None:
        journey = rules.journeys.get(asked.journey)
        if journey is None:
            raise UnknownJourney(asked.journey, list(rules.journeys))
        names = [step.name.text for step in journey.steps]
        if asked.at not in names:
            raise UnknownStep(asked.journey, asked.at or "", names)
        upto = names.index(asked.at) + 1
        gives_up = GIVES_UP_AFTER if journey.gives_up_after is None else journey.gives_up_after.length
        return names[:upto], [step.reached_by for step in journey.steps[:upto]], gives_up
    texts = asked.steps if asked.before is None else (asked.before,)
    if asked.before is None and len(texts) < 2:
        raise FunnelTooShort
    if len(texts) > MOST_STEPS:
        raise FunnelTooLong(len(texts))
    refs = [read_event(text, rules) for text in texts]
    return [ref.name.value for ref in refs], [(ref,) for ref in refs], GIVES_UP_AFTER


def _cohort_where(refs: Sequence[tuple[EventRef, ...]], question: PathQuestion) -> str | None:
    """The condition that is true of those the paths are of; None where a rule would have to list too much."""
    came = _reached(refs, question.window)
    if came is None:
        return None
    if question.wants_goal:
        return format_condition(came).strip()
    missed: Condition = Not(came, span=NOWHERE)
    if not question.steps:
        return format_condition(missed).strip()
    stood = _reached(refs[:-1], question.window)
    if stood is None:
        return None
    return format_condition(And((stood, missed), span=NOWHERE)).strip()


def _reached(refs: Sequence[tuple[EventRef, ...]], window: Duration | None) -> Condition | None:
    """That some chain through the steps was gone; each step may be reached by several events."""
    chains = 1
    for step in refs:
        chains *= len(step)
    if chains > MOST_ALTERNATIVES:
        return None
    found = [_did(each, window) for each in product(*refs)]
    return found[0] if len(found) == 1 else Or(tuple(found), span=NOWHERE)


def _did(refs: Sequence[EventRef], window: Duration | None) -> Condition:
    if len(refs) == 1:
        return Did(refs[0], span=NOWHERE)
    return DidSequence(tuple(refs), None if window is None else _length(window), span=NOWHERE)


def _length(window: Duration) -> DurationLiteral:
    unit = max((unit for unit in UNITS if window % UNITS[unit] == 0), key=lambda unit: UNITS[unit])
    return DurationLiteral(window // UNITS[unit], unit, span=NOWHERE)
