"""Lark's parser, one word at a time, with a way back.

`dsl.parser.recovery` decides; this only reads words, feeds them, and can return to an earlier place. Places of words
are those of the original text, also while a replacement is read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lark import Token, Tree
from lark.exceptions import UnexpectedToken
from lark.parsers.lalr_analysis import Shift

from dsl.limits import DECLARATION_LIMIT
from dsl.mistakes import Word
from dsl.parser.driver import END, MOST_STATES, Begin, Driver, Excess, Place
from dsl.parser.tables import PROGRAM
from dsl.scan import Lines

_KEPT: Final = 500
"""How many words one can go back."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The parser just before a word: everything that is needed to go back there."""

    offset: int
    states: tuple[Any, ...]
    values: tuple[Any, ...]
    lengths: tuple[int, ...]
    words: int
    messages: int


class Machine:
    """The state of a parse: `offset` is where the next word is looked for, `words` are those read so far."""

    def __init__(self, driver: Driver, *, lines: Lines, start: str) -> None:
        self.lines = lines
        self.offset = 0
        self.words: list[Word] = []
        self.result: Any = None
        self.marks: deque[Mark] = deque(maxlen=_KEPT)
        self._driver = driver
        self._parser: Any = driver.lark.parse_interactive("", start=start).parser_state
        self._table: Any = self._parser.parse_conf.states
        self._end_state = self._parser.parse_conf.end_state
        self._program_state = self._parser.parse_conf.parse_table.start_states[PROGRAM]

    # Where the driver stopped, and where it goes on

    def take(self, place: Place) -> None:
        """Begin at a place."""
        self._parser.state_stack[:] = place.states
        self._parser.value_stack[:] = place.values
        self.offset = place.offset
        self.words.clear()
        self.marks.clear()

    def begin(self, offset: int) -> Begin | None:
        """What was read before the declaration whose first word, read last, follows an offset; None within one."""
        states, values = self._parser.state_stack, self._parser.value_stack
        between = self._driver.between(states[:-1])
        if not between:
            return None
        before = len(values[0].children) if len(values) > 1 else 0
        return Begin(offset, before, len(self._driver.builder.diagnostics))

    def give(self, begin: Begin) -> Place:
        """The place before a declaration; what was read since is forgotten."""
        return self._driver.before(begin, Place(self.offset, self._parser.state_stack, self._parser.value_stack))

    def excess(self, began: int) -> Excess | None:
        """The limit that the declaration which began at an offset is beyond, as far as it has been read."""
        if self.offset - began > DECLARATION_LIMIT:
            return Excess.SIZE
        return Excess.NESTING if len(self._parser.state_stack) > MOST_STATES else None

    # Words

    def read(self, text: str, offset: int, *, states: Sequence[Any] | None = None) -> Token | None:
        """The next word of a text that the parser could take, END after the last, None where it knows none."""
        return self._driver.read(text, offset, self._parser.position if states is None else states[-1])

    def feed(self, token: Token, start: int, end: int) -> bool:
        """Give a word to the parser; False if it cannot take it, and then the parser is to go back."""
        span = self.lines.span(start, end)
        token.start_pos, token.end_pos, token.line, token.column = start, end, span.line, span.column
        try:
            result = self._parser.feed_token(token, token.type == END)
        except UnexpectedToken:
            return False
        if token.type == END:
            self.result = result
        else:
            self.words.append(Word(token.type, str(token), start, end))
        self.offset = end
        return True

    # The way back

    def mark(self) -> Mark:
        """Remember this place."""
        values = tuple(self._parser.value_stack)
        mark = Mark(
            self.offset,
            tuple(self._parser.state_stack),
            values,
            tuple(len(value.children) if isinstance(value, Tree) else 0 for value in values),
            len(self.words),
            len(self._driver.builder.diagnostics),
        )
        self.marks.append(mark)
        return mark

    def back(self, mark: Mark) -> None:
        """Return to a place: what was read since then is forgotten."""
        # Lark adds to the list of an earlier tree instead of copying it, so the lists are cut back.
        for value, length in zip(mark.values, mark.lengths, strict=True):
            if isinstance(value, Tree):
                del value.children[length:]
        self._parser.state_stack[:] = mark.states
        self._parser.value_stack[:] = mark.values
        self.offset = mark.offset
        self.result = None
        del self.words[mark.words :]
        del self._driver.builder.diagnostics[mark.messages :]
        while self.marks and self.marks[-1].offset >= mark.offset:
            self.marks.pop()
        self.marks.append(mark)

    def mark_before(self, offset: int) -> Mark | None:
        """The last place remembered at or before an offset."""
        return next((mark for mark in reversed(self.marks) if mark.offset <= offset), None)

    # What the parser could do

    @property
    def states(self) -> list[Any]:
        """The stack of states; one more than there are values."""
        return list(self._parser.state_stack)

    @property
    def values(self) -> list[Any]:
        """The words and nodes that are not part of anything larger yet."""
        return list(self._parser.value_stack)

    def cut(self, depth: int, offset: int) -> list[Any]:
        """Forget all but the first values and go on at an offset; returns what was forgotten."""
        forgotten = list(self._parser.value_stack[depth:])
        del self._parser.state_stack[depth + 1 :]
        del self._parser.value_stack[depth:]
        self.offset = offset
        self.marks.clear()
        return forgotten

    def after(self, states: Sequence[Any], terminal: str) -> list[Any] | None:
        """The states after one more terminal, None if it may not stand there."""
        stack = list(states)
        while True:
            if terminal == END and stack[-1] == self._end_state:
                return stack
            found = self._table[stack[-1]].get(terminal)
            if found is None:
                return None
            action, target = found
            if action is Shift:
                stack.append(target)
                return stack
            if target.expansion:
                del stack[-len(target.expansion) :]
            stack.append(self._table[stack[-1]][target.origin.name][1])

    def accepts(self, states: Sequence[Any]) -> frozenset[str]:
        """The terminals that may really stand next: the table alone lists some that cannot."""
        return frozenset(
            terminal
            for terminal in self._table[states[-1]]
            if terminal.isupper() and self.after(states, terminal) is not None
        )

    def accepts_after(self, terminals: Sequence[str]) -> frozenset[str]:
        """The terminals that may follow a sequence that begins a file; none if the sequence cannot stand."""
        states: list[Any] | None = [self._program_state]
        for terminal in terminals:
            states = self.after(states, terminal) if states else None
        return self.accepts(states) if states else frozenset()

    def open_braces(self) -> list[int]:
        """The indices among the values of the braces and parentheses that are open."""
        opened: list[int] = []
        for index, value in enumerate(self._parser.value_stack):
            if isinstance(value, Token) and value.type in {"LBRACE", "LPAR"}:
                opened.append(index)
            elif isinstance(value, Token) and value.type in {"RBRACE", "RPAR"} and opened:
                opened.pop()
        return opened
