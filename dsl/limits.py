"""How much the language takes, and what is said about more: `too_large`, `withhold` before a text is read, `exceeded`
after it.

A declaration that is too large is left out before the parser sees it, so that a hostile text costs no more than a look
at its words. Limits of single words (names, texts, patterns) are kept where these are read, in `transform_literals`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from dsl.codes import syntax
from dsl.diagnostics import Diagnostic, Span
from dsl.nodes import (
    And,
    ChecklistItem,
    Condition,
    Declaration,
    EventRef,
    NoneOf,
    Not,
    Or,
    Question,
    Segment,
    Unless,
    When,
)
from dsl.scan import DEPTH_LIMIT, Lines, Scan, too_deep
from dsl.terminals import BACKTICKED, ENDLESS, LONG_STRING, PATTERN, STRING
from dsl.walk import nodes_of

SET_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of all files of a project."""
FILE_LIMIT: Final = 1024 * 1024
"""Bytes of one file."""
DECLARATION_LIMIT: Final = 64 * 1024
"""Bytes of one declaration, comments in it included."""
TERM_LIMIT: Final = 500
"""Comparisons, `did …` and the like in one condition, those in its `where` included."""

_LEAST_TERM: Final = len("true ")
_BYTES_OF_A_CHARACTER: Final = 4

_DECLARATION: Final = (
    r"(?:account\s+attribute|attribute|event|journey|feature|segment|persona|guide|survey|feedback|limits|record|import)"
    r"(?![\w$])"
)
# After one of these a word is a name and begins no declaration.
_BEFORE_A_NAME: Final = (
    r"(?:(?:and|or|not|where|when|unless|if|in|saw|completed|dismissed|answered|of|at|reached|for|with|to|between"
    r"|starts|testers|segment|persona|guide|survey|feedback|journey|feature|attribute|stage|step|ask)(?![\w$])|[.,(])"
)
_PIECE: Final = re.compile(
    rf"{LONG_STRING}|{STRING}|{BACKTICKED}|(?<![\w$]){PATTERN}|{ENDLESS}|[{{}}]"
    rf"|(?<![\w$]){_BEFORE_A_NAME}\s*{_DECLARATION}"
    rf"|(?<![\w$.])(?P<declares>{_DECLARATION})(?=\s*[\"{{`\w$])"
)
_NAMED: Final = re.compile(rf"{_DECLARATION}\s*(?:\"[^\"\n]{{0,128}}\"|`[^`\n]{{1,128}}`|[\w$]{{1,128}})?")
_LINE: Final = re.compile(rf"\n{_DECLARATION}")
_BLANKS: Final = string.whitespace + "\u00a0\ufeff"
_MARKS: Final = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Withheld:
    """A text without what is too large in it: blank there, and all else at its place."""

    text: str
    found: tuple[Diagnostic, ...] = ()


