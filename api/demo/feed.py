"""What has happened lately, for the strip of the stage: events, and decisions with the reason of each guide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.demo import why
from api.serving import Serving
from dsl.values import Instant, JsonValue, format_instant
from engine.reasons import Reason
from engine.replies import LoggedDecision, LoggedEvent

_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the log of events and in that of decisions."""

    events: int
    decisions: int

    def __str__(self) -> str:
        return f"{self.events}.{self.decisions}"

    @classmethod
    def read(cls, text: str | None) -> Cursor | None:
        """The cursor that a page sends back; None for none, and for anything that is not one."""
        events, _, decisions = (text or "").partition(".")
        if not (events.isascii() and events.isdigit() and decisions.isascii() and decisions.isdigit()):
            return None
        return cls(int(events[:18]), int(decisions[:18]))


def since(serving: Serving, cursor: Cursor | None) -> dict[str, JsonValue]:
    """What has come since the cursor, oldest first, and the next cursor; without a cursor only where we are now."""
    service = serving.service
    project = service.ensure_project()
    if cursor is None:
        events = service.recent_events(project.id, limit=1)
        decisions = service.recent_decisions(project.id, limit=1)
        return {"next": str(Cursor(events.next, decisions.next)), "items": []}
    # Decisions first: what is written between the two readings may then come later, but never before its cause.
    decisions = service.recent_decisions(project.id, after=cursor.decisions, limit=_MOST)
    events = service.recent_events(project.id, after=cursor.events, limit=_MOST)
    dated = [(each.event.received, 0, _event(each)) for each in events.items if not each.simulated]
    dated += [(each.time, 1, _decision(serving, project.id, each)) for each in decisions.items]
    items: list[JsonValue] = [item for _, _, item in sorted(dated, key=lambda each: each[:2])]
    return {"next": str(Cursor(events.next, decisions.next)), "items": items}


def _event(logged: LoggedEvent) -> dict[str, JsonValue]:
    event = logged.event
    return {
        "type": "event",
        "name": event.name,
        "time": _shown(event.time),
        "user": event.user_id,
        "properties": {**event.traits, **event.properties},
    }


def _decision(serving: Serving, project_id: int, logged: LoggedDecision) -> dict[str, JsonValue]:
    considered: list[JsonValue] = [
        {"guide": guide, "reason": reason.value, "meaning": meaning(reason), "shows": reason.shows}
        for guide, reason in why.considered(serving, project_id, logged)
    ]
    return {
        "type": "decision",
        "time": _shown(logged.time),
        "user": logged.user_id,
        "guide": logged.guide,
        "trigger": logged.trigger,
        "considered": considered,
    }


def meaning(reason: Reason) -> str:
    """What a reason says, in a sentence."""
    return _MEANINGS[reason]


_MEANINGS: Final = {
    Reason.ERROR: "The rule failed while it was decided; it is reported and hides no other.",
    Reason.DISABLED: "All guides are switched off.",
    Reason.NO_CONSENT: "The user has not agreed to guidance.",
    Reason.PAUSED: "The guide is paused.",
    Reason.NOT_TRIGGERED: "Nothing that it waits for after `on` has just happened.",
    Reason.OUT_OF_SCHEDULE: "It is not the time for it.",
    Reason.QUOTA_REACHED: "The survey has all the responses that it was to collect.",
    Reason.NOT_AT_STEP: "The user is not at its step.",
    Reason.NOT_IN_AUDIENCE: "The user is in none of the segments that it is for.",
    Reason.CONDITION_FALSE: "A `when` is false, or an `unless` is true.",
    Reason.CONDITION_UNKNOWN: "A `when` or an `unless` cannot be decided: a value is not set.",
    Reason.SNOOZED: "The user asked to be reminded later.",
    Reason.FREQUENCY_CAPPED: "The user has seen it as often as it allows, or has completed it.",
    Reason.NOT_IN_ROLLOUT: "The user is outside the share that it is for.",
    Reason.GLOBAL_LIMIT: "The limits across guides leave no room for it now.",
    Reason.OUTRANKED: "Another guide has the place: its priority is higher.",
    Reason.HELD_OUT: "The user is in the share that is held out, so that the effect can be measured.",
    Reason.DRAFT: "It would be shown, were it not a draft.",
    Reason.WAITING_FOR_BROWSER: "It is shown as soon as the browser sees what it waits for.",
    Reason.SPLIT: "It is shown; a variant or a share was chosen for the user.",
    Reason.TARGETING_MATCH: "It is shown: everything fits.",
}


def _shown(time: Instant) -> str:
    return format_instant(time)
