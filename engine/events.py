"""What happened: one event of one person, in the order that everything else is folded in.

Decides what an event is, in which order events stand, and which of them are somebody's own doing; never reads a
wire format (see `engine.intake`) and never stores anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dsl.clauses import PAGE_EVENT
from dsl.values import Instant, JsonValue


class EventKind(StrEnum):
    """The calls of Segment's format."""

    TRACK = "track"
    IDENTIFY = "identify"
    PAGE = "page"
    SCREEN = "screen"
    GROUP = "group"
    ALIAS = "alias"


SCREEN_EVENT: Final = "$screen"
IDENTIFY_EVENT: Final = "$identify"
GROUP_EVENT: Final = "$group"
ALIAS_EVENT: Final = "$alias"
STEP_EVENT: Final = "$step"
"""Presence at a step, told by the snippet; never reaches it."""

NAMES: Final[Mapping[EventKind, str]] = {
    EventKind.IDENTIFY: IDENTIFY_EVENT,
    EventKind.PAGE: PAGE_EVENT,
    EventKind.SCREEN: SCREEN_EVENT,
    EventKind.GROUP: GROUP_EVENT,
    EventKind.ALIAS: ALIAS_EVENT,
}
"""The names of events that are not tracked by name."""


class GuideEvent(StrEnum):
    """The life of a guide, as events."""

    HELD_OUT = "$held_out"
    SHOWN = "$shown"
    STARTED = "$started"
    ANSWERED = "$answered"
    SKIPPED = "$skipped"
    COMPLETED = "$completed"
    DISMISSED = "$dismissed"
    SNOOZED = "$snoozed"
    CLICKED = "$clicked"
    ABANDONED = "$abandoned"
    TARGET_MISSING = "$target_missing"


RELEASE_EVENT: Final = "$release"

CLICKS_EVENT: Final = "$element_clicks"
"""Clicks by element, gathered by a browser for heat maps."""
SCROLL_EVENT: Final = "$scroll_depth"
"""How far down a page was seen in one view of it."""
HEAT_EVENTS: Final = frozenset({CLICKS_EVENT, SCROLL_EVENT})
"""What is gathered for heat maps alone, and is nobody's doing."""

GUIDE_EVENTS: Final[frozenset[str]] = frozenset(event.value for event in GuideEvent)


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it stands in the log.

    seq: the order of receipt; with `time` it gives the order of history.
    name: the name of a tracked event; `$page`, `$identify` … for the other kinds.
    time: when it happened: `timestamp` corrected by `sentAt`, never later than `received`.
    live: False for imports, replays and historical data, which never wake a rule.
    """

    seq: int
    message_id: str
    kind: EventKind
    name: str
    time: Instant
    received: Instant
    user_id: str | None = None
    anonymous_id: str | None = None
    properties: Mapping[str, JsonValue] = field(default_factory=dict)
    traits: Mapping[str, JsonValue] = field(default_factory=dict)
    group_id: str | None = None
    context: Mapping[str, JsonValue] = field(default_factory=dict)
    from_browser: bool = False
    live: bool = True

    @property
    def position(self) -> tuple[Instant, int]:
        """Its place in history: by time, equal times by the order of receipt."""
        return (self.time, self.seq)

    def number(self, seq: int) -> None:
        """Give it its place in the order of receipt, before anybody else sees it: a copy would cost ten times that."""
        object.__setattr__(self, "seq", seq)


def in_history_order(events: Iterable[Event]) -> list[Event]:
    """The events as history knows them: of equal `message_id` the first received, in (time, seq) order."""
    first_received: dict[str, Event] = {}
    for event in sorted(events, key=lambda event: event.seq):
        first_received.setdefault(event.message_id, event)
    return sorted(first_received.values(), key=lambda event: event.position)


def page_path(event: Event) -> str | None:
    """The path of the page that the event happened on: its own `path`, its `page`, or that of its context."""
    own = event.properties.get("path")
    if isinstance(own, str):
        return own
    for page in (event.properties.get("page"), event.context.get("page")):
        if isinstance(page, dict) and isinstance(path := page.get("path"), str):
            return path
    return None


def is_activity(event: Event) -> bool:
    """True for what makes a day an active one: tracked events whose name has no `$`, and views of pages and screens."""
    if event.kind is EventKind.TRACK:
        return not event.name.startswith("$")
    return event.kind in (EventKind.PAGE, EventKind.SCREEN)


_SERVER_WORDS: Final = frozenset(
    {"python", "node", "nodejs", "ruby", "go", "golang", "java", "php", "net", "dotnet", "csharp", "rust", "elixir"}
    | {"server", "http", "clojure", "scala", "perl"}
)
_WORDS = re.compile(r"[a-z0-9]+", re.ASCII)


def is_browser_context(context: Mapping[str, JsonValue]) -> bool:
    """True for a context with a page or a user agent and no server library."""
    page, agent, library = context.get("page"), context.get("userAgent"), context.get("library")
    if not (isinstance(page, dict) and page) and not (isinstance(agent, str) and agent.strip()):
        return False
    name = library.get("name") if isinstance(library, dict) else None
    return not (isinstance(name, str) and _SERVER_WORDS & set(_WORDS.findall(name.lower())))
