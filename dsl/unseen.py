"""Characters that nobody sees in a file of rules: told of, and read as blanks.

They come along when text is copied out of other programs. Some databases cannot keep them, and in a text that is shown
they do harm: `U+0000` ends it, `U+001B` begins an order to a terminal.
"""

from __future__ import annotations

import re
from typing import Final

from dsl.codes import syntax
from dsl.diagnostics import Diagnostic
from dsl.scan import Lines

MOST_TOLD: Final = 20
"""How many of them are told of in one text: a file full of them is no text at all."""

_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_RUN: Final = re.compile(rf"{_UNSEEN.pattern}+")


def without_unseen(text: str, lines: Lines) -> tuple[str, tuple[Diagnostic, ...]]:
    """A text with a blank for each control character but tabs and ends of lines, and what is said of them."""
    if _UNSEEN.search(text) is None:
        return text, ()
    found: list[Diagnostic] = []
    for run in _RUN.finditer(text):
        number = f"U+{ord(run.group()[0]):04X}"
        said = (
            f"the character {number} cannot be seen"
            if len(run.group()) == 1
            else (f"{len(run.group())} characters cannot be seen, {number} first")
        )
        found.append(
            syntax.UNSEEN.at(
                lines.span(*run.span()),
                said,
                help="leave it out; it may have come along when the text was copied",
                fix="",
            )
        )
        if len(found) == MOST_TOLD:
            break
    return _UNSEEN.sub(" ", text), tuple(found)
