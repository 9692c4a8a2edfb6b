"""Text to tree: `parse` for a file, `parse_condition` for one condition. Never raises, whatever the text.

Reports all syntax errors of a text in one run and hands on what could be read; what the names mean is decided by the
checker.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from lark import Lark
from lark.exceptions import UnexpectedInput

from dsl.codes import syntax
from dsl.diagnostics import Diagnostic
from dsl.nodes import Condition, Declaration, Program
from dsl.parser_recovery import Recovery
from dsl.parser_scan import DEPTH_LIMIT, Lines, comment_nodes, lines_after_blank, scan, too_large
from dsl.parser_tables import CONDITION, PROGRAM, load
from dsl.transform import Builder


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says, as far as it could be read, and everything that could not."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]
    unread: tuple[str, ...] = ()
    """Names of declarations that could not be read: that others use them is no second mistake."""


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """A condition, or None where there are errors that leave none."""

    condition: Condition | None
    diagnostics: tuple[Diagnostic, ...]


class _Read(NamedTuple):
    """What came of a text: what it means, what is wrong, the names in what was left out."""

    result: Any
    found: list[Diagnostic]
    unread: tuple[str, ...]


class _Front:
    """The parser with the builder that it calls. One parse at a time: the builder collects for one file."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.lark: Lark = load(self.builder)
        self.lock = threading.Lock()

    def read(self, text: str, lines: Lines, start: str) -> _Read:
        """Read a text whose comments are blanked out; the whole of it at once, or word by word if that fails."""
        with self.lock:
            builder = self.builder
            builder.file = lines.file
            builder.diagnostics = []
            try:
                return _Read(self.lark.parse(text, start=start), builder.diagnostics, ())
            except UnexpectedInput:
                builder.diagnostics = []
                recovery = Recovery(self.lark, builder, text=text, lines=lines, start=start)
                result = recovery.run()
                found = sorted((*recovery.found, *builder.diagnostics), key=lambda diagnostic: diagnostic.span.start)
                return _Read(result, found, tuple(recovery.unread))


@cache
def _front() -> _Front:
    return _Front()


def parse(text: str, *, file: str = "rules.way") -> Parsed:
    """Read a file."""
    lines = Lines(text, file)
    whole = lines.span(0, len(text))
    large = too_large(text, lines)
    if large is not None:
        return Parsed(Program((), span=whole), (large,))
    found = scan(text)
    if found.too_deep is not None:
        return Parsed(Program((), span=whole), (_too_deep(found.too_deep, lines),))
    read = _front().read(found.text, lines, PROGRAM)
    declarations: tuple[Declaration, ...] = read.result or ()
    program = Program(declarations, comment_nodes(text, found, lines), lines_after_blank(text), span=whole)
    return Parsed(program, tuple(read.found), read.unread)


def parse_condition(text: str, *, file: str = "condition") -> ParsedCondition:
    """Read one condition."""
    lines = Lines(text, file)
    large = too_large(text, lines)
    if large is not None:
        return ParsedCondition(None, (large,))
    found = scan(text)
    if found.too_deep is not None:
        return ParsedCondition(None, (_too_deep(found.too_deep, lines),))
    read = _front().read(found.text, lines, CONDITION)
    condition: Condition | None = read.result
    return ParsedCondition(condition, tuple(read.found))


def _too_deep(at: int, lines: Lines) -> Diagnostic:
    return syntax.NESTING.at(
        lines.span(at, at + 1),
        f"this is nested more than {DEPTH_LIMIT} levels deep",
        help="name parts of the condition as segments and ask `in SEGMENT`",
    )
