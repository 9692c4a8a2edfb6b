"""Small parts of the picture of a map: paragraphs, typed boxes, badges. Each knows how high it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from api.maps.lettering import lines_of, shortened, width_of
from api.maps.scene import Rect, Shape, Text, moved
from engine.mapping.model import LineKind, MapLine

INK: Final = "#1d2430"
QUIET: Final = "#566072"
"""Contrast 6 and more on white: small letters need 4.5 (WCAG 2.2, 1.4.3)."""
PAPER: Final = "#ffffff"
SHADE: Final = "#f3f5f8"
RULE: Final = "#d5dae2"
SPOKEN: Final = "#27496d"
TYPED: Final = "#fff8e6"
HATCH: Final = "#eadfc0"
TYPED_EDGE: Final = "#c9b26a"
STALE: Final = "#8a4b00"
STALE_FILL: Final = "#fdecd2"

SIZE: Final = 10.5
SMALL: Final = 9.0
LEADING: Final = 13.5
GAP: Final = 5.0
INSET: Final = 5.0
MOST_LINES: Final = 6
"""Lines of one paragraph; a longer one is cut with `…`, and stands whole in the JSON and CSV."""


_COUNT: Final = re.compile(r"\bn = (?=\d)")
"""What stays on one line."""
_TURNING: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


@dataclass(frozen=True, slots=True)
class Block:
    """Shapes from their own upper left corner, and how high they are together."""

    height: float
    shapes: tuple[Shape, ...]


def paragraph(
    text: str, width: float, *, fill: str = INK, bold: bool = False, size: float = SIZE, most: int = MOST_LINES
) -> Block:
    """A text in lines."""
    lines = lines_of(_COUNT.sub("n\u00a0=\u00a0", visible(text)), width, size, bold=bold, most=most)
    leading = LEADING * size / SIZE
    shapes = [Text(0, leading * number + size, line, size, fill, bold) for number, line in enumerate(lines)]
    return Block(leading * len(lines), tuple(shapes))


def visible(text: str) -> str:
    """A text with a box in the place of what cannot be drawn; blanks of all kinds become one.

    Marks that turn the direction of writing around are left out: they would make a text read as another one.
    """
    words = "".join(" " if letter.isspace() else letter for letter in text).split()
    shown = ("".join(map(_letter, word)) for word in words)
    return " ".join(word for word in shown if word)


def _letter(letter: str) -> str:
    if unicodedata.bidirectional(letter) in _TURNING:
        return ""
    return "\ufffd" if unicodedata.category(letter) in {"Cc", "Cs"} else letter


def stacked(blocks: Iterable[Block], gap: float = GAP) -> Block:
    """Blocks below each other."""
    shapes: list[Shape] = []
    y = 0.0
    for block in blocks:
        if shapes:
            y += gap
        shapes += moved(block.shapes, 0, y)
        y += block.height
    return Block(y, tuple(shapes))


def line_block(line: MapLine, width: float) -> Block:
    """One line of a cell as it is drawn: what was typed in a box, hatched as long as nothing speaks for it."""
    match line.kind:
        case LineKind.TYPED:
            return typed_box(line, width)
        case LineKind.SAID:
            return paragraph(line.text, width, fill=SPOKEN)
        case LineKind.DECLARED | LineKind.MEASURED:
            return paragraph(line.text, width)


def typed_box(line: MapLine, width: float) -> Block:
    """What somebody typed."""
    inner = width - 2 * INSET
    told = f"{line.touchpoint}: {line.text}" if line.touchpoint else line.text
    text = paragraph(told, inner, most=10)
    note = paragraph(_note(line), inner, fill=QUIET, size=SMALL, most=2)
    content = stacked([text, note], gap=2)
    box = Rect(
        0,
        0,
        width,
        content.height + 2 * INSET,
        TYPED if line.is_hatched else PAPER,
        TYPED_EDGE,
        3,
        HATCH if line.is_hatched else "",
    )
    shapes: list[Shape] = [box]
    if line.is_hatched:
        # The hatch stays beside the words, so that they can be read.
        shapes += [_behind(each, inner) for each in _texts(content.shapes)]
    return Block(box.height, (*shapes, *moved(content.shapes, INSET, INSET)))


def badge(text: str, *, fill: str, ink: str, size: float = SMALL) -> tuple[float, Block]:
    """A word on a coloured ground; with how wide it is."""
    width = width_of(text, size, bold=True) + 10
    return width, Block(
        16, (Rect(0, 0, width, 16, fill, "", 3), Text(width / 2, 11.5, text, size, ink, True, "middle"))
    )


def fitting(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """A text on one line of a width."""
    return shortened(visible(text), width, size, bold=bold)


def _note(line: MapLine) -> str:
    if line.is_hatched and line.missing:
        return "assumption: its evidence is gone"
    if line.is_hatched:
        return "assumption: no evidence linked"
    return "1 piece of evidence" if line.n == 1 else f"{line.n} pieces of evidence"


def _texts(shapes: Sequence[Shape]) -> list[Text]:
    return [shape for shape in shapes if isinstance(shape, Text)]


def _behind(text: Text, most: float) -> Rect:
    """The ground behind one line of text."""
    width = min(most, width_of(text.text, text.size, bold=text.bold))
    return Rect(INSET + text.x - 2, INSET + text.y - text.size, width + 4, text.size + 3.5, TYPED)
