"""The one decision: which guide a user is to be shown now, and for each guide considered why or why not.

Pure: rules, state, triggers and the instant come in, a Decision comes out; used live, in replay, in backtest, in
explain and in scenario tests alike. Never raises: a guide that fails shows nothing, is reported, and hides no other.
Gates are asked in the order of `engine.reasons.Reason`; the first that fails gives the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final

from dsl.needs import Slot
from dsl.values import MINUTE, Duration, Instant, JsonValue
from engine.arbitration import Moment, Shows, leaves_room, met_in_session
from engine.context import NO_CONTEXT, RequestContext
from engine.facts import Log, UserFacts, facts_of
from engine.frequency import NEVER, Exposures, capped_by, exposures_of
from engine.guide_sets import NOBODY, Guides, first, members
from engine.reasons import Reason
from engine.rollout import is_held_out, is_in_rollout, is_in_sample
from engine.ruleset import TIMEZONE, CompiledGuide, RuleSet, names_of
from engine.schedule import is_zone
from engine.state import UserState, Woken, new_state
from engine.verdicts import Considered, Tally, Verdicts

TRIGGERS_FOR: Final = Duration(5 * MINUTE)
"""How old an event may be that wakes a rule; at exactly this age it still does."""

_NO_RESPONSES: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reservation:
    """A place that a confirmation keeps for a guide until `$shown` comes: it counts as shown at `at` while it lasts."""

    guide: str
    at: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a decision asks beyond the person's own state.

    account, others, log: see `engine.facts.facts_of`. responses: by survey, submissions with an answer (`stop after`).
    reservations: places kept for this person, those of other tabs only where a tab asks for its own.
    """

    account: Mapping[str, JsonValue] | None = None
    others: Callable[[], Iterable[Mapping[str, Slot]]] | None = None
    log: Log | None = None
    responses: Mapping[str, int] = field(default_factory=lambda: _NO_RESPONSES)
    reservations: Sequence[Reservation] = ()


ALONE: Final = Surroundings()


