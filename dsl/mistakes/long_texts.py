"""Three quotes that were forgotten: the text that they should have ended goes on up to the beginning of the next one.

Where it was meant to end is told by how the lines are indented: a text stands further in than the line that opens it,
and what is not text any more does not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dsl.codes import syntax
from dsl.mistakes.trouble import Mistake, Trouble

QUOTES: Final = '"""'


@dataclass(frozen=True, slots=True)
class Swallowed:
    """What is wrong, and how to read on: with `text` in the place of all from the quotes that open it up to `end`."""

    mistake: Mistake
    end: int
    text: str


def swallowed(trouble: Trouble, starts: Sequence[int]) -> Swallowed | None:
    """The text of several lines that does not end where it was meant to, if there is one here. starts: of the lines."""
    text, at, last = trouble.text, trouble.at, trouble.last
    if text.startswith(QUOTES, at) and text.find(QUOTES, at + 3) < 0:
        opening, until = at, len(text)
    elif last.type == "LONG_STRING" and last.text.count("\n") > 1:
        opening, until = last.start, last.end
    else:
        return None
    end = _meant_end(text, opening, until)
    if end is None:
        return None
    line = bisect_right(starts, end)
    shown = text[end:].split("\n", 1)[0].strip()
    message = f"the text that begins here has no `{QUOTES}` at its end"
    if until == last.end:
        # Its own end is at once the beginning of another text.
        message += f": it goes on up to the one in line {bisect_right(starts, until)}"
    shown = shown if len(shown) <= 40 else f"{shown[:40]}…"
    advice = f"write `{QUOTES}` on a line of its own before line {line}, `{shown}`"
    mistake = Mistake(syntax.UNCLOSED_TEXT, opening, opening + 3, message, advice)
    return Swallowed(mistake, end, f"{text[opening:end]}{QUOTES} ")


def _meant_end(text: str, opening: int, until: int) -> int | None:
    """Where the first line begins that is hardly part of the text that opens there."""
    begin = text.rfind("\n", 0, opening) + 1
    margin = _indent(text[begin:opening])
    is_set_in: bool | None = None
    offset = text.find("\n", opening) + 1
    while 0 < offset < until:
        stop = text.find("\n", offset)
        stop = len(text) if stop < 0 else stop
        line = text[offset:stop]
        if line.strip():
            if is_set_in is None:
                is_set_in = _indent(line) > margin
            if line.strip() == "}" or (is_set_in and _indent(line) <= margin):
                return offset
        offset = stop + 1
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
