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
from lark.parsers.lalr_interactive_parser import InteractiveParser

from dsl.diagnostics import Diagnostic
from dsl.limits import condition_exceeded, condition_too_large, exceeded, nested_too_deep, too_large, withhold
from dsl.nodes import Condition, Declaration, Program
from dsl.parser.driver import Done, Driver, Place
from dsl.parser.recovery import Recovery
from dsl.parser.tables import CONDITION, PROGRAM, load
from dsl.scan import Lines, comment_nodes, lines_after_blank, scan
from dsl.transform import Builder
from dsl.unseen import without_unseen


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
        self.driver = Driver(self.lark, self.builder)
        self.lock = threading.Lock()

    def read(self, text: str, lines: Lines, start: str, *, original: str) -> _Read:
        """Read a text whose comments are blanked out: at full speed, and with care around each mistake."""
        with self.lock:
            self.builder.begin(lines.file)
            recovery: Recovery | None = None
            place: Place | None = self.driver.start(start)
            while place is not None:
                end = self.driver.run(place, text, lines)
                if isinstance(end, Done):
                    return self._read(end.result, recovery)
                if recovery is None:
                    recovery = Recovery(self.driver, text=text, original=original, lines=lines, start=start)
                place = recovery.read_on(end)
                text = recovery.text
            return self._read(None if recovery is None else recovery.result, recovery)

    def _read(self, result: Any, recovery: Recovery | None) -> _Read:
        if recovery is None:
            return _Read(result, self.builder.diagnostics, ())
        found = sorted((*recovery.found, *self.builder.diagnostics), key=lambda diagnostic: diagnostic.span.start)
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
    text, unseen = without_unseen(text, lines)
    found = scan(text)
    kept = withhold(text, found, lines)
    read = _front().read(kept.text, lines, PROGRAM, original=text)
    messages = [*unseen, *kept.found, *read.found]
    declarations: list[Declaration] = []
    for declaration in read.result or ():
        over = exceeded(declaration, text, messages, scanned=found, lines=lines)
        if over is None:
            declarations.append(declaration)
        else:
            messages.append(over)
    messages.sort(key=lambda each: each.span.start)
    program = Program(tuple(declarations), comment_nodes(text, found, lines), lines_after_blank(text), span=whole)
    return Parsed(program, tuple(messages), read.unread)


def parse_condition(text: str, *, file: str = "condition") -> ParsedCondition:
    """Read one condition."""
    lines = Lines(text, file)
    large = condition_too_large(text, lines)
    if large is not None:
        return ParsedCondition(None, (large,))
    text, unseen = without_unseen(text, lines)
    found = scan(text)
    if found.too_deep is not None:
        deep = nested_too_deep(lines.span(found.too_deep, found.too_deep + 1))
        return ParsedCondition(None, (*unseen, deep))
    read = _front().read(found.text, lines, CONDITION, original=text)
    condition: Condition | None = read.result
    over = None if condition is None else condition_exceeded(condition, read.found)
    said = (*unseen, *read.found)
    return ParsedCondition(condition, said) if over is None else ParsedCondition(None, (*said, over))


def interactive() -> InteractiveParser:
    """Lark's parser before the first word of a file: the tables and lexers for whoever asks what may come next."""
    return _front().lark.parse_interactive("", start=PROGRAM)
