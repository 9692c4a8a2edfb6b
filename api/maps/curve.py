"""The emotion curve of a map: a point above each column, its 95 % band, and flags where a release touched the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from api.maps.blocks import INK, PAPER, QUIET, RULE, STALE, Block, fitting
from api.maps.scene import Area, Circle, Path, Shape, Text
from engine.mapping.model import StepOnMap
from engine.roadmap.metrics import Measured, Metric

HEIGHT: Final = 150.0
_TOP: Final = 34.0
_BOTTOM: Final = 14.0
_SHOWN_RELEASES: Final = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A step of the curve. x: of its middle. other: the same step on the map that it is compared with."""

    step: StepOnMap
    x: float
    width: float
    colour: str
    other: StepOnMap | None = None


def curve(columns: Sequence[Column], width: float) -> Block:
    """The curve over some columns."""
    shapes: list[Shape] = []
    for value, label in ((1, "+1"), (0, "0"), (-1, "−1")):
        shapes.append(Path(((0, _y(value)), (width, _y(value))), RULE, 1, value != 0))
        shapes.append(Text(4, _y(value) - 3, label, 8.5, QUIET))
    own = [(column, column.step.figure(Metric.EMOTION)) for column in columns]
    for (before, first), (after, second) in pairwise(own):
        shapes += _band((before.x, first), (after.x, second), before.colour)
    for column, felt in own:
        shapes += _whisker(column, felt)
    others = [(column, column.other.figure(Metric.EMOTION)) for column in columns if column.other is not None]
    for (before, first), (after, second) in pairwise(others):
        shapes += _stroke((before.x, first), (after.x, second), QUIET, dashed=True)
    for (before, first), (after, second) in pairwise(own):
        shapes += _stroke((before.x, first), (after.x, second), INK, dashed=False)
    for column, felt in others:
        if felt.value is not None:
            shapes.append(Circle(column.x, _y(felt.value), 3.5, PAPER, QUIET))
    for column, felt in own:
        shapes += _point(column, felt)
        shapes += _flags(column)
    return Block(HEIGHT, tuple(shapes))


def _y(value: float) -> float:
    """The height of a valence; the band may reach beyond the scale and is cut off there."""
    held = max(-1.0, min(1.0, value))
    return _TOP + (1 - held) / 2 * (HEIGHT - _TOP - _BOTTOM)


def _band(first: tuple[float, Measured], second: tuple[float, Measured], colour: str) -> list[Shape]:
    (x0, one), (x1, two) = first, second
    if one.interval is None or two.interval is None:
        return []
    points = (
        (x0, _y(one.interval.high)),
        (x1, _y(two.interval.high)),
        (x1, _y(two.interval.low)),
        (x0, _y(one.interval.low)),
    )
    return [Area(points, colour, 0.14)]


def _whisker(column: Column, felt: Measured) -> list[Shape]:
    if felt.interval is None or felt.value is None:
        return []
    low, high, x = _y(felt.interval.low), _y(felt.interval.high), column.x
    sides: list[Shape] = [Path(((x, low), (x, high)), column.colour, 1.5)]
    return [*sides, *(Path(((x - 5, y), (x + 5, y)), column.colour, 1.5) for y in (low, high))]


def _stroke(first: tuple[float, Measured], second: tuple[float, Measured], colour: str, *, dashed: bool) -> list[Shape]:
    (x0, one), (x1, two) = first, second
    if one.value is None or two.value is None:
        return []
    return [Path(((x0, _y(one.value)), (x1, _y(two.value))), colour, 2, dashed)]


def _point(column: Column, felt: Measured) -> list[Shape]:
    x = column.x
    if felt.value is None:
        said = "nothing said" if not felt.n else f"not enough (n = {felt.n})"
        return [Circle(x, _y(0), 4, PAPER, QUIET), Text(x, _y(0) + 17, said, 9, QUIET, False, "middle")]
    y = _y(felt.value)
    # Not −0.00: what is nothing when it is rounded has no sign of its own.
    told = f"{round(felt.value, 2) + 0.0:+.2f}".replace("-", "−")
    return [Circle(x, y, 5, column.colour, PAPER), Text(x + 10, y + 3.5, told, 10, INK, True)]


def _flags(column: Column) -> list[Shape]:
    """A flag for the releases of the period that touched the step, the latest named."""
    told = column.step.releases
    if not told:
        return []
    x, left = column.x, column.x - column.width / 2 + 8
    shown = ", ".join(told[-_SHOWN_RELEASES:])
    more = len(told) - _SHOWN_RELEASES
    text = f"release {shown}" + (f" and {more} before" if more > 0 else "")
    words = fitting(text, column.width - 26, 9)
    return [
        Path(((x, 18), (x, HEIGHT - _BOTTOM)), STALE, 1, True),
        Area(((left, 6), (left + 9, 10.5), (left, 15)), STALE),
        Text(left + 13, 13.5, words, 9, STALE),
    ]
