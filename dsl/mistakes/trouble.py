"""Mistakes that have a message of their own: what people write who know other languages, or English.

Each is a function that looks at a place where the parser cannot go on and says what is meant there, with a text that
puts it right wherever there is exactly one. The parser goes on with that text, so one mistake does not hide the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dsl.codes import Code

WORD: Final = re.compile(r"[^\W\d][\w$]*|`[^`\n]+`")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that the parser has read: its terminal, its text, its place."""

    type: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A place where the parser cannot go on.

    text: the whole text, comments blanked out. at: the offset. accepts: the terminals that may stand there.
    before: the words read before it, in their order. original: the text with its comments.
    """

    text: str
    at: int
    accepts: frozenset[str]
    before: Sequence[Word]
    original: str

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The match of a pattern that begins exactly here."""
        return pattern.match(self.text, self.at)

    def wants(self, *terminals: str) -> bool:
        """Whether one of the terminals may stand here."""
        return not self.accepts.isdisjoint(terminals)

    @property
    def last(self) -> Word:
        """The word before this place; one without a type at the beginning of the text."""
        return self.before[-1] if self.before else Word("", "", 0, 0)

    @property
    def is_on_new_line(self) -> bool:
        """Whether the word before stands on an earlier line: then something is missing there, not wrong here."""
        return "\n" in self.text[self.last.end : self.at]

    def line_end(self) -> int:
        """Where the line ends."""
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def later(self, at: int, accepts: frozenset[str]) -> Trouble:
        """The same trouble, looked at from further on."""
        return replace(self, at=at, accepts=accepts)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong from `start` to `end`, and where there is exactly one, the text that puts it right."""

    code: Code
    start: int
    end: int
    message: str
    help: str
    fix: str | None = None


Recogniser = Callable[[Trouble], Mistake | None]
"""Looks for one kind of mistake."""
