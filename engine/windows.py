"""How each need's slot is filled: one bounded, constant-time step an event.

What a slot holds is said in `dsl.needs`, once for this module, which writes it, and for the compiler, which reads it.
Depends on the order of events alone: the same history gives the same slots, whatever the batching.
"""

from __future__ import annotations

import json
from abc import abstractmethod
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
from engine.occurrences import Happening, counts, fits, names_of, property_of
from engine.sequences import AloneSummary, ChainSummary, NeighboursSummary
from engine.summaries import Names, OrderMatters, Summary

Slots = dict[str, Slot]

_LONGEST_VALUE: Final = 64
"""Characters of a text that are kept to tell it from others; longer ones are kept as a digest."""


class Folder:
    """Fills one slot: where its count begins, then its summary."""

    def __init__(self, need: Kept, summary: Summary, since: Since, reaching: Mapping[tuple[str, str], frozenset[str]]):
        self.key = need.key
        self.is_first = isinstance(need, First)
        self._summary = summary
        self._since = since
        self._is_mark = fits(since.mark) if isinstance(since, AfterLatest) else None
        self.names: Names = _names_with_mark(summary.names, since, reaching)
        self._after = summary.after

    def fold(self, slots: Slots, happening: Happening) -> None:
        """Take an event of one of `names` into the slots, in place."""
        if self._since is not None:
            if not self._has_begun(slots, happening):
                return
            # Of the mark's name, and of no other interest.
            if self._summary.names is not None and happening.event.name not in self._summary.names:
                return
        before = slots.get(self.key)
        after = self._after(before, happening)
        if after is not None:
            slots[self.key] = after
        elif before is not None:
            del slots[self.key]

    def fold_late(self, slots: Slots, happening: Happening) -> Slot | None:
        """The slot with an event of one of `names` that came late; nothing is changed. Raises OrderMatters."""
        slot = slots.get(self.key)
        match self._since:
            case None:
                return self._summary.with_late(slot, happening)
            case FromInstant():
                begun = happening.event.time >= self._since.instant
                return self._summary.with_late(slot, happening) if begun else slot
            case _:
                raise OrderMatters

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
            summary, since = ChainSummary(need), need.since
        case Neighbours():
            summary, since = NeighboursSummary(need), need.since
        case Alone():
            summary = AloneSummary(need)
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
        self._count_all = isinstance(of, Tracked) and of.where is None

    def after(self, slot: Slot | None, happening: Happening) -> Slot | None:
        return self.add(slot, happening) if self._count_all or self._counts(happening) else slot

    def with_late(self, slot: Slot | None, happening: Happening) -> Slot | None:
        return self.add_late(slot, happening) if self._counts(happening) else slot

    def add_late(self, slot: Slot | None, happening: Happening) -> Slot:  # noqa: ARG002
        """The slot with a late event that counts. Raises OrderMatters."""
        raise OrderMatters

    @abstractmethod
    def add(self, slot: Slot | None, happening: Happening) -> Slot:
        """The slot after an event that counts."""


class _Tally(_OfOccurrence):
    def empty(self) -> int:
        return 0

    def add(self, slot: int | None, happening: Happening) -> int:  # noqa: ARG002
        return 1 if slot is None else slot + 1

    def add_late(self, slot: int | None, happening: Happening) -> int:
        return self.add(slot, happening)


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

    def add_late(self, slot: list[Any] | None, happening: Happening) -> list[Any]:
        # Of earlier days nothing is known but their number.
        if slot is None or day_of(happening.event.time, self._zone) != slot[1]:
            raise OrderMatters
        return slot


class _First(_OfOccurrence):
    def empty(self) -> None:
        return None

    def add(self, slot: int | None, happening: Happening) -> int:
        return happening.event.time if slot is None else slot

    def add_late(self, slot: int | None, happening: Happening) -> int:
        return happening.event.time if slot is None else min(slot, happening.event.time)


class _Times(_OfOccurrence):
    def __init__(self, of: Occurrence, depth: int | None) -> None:
        super().__init__(of)
        self._depth = depth

    def empty(self) -> None:
        return None

    def add(self, slot: list[int] | None, happening: Happening) -> list[int]:
        return _appended(slot, happening.event.time, self._depth)

    def add_late(self, slot: list[int] | None, happening: Happening) -> list[int]:
        times = sorted([*(slot or ()), happening.event.time])
        return times if self._depth is None else times[-self._depth :]


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

    def add_late(self, slot: list[int] | None, happening: Happening) -> list[int]:
        # On a day that is kept it was not the latest.
        day = day_of(happening.event.time, self._zone)
        if slot is None or not any(time >= happening.event.time and day_of(time, self._zone) == day for time in slot):  # type: ignore[arg-type]
            raise OrderMatters
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

    def with_late(self, slot: Slot | None, happening: Happening) -> Slot | None:
        value = read_value(property_of(happening.event.properties, self._name), self._type)
        if isinstance(value, Missing) or not self._counts(happening):
            return slot
        return self.take_late(slot, value, happening)

    def take_late(self, slot: Slot | None, value: Value, happening: Happening) -> Slot:  # noqa: ARG002
        """The slot with a late value. Raises OrderMatters."""
        raise OrderMatters

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

    def take_late(self, slot: list[Any] | None, value: Any, happening: Happening) -> list[Any]:
        # Of equal values the first is kept, and 1 is spelled another way than 1.0.
        if slot is not None and any(value == each and type(value) is not type(each) for each in slot[3:5]):
            raise OrderMatters
        return self.take(slot, value, happening)


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

    def take_late(self, slot: dict[str, Any] | None, value: Value, happening: Happening) -> dict[str, Any]:  # noqa: ARG002
        # They stand in the order in which they first came.
        if slot is None or slot["values"][:1] != [_comparable(value)]:
            raise OrderMatters
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
