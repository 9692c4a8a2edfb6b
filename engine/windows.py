"""How each need's slot is filled: one bounded, constant-time step an event.

What a slot holds is said in `dsl.needs`, once for this module, which writes it, and for the compiler, which reads it.
Depends on the order of events alone: the same history gives the same slots, whatever the batching.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from hashlib import blake2b
from math import gcd
from typing import Any, Final, assert_never

from dsl.compiler.reading import exact
from dsl.moments import day_of
from dsl.needs import (
    KEPT_EVENTS,
    AfterLatest,
    AfterReaching,
    Alone,
    Chain,
    Days,
    DayTimes,
    Different,
    First,
    FromInstant,
    Kept,
    Neighbours,
    Occurrence,
    Recent,
    Since,
    Slot,
    Tally,
    Times,
    Total,
    Tracked,
)
from dsl.values import JsonValue, Missing, Value, ValueType, Version, read_value
from engine.events import EventKind
from engine.occurrences import Happening, counts, fits, names_of, property_of

Slots = dict[str, Slot]
Names = frozenset[str] | None
"""Names of events that a slot is interested in; None is any."""

_LONGEST_VALUE: Final = 64
"""Characters of a text that are kept to tell it from others; longer ones are kept as a digest."""


class Summary(ABC):
    """How one slot goes on: the slot after one more event that counts. `None` stands for a missing slot."""

    names: Names

    @abstractmethod
    def empty(self) -> Slot:
        """The slot of a history that begins now."""

    @abstractmethod
    def after(self, slot: Slot | None, happening: Happening) -> Slot | None:
        """The slot after an event of one of `names`; the given slot may be changed and given back."""


class Folder:
    """Fills one slot: where its count begins, then its summary."""

    def __init__(self, need: Kept, summary: Summary, since: Since, reaching: Mapping[tuple[str, str], frozenset[str]]):
        self.key = need.key
        self.is_first = isinstance(need, First)
        self._summary = summary
        self._since = since
        self._is_mark = fits(since.mark) if isinstance(since, AfterLatest) else None
        self.names: Names = _names_with_mark(summary.names, since, reaching)

    def fold(self, slots: Slots, happening: Happening) -> None:
        """Take an event of one of `names` into the slots, in place."""
        if self._since is not None and not self._has_begun(slots, happening):
            return
        if self._summary.names is not None and happening.event.name not in self._summary.names:
            return
        before = slots.get(self.key)
        after = self._summary.after(before, happening)
        if after is not None:
            slots[self.key] = after
        elif before is not None:
            del slots[self.key]

    def _has_begun(self, slots: Slots, happening: Happening) -> bool:
        match self._since:
            case FromInstant():
                return happening.event.time >= self._since.instant
            case AfterLatest():
                event = happening.event
                if event.name == self._since.mark.name and self._is_mark is not None and self._is_mark(event):
                    slots[self.key] = self._summary.empty()
                    return False
                return self.key in slots
            case AfterReaching():
                if self.key in slots:
                    return True
                if any(j == self._since.journey and step in self._since.steps for j, step in happening.reached):
                    slots[self.key] = self._summary.empty()
                return False
            case None:
                return True
            case _:
                assert_never(self._since)


def folder(
    need: Kept, reaching: Mapping[tuple[str, str], frozenset[str]], *, limit: int | None = KEPT_EVENTS
) -> Folder:
    """What fills the slot of a need.

    reaching: by journey and step, the names of the events that reach it. limit: how much a window keeps; None for all
    there is, as `Facts.recall` wants it.
    """
    since: Since = None
    summary: Summary
    match need:
        case Tally():
            summary, since = _Tally(need.of), need.since
        case Days():
            summary, since = _Days(need.of, need.zone), need.since
        case First():
            summary = _First(need.of)
        case Times():
            summary = _Times(need.of, limit and min(need.depth, limit))
        case DayTimes():
            summary = _DayTimes(need.of, need.zone, limit and min(need.depth, limit))
        case Chain():
            summary, since = _Chain(need), need.since
        case Neighbours():
            summary, since = _Neighbours(need), need.since
        case Alone():
            summary = _Alone(need)
        case Total():
            summary, since = _Total(need), need.since
        case Different():
            summary, since = _Different(need, limit), need.since
        case Recent():
            summary = _Recent(need, limit)
        case _:
            assert_never(need)
    return Folder(need, summary, since, reaching)


def _names_with_mark(names: Names, since: Since, reaching: Mapping[tuple[str, str], frozenset[str]]) -> Names:
    if names is None:
        return None
    match since:
        case AfterLatest():
            return names | {since.mark.name}
        case AfterReaching():
            return names.union(*(reaching.get((since.journey, step), frozenset()) for step in since.steps))
        case _:
            return names


class _OfOccurrence(Summary):
    """Summaries of one kind of event."""

    def __init__(self, of: Occurrence) -> None:
        self.names = names_of(of)
        self._counts = counts(of)

    def after(self, slot: Slot | None, happening: Happening) -> Slot | None:
        return self.add(slot, happening) if self._counts(happening) else slot

    @abstractmethod
    def add(self, slot: Slot | None, happening: Happening) -> Slot:
        """The slot after an event that counts."""


class _Tally(_OfOccurrence):
    def empty(self) -> int:
        return 0

    def add(self, slot: int | None, happening: Happening) -> int:  # noqa: ARG002
        return 1 if slot is None else slot + 1


class _Days(_OfOccurrence):
    def __init__(self, of: Occurrence, zone: str) -> None:
        super().__init__(of)
        self._zone = zone

    def empty(self) -> list[Any]:
        return [0, None]

    def add(self, slot: list[Any] | None, happening: Happening) -> list[Any]:
        number, latest = self.empty() if slot is None else slot
        day = day_of(happening.event.time, self._zone)
        return [number, latest] if day == latest else [number + 1, day]


class _First(_OfOccurrence):
    def empty(self) -> None:
        return None

    def add(self, slot: int | None, happening: Happening) -> int:
        return happening.event.time if slot is None else slot


class _Times(_OfOccurrence):
    def __init__(self, of: Occurrence, depth: int | None) -> None:
        super().__init__(of)
        self._depth = depth

    def empty(self) -> None:
        return None

    def add(self, slot: list[int] | None, happening: Happening) -> list[int]:
        return _appended(slot, happening.event.time, self._depth)


class _DayTimes(_Times):
    def __init__(self, of: Occurrence, zone: str, depth: int | None) -> None:
        super().__init__(of, depth)
        self._zone = zone

    def add(self, slot: list[int] | None, happening: Happening) -> list[int]:
        time = happening.event.time
        if slot and day_of(slot[-1], self._zone) == day_of(time, self._zone):  # type: ignore[arg-type]
            slot[-1] = time
            return slot
        return _appended(slot, time, self._depth)


class _Chain(Summary):
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


class _Neighbours(Summary):
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


class _Alone(Summary):
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


class _OfProperty(Summary):
    """Summaries of the readable values of a property."""

    def __init__(self, of: Tracked, name: str, type_: ValueType) -> None:
        self.names = names_of(of)
        self._counts = counts(of)
        self._name, self._type = name, type_

    def after(self, slot: Slot | None, happening: Happening) -> Slot | None:
        value = read_value(property_of(happening.event.properties, self._name), self._type)
        if isinstance(value, Missing) or not self._counts(happening):
            return slot
        return self.take(slot, value, happening)

    @abstractmethod
    def take(self, slot: Slot | None, value: Value, happening: Happening) -> Slot:
        """The slot after a value."""


class _Total(_OfProperty):
    def __init__(self, need: Total) -> None:
        super().__init__(need.of, need.property_name, need.type)

    def empty(self) -> list[Any]:
        return [0, "0", "1", None, None]

    def take(self, slot: list[Any] | None, value: Any, happening: Happening) -> list[Any]:  # noqa: ARG002
        number, numerator, denominator, lowest, highest = slot or self.empty()
        added = exact(value)
        top = int(numerator) * added.denominator + added.numerator * int(denominator)
        bottom = int(denominator) * added.denominator
        return [
            number + 1,
            *_reduced(top, bottom),
            value if lowest is None else min(lowest, value),
            value if highest is None else max(highest, value),
        ]


class _Different(_OfProperty):
    def __init__(self, need: Different, limit: int | None) -> None:
        super().__init__(need.of, need.property_name, need.type)
        self._limit = limit

    def empty(self) -> dict[str, Any]:
        return {"values": [], "over": False}

    def take(self, slot: dict[str, Any] | None, value: Value, happening: Happening) -> dict[str, Any]:  # noqa: ARG002
        slot = slot or self.empty()
        kept = _comparable(value)
        if kept in slot["values"]:
            return slot
        if self._limit is not None and len(slot["values"]) >= self._limit:
            slot["over"] = True
        else:
            slot["values"].append(kept)
        return slot


class _Recent(_OfProperty):
    def __init__(self, need: Recent, limit: int | None) -> None:
        super().__init__(need.of, need.property_name, need.type)
        self._length, self._limit = need.length, limit

    def empty(self) -> dict[str, Any]:
        return {"values": [], "lost": None}

    def take(self, slot: dict[str, Any] | None, value: Value, happening: Happening) -> dict[str, Any]:
        slot = slot or self.empty()
        values: list[list[Any]] = slot["values"]
        values.append([happening.event.time, _comparable(value)])
        # What is outside now is outside for good: no decision is made before the latest event.
        past = happening.event.time - self._length
        outside = 0
        while values[outside][0] <= past:
            outside += 1
        if self._limit is not None and len(values) - outside > self._limit:
            outside = len(values) - self._limit
            slot["lost"] = values[outside - 1][0]
        del values[:outside]
        return slot


def _appended(times: list[int] | None, time: int, depth: int | None) -> list[int]:
    times = times if times is not None else []
    times.append(time)
    if depth is not None and len(times) > depth:
        del times[: len(times) - depth]
    return times


def _reduced(numerator: int, denominator: int) -> tuple[str, str]:
    shared = gcd(numerator, denominator)
    return str(numerator // shared), str(denominator // shared)


def _comparable(value: Value) -> JsonValue:
    """The value as JSON that is equal for equal values and short."""
    if isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else _spelled(value)
    return text if len(text) <= _LONGEST_VALUE else "#" + blake2b(text.encode(), digest_size=16).hexdigest()


def _spelled(value: Version | tuple[Any, ...]) -> str:
    parts = [value.release, value.stage] if isinstance(value, Version) else value
    return json.dumps(parts, ensure_ascii=False)