def size(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def is_beyond(text: str, limit: int) -> bool:
    """Whether a text has more bytes than a limit; most are so short that nobody has to count."""
    return len(text) * _BYTES_OF_A_CHARACTER > limit and size(text) > limit


def too_large(text: str, lines: Lines) -> Diagnostic | None:
    """The message about a file beyond the limit."""
    if not is_beyond(text, FILE_LIMIT):
        return None
    return syntax.TOO_LARGE.at(
        lines.span(0, 0), "this file is larger than 1 MB", help="put parts of it into files of their own"
    )


def condition_too_large(text: str, lines: Lines) -> Diagnostic | None:
    """The message about a lone condition beyond the limit: it is no larger than a declaration."""
    if not is_beyond(text, DECLARATION_LIMIT):
        return None
    return syntax.TOO_LARGE.at(
        lines.span(0, 0),
        "this condition is larger than 64 KB",
        help="name parts of it as segments and ask `in SEGMENT`; a list of values is `is one of`",
    )


def set_too_large(files: Mapping[str, str]) -> Diagnostic | None:
    """The message about a set of files beyond the limit, at the file with which it is reached."""
    total = 0
    for name, text in files.items():
        total += size(text)
        if total > SET_LIMIT:
            return syntax.TOO_LARGE.at(
                Span(name, 0, 0, 1, 1),
                "all rule files together are larger than 32 MB",
                help="make projects of their own of what does not belong together",
            )
    return None


def withhold(original: str, scanned: Scan, lines: Lines) -> Withheld:
    """Leave out the declarations that are too large or nested too deeply. `scanned`: what a scan of `original` gave."""
    text = scanned.text
    if scanned.too_deep is None and not _may_be_too_large(original):
        return Withheld(text)
    found: list[Diagnostic] = []
    kept: list[str] = []
    done = 0
    for start, end in _stretches(text):
        named = _NAMED.match(text, start)
        deep = None if scanned.too_deep is None else too_deep(text, start, end)
        if is_beyond(original[start:end], DECLARATION_LIMIT):
            found.append(declaration_too_large(lines.span(start, min(end, named.end() if named else start + 1))))
        elif deep is not None:
            found.append(nested_too_deep(lines.span(deep, deep + 1)))
        else:
            continue
        kept += (text[done:start], _MARKS.sub(" ", text[start:end]))
        done = end
    return Withheld("".join((*kept, text[done:])) if found else text, tuple(found))


def _may_be_too_large(text: str) -> bool:
    """Whether any stretch from one line that looks like a declaration to the next is beyond the limit."""
    if not is_beyond(text, DECLARATION_LIMIT):
        return False
    begins = [0, *(found.start() for found in _LINE.finditer(text)), len(text)]
    return any(is_beyond(text[begin:end], DECLARATION_LIMIT) for begin, end in pairwise(begins))


def exceeded(
    declaration: Declaration, original: str, said: Collection[Diagnostic], *, scanned: Scan, lines: Lines
) -> Diagnostic | None:
    """The message about a declaration that was read and is beyond a limit, unless one was `said` about it."""
    span = declaration.span
    length = span.end - span.start
    if length < DEPTH_LIMIT:
        return None
    deep = too_deep(scanned.text, span.start, span.end) if scanned.too_deep is not None else None
    if deep is not None:
        return nested_too_deep(lines.span(deep, deep + 1))
    if length < TERM_LIMIT * _LEAST_TERM:
        return None
    if is_beyond(original[span.start : span.end], DECLARATION_LIMIT):
        return declaration_too_large(Span(span.file, span.start, span.start + 1, span.line, span.column))
    found = (condition_exceeded(condition, said) for condition in _conditions(declaration))
    return next((each for each in found if each is not None), None)


def condition_exceeded(condition: Condition, said: Collection[Diagnostic]) -> Diagnostic | None:
    """The message about a condition with too many terms, unless one was `said` about it."""
    span = condition.span
    if span.end - span.start < TERM_LIMIT * _LEAST_TERM or any(_is_inside(each, span) for each in said):
        return None
    over = _first_term_beyond(condition)
    return None if over is None else terms_exceeded(over.span)


def terms_exceeded(span: Span) -> Diagnostic:
    """The message about a condition with too many terms."""
    return syntax.TOO_LARGE.at(
        span,
        f"this condition has more than {TERM_LIMIT} terms",
        help="name parts of it as segments and ask `in SEGMENT`; a list of values is `is one of`",
    )


def nested_too_deep(span: Span) -> Diagnostic:
    """The message about nesting beyond the limit."""
    return syntax.NESTING.at(
        span,
        f"this is nested more than {DEPTH_LIMIT} levels deep",
        help="name parts of the condition as segments and ask `in SEGMENT`",
    )


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where declarations begin and end, and stretches that are none: a first guess by words and braces alone."""
    begin = depth = 0
    for found in _PIECE.finditer(text):
        sign = found.group()
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth = max(0, depth - 1)
        # At the beginning of a line one begins although a `}` is missing before it.
        elif found["declares"] and (depth == 0 or text[found.start() - 1 : found.start()] in {"", "\n"}):
            yield _without_blanks(text, begin, found.start())
            begin, depth = found.start(), 0
    yield _without_blanks(text, begin, len(text))


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    bare = text[start:end].strip(_BLANKS)
    first = text.find(bare[0], start, end) if bare else start
    return first, first + len(bare)


def declaration_too_large(span: Span) -> Diagnostic:
    """The message about a declaration beyond the limit of size."""
    return syntax.TOO_LARGE.at(
        span, "what begins here is larger than 64 KB", help="make several smaller declarations of it"
    )


def _conditions(declaration: Declaration) -> Iterator[Condition]:
    for node in nodes_of(declaration):
        match node:
            case Segment() | EventRef() if node.where is not None:
                yield node.where
            case When() | Unless():
                yield node.condition
            case ChecklistItem():
                yield node.done_when
            case Question() if node.condition is not None:
                yield node.condition


def _first_term_beyond(condition: Condition) -> Condition | None:
    terms = 0
    for node in nodes_of(condition):
        if isinstance(node, Condition) and not isinstance(node, And | Or | Not | NoneOf):
            terms += 1
            if terms > TERM_LIMIT:
                return node
    return None


def _is_inside(diagnostic: Diagnostic, span: Span) -> bool:
    return diagnostic.code == syntax.TOO_LARGE.id and span.start <= diagnostic.span.start <= span.end
