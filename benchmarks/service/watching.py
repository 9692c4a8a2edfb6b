"""What a long load does to a process: its memory, its file handles; and whether the memory stays where it is.

Whether it does is judged by the second half, when what warms up is warm: a straight line is laid through it by least
squares. Samples that follow each other are alike, so the interval of its slope is taken from the means of a few blocks
of them, which hardly are.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BLOCKS: Final = 10
"""Into how many blocks the second half is cut."""
GROWTH_LIMIT: Final = 0.02
"""Share of the memory by which it may grow during the second half, at the upper end of the interval."""

_T_OF_EIGHT: Final = 2.306
"""Student's t for 95 % and ten blocks: eight degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The processes and their files at one moment. Sizes in bytes, p99 in seconds."""

    minute: float
    requests: int
    errors: int
    published: int
    resident: int
    handles: int
    wal: int
    database: int
    p99: float


@dataclass(frozen=True, slots=True)
class Slope:
    """How memory goes, in bytes a minute, with the 95 % interval; over so many minutes, around a mean."""

    value: float
    low: float
    high: float
    minutes: float
    mean: float

    @property
    def is_flat(self) -> bool:
        """True when even the upper end of the interval is growth that does not count."""
        return self.high * self.minutes <= GROWTH_LIMIT * self.mean


def slope_of(samples: Sequence[Sample]) -> Slope | None:
    """How memory goes in the second half of some samples; None for fewer than two of them in each block."""
    half = samples[len(samples) // 2 :]
    size = len(half) // BLOCKS
    if size < 2:
        return None
    half = half[len(half) - size * BLOCKS :]
    blocks = [half[start : start + size] for start in range(0, len(half), size)]
    times = [statistics.fmean(each.minute for each in block) for block in blocks]
    sizes = [statistics.fmean(each.resident for each in block) for block in blocks]
    line = statistics.linear_regression(times, sizes)
    mean = statistics.fmean(times)
    spread = sum((time - mean) ** 2 for time in times)
    rest = sum((got - line.intercept - line.slope * time) ** 2 for time, got in zip(times, sizes, strict=True))
    margin = _T_OF_EIGHT * math.sqrt(rest / (BLOCKS - 2) / spread)
    return Slope(
        line.slope, line.slope - margin, line.slope + margin, half[-1].minute - half[0].minute, statistics.fmean(sizes)
    )


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(after[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; none for one that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)


def handles(pid: int) -> int:
    """Files, sockets and pipes that a process has open; none for one that is gone."""
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0
