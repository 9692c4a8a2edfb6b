"""A picture as SVG: one file, nothing loaded from elsewhere, nothing that runs, the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, assert_never
from xml.sax.saxutils import escape, quoteattr

from api.maps.lettering import FAMILIES, STRETCH
from api.maps.scene import Area, Circle, Path, Point, Rect, Scene, Shape, Text

MEDIA_TYPE: Final = "image/svg+xml"
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""
_SLANT: Final = 6
"""Pixels between the lines of a hatch."""


def as_svg(scene: Scene) -> str:
    """The picture as a document."""
    width, height = _number(scene.width), _number(scene.height)
    hatches = sorted({shape.hatched for shape in scene.shapes if isinstance(shape, Rect) and shape.hatched})
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    named = 'role="img" aria-labelledby="title description"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named} font-family={quoteattr(FAMILIES)} {STRETCH}>',
        f'<title id="title">{_text(scene.title)}</title>',
        f'<desc id="description">{_text(scene.description)}</desc>',
        *(["<defs>", *map(_hatch, hatches), "</defs>"] if hatches else []),
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for shape in scene.shapes:
        parts += _drawn(shape)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _drawn(shape: Shape) -> Iterator[str]:
    match shape:
        case Rect():
            yield _rect(shape, shape.fill or "none")
            if shape.hatched:
                yield _rect(shape, f"url(#{_hatch_name(shape.hatched)})")
        case Text():
            bold = ' font-weight="700"' if shape.bold else ""
            anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
            place = f'x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{_number(shape.size)}"'
            yield f'<text {place} fill="{shape.fill}"{bold}{anchor}>{_text(shape.text)}</text>'
        case Path():
            dashes = ' stroke-dasharray="5 4"' if shape.dashed else ""
            line = f'fill="none" stroke="{shape.stroke}" stroke-width="{_number(shape.width)}"{dashes}'
            yield f'<polyline points="{_points(shape.points)}" {line}/>'
        case Area():
            opacity = "" if shape.opacity == 1 else f' fill-opacity="{_number(shape.opacity)}"'
            yield f'<polygon points="{_points(shape.points)}" fill="{shape.fill}"{opacity}/>'
        case Circle():
            place = f'cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.radius)}"'
            yield f'<circle {place} fill="{shape.fill}" stroke="{shape.stroke}" stroke-width="1.5"/>'
        case other:
            assert_never(other)


def _rect(shape: Rect, fill: str) -> str:
    place = f'x="{_number(shape.x)}" y="{_number(shape.y)}"'
    size = f'width="{_number(shape.width)}" height="{_number(shape.height)}"'
    radius = f' rx="{_number(shape.radius)}"' if shape.radius else ""
    stroke = f' stroke="{shape.stroke}"' if shape.stroke else ""
    return f'<rect {place} {size}{radius} fill="{fill}"{stroke}/>'


def _hatch(colour: str) -> str:
    line = f'<line x1="0" y1="0" x2="0" y2="{_SLANT}" stroke="{colour}" stroke-width="1.6"/>'
    pattern = f'width="{_SLANT}" height="{_SLANT}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"'
    return f'<pattern id="{_hatch_name(colour)}" {pattern}>{line}</pattern>'


def _hatch_name(colour: str) -> str:
    return f"hatch-{colour.removeprefix('#')}"


def _points(points: tuple[Point, ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))
