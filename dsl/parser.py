"""Text to tree: `parse` for a file, `parse_condition` for one condition. Never raises, whatever the text.

Reports all syntax errors of a text in one run and hands on what could be read; what the names mean is decided by the
checker.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedInput

from dsl.codes import syntax
from dsl.diagnostics import Diagnostic
from dsl.nodes import Condition, Declaration, Program
from dsl.parser_scan import DEPTH_LIMIT, Lines, comment_nodes, lines_after_blank, scan, too_large
from dsl.parser_tables import CONDITION, PROGRAM, load
from dsl.transform import Builder


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file says, as far as it could be read, and everything that could not."""

    program: Program
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """A condition, or None where there are errors that leave none."""

    condition: Condition | None
    diagnostics: tuple[Diagnostic, ...]


class _Front:
    """The parser with the builder that it calls. One parse at a time: the builder collects for one file."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.lark: Lark = load(self.builder)
        self.lock = threading.Lock()

    def read(self, text: str, *, file: str, start: str) -> tuple[Any, list[Diagnostic]]:
        with self.lock:
            self.builder.file = file
            found: list[Diagnostic] = []
            self.builder.diagnostics = found
            try:
                return self.lark.parse(text, start=start), found
            except UnexpectedInput as error:
                at = error.pos_in_stream or 0
                span = Lines(text, file).span(at, at + 1)
                found.append(syntax.UNEXPECTED.at(span, "this cannot stand here"))
                return None, found


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
        deep = syntax.NESTING.at(
            lines.span(found.too_deep, found.too_deep + 1),
            f"this is nested more than {DEPTH_LIMIT} levels deep",
            help="name parts of the condition as segments and ask `in SEGMENT`",
        )
        return Parsed(Program((), span=whole), (deep,))
    declarations: tuple[Declaration, ...] | None
    declarations, diagnostics = _front().read(found.text, file=file, start=PROGRAM)
    program = Program(
        declarations or (),
        comment_nodes(text, found, lines),
        lines_after_blank(text),
        span=whole,
    )
    return Parsed(program, tuple(diagnostics))


def parse_condition(text: str, *, file: str = "condition") -> ParsedCondition:
    """Read one condition."""
    lines = Lines(text, file)
    large = too_large(text, lines)
    if large is not None:
        return ParsedCondition(None, (large,))
    found = scan(text)
    condition, diagnostics = _front().read(found.text, file=file, start=CONDITION)
    return ParsedCondition(condition, tuple(diagnostics))
