"""Timing that can be trusted on a busy machine: contestants take turns, medians are compared, ratios are reported."""

from __future__ import annotations

import gc
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

RESULTS = Path(__file__).parent / "results"

Contestants: TypeAlias = "Mapping[str, Callable[[], object]]"
"""What is raced, by name."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured contestant: seconds for one call, the median over the rounds."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Aim:
    """What a ratio has to be; `is_ceiling` when it may not be above, else it may not be below."""

    text: str
    ratio: float
    limit: float
    is_ceiling: bool

    @property
    def is_met(self) -> bool:
        """Whether this run met it."""
        return self.ratio <= self.limit if self.is_ceiling else self.ratio >= self.limit


@dataclass(slots=True)
class Report:
    """A table of one benchmark and its aims."""

    title: str
    lines: list[str] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)

    def add(self, line: str = "") -> None:
        """A line of text or of a table, in Markdown."""
        self.lines.append(line)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table."""
        self.add("| " + " | ".join(head) + " |")
        self.add("|" + "---|" * len(head))
        for row in rows:
            self.add("| " + " | ".join(row) + " |")
        self.add()

    def at_most(self, text: str, ratio: float, limit: float) -> None:
        """An aim with a ceiling."""
        self.aims.append(Aim(text, ratio, limit, is_ceiling=True))

    def at_least(self, text: str, ratio: float, limit: float) -> None:
        """An aim with a floor."""
        self.aims.append(Aim(text, ratio, limit, is_ceiling=False))

    def text(self) -> str:
        """The whole report in Markdown."""
        aims = [
            f"- {'met' if aim.is_met else '**missed**'}: {aim.text}: {aim.ratio:.3g} "
            f"({'at most' if aim.is_ceiling else 'at least'} {aim.limit:g})"
            for aim in self.aims
        ]
        return "\n".join([f"## {self.title}", "", *self.lines, *aims, ""])


def race(
    contestants: Contestants, *, rounds: int = 9, least: float = 0.02, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Figure]:
    """Let the contestants take turns, `rounds` times, each call repeated for at least `least` seconds a turn.

    clock: `time.process_time` for what only computes, so that others on the machine are not counted.
    """
    repeats = {name: _repeats(call, least, clock) for name, call in contestants.items()}
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in contestants.items():
                taken[name].append(_seconds(call, repeats[name], clock))
    finally:
        gc.enable()
    return {name: Figure(name, statistics.median(times)) for name, times in taken.items()}


def _repeats(call: Callable[[], object], least: float, clock: Callable[[], float]) -> int:
    count = 1
    while (spent := _seconds(call, count, clock) * count) < least:
        count = max(count * 2, int(count * least / max(spent, 1e-9)))
    return count


def _seconds(call: Callable[[], object], count: int, clock: Callable[[], float]) -> float:
    turns = range(count)
    begin = clock()
    for _ in turns:
        call()
    return (clock() - begin) / count


def spell(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def calibration() -> str:
    """What this machine does in plain Python, so that absolute times can be read: a million additions."""

    def add() -> int:
        total = 0
        for number in range(1_000_000):
            total += number
        return total

    return (
        f"Python {platform.python_version()} on {platform.machine()}; a million additions in a loop take "
        f"{spell(race({'add': add}, rounds=5)['add'].seconds)}. Take the ratios, not the absolute times."
    )
