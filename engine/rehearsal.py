"""Some people lived through under one rule set, in memory: events come, guidance is asked for, what is shown is seen.

For scenario tests and for comparing two rule sets over a history. Follows what the service does with a request
(`engine.guidance`): undecided triggers wait, a guide that is held out counts from then on. Decides nothing itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final

from dsl.needs import Slot
from dsl.nodes import Record
from dsl.values import Instant, JsonValue
from engine.accounts import AccountState, account_of, account_slots, fold_account
from engine.context import NO_CONTEXT, RequestContext
from engine.decisions import TRIGGERS_FOR, Case, Decision, GuideDecision, Surroundings, decide
from engine.events import Event, EventKind, GuideEvent
from engine.reasons import Reason
from engine.replay.rules import recorded_by
from engine.ruleset import RuleSet
from engine.state import LateEvent, UserState, Woken, fold, new_state

_NOTHING: Final[Mapping[str, int]] = {}


@dataclass(slots=True)
class _Player:
    first_id: str
    state: UserState
    events: list[Event] = field(default_factory=list)
    waiting: list[Woken] = field(default_factory=list)


def shown_by(decision: Decision | None) -> tuple[GuideDecision, ...]:
    """What goes out: the guide that has the place first, then launchers; nothing without a decision."""
    if decision is None:
        return ()
    return (*((decision.winner,) if decision.winner is not None else ()), *decision.launchers)


def reason_of(guide: str, decision: Decision | None, ruleset: RuleSet, *, has_consent: bool = True) -> Reason | None:
    """Why a guide is shown or not, also where it did not even come into question; None if it is not in the rules.

    decision: None where nothing was woken, so that nothing was decided.
    """
    known = ruleset.by_name.get(guide)
    if known is None:
        return None
    for each in decision.considered if decision is not None else ():
        if each.guide == guide:
            return each.reason
    if not has_consent:
        return Reason.NO_CONSENT
    return Reason.PAUSED if known.is_paused else Reason.NOT_TRIGGERED


class Rehearsal:
    """People by number, from 0. Of each, events come in the order of time; the order of calls is the order of receipt.

    responses: by survey, submissions that others gave before (`stop after`).
    """

    def __init__(self, ruleset: RuleSet, first_ids: Sequence[str], *, responses: Mapping[str, int] = _NOTHING) -> None:
        self.ruleset = ruleset
        self._players = [_Player(each, new_state(ruleset.plan)) for each in first_ids]
        self._accounts: dict[str, AccountState] = {}
        self._told: dict[str, list[Event]] = {}
        self._members: dict[str, dict[int, None]] = {}
        self._responses = Counter(responses)
        self._numbers = count(1)
        self._decides_always = any(not guide.is_edge for guide in ruleset.guides)

    def take(self, who: int, event: Event) -> None:
        """An event of a person comes in; its `seq` is given anew."""
        player = self._players[who]
        event = replace(event, seq=next(self._numbers))
        name = event.properties.get("guide") if event.name == GuideEvent.ANSWERED else None
        before = self._submissions(player, name)
        player.waiting += fold(self.ruleset.plan, player.state, [event]).woken
        player.events.append(event)
        if isinstance(name, str):
            self._responses[name] += self._submissions(player, name) - before
        if event.kind is EventKind.GROUP and event.group_id is not None:
            self._tell(event.group_id, event)
            self._members.setdefault(event.group_id, {})[who] = None

    def _tell(self, account: str, event: Event) -> None:
        told = self._told.setdefault(account, [])
        told.append(event)
        try:
            self._accounts[account] = fold_account(self._accounts.get(account, AccountState()), event)
        except LateEvent:
            self._accounts[account] = account_of(told)

    def is_woken(self, who: int, *, now: Instant) -> bool:
        """False if a request at the instant could show nothing, so that it need not be decided."""
        player = self._players[who]
        if self._decides_always or any(each.snoozed_until is not None for each in player.state.guides.values()):
            return True
        fresh = [each for each in player.waiting if now - each.event.time <= TRIGGERS_FOR]
        player.waiting = fresh
        return any(self.ruleset.is_woken_by(each) for each in fresh)

    def ask(self, who: int, *, now: Instant, context: RequestContext = NO_CONTEXT) -> Decision:
        """The person asks for guidance. What waits is decided now; a guide that is held out counts from now on."""
        player = self._players[who]
        decision = decide(
            self.ruleset,
            player.state,
            player.waiting,
            now=now,
            person=player.first_id,
            context=context,
            around=self._around(who),
        )
        player.waiting = []
        if decision.held_out is not None:
            self._note(who, GuideEvent.HELD_OUT, {"guide": decision.held_out}, now)
        return decision

    def record(self, who: int, *, now: Instant, context: RequestContext = NO_CONTEXT) -> Record | None:
        """The `record` by which a page of the person records now, as far as the rules say; None for none."""
        if not self.ruleset.records or not context.has_consent:
            return None
        player = self._players[who]
        around = self._around(who)
        case = Case(self.ruleset, player.state, now=now, person=player.first_id, context=context, around=around)
        found = recorded_by(self.ruleset.records, case.facts(None), player.first_id)
        return None if found is None else found.node

    def see(self, who: int, decision: Decision, *, now: Instant) -> None:
        """The person sees what a decision shows, at once."""
        for each in shown_by(decision):
            properties: dict[str, JsonValue] = {"guide": each.guide}
            if each.variant is not None:
                properties["variant"] = each.variant
            self._note(who, GuideEvent.SHOWN, properties, now)

    def _note(self, who: int, name: GuideEvent, properties: dict[str, JsonValue], now: Instant) -> None:
        position = self._players[who].state.position
        time = now if position is None else max(now, position[0])
        self.take(
            who,
            Event(
                seq=0,
                message_id=f"rehearsed {len(self._players[who].events)}",
                kind=EventKind.TRACK,
                name=name.value,
                time=time,
                received=time,
                user_id=self._players[who].state.user_id,
                properties=properties,
                from_browser=name is GuideEvent.SHOWN,
            ),
        )

    def _around(self, who: int) -> Surroundings:
        player = self._players[who]
        number = player.state.account_id
        account = self._accounts.get(number) if number is not None else None
        return Surroundings(
            account=account.traits if account is not None else None,
            others=lambda: self._others(who, number),
            log=lambda: player.events,
            responses=self._responses,
        )

    def _others(self, who: int, account: str | None) -> Iterable[Mapping[str, Slot]]:
        for number in self._members.get(account, {}) if account is not None else ():
            other = self._players[number].state
            if number != who and other.account_id == account:
                yield account_slots(self.ruleset.plan, other)

    @staticmethod
    def _submissions(player: _Player, guide: JsonValue) -> int:
        history = player.state.guides.get(guide) if isinstance(guide, str) else None
        return 0 if history is None else history.submissions
