"""The page that the formatter writes on: lines, indentation, and the comments at their places.

A comment that stood alone comes before the item that followed it; one at the end of a line stays at the end of the
line of the item that it followed.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsl.diagnostics import Span
from dsl.formatter.conditions import INDENT, Line
from dsl.nodes import Comment, Node


class Page:
    """Lines written so far, and the comments still to come."""

    def __init__(self, comments: Sequence[Comment], after_blank: frozenset[int]) -> None:
        self.lines: list[str] = []
        self.depth = 0
        self._comments = sorted(comments, key=lambda comment: comment.span.start)
        self._next = 0
        self._after_blank = after_blank
        self._commented = -1  # the line that has a comment at its end
        self._gap = False

    def gap(self) -> None:
        """Leave a blank line before the next line, unless that begins a block."""
        self._gap = True

    def write(self, text: str, *, depth: int | None = None) -> None:
        """Write a line at the current depth, or at another."""
        if self._gap and self.lines and not self.lines[-1].rstrip().endswith("{"):
            self.lines.append("")
        self._gap = False
        self.lines.append(INDENT * (self.depth if depth is None else depth) + text if text else "")

    def item(self, text: str, node: Node) -> None:
        """Write a line for a node, after the comments that come before it."""
        self.before(node.span.start)
        self.write(text)

    def broken(self, lines: Sequence[Line]) -> None:
        """Write the lines of a condition, each after the comments that come before it."""
        for line in lines:
            self.before(line.start, depth=line.depth)
            self.write(line.text, depth=line.depth)

    def open(self, text: str, node: Node) -> None:
        """Begin a block."""
        self.item(text + " {", node)
        self.depth += 1

    def close(self, node: Node, *, suffix: str = "") -> None:
        """End a block, after the comments that are left in it."""
        self._gap = False
        self.before(node.span.end - 1)
        self.depth -= 1
        self.write("}" + suffix)

    def has_comment(self, span: Span) -> bool:
        """Whether a comment that is still to come stands inside a stretch of the text."""
        return any(span.start <= comment.span.start < span.end for comment in self._comments[self._next :])

    def before(self, start: int, *, top: bool = False, depth: int | None = None) -> None:
        """Write the comments that stand before a place; at the top level with the blank lines around them."""
        while self._next < len(self._comments) and self._comments[self._next].span.start < start:
            comment = self._comments[self._next]
            self._next += 1
            text = f"# {comment.text}".rstrip()
            if not comment.alone and self.lines and self._commented != len(self.lines):
                self.lines[-1] += f"  {text}"
                self._commented = len(self.lines)
                continue
            if top and comment.alone and comment.span.line in self._after_blank:
                self.gap()
            self.write(text, depth=depth)
            # Another one at its end would be read as a part of it.
            self._commented = len(self.lines)
            if top and comment.before_blank:
                self.gap()

    def trailing(self, start: int) -> None:
        """Write the comments before a place that belong to the end of the last line."""
        while self._next < len(self._comments):
            comment = self._comments[self._next]
            if comment.alone or comment.span.start >= start or self._commented == len(self.lines):
                return
            self.before(comment.span.start + 1)

    def insert_gap(self, mark: int) -> None:
        """Leave a blank line before the line with this number, counted from 0, if there is none."""
        if 0 < mark < len(self.lines) and self.lines[mark] and self.lines[mark - 1]:
            self.lines.insert(mark, "")
            self._commented += self._commented > mark

    def is_after_blank(self, node: Node) -> bool:
        """Whether the line before a node was blank."""
        return node.span.line in self._after_blank

    def rest(self) -> None:
        """Write the comments that come after everything."""
        self.before(1 << 62, top=True)

    def text(self) -> str:
        return "\n".join(self.lines) + "\n" if self.lines else ""
