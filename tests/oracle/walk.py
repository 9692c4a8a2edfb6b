"""A person's way through a journey, event by event: what was reached, where they stand, how hard it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dsl import nodes as n
from dsl.patterns import glob
from dsl.values import Instant
from engine.events import Event, EventKind

WEIGHTS = {
    "$rage_click": 0.35,
    "$form_abandoned": 0.35,
    "$error_click": 0.30,
    "$error_shown": 0.20,
    "$dead_click": 0.20,
    "$loop": 0.20,
    "$retry": 0.15,
    "$hesitation": 0.15,
    "$thrash": 0.10,
    "$quick_back": 0.10,
    "$field_reentered": 0.05,
}
"""Version 1 of the weights, as the language's reference gives them."""


@dataclass
class Walk:
    """A person's way through a journey, step by step."""

    fits: Callable[[n.EventRef, Event], bool]
    journey: n.Journey
    events: Sequence[Event]

    def __post_init__(self) -> None:
        names = [step.name.text for step in self.journey.steps]
        self.reached: dict[str, Event] = {}
        self.returns: dict[str, int] = {}
        self.signals: dict[str, list[str]] = {}
        self.standing: str | None = names[0]
        self.since: Instant | None = self.events[0].time if self.events else None
        entered = {names[0]} if self.events else set()
        away: set[str] = set()
        for event in self.events:
            if event.name in WEIGHTS:
                self._signal(event, entered)
                continue
            touched = {step.name.text for step in self.journey.steps if self._is_of(step, event)}
            for name in list(self.reached):
                if name in touched and name in away:
                    self.returns[name] = self.returns.get(name, 0) + 1
                    away.discard(name)
                elif touched and name not in touched:
                    away.add(name)
            new = [
                step.name.text
                for step in self.journey.steps
                if step.name.text not in self.reached and any(self.fits(ref, event) for ref in step.reached_by)
            ]
            for name in new:
                self.reached[name] = event
            furthest = max((names.index(name) for name in self.reached), default=-1)
            standing = names[furthest + 1] if furthest + 1 < len(names) else None
            if standing != self.standing:
                self.standing, self.since = standing, event.time
                if standing is not None:
                    entered.add(standing)

    def _is_of(self, step: n.Step, event: Event) -> bool:
        if any(self.fits(ref, event) for ref in (*step.reached_by, *step.attempted_by)):
            return True
        return event.kind is EventKind.PAGE and is_page_of(step, event.properties.get("path"))

    def _signal(self, event: Event, entered: set[str]) -> None:
        page = event.properties.get("page")
        path = page.get("path") if isinstance(page, dict) else None
        own = [step.name.text for step in self.journey.steps if is_page_of(step, path)]
        here = [step.name.text for step in self.journey.steps if step.name.text in entered and step.name.text in own]
        name = self.standing if not own or self.standing in here else here[-1] if here else None
        if name in entered and name is not None:
            self.signals.setdefault(name, []).append(event.name)


def is_page_of(step: n.Step, path: object) -> bool:
    return isinstance(path, str) and any(
        touchpoint.channel is None and touchpoint.text.value.startswith("/") and glob(touchpoint.text.value)(path)
        for touchpoint in step.touchpoints
    )
