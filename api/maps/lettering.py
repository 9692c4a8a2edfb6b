"""How wide texts are in the one typeface of all pictures, and where their lines break.

The typeface lies beside this file, so that a picture is the same on every machine. It has Latin, Greek and Cyrillic
letters; for others a reader's own typefaces step in where they can (SVG, PNG), else a box stands there (PDF).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reportlab.pdfbase.ttfonts import TTFontFace

FOLDER: Final = Path(__file__).with_name("fonts")
FAMILY: Final = "DejaVu Sans Condensed"
FAMILIES: Final = f"'{FAMILY}', 'DejaVu Sans', Arial, Helvetica, sans-serif"
"""For those who show a picture: the typeface that it is measured for, then such as run about as wide."""
STRETCH: Final = 'font-stretch="condensed"'
"""Some know the typeface as a narrow kind of its family, and would take the wide one."""
FILES: Final = {False: FOLDER / "DejaVuSansCondensed.ttf", True: FOLDER / "DejaVuSansCondensed-Bold.ttf"}
"""The files of the typeface: plain, and bold."""
_OTHER_LETTER: Final = 1.0
"""How wide a letter is taken for that the typeface does not have, in ems: as wide as any."""


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line, in the unit of its size."""
    widths = _widths(bold)
    return sum(widths.get(ord(letter), _OTHER_LETTER) for letter in text) * size


def has_all(text: str) -> bool:
    """True where the typeface has every letter of a text."""
    widths = _widths(False)
    return all(ord(letter) in widths for letter in text)


def lines_of(text: str, width: float, size: float, *, bold: bool = False, most: int = 100) -> list[str]:
    """A text as lines that are not wider than `width`; where they are more than `most`, the last ends with `…`."""
    found: list[str] = []
    line = ""
    for word in _words(text, width, size, bold):
        longer = f"{line} {word}" if line else word
        if width_of(longer, size, bold=bold) <= width or not line:
            line = longer
            continue
        found.append(line)
        line = word
        if len(found) == most:
            found[-1] = shortened(f"{found[-1]} {word}", width, size, bold=bold, is_cut=True)
            return found
    return [*found, line] if line else found


def shortened(text: str, width: float, size: float, *, bold: bool = False, is_cut: bool = False) -> str:
    """A text on one line that is not wider than `width`, with `…` at its end where something is left out."""
    if not is_cut and width_of(text, size, bold=bold) <= width:
        return text
    while text and width_of(f"{text}…", size, bold=bold) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _words(text: str, width: float, size: float, bold: bool) -> Iterator[str]:
    """The words of a text, those that are wider than a line in parts. Only a plain blank parts words."""
    for word in filter(None, text.split(" ")):
        part = ""
        for letter in word:
            if part and width_of(part + letter, size, bold=bold) > width:
                yield part
                part = ""
            part += letter
        yield part


@cache
def _widths(bold: bool) -> dict[int, float]:
    """The width of each letter, in ems."""
    face = _face(bold)
    return {code: width / 1000 for code, width in face.charWidths.items()}


def _face(bold: bool) -> TTFontFace:
    from reportlab.pdfbase.ttfonts import TTFontFace  # noqa: PLC0415  (only where a picture is made)

    return TTFontFace(str(FILES[bold]))
