"""A person at an instant, and what would be if more happened: the same evaluator over a longer history.

Pure: a world is never changed; each step gives a new one. Events that are tried come after everything that is known
and wake rules as live ones do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from dsl.values import Instant, JsonValue
from engine import traits
from engine.context import NO_CONTEXT, RequestContext, read_context
from engine.decisions import ALONE, TRIGGERS_FOR, Decision, Surroundings, decide
from engine.events import Event, EventKind
from engine.facts import UserFacts, facts_of
from engine.reasons import Reason
from engine.ruleset import CompiledGuide, RuleSet, names_of
from engine.state import UserState, Woken, fold, new_state
from engine.why.tree import Asks, Becomes, Happens, Step, Told, Waits

NEW_ACCOUNT: Final = "a new account"
"""The id of the account that a user without one is taken into."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Whom and when a guide is asked about.

    state: of the person at the instant, made with the rule set's plan; None for somebody new. person: the first id.
    user: the id that the person is known by. woken: live events up to the instant that may wake rules, in order.
    """

    ruleset: RuleSet
    state: UserState | None
    now: Instant
    person: str
    user: str
    woken: Sequence[Woken] = ()
    context: RequestContext = NO_CONTEXT
    around: Surroundings = ALONE


@dataclass(frozen=True, slots=True)
class World:
    """A situation, some steps later."""

    situation: Situation
    state: UserState
    now: Instant
    woken: tuple[Woken, ...]
    context: Mapping[str, JsonValue]
    account: Mapping[str, JsonValue] | None
    steps: tuple[Step, ...] = ()
    events: tuple[Event, ...] = ()
    kept: dict[str, object] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, situation: Situation) -> World:
        """The world as it is."""
        plan = situation.ruleset.plan
        state = new_state(plan) if situation.state is None else situation.state
        now = situation.now if state.position is None else max(situation.now, state.position[0])
        return cls(
            situation,
            state,
            now,
            tuple(situation.woken),
            situation.context.sent,
            situation.around.account,
        )

    @property
    def ruleset(self) -> RuleSet:
        """The rules that are asked about."""
        return self.situation.ruleset

    def after(self, step: Step) -> World:
        """The world after one more step."""
        match step:
            case Happens():
                moved = self._told([step.event] * step.times)
            case Becomes():
                moved = self._told([step.event])
            case Asks():
                moved = replace(self, context=_with_member(self.context, step.name, step.value), kept={})
            case Waits():
                moved = replace(self, now=max(self.now, step.until), kept={})
            case _:
                assert_never(step)
        return replace(moved, steps=(*self.steps, step), kept={})

    def after_all(self, steps: Sequence[Step]) -> World:
        """The world after several steps."""
        world = self
        for step in steps:
            world = world.after(step)
        return world

    def decision(self) -> Decision:
        """What the evaluator says."""
        known = self.kept.get("decision")
        if isinstance(known, Decision):
            return known
        decision = decide(
            self.ruleset,
            self.state,
            self.woken,
            now=self.now,
            person=self.situation.person,
            context=self.request,
            around=self.around,
        )
        self.kept["decision"] = decision
        return decision

    def reason(self, guide: CompiledGuide) -> Reason:
        """What the evaluator says of one guide; NOT_TRIGGERED where it does not come into question."""
        found = (each.reason for each in self.decision().considered if each.guide == guide.name)
        return next(found, Reason.NOT_TRIGGERED)

    def trigger(self, guide: CompiledGuide) -> Woken | None:
        """The event that wakes the guide now: the latest fresh one."""
        fresh = (each for each in reversed(self.woken) if self._is_fresh(each))
        return next((each for each in fresh if wakes(each, guide)), None)

    def facts(self, guide: CompiledGuide) -> UserFacts:
        """The facts as the guide's conditions see them."""
        return facts_of(
            self.ruleset.plan,
            self.state,
            now=self.now,
            context=self.context,
            woken=self.trigger(guide) if guide.is_edge else None,
            account=self.account,
            others=self.around.others,
            log=self.around.log,
        )

    def is_known(self, name: str) -> bool:
        """True if the history is known to hold an event of that name."""
        log = self.around.log
        return any(each.name == name for each in (self.events if log is None else log() or ()))

    @property
    def request(self) -> RequestContext:
        """What the request tells."""
        if self.context is self.situation.context.sent:
            return self.situation.context
        return read_context(self.context)

    @property
    def around(self) -> Surroundings:
        """What a decision asks beyond the person's state, with what the new events add."""
        around = self.situation.around
        if not self.events:
            return around
        log, added = around.log, self.events
        responses = {name: self._responses(name) for name in self.ruleset.stops}
        whole = None if log is None else (lambda: [*(log() or ()), *added])
        return replace(around, account=self.account, log=whole, responses=responses)

    def _responses(self, survey: str) -> int:
        begin = self.situation.state.guides.get(survey) if self.situation.state is not None else None
        now = self.state.guides.get(survey)
        before, after = (0 if each is None else each.submissions for each in (begin, now))
        return self.situation.around.responses.get(survey, 0) + after - before

    def _is_fresh(self, woken: Woken) -> bool:
        return woken.event.live and 0 <= self.now - woken.event.time <= TRIGGERS_FOR

    def _told(self, told: Sequence[Told]) -> World:
        number = 0 if self.state.position is None else self.state.position[1]
        number = max(number, *(each.event.seq for each in self.woken)) if self.woken else number
        events = [self._event(each, number + place) for place, each in enumerate(told, 1)]
        state = UserState.from_json(self.state.to_json())
        folded = fold(self.ruleset.plan, state, events)
        account = self.account
        for event in events:
            if event.kind is EventKind.GROUP:
                account = traits.apply(dict(account if account is not None else self.state.account), event.traits)
        return replace(
            self,
            state=folded.state,
            woken=(*self.woken, *folded.woken),
            events=(*self.events, *events),
            account=account,
            kept={},
        )

    def _event(self, told: Told, seq: int) -> Event:
        user_id = self.state.user_id
        return Event(
            seq=seq,
            message_id=f"what if {seq}",
            kind=told.kind,
            name=told.name,
            time=self.now,
            received=self.now,
            user_id=user_id,
            anonymous_id=self.situation.person if user_id is None else None,
            properties=told.properties,
            traits=told.traits,
            group_id=(self.state.account_id or NEW_ACCOUNT) if told.kind is EventKind.GROUP else None,
            context={"page": {"path": told.properties.get("path", "/")}} if told.from_browser else {},
            from_browser=told.from_browser,
        )


def wakes(woken: Woken, guide: CompiledGuide) -> bool:
    """True if the event wakes the guide, however long ago it was."""
    return any(test(woken) for name in names_of(woken) for test in guide.wakes.get(name, ()))


def _with_member(context: Mapping[str, JsonValue], name: str, value: JsonValue) -> dict[str, JsonValue]:
    """A context in which one value (`page.path`, `device.type`, `country`) is another; None leaves it out."""
    first, _, rest = name.partition(".")
    changed = dict(context)
    if not rest:
        changed[first] = value
    else:
        inner = context.get(first)
        changed[first] = {**(inner if isinstance(inner, dict) else {}), rest: value}
    return changed