@dataclass(frozen=True, slots=True)
class GuideDecision:
    """A guide that goes out to the browser.

    kind: the widget's name, `survey` or `feedback`. wait: what the browser waits for, None for nothing. expires: when
    the guide itself ends. trigger: the event that woke it; a confirmation is asked with it again.
    """

    guide: str
    kind: str
    variant: str | None
    wait: Mapping[str, JsonValue] | None
    priority: int
    expires: Instant | None
    reason: Reason
    trigger: Woken | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be shown, and why.

    winner: the guide that has the place, None for nothing or where it is held out. held_out: the guide that has the
    place and is not shown; it counts as shown from now on. verdicts: the reason of each guide considered. launchers:
    feedback, which takes no place. failures: guides that failed, each with what went wrong, by rank.
    """

    winner: GuideDecision | None
    held_out: str | None
    verdicts: Verdicts
    revision: str
    launchers: tuple[GuideDecision, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def considered(self) -> tuple[Considered, ...]:
        """Every guide considered with its reason, by rank."""
        return self.verdicts.considered

    @property
    def counts(self) -> dict[Reason, int]:
        """How many guides were considered, by reason; empty if none was."""
        return self.verdicts.counts


def decide(
    ruleset: RuleSet,
    state: UserState | None,
    triggers: Sequence[Woken],
    *,
    now: Instant,
    person: str,
    context: RequestContext = NO_CONTEXT,
    around: Surroundings = ALONE,
    only: str | None = None,
) -> Decision:
    """Decide for one person at one instant. See the module's docstring.

    triggers: live events not decided yet, in history order; those older than five minutes, or later than `now`, wake
    nothing. person: the person's first id. only: the one name by which triggers may wake rules (`$page`,
    `$session_start`, an event's name); None for any. A guide that the context asks for is decided alone, and nothing
    has to wake it.
    """
    case = Case(ruleset, state, now=now, person=person, context=context, around=around)
    if context.asked_for is not None:
        return _asked_for(case, context.asked_for)
    index, tally = ruleset.index, Tally()
    asked = _woken(case, triggers, only)
    woken = passed = NOBODY
    for trigger, guides in asked:
        woken |= guides
        passed |= case.sift(guides, trigger, tally)
    case.leave_unwoken(_standing(case) & ~woken, tally)
    launchers = passed & index.launchers
    placed = passed ^ launchers
    winner = first(placed & ~index.drafts)
    # A draft takes no place, and is compared with what has it.
    ahead = placed if winner is None else placed & ((2 << winner) - 1)
    tally.put(Reason.OUTRANKED, placed ^ ahead)
    outcomes = {rank: case.outcome(ruleset.guides[rank]) for rank in members(ahead | launchers)}
    for rank, reason in outcomes.items():
        tally.put(reason, 1 << rank)
    shown = [
        (rank, case.shown(rank, reason, next(trigger for trigger, guides in asked if guides >> rank & 1)))
        for rank, reason in outcomes.items()
        if reason.shows
    ]
    return Decision(
        winner=next((each for rank, each in shown if rank == winner), None),
        held_out=ruleset.guides[winner].name if winner is not None and outcomes[winner] is Reason.HELD_OUT else None,
        verdicts=Verdicts(tally.by_reason, ruleset.names),
        revision=ruleset.revision,
        launchers=tuple(each for rank, each in shown if launchers >> rank & 1),
        failures=tuple(sorted(case.failures.items(), key=lambda each: ruleset.ranks[each[0]])),
    )


def confirm(
    ruleset: RuleSet,
    state: UserState | None,
    guide: str,
    *,
    now: Instant,
    person: str,
    trigger: Woken | None = None,
    context: RequestContext = NO_CONTEXT,
    around: Surroundings = ALONE,
) -> Reason:
    """Why a guide that was decided before may be shown now, or may not any more; asked just before it is shown.

    trigger: the event that woke it when it was decided. Without it, a rule with `on` is not asked again where the user
    stood then. around.reservations: places that other tabs and devices hold; another guide's keeps this one away.
    """
    found = ruleset.by_name.get(guide)
    if found is None:
        return Reason.DISABLED
    case = Case(ruleset, state, now=now, person=person, context=context, around=around)
    reason = case.gate(found, trigger, is_confirming=True)
    if reason is not None:
        return reason
    if found.is_draft:
        return Reason.DRAFT
    if case.held_places and not found.is_launcher:
        return Reason.OUTRANKED
    return Reason.SPLIT if case.is_split(found) else Reason.TARGETING_MATCH


def _asked_for(case: Case, name: str) -> Decision:
    """Decide one guide that the user wants to see: now, so what its `wait` waits for is not waited for."""
    ruleset, rank = case.ruleset, case.ruleset.ranks.get(name)
    if rank is None:
        return Decision(None, None, Verdicts({}, ruleset.names), ruleset.revision)
    guide = ruleset.guides[rank]
    reason = case.gate(guide, None) or case.outcome(guide)
    shown = replace(case.shown(rank, reason, None), wait=None) if reason.shows else None
    return Decision(
        winner=None if guide.is_launcher else shown,
        held_out=name if reason is Reason.HELD_OUT and not guide.is_draft and not guide.is_launcher else None,
        verdicts=Verdicts({reason: 1 << rank}, ruleset.names),
        revision=ruleset.revision,
        launchers=(shown,) if guide.is_launcher and shown is not None else (),
        failures=tuple(case.failures.items()),
    )


def _woken(case: Case, triggers: Sequence[Woken], only: str | None) -> list[tuple[Woken | None, Guides]]:
    """What is to be decided: state rules, what a fresh event wakes (the latest such event counts), ended snoozes."""
    asked: list[tuple[Woken | None, Guides]] = []
    woken = NOBODY
    for each in reversed(triggers):
        if each.event.live and 0 <= case.now - each.event.time <= TRIGGERS_FOR:
            guides = case.ruleset.woken_by(each, only) & ~woken
            if guides:
                asked.append((each, guides))
                woken |= guides
    unasked = case.ruleset.index.state_rules
    for name in case.state.guides:
        rank = case.ruleset.ranks.get(name)
        if rank is not None and not woken >> rank & 1 and case.seen(name).is_due_after_snooze(case.now):
            unasked |= 1 << rank
    return [(None, unasked), *reversed(asked)] if unasked else asked[::-1]


def _standing(case: Case) -> Guides:
    """The guides whose `at` names a step where the user stands."""
    found = NOBODY
    for journey, step in case.state.standing().items():
        if step is not None:
            found |= case.ruleset.index.standing.get((journey, step), NOBODY)
    return found


class Case:
    """One person at one instant: what the gates ask, each looked up once."""

    def __init__(
        self,
        ruleset: RuleSet,
        state: UserState | None,
        *,
        now: Instant,
        person: str,
        context: RequestContext,
        around: Surroundings,
    ) -> None:
        self.ruleset = ruleset
        self.state = new_state(ruleset.plan) if state is None else state
        # A state that already holds a later event, of a clock that was put back, is decided at that event.
        self.now = now if self.state.position is None else max(now, self.state.position[0])
        self.failures: dict[str, str] = {}
        self._person = person
        self._context = context
        self._around = around
        self._facts: dict[int, UserFacts] = {}
        self._seen: dict[str, Exposures] = {}
        session = self.state.session_at(self.now)
        self._moment = Moment(self.now, session.start if session is not None else None)
        self.held_places = [each for each in around.reservations if self._is_held(each)]

    def gate(self, guide: CompiledGuide, woken: Woken | None, *, is_confirming: bool = False) -> Reason | None:
        """The reason of the first gate that keeps the guide away, or None where none does."""
        try:
            return self._gate(guide, woken, asks_place=not (is_confirming and guide.is_edge and woken is None))
        except Exception as error:
            # A rule that fails shows nothing, is reported, and hides no other.
            self.failures[guide.name] = f"{type(error).__name__}: {error}"
            return Reason.ERROR

    def sift(self, guides: Guides, woken: Woken | None, tally: Tally) -> Guides:
        """The guides that no gate keeps away; the others get the reason of the first that does.

        All of them at once; says of each what `gate` says of it, and asks that where anything fails.
        """
        own = Tally()
        try:
            left, failed = self._sifted(guides, woken, own)
        except Exception:
            own, left, failed = Tally(), NOBODY, guides
        tally.take(own)
        for rank in members(failed):
            reason = self.gate(self.ruleset.guides[rank], woken)
            if reason is None:
                left |= 1 << rank
            else:
                tally.put(reason, 1 << rank)
        return left

    def _sifted(self, guides: Guides, woken: Woken | None, tally: Tally) -> tuple[Guides, Guides]:
        index, left = self.ruleset.index, self._switched_on(guides, tally)
        if not left:
            return NOBODY, NOBODY
        left = tally.keep(left, index.timetable.open(self.now, lambda: self._zone), Reason.OUT_OF_SCHEDULE)
        for name in index.quotas.keys() & self._around.responses.keys():
            rank, most = index.quotas[name]
            if self._around.responses[name] >= most:
                left = tally.keep(left, ~(1 << rank), Reason.QUOTA_REACHED)
        facts = self.facts(woken)
        left = tally.keep(left, index.at(facts.stood_around), Reason.NOT_AT_STEP)
        meant, failed = index.audience.passing(facts, left)
        left = tally.keep(left ^ failed, meant, Reason.NOT_IN_AUDIENCE)
        found = index.conditions.sift(facts, left)
        tally.put(Reason.CONDITION_FALSE, found.false)
        tally.put(Reason.CONDITION_UNKNOWN, found.unknown)
        return self._without_capped(found.passed, tally), failed | found.failed

    def _without_capped(self, guides: Guides, tally: Tally) -> Guides:
        """Frequency, shares and limits; most guides are new to the user, and most have no share."""
        index, left = self.ruleset.index, guides
        for name in {*self.state.guides, *(each.guide for each in self.held_places)}:
            rank = self.ruleset.ranks.get(name)
            if rank is not None and left >> rank & 1:
                left = self._kept(left, rank, self._frequency(self.ruleset.guides[rank]), tally)
        for rank in members(left & index.shared_out):
            left = self._kept(left, rank, self._share(self.ruleset.guides[rank]), tally)
        for rank in members(left & (index.apart | index.varied)):
            left = self._kept(left, rank, self._limits(self.ruleset.guides[rank]), tally)
        for sort, alike in index.sorts if self.ruleset.limits else ():
            bound = left & alike & ~(index.for_testers | index.launchers)
            if bound and not leaves_room(self.ruleset.limits, sort, self._shows, self._moment):
                tally.put(Reason.GLOBAL_LIMIT, bound)
                left ^= bound
        return left

    @staticmethod
    def _kept(guides: Guides, rank: int, reason: Reason | None, tally: Tally) -> Guides:
        """The guides without that of the rank if there is a reason to keep it away."""
        return guides if reason is None else tally.keep(guides, ~(1 << rank), reason)

    def unwoken(self, guide: CompiledGuide) -> Reason:
        """Why a guide at whose step the user stands is not decided at all."""
        return self._switched_off(guide) or Reason.NOT_TRIGGERED

    def leave_unwoken(self, guides: Guides, tally: Tally) -> None:
        """The same of all guides at whose step the user stands and that nothing woke."""
        tally.put(Reason.NOT_TRIGGERED, self._switched_on(guides, tally))

    def _switched_on(self, guides: Guides, tally: Tally) -> Guides:
        """The guides without those of which `_switched_off` says why."""
        if self.ruleset.is_stopped:
            return tally.keep(guides, NOBODY, Reason.DISABLED)
        if not self._context.has_consent:
            return tally.keep(guides, NOBODY, Reason.NO_CONSENT)
        return tally.keep(guides, ~self.ruleset.index.paused, Reason.PAUSED)

    def _switched_off(self, guide: CompiledGuide) -> Reason | None:
        if self.ruleset.is_stopped:
            return Reason.DISABLED
        if not self._context.has_consent:
            return Reason.NO_CONSENT
        return Reason.PAUSED if guide.is_paused else None

    def _gate(self, guide: CompiledGuide, woken: Woken | None, *, asks_place: bool) -> Reason | None:
        """The gates in the order of the reasons, each asked only where all before it are open."""
        facts, is_wanted = self.facts(woken), self._is_wanted(guide)
        return (
            self._switched_off(guide)
            or (None if guide.schedule.is_open(self.now, self._zone) else Reason.OUT_OF_SCHEDULE)
            or self._quota(guide)
            or (Reason.NOT_AT_STEP if asks_place and not is_wanted and not _is_there(guide, facts) else None)
            or _audience(guide, facts)
            or _conditions(guide, facts)
            or (None if is_wanted else self._frequency(guide))
            or self._share(guide)
            or self._limits(guide)
        )

    def _quota(self, guide: CompiledGuide) -> Reason | None:
        if guide.stop_after is None or self._around.responses.get(guide.name, 0) < guide.stop_after:
            return None
        return Reason.QUOTA_REACHED

    def _frequency(self, guide: CompiledGuide) -> Reason | None:
        if guide.testers is not None:
            return None
        start = self._moment.session_start
        return capped_by(guide.cap, self.seen(guide.name), now=self.now, session_start=start)

    def _share(self, guide: CompiledGuide) -> Reason | None:
        name, person = guide.name, self._person
        is_in = is_in_rollout(name, person, guide.percent) and is_in_sample(
            name, person, guide.sample, every=guide.cap.every, now=self.now
        )
        return None if is_in else Reason.NOT_IN_ROLLOUT

    def _limits(self, guide: CompiledGuide) -> Reason | None:
        if guide.is_launcher:
            return None
        together = {name: self.seen(name) for name in guide.not_with}
        if met_in_session(guide.not_with, together, self._moment):
            return Reason.GLOBAL_LIMIT
        if self._is_wanted(guide) or guide.testers is not None or not self.ruleset.limits:
            return None
        has_room = leaves_room(self.ruleset.limits, guide.sort_for(self._person), self._shows, self._moment)
        return None if has_room else Reason.GLOBAL_LIMIT

    def outcome(self, guide: CompiledGuide) -> Reason:
        """What becomes of a guide that has the place, or would have it."""
        if guide.holdout and is_held_out(guide.name, self._person, guide.holdout):
            return Reason.HELD_OUT
        if guide.is_draft:
            return Reason.DRAFT
        if guide.wait is not None and not self._is_wanted(guide):
            return Reason.WAITING_FOR_BROWSER
        return Reason.SPLIT if self.is_split(guide) else Reason.TARGETING_MATCH

    def is_split(self, guide: CompiledGuide) -> bool:
        """True where a variant or a share below 100 % chose the guide for the person."""
        return bool(guide.variants) or guide.percent < 100 or guide.sample < 100

    def shown(self, number: int, reason: Reason, woken: Woken | None) -> GuideDecision:
        """What goes out for a guide."""
        guide = self.ruleset.guides[number]
        variant = guide.variant_for(self._person)
        return GuideDecision(
            guide=guide.name,
            kind=guide.kind_for(self._person),
            variant=variant.name.text if variant is not None else None,
            wait=guide.wait,
            priority=guide.priority,
            expires=guide.schedule.ends,
            reason=reason,
            trigger=woken,
        )

    def facts(self, woken: Woken | None) -> UserFacts:
        """The facts as a rule sees them that this event woke; None for a rule that needs no event."""
        key = -1 if woken is None else woken.event.seq
        if key not in self._facts:
            self._facts[key] = facts_of(
                self.ruleset.plan,
                self.state,
                now=self.now,
                context=self._context.sent,
                woken=woken,
                account=self._around.account,
                others=self._around.others,
                log=self._around.log,
            )
        return self._facts[key]

    def seen(self, name: str) -> Exposures:
        """What the person has seen of a guide, up to now, with the places that are reserved for it."""
        if name not in self._seen:
            held = [each.at for each in self.held_places if each.guide == name]
            history = self.state.guides.get(name)
            self._seen[name] = exposures_of(history, held) if history is not None or held else NEVER
        return self._seen[name]

    def _is_wanted(self, guide: CompiledGuide) -> bool:
        """True where the user asked for it: neither where they stand nor what they saw before keeps it away."""
        return guide.name == self._context.asked_for

    def _is_held(self, place: Reservation) -> bool:
        if self.now >= place.until:
            return False
        history = self.state.guides.get(place.guide)
        # Once `$shown` has come, the show itself counts.
        return history is None or not history.shown or history.shown[-1] < place.at

    @cached_property
    def _shows(self) -> tuple[Shows, ...]:
        names = dict.fromkeys([*self.state.guides, *(each.guide for each in self.held_places)])
        known = [self.ruleset.by_name[name] for name in names if name in self.ruleset.by_name]
        return tuple(Shows(guide.sort_for(self._person), self.seen(guide.name)) for guide in known)

    @cached_property
    def _zone(self) -> str:
        zone = self.facts(None).values.get(TIMEZONE.key)
        return zone if isinstance(zone, str) and is_zone(zone) else self.ruleset.project.zone


def _is_there(guide: CompiledGuide, facts: UserFacts) -> bool:
    return guide.at is None or guide.at.holds(facts)


def _audience(guide: CompiledGuide, facts: UserFacts) -> Reason | None:
    if guide.audience is not None and not guide.audience.holds(facts):
        return Reason.NOT_IN_AUDIENCE
    if guide.testers is not None and not guide.testers.holds(facts):
        return Reason.NOT_IN_AUDIENCE
    return None


def _conditions(guide: CompiledGuide, facts: UserFacts) -> Reason | None:
    """False beats unknown: where one condition speaks against the guide, no value could have helped."""
    if all(each.holds(facts) for each in guide.when) and all(each.fails(facts) for each in guide.unless):
        return None
    is_false = any(each.fails(facts) for each in guide.when) or any(each.holds(facts) for each in guide.unless)
    return Reason.CONDITION_FALSE if is_false else Reason.CONDITION_UNKNOWN


def trigger_names(triggers: Iterable[Woken]) -> tuple[str, ...]:
    """The names of triggers as `--trigger` and the log spell them."""
    return tuple(dict.fromkeys(name for each in triggers for name in names_of(each)))
