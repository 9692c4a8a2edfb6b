"""What is wrong in a text that people write, and where: values that are collected, never raised.

Decides how a message looks; what is wrong is decided by the parser, the checker and the analysis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

SHOWN: Final = 160
"""How many characters of a source line a message shows at most."""
BEFORE: Final = 60
"""How many of them stand before the place that the message is about, where the line is longer."""


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
    at = span.start - begin
    width = max(1, min(span.end, begin + len(line)) - span.start)
    left = max(0, min(at - BEFORE, len(line) - SHOWN))
    left = left if left > BEFORE // 4 else 0
    # What moves the cursor or colours the terminal is no part of a message.
    shown = "".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in line[left : left + SHOWN])
    before, after = "…" if left else "", "…" if left + SHOWN < len(line) else ""
    # Tabs stay tabs under the line too, so that the mark stands below the word in every terminal.
    blank = before.replace("…", " ") + "".join("\t" if char == "\t" else " " for char in shown[: at - left])
    number = f"{span.line:>4}"
    mark = "^" * max(1, min(width, len(shown) - (at - left)))
    return [f" {number} | {before}{shown}{after}", f" {' ' * len(number)} | {blank}{mark}"]
