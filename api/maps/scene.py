"""A picture as a list of shapes, in pixels from the upper left corner: what the writers of SVG and PDF draw.

Knows nothing of maps. The order of the shapes is the order in which they are drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle. hatched: the colour of slanting lines across it; blank for none."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    stroke: str = ""
    radius: float = 0
    hatched: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; y: its base line. anchor: where x is, `start`, `middle` or `end`."""

    x: float
    y: float
    text: str
    size: float
    fill: str
    bold: bool = False
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Path:
    """Straight lines from point to point."""

    points: tuple[Point, ...]
    stroke: str
    width: float = 1
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """The area within some points. opacity: 0 to 1."""

    points: tuple[Point, ...]
    fill: str
    opacity: float = 1


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle around a point."""

    x: float
    y: float
    radius: float
    fill: str
    stroke: str


Shape: TypeAlias = Rect | Text | Path | Area | Circle


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture. title, description: for those who do not see it."""

    width: float
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]


def moved(shapes: Iterable[Shape], dx: float, dy: float) -> list[Shape]:
    """The same shapes elsewhere."""
    return [_moved(shape, dx, dy) for shape in shapes]


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    match shape:
        case Rect() | Text() | Circle():
            return replace(shape, x=shape.x + dx, y=shape.y + dy)
        case Path() | Area():
            return replace(shape, points=tuple((x + dx, y + dy) for x, y in shape.points))
        case other:
            assert_never(other)
