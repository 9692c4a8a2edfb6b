"""Why a decision was made as it was: the reason of each guide considered, found again from the person's own events.

The log keeps one compact row of a decision; what is pure can be decided once more.
"""

from __future__ import annotations

from api.serving import Serving
from dsl.values import Instant
from engine.context import read_context
from engine.decisions import decide
from engine.events import Event, GuideEvent, in_history_order
from engine.reasons import Reason
from engine.replies import LoggedDecision
from engine.state import Woken, fold


def considered(serving: Serving, project_id: int, logged: LoggedDecision) -> list[tuple[str, Reason]]:
    """Each guide that was considered for a decision of the log, with its reason; the one that is shown comes first."""
    rules = serving.service.rules(project_id)
    if rules is None:
        return []
    events = _known_then(serving, project_id, logged)
    folded = fold(rules.plan, None, in_history_order(events))
    position = folded.state.position
    decision = decide(
        rules,
        folded.state,
        _triggers(folded.woken, logged.trigger),
        now=logged.time if position is None else max(logged.time, position[0]),
        context=read_context(dict(events[-1].context) if events else None),
        person=logged.first_id,
    )
    return [(each.guide, each.reason) for each in sorted(decision.considered, key=lambda each: not each.reason.shows)]


def _known_then(serving: Serving, project_id: int, logged: LoggedDecision) -> list[Event]:
    if logged.user_id is not None:
        history = serving.service.history(project_id, user_id=logged.user_id)
    else:
        history = serving.service.history(project_id, anonymous_id=logged.first_id)
    # What this very decision left behind came later: what the browser reported of it, and that somebody was held out.
    return [
        each.event
        for each in history
        if each.event.received <= Instant(logged.time) and not _is_held_out_by(logged, each.event)
    ]


def _is_held_out_by(logged: LoggedDecision, event: Event) -> bool:
    return (
        event.name == GuideEvent.HELD_OUT
        and event.received == logged.time
        and event.properties.get("guide") == logged.held_out
    )


def _triggers(woken: tuple[Woken, ...], names: str | None) -> list[Woken]:
    """The latest event of each name that woke the decision."""
    wanted = set(names.split(",")) if names else set()
    latest = {each.event.name: each for each in woken if each.event.name in wanted}
    return list(latest.values())
