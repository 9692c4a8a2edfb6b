"""The words before a position, and the states of the parser where the next word may begin.

Reads the text word by word with Lark's own tables and lexers, without building anything. Where it cannot go on it goes
to the next clause or item that it can read, as the parser does; so a position in a broken file has its words too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from lark import Token
from lark.exceptions import UnexpectedCharacters
from lark.lexer import LexerState, LineCounter
from lark.parsers.lalr_analysis import Shift
from lark.utils import TextSlice

from dsl.complete.phrases import PHRASES
from dsl.mistakes import Word
from dsl.parser import interactive
from dsl.parser.words import is_keyword
from dsl.terminals import BACKTICKED, LONG_STRING, LOOKING_AHEAD, PLAIN, STRING, pattern_of

_NEW_COUNTER: Final[Any] = LineCounter
_BLANKS = re.compile(r"[\s\ufeff]*")
_PIECE = re.compile(rf"{LONG_STRING}|{STRING}|{BACKTICKED}|[{{}}]|\n[^\S\n]*(?=[^\W\d]|[\"`]|\Z)")
_UNREAD = re.compile(rf"{LONG_STRING}|{STRING}|{BACKTICKED}|[\w$.%:-]+|\S")
_PROPERTY = re.compile(r"\s*:")
_UNFINISHED = re.compile(r"\d+\s*\w*")
_TAIL: Final = 4
"""So many words before the position are read in every way that what is still to be written might ask for."""
_TAIL_LENGTH: Final = 400
_MOST_STUMBLES: Final = 100
"""After so many unreadable words in one declaration nothing is proposed."""
_WHERE_GOES_ON = re.compile(rf"\s*(?:\(\s*|not\s+)*(?:{PLAIN['PATH']})?\s*\Z")
_JOINING: Final = frozenset({"and", "or"})
_NOTHING = re.compile(r"\s*\Z")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where a word may begin: its offset, the parser's states there, the words before it."""

    offset: int
    states: tuple[Any, ...]
    words: tuple[Word, ...]


class Tables:
    """What the parser would do, asked without doing it."""

    def __init__(self) -> None:
        parser: Any = interactive()
        self._states: Any = parser.parser_state.parse_conf.states
        self._lexers: Any = parser.lexer_thread.lexer.lexers
        self._accepted_after: dict[tuple[str, ...], frozenset[str]] = {}
        self.start: Any = parser.parser_state.parse_conf.start_state

    def read(self, text: str, offset: int, state: Any) -> Token | None:
        """The word at an offset, None where none is known in that state or the text has ended."""
        counter: Any = _NEW_COUNTER("\n")
        counter.char_pos = offset
        try:
            token: Token = self._lexers[state].next_token(LexerState(TextSlice(text, 0, len(text)), counter))
        except (UnexpectedCharacters, EOFError):
            return None
        return token

    def after(self, states: list[Any], sizes: list[int], terminal: str, count: int) -> bool:
        """Take a word, in place; False, with the lists as they were, if it may not stand there.

        sizes: to each state, how many words had been read when it was reached; `count` are read before this one.
        """
        kept, added = len(states), list[Any]()
        while True:
            found = self._states[added[-1] if added else states[kept - 1]].get(terminal)
            if found is None:
                return False
            action, target = found
            if action is Shift:
                states[kept:] = [*added, target]
                sizes[kept:] = [*([count] * len(added)), count + 1]
                return True
            size = len(target.expansion)
            taken = min(size, len(added))
            del added[len(added) - taken :]
            kept -= size - taken
            added.append(self._states[added[-1] if added else states[kept - 1]][target.origin.name][1])

    def takes(self, states: tuple[Any, ...] | list[Any], terminal: str) -> bool:
        """Whether a word may stand after those states."""
        return self.after(list(states), [0] * len(states), terminal, 0)

    def accepts(self, states: tuple[Any, ...]) -> frozenset[str]:
        """The terminals that may really stand next; the end of the text is none."""
        return frozenset(
            terminal for terminal in self._states[states[-1]] if terminal.isupper() and self.takes(states, terminal)
        )

    def accepts_after(self, *terminals: str) -> frozenset[str]:
        """The terminals that may follow a sequence that begins a file."""
        known = self._accepted_after.get(terminals)
        if known is None:
            states, sizes = [self.start], [0]
            stands = all(self.after(states, sizes, terminal, 0) for terminal in terminals)
            known = self._accepted_after[terminals] = self.accepts(tuple(states)) if stands else frozenset()
        return known


