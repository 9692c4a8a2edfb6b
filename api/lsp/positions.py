"""Places in a text as editors count them: lines from 0, and on the line the units of the encoding agreed upon, from 0.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#position
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol import types as lsp

from dsl.diagnostics import Span

_LINE_END = re.compile(r"\r\n|\n|\r")
_BEYOND_ONE_UNIT = re.compile(r"[\U00010000-\U0010ffff]")

Encoding = lsp.PositionEncodingKind | str


def units(text: str, encoding: Encoding) -> int:
    """How long a text is in the units of an encoding."""
    match encoding:
        case lsp.PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        case lsp.PositionEncodingKind.Utf32:
            return len(text)
        case _:
            return len(text) + len(_BEYOND_ONE_UNIT.findall(text))


class Positions:
    """Both ways for one text."""

    def __init__(self, text: str, encoding: Encoding = lsp.PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._encoding = encoding
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]

    def offset(self, position: lsp.Position) -> int:
        """The offset in characters; a place beyond the end of its line is that end."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[position.line]
        line = self._line(position.line)
        if line.isascii():
            return start + min(position.character, len(line))
        counted = 0
        for number, sign in enumerate(line):
            if counted >= position.character:
                return start + number
            counted += units(sign, self._encoding)
        return start + len(line)

    def position(self, offset: int) -> lsp.Position:
        """The place of an offset in characters."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset) - 1
        return lsp.Position(line, units(self.text[self._starts[line] : offset], self._encoding))

    def range(self, start: int, end: int) -> lsp.Range:
        """The stretch between two offsets."""
        return lsp.Range(self.position(start), self.position(end))

    def of(self, span: Span) -> lsp.Range:
        """The stretch of a span of this text; an empty one is shown at the character before it."""
        return self.range(span.start, span.end)

    def whole(self) -> lsp.Range:
        """All of the text."""
        return self.range(0, len(self.text))

    def _line(self, number: int) -> str:
        last = number + 1 >= len(self._starts)
        end = len(self.text) if last else self._starts[number + 1]
        return self.text[self._starts[number] : end].rstrip("\r\n")
