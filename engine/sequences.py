"""Summaries of what came after what: chains of events, neighbours in a session, and what was not followed."""

from __future__ import annotations

from typing import Any

from dsl.needs import Alone, Chain, Neighbours
from engine.events import EventKind
from engine.occurrences import Happening, fits
from engine.summaries import OrderMatters, Summary


class ChainSummary(Summary):
    def __init__(self, need: Chain) -> None:
        self.names = frozenset(each.name for each in need.of)
        self._places = [(each.name, fits(each)) for each in need.of]
        self._within = need.within

    def empty(self) -> list[int | None]:
        return [None] * len(self._places)

    def after(self, slot: list[int | None] | None, happening: Happening) -> list[int | None] | None:
        event = happening.event
        starts = slot
        # From the end, so that one event fills one place only.
        for place in range(len(self._places) - 1, -1, -1):
            name, is_true_of = self._places[place]
            if name != event.name or not is_true_of(event):
                continue
            if place == 0:
                start: int | None = event.time
            else:
                start = starts[place - 1] if starts is not None else None
            if start is None or (self._within is not None and event.time - start > self._within):
                continue
            # Starts only grow: a chain that began later serves every window at least as well.
            starts = starts or self.empty()
            starts[place] = start if starts[place] is None else max(start, starts[place] or start)
        return starts

    def with_late(self, slot: list[int | None] | None, happening: Happening) -> list[int | None] | None:
        if any(name == happening.event.name and is_true_of(happening.event) for name, is_true_of in self._places):
            raise OrderMatters
        return slot


class NeighboursSummary(Summary):
    names = None

    def __init__(self, need: Neighbours) -> None:
        self._places = [(each.name, fits(each)) for each in need.of]

    def empty(self) -> dict[str, Any]:
        nothing = [None] * len(self._places)
        return {"done": None, "run": None, "session": None, "before": nothing, "now": list(nothing)}

    def after(self, slot: dict[str, Any] | None, happening: Happening) -> dict[str, Any] | None:
        event, session = happening.event, happening.session
        if event.kind is not EventKind.TRACK or event.name.startswith("$"):
            return slot
        if session is None or not session.is_open(event.time):
            return slot
        slot = slot or self.empty()
        if slot["session"] != session.number:
            slot = {**self.empty(), "done": slot["done"], "run": event.name, "session": session.number}
        elif slot["run"] != event.name:
            slot["before"], slot["now"], slot["run"] = slot["now"], [None] * len(self._places), event.name
        for place, (name, is_true_of) in enumerate(self._places):
            if name != event.name or not is_true_of(event):
                continue
            start = event.time if place == 0 else slot["before"][place - 1]
            if start is not None:
                slot["now"][place] = start
        if slot["now"][-1] is not None:
            slot["done"] = max(slot["now"][-1], slot["done"] or slot["now"][-1])
        return slot


class AloneSummary(Summary):
    def __init__(self, need: Alone) -> None:
        self.names = frozenset({need.of.name, need.absent.name})
        self._of, self._absent = need.of, need.absent
        self._is_of, self._is_absent = fits(need.of), fits(need.absent)

    def empty(self) -> None:
        return None

    def after(self, slot: int | None, happening: Happening) -> int | None:
        event = happening.event
        # An event that is both begins anew: nothing came after it yet.
        if event.name == self._of.name and self._is_of(event):
            return event.time
        if event.name == self._absent.name and self._is_absent(event):
            return None
        return slot

    def with_late(self, slot: int | None, happening: Happening) -> int | None:
        event = happening.event
        is_meant = (event.name == self._of.name and self._is_of(event)) or (
            event.name == self._absent.name and self._is_absent(event)
        )
        # Before the one that is alone it changes nothing.
        if is_meant and (slot is None or event.time >= slot):
            raise OrderMatters
        return slot
