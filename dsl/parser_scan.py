"""The first look at a text: where its comments are, how deep it is nested, whether it is too large.

Knows texts, patterns and names in backticks from the rest, nothing else of the language. Comments are blanked out, so
that the grammar need not know of them and every place in the text stays what it was.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from dsl.codes import syntax
from dsl.diagnostics import Diagnostic, Span
from dsl.nodes import Comment
from dsl.terminals import BACKTICKED, END, LONG_STRING, PATTERN, STRING

FILE_LIMIT: Final = 1_000_000
"""Bytes of one file."""
DECLARATION_LIMIT: Final = 64_000
"""Characters of one declaration."""
DEPTH_LIMIT: Final = 64
"""How deep parentheses, braces and `not` may be nested."""

_PIECE = re.compile(
    rf"{LONG_STRING}|{STRING}|{BACKTICKED}|(?<![\w$]){PATTERN}|#[^\n]*|\(|\)|\{{|\}}|not{END}"
)
_NOT_AGAIN = re.compile(r"(?:\s|#[^\n]*\n)*(?:\(|not(?![\w$]))")


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
    braces: offset and sign of every `{` and `}` that is one.
    too_deep: the offset at which the nesting is beyond the limit, or None.
    """

    text: str
    comments: tuple[tuple[int, int], ...]
    braces: tuple[tuple[int, str], ...]
    too_deep: int | None


def scan(text: str) -> Scan:
    """Find comments, braces and the depth of nesting."""
    comments: list[tuple[int, int]] = []
    braces: list[tuple[int, str]] = []
    depth = nots = 0
    too_deep: int | None = None
    for found in _PIECE.finditer(text):
        sign = found.group()
        match sign[0]:
            case "#":
                comments.append(found.span())
            case "(" | "{":
                depth += 1
                if sign == "{":
                    braces.append((found.start(), sign))
            case ")" | "}":
                depth = max(0, depth - 1)
                if sign == "}":
                    braces.append((found.start(), sign))
            case "n":
                nots = nots + 1 if _NOT_AGAIN.match(text, found.end()) else 0
        if depth + nots > DEPTH_LIMIT and too_deep is None:
            too_deep = found.start()
    if not comments:
        return Scan(text, (), tuple(braces), too_deep)
    pieces: list[str] = []
    end = 0
    for start, stop in comments:
        pieces += (text[end:start], " " * (stop - start))
        end = stop
    pieces.append(text[end:])
    return Scan("".join(pieces), tuple(comments), tuple(braces), too_deep)


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


def too_large(text: str, lines: Lines) -> Diagnostic | None:
    """The message about a file beyond the limit."""
    if len(text) <= FILE_LIMIT // 4 or len(text.encode("utf-8", "replace")) <= FILE_LIMIT:
        return None
    return syntax.TOO_LARGE.at(
        lines.span(0, 0), "this file is larger than 1 MB", help="put parts of it into files of their own"
    )
