"""Places in a text as editors count them: lines from 0, and UTF-16 code units from 0 on the line.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#position
"""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol import types as lsp

from dsl.diagnostics import Span

_LINE_END = re.compile(r"\r\n|\n|\r")
_BEYOND_ONE_UNIT = re.compile(r"[\U00010000-\U0010ffff]")


class Positions:
    """Both ways for one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(text))]

    def offset(self, position: lsp.Position) -> int:
        """The offset in characters; a place beyond the end of its line is that end."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[position.line]
        line = self._line(position.line)
        if _BEYOND_ONE_UNIT.search(line) is None:
            return start + min(position.character, len(line))
        units = 0
        for number, sign in enumerate(line):
            if units >= position.character:
                return start + number
            units += 2 if ord(sign) > 0xFFFF else 1
        return start + len(line)

    def position(self, offset: int) -> lsp.Position:
        """The place of an offset in characters."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset) - 1
        before = self.text[self._starts[line] : offset]
        return lsp.Position(line, len(before) + len(_BEYOND_ONE_UNIT.findall(before)))

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
