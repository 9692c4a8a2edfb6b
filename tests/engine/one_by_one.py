"""The same decision, guide by guide: every gate of every guide in a loop, as one would explain it on paper.

What `engine.decisions.decide` says with sets of guides must be what this says.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsl.values import Instant
from engine.context import NO_CONTEXT, RequestContext
from engine.decisions import ALONE, TRIGGERS_FOR, Case, Surroundings
from engine.reasons import Reason
from engine.ruleset import RuleSet
from engine.state import UserState, Woken

Told = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str | None, int | None], ...], str | None]
"""Each guide considered with its reason, by rank; what goes out, with its variant and trigger; who is held out."""


def decided_one_by_one(
    ruleset: RuleSet,
    state: UserState | None,
    triggers: Sequence[Woken],
    *,
    now: Instant,
    person: str,
    context: RequestContext = NO_CONTEXT,
    around: Surroundings = ALONE,
    only: str | None = None,
) -> Told:
    """Decide in a loop."""
    case = Case(ruleset, state, now=now, person=person, context=context, around=around)
    woken: dict[int, Woken | None] = {
        rank: None
        for rank, guide in enumerate(ruleset.guides)
        if not guide.is_edge
        or (guide.name in case.state.guides and case.seen(guide.name).is_due_after_snooze(case.now))
    }
    for each in triggers:
        if each.event.live and 0 <= case.now - each.event.time <= TRIGGERS_FOR:
            for rank, guide in enumerate(ruleset.guides):
                if guide.is_woken_by(each, only):
                    woken[rank] = each
    places = set(case.state.standing().items())
    standing = {rank for rank, guide in enumerate(ruleset.guides) if places & set(guide.standing)}
    reasons: dict[int, Reason | None] = {}
    for rank in sorted({*woken, *standing}):
        guide = ruleset.guides[rank]
        reasons[rank] = case.gate(guide, woken[rank]) if rank in woken else case.unwoken(guide)
    passed = [rank for rank, reason in reasons.items() if reason is None]
    placed = [rank for rank in passed if not ruleset.guides[rank].is_launcher]
    winner = next((rank for rank in placed if not ruleset.guides[rank].is_draft), None)
    for rank in passed:
        is_behind = rank in placed and winner is not None and rank > winner
        reasons[rank] = Reason.OUTRANKED if is_behind else case.outcome(ruleset.guides[rank])
    shown = [rank for rank, reason in reasons.items() if reason is not None and reason.shows]
    goes_out = [case.shown(rank, reasons[rank] or Reason.ERROR, woken[rank]) for rank in shown]
    return (
        tuple((ruleset.guides[rank].name, str(reason)) for rank, reason in sorted(reasons.items())),
        tuple((each.guide, each.variant, each.trigger.event.seq if each.trigger else None) for each in goes_out),
        ruleset.guides[winner].name if winner is not None and reasons[winner] is Reason.HELD_OUT else None,
    )
