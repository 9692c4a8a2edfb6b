"""The answer to a funnel: counts with intervals, times, the sharpest drop, and the design beside what people did.

Pure: made from a few counts, whatever engine counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from dsl.values import Duration
from engine.analytics.intervals import FEWEST_ANSWERS, Interval, difference_interval, share_interval
from engine.analytics.population import Kind

MOST_PATHS: Final = 10
"""How many of the most common real paths are shown."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long it took from the entry to a step: quartiles over those who came there, whole microseconds."""

    lower: Duration
    median: Duration
    upper: Duration


@dataclass(frozen=True, slots=True)
class StepCount:
    """A step of the answer: units that came at least this far, as a share of those who entered, with its interval.

    of_previous: of those who came to the step before. dropped: of those how many did not come here. took: None for the
    first step, and below FEWEST_ANSWERS units.
    """

    name: str
    count: int
    rate: float | None
    interval: Interval | None
    of_previous: float | None = None
    previous_interval: Interval | None = None
    dropped: int | None = None
    took: Times | None = None


@dataclass(frozen=True, slots=True)
class SharpestDrop:
    """The step before which the greatest share is lost.

    step, after: its name, and that of the step before. share: lost of those who had come to `after`. difference: that
    share less the share lost at all other steps together, with its interval; None in a funnel of two steps.
    runner_up: the next sharpest; over_runner_up: the share less that one's. is_clear: even the low end lies above it.
    """

    step: str
    after: str
    lost: int
    entered: int
    share: float
    interval: Interval | None
    difference: float | None = None
    difference_interval: Interval | None = None
    runner_up: str | None = None
    over_runner_up: Interval | None = None

    @property
    def is_clear(self) -> bool:
        """True when the data alone tell this drop from the next sharpest one."""
        return self.over_runner_up is not None and self.over_runner_up.low > 0


class Manner(StrEnum):
    """How somebody went through a design, by when each step was first done."""

    DESIGNED = "as designed"
    SKIPPED = "skipped"
    OUT_OF_ORDER = "out of order"


@dataclass(frozen=True, slots=True)
class RealPath:
    """An order in which steps were first done, and by how many; share is of all who did any of them.

    numbers: of the steps, from 0.
    """

    steps: tuple[str, ...]
    count: int
    share: float
    manner: Manner
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """The intended path beside the real ones: of those who did any step, by the order in which each did them first.

    as designed: the first steps, in order, none left out. skipped: in order, one left out before another. out of order:
    one done for the first time before an earlier one. completed: came to the last step; direct: of these, how many as
    designed. paths: the most common first.
    """

    intended: tuple[str, ...]
    units: int
    manners: Mapping[Manner, int]
    completed: int
    direct: int
    paths: tuple[RealPath, ...]

    @property
    def most_common(self) -> RealPath | None:
        """The most common real path."""
        return self.paths[0] if self.paths else None

    def interval(self, manner: Manner) -> Interval | None:
        """The interval of a manner's share."""
        return share_interval(self.manners[manner], self.units)


@dataclass(frozen=True, slots=True)
class FunnelAnswer:
    """The counts of all, or of each group where a breakdown was asked for, the largest group first.

    A unit may be in several groups (personas) or in none that is shown; `steps` counts each once. left_out: who was
    not counted. version: of the data.
    """

    steps: tuple[StepCount, ...]
    groups: Mapping[str, tuple[StepCount, ...]] | None = None
    sharpest: SharpestDrop | None = None
    design: Design | None = None
    left_out: tuple[Kind, ...] = ()
    version: int = 0


def count_steps(
    names: Sequence[str], counts: Sequence[int], times: Sequence[Times | None] | None = None
) -> tuple[StepCount, ...]:
    """The steps, from the number of units that came at least to each."""
    entered = counts[0] if counts else 0
    told = times or [None] * len(names)
    return tuple(
        StepCount(
            name=name,
            count=count,
            rate=count / entered if entered else None,
            interval=share_interval(count, entered),
            of_previous=count / before if number and before else None,
            previous_interval=share_interval(count, before) if number else None,
            dropped=before - count if number else None,
            took=took if number and count >= FEWEST_ANSWERS else None,
        )
        for number, (name, count, before, took) in enumerate(zip(names, counts, [0, *counts[:-1]], told, strict=True))
    )


def sharpest_drop(steps: Sequence[StepCount]) -> SharpestDrop | None:
    """The transition at which the greatest share is lost, of equals the earliest; None where nobody was lost.

    Given who came to a step, going on from it is independent of going on from others, so that the shares are compared
    as independent ones.
    """
    moves = [(before, after) for before, after in pairwise(steps) if before.count]
    lost = [(before.count - after.count, before.count) for before, after in moves]
    if not any(gone for gone, _ in lost):
        return None
    ranked = sorted(range(len(moves)), key=lambda number: -lost[number][0] / lost[number][1])
    first, *others = ranked
    gone, entered = lost[first]
    found = SharpestDrop(
        step=moves[first][1].name,
        after=moves[first][0].name,
        lost=gone,
        entered=entered,
        share=gone / entered,
        interval=share_interval(gone, entered),
    )
    if not others:
        return found
    rest = (sum(lost[number][0] for number in others), sum(lost[number][1] for number in others))
    return SharpestDrop(
        step=found.step,
        after=found.after,
        lost=gone,
        entered=entered,
        share=found.share,
        interval=found.interval,
        difference=found.share - rest[0] / rest[1],
        difference_interval=difference_interval(gone, entered, *rest),
        runner_up=moves[others[0]][1].name,
        over_runner_up=difference_interval(gone, entered, *lost[others[0]]),
    )


def manner_of(ranks: Sequence[int]) -> Manner:
    """How a path follows the design. ranks: of each step its place in the path from 1, 0 where it was not done."""
    done = [rank for rank in ranks if rank]
    if done != sorted(done):
        return Manner.OUT_OF_ORDER
    last = max(place for place, rank in enumerate(ranks) if rank)
    return Manner.DESIGNED if all(ranks[: last + 1]) else Manner.SKIPPED


def design_of(names: Sequence[str], paths: Mapping[tuple[int, ...], int]) -> Design:
    """The design beside real paths, each given as the place of every step in it, with how many took it."""
    units = sum(paths.values())
    manners = dict.fromkeys(Manner, 0)
    for ranks, count in paths.items():
        manners[manner_of(ranks)] += count
    done = {ranks: count for ranks, count in paths.items() if ranks[-1]}
    common = sorted(paths, key=lambda ranks: (-paths[ranks], ranks))[:MOST_PATHS]
    return Design(
        intended=tuple(names),
        units=units,
        manners=manners,
        completed=sum(done.values()),
        direct=sum(count for ranks, count in done.items() if manner_of(ranks) is Manner.DESIGNED),
        paths=tuple(_real_path(names, ranks, paths[ranks], of=units) for ranks in common),
    )


def _real_path(names: Sequence[str], ranks: Sequence[int], count: int, *, of: int) -> RealPath:
    numbers = tuple(place for _, place in sorted((rank, place) for place, rank in enumerate(ranks) if rank))
    return RealPath(
        steps=tuple(names[number] for number in numbers),
        count=count,
        share=count / of,
        manner=manner_of(ranks),
        numbers=numbers,
    )
