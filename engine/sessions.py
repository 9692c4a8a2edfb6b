"""Sessions of a person, over all devices.

Only the user's own browser events start or prolong one; a gap of 30 minutes or more ends it. What Waypost itself
sends about guides, friction, clicks by element and releases counts for nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dsl.values import MINUTE, Instant
from engine.events import GUIDE_EVENTS, HEAT_EVENTS, RELEASE_EVENT, Event
from engine.friction import SIGNAL_EVENTS

SESSION_GAP: Final = 30 * MINUTE
"""Microseconds without a browser event after which a session is over: at exactly the gap it is."""

WITHOUT_EFFECT: Final = GUIDE_EVENTS | SIGNAL_EVENTS | HEAT_EVENTS | {RELEASE_EVENT}
"""The names of events that neither start nor prolong a session."""


@dataclass(slots=True)
class Session:
    """A person's latest session: `number` counts them from 1, `start` and `last` are of browser events."""

    number: int
    start: Instant
    last: Instant

    def is_open(self, at: Instant) -> bool:
        """True while less than the gap has passed since its last event."""
        return at - self.last < SESSION_GAP


def prolongs(event: Event) -> bool:
    """True for the events that start or prolong a session."""
    return event.from_browser and event.name not in WITHOUT_EFFECT


def after(session: Session | None, event: Event) -> Session | None:
    """The person's latest session after the event: the same one (prolonged in place), a new one, or as before."""
    if not prolongs(event):
        return session
    if session is not None and session.is_open(event.time):
        session.last = event.time
        return session
    return Session(number=1 if session is None else session.number + 1, start=event.time, last=event.time)
