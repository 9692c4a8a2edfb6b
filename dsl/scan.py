"""The first look at a text: where its comments are, how deep it is nested.

Knows texts, patterns and names in backticks from the rest, nothing else of the language. Comments are blanked out, so
that the grammar need not know of them and every place in the text stays what it was.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dsl.diagnostics import Span
from dsl.nodes import Comment
from dsl.terminals import BACKTICKED, END, ENDLESS, LONG_STRING, PATTERN, STRING

DEPTH_LIMIT: Final = 64
"""How deep parentheses, braces and `not` may be nested."""

# Begins with all that is no piece, so that one match leads from piece to piece; one at the end of the text makes sure
# that there always is a match, or what stands before would be tried again from each of its characters.
_REST: Final = r"[^\"`/#(){}n]*+"
_PIECE = re.compile(
    rf"{_REST}(?:n(?!(?<![\w$]n)ot{END}){_REST})*+"
    rf"(?:(?P<piece>{LONG_STRING}|{STRING}|{BACKTICKED}|(?<![\w$]){PATTERN}|{ENDLESS}|#[^\n]*|[(){{}}]|not{END})"
    r"|[\"`/]|\Z)"
)
_OPENING: Final = frozenset("({")
_CLOSING: Final = frozenset(")}")
_NOT_AGAIN = re.compile(r"(?:\s|#[^\n]*\n)*+(?:\(|not(?![\w$]))")


class Lines:
    """Lines and columns of the offsets of a text."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return bisect_right(self.starts, offset)

    def span(self, start: int, end: int) -> Span:
        line = self.line(start)
        return Span(self.file, start, end, line, start - self.starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class Scan:
    """What the first look found.

    text: the text with every comment blanked out, of the same length.
    too_deep: the offset at which the nesting is beyond the limit, or None.
    """

    text: str
    comments: tuple[tuple[int, int], ...]
    too_deep: int | None


def scan(text: str) -> Scan:
    """Find comments and the depth of nesting."""
    comments: list[tuple[int, int]] = []
    depth = _Depth(text)
    for found in _PIECE.finditer(text):
        sign = found["piece"]
        if sign is None:
            continue
        if sign[0] == "#":
            comments.append(found.span("piece"))
        else:
            depth.add(sign, found)
    return Scan(blanked(text, comments), tuple(comments), depth.beyond)


def blanked(text: str, places: Sequence[tuple[int, int]]) -> str:
    """A text with blanks at some places, which follow each other."""
    if not places:
        return text
    pieces: list[str] = []
    end = 0
    for start, stop in places:
        pieces += (text[end:start], " " * (stop - start))
        end = stop
    pieces.append(text[end:])
    return "".join(pieces)


def too_deep(text: str, start: int, end: int) -> int | None:
    """The offset at which a stretch of a text, taken by itself, is nested beyond the limit, or None."""
    depth = _Depth(text)
    for found in _PIECE.finditer(text, start, end):
        sign = found["piece"]
        if sign is not None:
            depth.add(sign, found)
    return depth.beyond


class _Depth:
    """How deep a text is nested, piece by piece; `beyond` is where that is more than the limit for the first time."""

    def __init__(self, text: str) -> None:
        self.beyond: int | None = None
        self._text = text
        self._depth = self._nots = 0

    def add(self, sign: str, found: re.Match[str]) -> None:
        if sign in _OPENING:
            self._depth += 1
        elif sign in _CLOSING:
            self._depth = max(0, self._depth - 1)
        elif sign == "not":
            self._nots = self._nots + 1 if _NOT_AGAIN.match(self._text, found.end()) else 0
        else:
            return
        if self._depth + self._nots > DEPTH_LIMIT and self.beyond is None:
            self.beyond = found.start("piece")


def comment_nodes(text: str, found: Scan, lines: Lines) -> tuple[Comment, ...]:
    """The comments with their places."""
    nodes = []
    for start, end in found.comments:
        line = lines.line(start)
        begin = lines.starts[line - 1]
        following = lines.starts[line : line + 2]
        next_line = text[following[0] : following[1] if len(following) > 1 else len(text)] if following else "."
        nodes.append(
            Comment(
                text[start + 1 : end].strip(),
                alone=not text[begin:start].strip(),
                before_blank=not next_line.strip(),
                span=lines.span(start, end),
            )
        )
    return tuple(nodes)


def lines_after_blank(text: str) -> frozenset[int]:
    """The numbers of the lines that follow a blank one."""
    lines = text.split("\n")
    return frozenset(
        number + 1 for number in range(1, len(lines)) if lines[number].strip() and not lines[number - 1].strip()
    )
