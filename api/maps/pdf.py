"""Pictures as the pages of a PDF: real text that can be searched, the typeface embedded, the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, assert_never

from api.maps.lettering import FILES, has_all
from api.maps.scene import Area, Circle, Path, Point, Rect, Scene, Shape, Text

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

MEDIA_TYPE: Final = "application/pdf"
POINT: Final = 0.75
"""Points for one pixel of a picture."""
PAPERS: Final = {"a4": (842.0, 595.0), "a3": (1191.0, 842.0), "letter": (792.0, 612.0)}
"""Papers lying, in points."""
MARGIN: Final = 28.0
"""Around a page, in points: one centimetre."""
_SLANT: Final = 6.0


def room_on(paper: str) -> tuple[float, float]:
    """How wide and high a picture may be on a page, in its own pixels."""
    width, height = PAPERS[paper]
    return (width - 2 * MARGIN) / POINT, (height - 2 * MARGIN) / POINT


def as_pdf(scenes: Sequence[Scene], paper: str) -> bytes:
    """Each picture on a page of its own, made smaller where it does not fit."""
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415  (only where it is made)

    _register()
    out = io.BytesIO()
    width, height = PAPERS[paper]
    # invariant: no date and no random id, so that the same map gives the same bytes.
    canvas = Canvas(out, pagesize=(width, height), invariant=1, pageCompression=1)
    canvas.setTitle(scenes[0].title)
    canvas.setSubject(scenes[0].description)
    canvas.setAuthor("")
    canvas.setCreator("Waypost")
    for number, scene in enumerate(scenes, 1):
        wide, high = room_on(paper)
        scale = POINT * min(1.0, wide / scene.width, high / scene.height)
        canvas.saveState()
        canvas.translate(MARGIN, height - MARGIN)
        canvas.scale(scale, scale)
        for shape in scene.shapes:
            _draw(canvas, shape)
        canvas.restoreState()
        canvas.setFont(_NAMES[False], 7)
        canvas.setFillColor(_colour("#5b6575"))
        canvas.drawRightString(width - MARGIN, MARGIN / 2, f"{number} / {len(scenes)}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


_NAMES: Final = {False: "map", True: "map-bold"}


@cache
def _register() -> None:
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    for bold, file in FILES.items():
        pdfmetrics.registerFont(TTFont(_NAMES[bold], str(file)))


def _draw(canvas: Canvas, shape: Shape) -> None:
    match shape:
        case Rect():
            _draw_rect(canvas, shape)
        case Text():
            canvas.setFont(_NAMES[shape.bold], shape.size)
            canvas.setFillColor(_colour(shape.fill))
            put = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}
            # Nothing steps in for a letter that the typeface lacks: a box says that there is one.
            text = "".join(letter if has_all(letter) else "\ufffd" for letter in shape.text)
            put[shape.anchor](shape.x, -shape.y, text)
        case Path():
            canvas.setStrokeColor(_colour(shape.stroke))
            canvas.setLineWidth(shape.width)
            canvas.setDash([5, 4] if shape.dashed else [])
            canvas.drawPath(_path(canvas, shape.points), stroke=1, fill=0)
            canvas.setDash([])
        case Area():
            canvas.setFillColor(_colour(shape.fill))
            canvas.setFillAlpha(shape.opacity)
            path = _path(canvas, shape.points)
            path.close()
            canvas.drawPath(path, stroke=0, fill=1)
            canvas.setFillAlpha(1)
        case Circle():
            canvas.setFillColor(_colour(shape.fill))
            canvas.setStrokeColor(_colour(shape.stroke))
            canvas.setLineWidth(1.5)
            canvas.circle(shape.x, -shape.y, shape.radius, stroke=1, fill=1)
        case other:
            assert_never(other)


def _draw_rect(canvas: Canvas, shape: Rect) -> None:
    if shape.fill:
        canvas.setFillColor(_colour(shape.fill))
    if shape.stroke:
        canvas.setStrokeColor(_colour(shape.stroke))
        canvas.setLineWidth(1)
    low = -(shape.y + shape.height)
    sides = (shape.x, low, shape.width, shape.height)
    has = {"stroke": int(bool(shape.stroke)), "fill": int(bool(shape.fill))}
    if shape.fill or shape.stroke:
        if shape.radius:
            canvas.roundRect(*sides, shape.radius, **has)
        else:
            canvas.rect(*sides, **has)
    if shape.hatched:
        canvas.saveState()
        clip = canvas.beginPath()
        clip.rect(*sides)
        canvas.clipPath(clip, stroke=0, fill=0)
        canvas.setStrokeColor(_colour(shape.hatched))
        canvas.setLineWidth(1.6)
        # Lines that rise to the right, as far apart as in the SVG.
        step = _SLANT * 2**0.5
        start = shape.x - shape.height
        while start < shape.x + shape.width:
            canvas.line(start, low, start + shape.height, low + shape.height)
            start += step
        canvas.restoreState()


def _path(canvas: Canvas, points: tuple[Point, ...]) -> Any:
    path = canvas.beginPath()
    (x, y), *rest = points
    path.moveTo(x, -y)
    for x, y in rest:
        path.lineTo(x, -y)
    return path


def _colour(text: str) -> Any:
    from reportlab.lib.colors import HexColor  # noqa: PLC0415

    return HexColor(text)
