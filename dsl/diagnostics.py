"""What is wrong in a text that people write, and where: values that are collected, never raised.

Decides how a message looks; what is wrong is decided by the parser, the checker and the analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a source text: offsets in characters, and line and column of its start, both from 1."""

    file: str
    start: int
    end: int
    line: int
    column: int


class Severity(StrEnum):
    """Errors stop publishing; warnings do not, except under `--strict`."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message: a stable code, the place, what is wrong in the reader's words, and what to write instead."""

    code: str
    severity: Severity
    message: str
    span: Span
    help: str | None = None
    fix: str | None = field(default=None, compare=False)
    """Text that, put in the place of the span, mends it; where there is exactly one."""


def render(diagnostic: Diagnostic, sources: Mapping[str, str]) -> str:
    """The message as the command line prints it: code, place, source line with the place underlined, help."""
    span = diagnostic.span
    lines = [
        f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}",
        f"  {span.file}:{span.line}:{span.column}",
    ]
    text = sources.get(span.file)
    if text is not None:
        lines += _quoted(text, span)
    if diagnostic.help is not None:
        lines.append(f"  help: {diagnostic.help}")
    return "\n".join(lines)


def _quoted(text: str, span: Span) -> list[str]:
    begin = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.start)
    line = text[begin : len(text) if end < 0 else end].rstrip("\r")
    # Tabs stay tabs under the line too, so that the mark stands below the word in every terminal.
    blank = "".join("\t" if char == "\t" else " " for char in line[: span.column - 1])
    width = max(1, min(span.end, begin + len(line)) - span.start)
    number = f"{span.line:>4}"
    return [f" {number} | {line}", f" {' ' * len(number)} | {blank}{'^' * width}"]