@cache
def tables() -> Tables:
    """The tables of the one grammar."""
    return Tables()


def spots(text: str, typed: str, rest: str) -> tuple[Spot, ...]:
    """The places near the end of a text where a word may begin; those at the very end come last.

    text: from the beginning of a declaration, comments blanked out, to where the word begins that is being written.
    typed: what there is of that word. rest: what follows, to the end of the declaration.
    """
    walk = _Walk(text, typed, rest)
    walk.run()
    return tuple(dict.fromkeys(walk.spots))


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a declaration, as far as they can be read."""
    walk = _Walk(text, "", "")
    walk.run()
    return max((spot.words for spot in walk.spots), key=len, default=tuple(walk.words))


class _Walk:
    def __init__(self, text: str, typed: str, rest: str) -> None:
        self.spots: list[Spot] = []
        self.words: list[Word] = []
        self._text = text
        self._typed = typed
        self._rest = rest
        self._tables = tables()
        self._states: list[Any] = [self._tables.start]
        self._sizes = [0]
        self._braces: list[tuple[int, int]] = []
        """Of each open brace: how many states there are with it, and its offset."""
        self._hopeless: list[Any] = []
        """States from which no later line goes on."""
        self._closed: dict[int, bool] = {}

    def run(self) -> None:
        at = 0
        tried = set[int]()
        while True:
            at = _after(_BLANKS, self._text, at)
            if self._is_tail(at) and self._explore(at, self._states, self._sizes, tuple(self.words)):
                return
            if at >= len(self._text):
                return
            token = self._tables.read(self._text, at, self._states[-1])
            if token is not None and token.start_pos == at and self._take(token):
                at = int(token.end_pos or at + 1)
            elif self._is_unfinished(at) or len(tried) > _MOST_STUMBLES:
                return
            else:
                goes_on = self._begins_line(at) and at not in tried and self._goes_on_in_line(at)
                tried.add(at)
                at = at if goes_on else self._resume(at)

    def _begins_line(self, at: int) -> bool:
        return not self._text[self._text.rfind("\n", 0, at) + 1 : at].strip()

    def _take(self, token: Token) -> bool:
        start, end = int(token.start_pos or 0), int(token.end_pos or 0)
        if not self._tables.after(self._states, self._sizes, token.type, len(self.words)):
            return False
        self.words.append(Word(token.type, str(token), start, end))
        if token.type == "LBRACE":
            self._braces.append((len(self._states), start))
        elif token.type == "RBRACE" and self._braces:
            self._braces.pop()
        return True

    # The last words

    def _is_tail(self, at: int) -> bool:
        left = len(self._text) - at
        return left <= 0 or (left < _TAIL_LENGTH and len(_UNREAD.findall(self._text, at)) <= _TAIL)

    def _explore(self, at: int, states: list[Any], sizes: list[int], words: tuple[Word, ...]) -> bool:
        """Read the last words in every way there is; False if none of them comes to the end."""
        at = _after(_BLANKS, self._text, at)
        spot = Spot(at, tuple(states), words)
        if at >= len(self._text):
            self.spots.append(spot)
            return True
        arrived = False
        for terminal, end in self._readings(at, states):
            ahead, ahead_sizes = list(states), list(sizes)
            if self._tables.after(ahead, ahead_sizes, terminal, len(words)):
                word = Word(terminal, self._text[at:end], at, end)
                arrived |= self._explore(end, ahead, ahead_sizes, (*words, word))
        if arrived or self._is_unfinished(at, spot):
            self.spots.insert(0, spot)
            return True
        return False

    def _readings(self, at: int, states: list[Any]) -> Iterator[tuple[str, int]]:
        token = self._tables.read(self._text, at, states[-1])
        if token is not None and token.start_pos == at:
            yield token.type, int(token.end_pos or at)
        for terminal, (pattern, then) in _relaxed().items():
            found = pattern.match(self._text, at)
            # What a word looks ahead for is perhaps only not written yet. A word of the language is no subject.
            is_other = token is None or terminal not in {token.type, "SUBJECT"}
            if found is None or (terminal == "SUBJECT" and found.group() in _JOINING):
                continue
            if is_other and then.match(self._text, found.end()):
                yield terminal, found.end()

    def _is_unfinished(self, at: int, spot: Spot | None = None) -> bool:
        """Whether all from here to the position is the beginning of one thing that may stand here."""
        left = len(self._text) - at
        if left > _TAIL_LENGTH or (not self._typed and left == 0):
            return False
        written = " ".join((self._text[at:] + self._typed).casefold().split())
        accepts = self._tables.accepts(spot.states if spot is not None else tuple(self._states))
        if not accepts.isdisjoint({"DURATION", "PERCENT", "NUMBER"}) and _UNFINISHED.fullmatch(written):
            return True
        return any(
            phrase.startswith(written) and phrase != written
            for terminal in accepts
            for phrase in PHRASES.get(terminal, ())
        )

    # The way on

    def _resume(self, at: int) -> int:
        """Where reading can go on: at a line, an item or a brace after this; else behind the word that is unreadable.

        The states are those of that place.
        """
        depth = 0
        for found in _PIECE.finditer(self._text, at) if self._hopeless != self._states else ():
            sign = found.group()
            if sign == "{":
                depth += 1
            elif sign == "}" and depth:
                depth -= 1
            elif sign == "}" and self._braces and found.start() > at:
                if self._goes_on(found.start(), self._braces[-1][0], {"RBRACE"}):
                    return found.start()
            elif sign[0] == "\n" and depth == 0 and self._goes_on_in_line(found.end()):
                return found.end()
        self._hopeless = list(self._states)
        if self.words and self.words[-1].type == "SUBJECT":
            # What follows is no comparison: a condition is looked for again.
            self._cut(len(self._states) - 1)
        unread = _UNREAD.match(self._text, at)
        return unread.end() if unread is not None else len(self._text)

    def _goes_on_in_line(self, at: int) -> bool:  # noqa: PLR0911  (each way to go on)
        low = self._braces[-1][0] if self._braces else 1
        if at >= len(self._text):
            # The line of the position itself: whatever may begin a line here.
            ends = "RBRACE" if self._braces else "GUIDE"
            for depth in range(len(self._states), low - 1, -1):
                if self._tables.takes(self._states[:depth], ends):
                    self._cut(depth)
                    return True
            return False
        if self._goes_on(at, low, None):
            return True
        if not self._braces or all(self._is_closed(offset) for _, offset in self._braces):
            return False
        for outer, _ in reversed(self._braces[:-1]):
            # A `}` is missing, and this line belongs outside.
            closed, sizes = self._states[: self._braces[-1][0]], self._sizes[: self._braces[-1][0]]
            if not self._tables.after(closed, sizes, "RBRACE", len(self.words)):
                return False
            kept = self._states, self._sizes, list(self._braces)
            self._states, self._sizes = closed, sizes
            self._braces.pop()
            if self._goes_on(at, outer, None):
                return True
            self._states, self._sizes, self._braces = kept
        return False

    def _goes_on(self, at: int, low: int, types: set[str] | None) -> bool:
        for depth in range(len(self._states), low - 1, -1):
            token = self._tables.read(self._text, at, self._states[depth - 1])
            if token is None or token.start_pos != at or not self._tables.takes(self._states[:depth], token.type):
                continue
            is_item = token.type in {"STRING", "SUBJECT"} or is_keyword(token.type)
            is_property = token.type == "NAME" and _PROPERTY.match(self._text, int(token.end_pos or at))
            if token.type in types if types is not None else is_item or is_property:
                self._cut(depth)
                return True
        return False

    def _cut(self, depth: int) -> None:
        del self._states[depth:]
        del self.words[self._sizes[depth - 1] :]
        del self._sizes[depth:]

    def _is_closed(self, brace: int) -> bool:
        known = self._closed.get(brace)
        if known is not None:
            return known
        depth = 0
        self._closed[brace] = False
        for found in _PIECE.finditer(self._text + self._typed + self._rest, brace):
            depth += {"{": 1, "}": -1}.get(found.group(), 0)
            if depth == 0:
                self._closed[brace] = True
                break
        return self._closed[brace]


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found is not None else at


@cache
def _relaxed() -> dict[str, tuple[re.Pattern[str], re.Pattern[str]]]:
    """The terminals that look at what follows: their own pattern, and what may follow while that is being written."""
    found = {
        terminal: (re.compile(pattern_of(terminal)), _WHERE_GOES_ON if terminal == "AND_COMPARED" else _NOTHING)
        for terminal, (_, ahead) in LOOKING_AHEAD.items()
        if ahead.startswith("(?=")
    }
    found["SUBJECT"] = (re.compile(PLAIN["PATH"]), _NOTHING)
    found["COMMA_TEXT"] = (re.compile(","), _NOTHING)
    return found
