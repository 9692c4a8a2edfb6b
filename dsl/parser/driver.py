"""The way of a text through Lark's tables: words are read and put together in one loop, up to the first mistake.

The tables, the words that may stand at each place and their order are Lark's. The loop is ours, because it knows what
Lark's cannot: that blanks are all there is between words, where the lines begin, and where declarations do. It stops
at the first word that cannot stand where it is; what is done about that, `dsl.parser.recovery` decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, TypeAlias

from lark import Lark, Token, Tree
from lark.parsers.lalr_analysis import Shift

from dsl.limits import DECLARATION_LIMIT
from dsl.parser.tables import PROGRAM
from dsl.scan import Lines
from dsl.terminals import PLAIN
from dsl.transform import Builder

END: Final = "$END"
MOST_STATES: Final = 1_000
"""How many states may be on the stack: more than the deepest nesting takes that the language allows. Beyond it, going
back to an earlier place would cost memory without bound."""

_BLANK: Final = "BLANK"
_DECLARATIONS: Final = "__program_star_0"
"""What Lark calls the declarations read so far: one tree, to which it adds each."""
_BLANKS = re.compile(f"(?:{PLAIN[_BLANK]})?+")

Step: TypeAlias = int | tuple[int, str, Callable[[list[Any]], Any]]
"""What a word does: go to a state, or first make one thing of so many values."""
Read: TypeAlias = Callable[[str, int], re.Match[str] | None]
"""The next word of a text from an offset on; the match is named after its terminal."""


@dataclass(slots=True)
class Place:
    """The parser before a word: its offset, the stack of states, and what is not part of anything larger yet."""

    offset: int
    states: list[Any]
    values: list[Any]


@dataclass(frozen=True, slots=True)
class Begin:
    """The parser before a declaration: its offset, how many were read before, how many messages they gave."""

    offset: int
    declarations: int
    messages: int


class Excess(Enum):
    """A limit that a declaration is beyond."""

    SIZE = auto()
    NESTING = auto()


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a text cannot be read on, and the place from which to read it again with more care.

    excess: the limit that stopped it; then the place is that before the declaration to leave out.
    """

    at: int
    place: Place
    excess: Excess | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What a whole text says."""

    result: Any


class Driver:
    """The tables of the one grammar, ready to be run through."""

    def __init__(self, lark: Lark, builder: Builder) -> None:
        frontend: Any = lark.parser
        table = frontend.parser._parse_table
        callbacks = frontend.parser.parser.callbacks
        self.lark = lark
        self.builder = builder
        self._lexers: dict[Any, Any] = frontend.lexer.lexers
        self._starts: dict[str, Any] = table.start_states
        self._ends = frozenset(table.end_states.values())
        self._ground = table.states[self._starts[PROGRAM]][_DECLARATIONS][1]
        self._rows: dict[Any, dict[str, Step]] = {
            state: {
                name: target if action is Shift else (len(target.expansion), target.origin.name, callbacks[target])
                for name, (action, target) in row.items()
            }
            for state, row in table.states.items()
        }
        self._readers: dict[Any, Read] = {}
        self._read_alike: dict[int, Read] = {}

    def start(self, start: str) -> Place:
        """Before the first word of a text."""
        return Place(0, [self._starts[start]], [])

    def between(self, states: Sequence[Any]) -> bool:
        """Whether a stack of states is one between declarations."""
        return list(states) in ([self._starts[PROGRAM]], [self._starts[PROGRAM], self._ground])

    def before(self, begin: Begin, place: Place) -> Place:
        """Before a declaration: all that was read since is forgotten, the messages about it too."""
        del self.builder.diagnostics[begin.messages :]
        if begin.declarations == 0:
            return Place(begin.offset, place.states[:1], [])
        declarations: Tree[Any] = place.values[0]
        del declarations.children[begin.declarations :]
        return Place(begin.offset, [place.states[0], self._ground], [declarations])

    def read(self, text: str, offset: int, state: Any) -> Token | None:
        """The next word that could stand in a state, END after the last, None where there is none."""
        found = self._reader(state)(text, offset)
        if found is None:
            is_end = after_blanks(text, offset) == len(text)
            return Token(END, "", start_pos=len(text), end_pos=len(text)) if is_end else None
        terminal = str(found.lastgroup)
        start, end = found.span(terminal)
        return Token(terminal, text[start:end], start_pos=start, end_pos=end)

    def run(self, place: Place, text: str, lines: Lines) -> Done | Stop:
        """Read from a place to the end of the text, or as far as that goes. The place is used up."""
        rows, readers, ends, ground = self._rows, self._readers, self._ends, self._ground
        states, values, offset = place.states, place.values, after_blanks(text, place.offset)
        diagnostics, state = self.builder.diagnostics, states[-1]
        starts, line = [*lines.starts, len(text) + 1], lines.line(offset)
        line_start, next_line = starts[line - 1], starts[line]
        new_word: Any = str.__new__
        latest = Begin(offset, len(values[0].children) if values else 0, len(diagnostics))
        begin, furthest = latest, offset + DECLARATION_LIMIT
        excess: Excess | None = None
        terminal: Any
        step: Any
        while True:
            found = (readers.get(state) or self._reader(state))(text, offset)
            if found is not None:
                terminal = found.lastgroup
                first, last = found.span(terminal)
            elif after_blanks(text, offset) == len(text):
                terminal, first, last = END, len(text), len(text)
            else:
                break
            step = rows[state].get(terminal)
            while step.__class__ is tuple:
                size, kind, build = step
                parts = values[-size:] if size else []
                if size:
                    del values[-size:]
                    del states[-size:]
                values.append(build(parts))
                state = rows[states[-1]][kind]
                states.append(state)
                step = rows[state].get(terminal)
            if step is None:
                if terminal == END and state in ends:
                    return Done(values[-1])
                break
            if state == ground:
                begin, furthest = latest, first + DECLARATION_LIMIT
                latest = Begin(first, len(values[0].children), len(diagnostics))
            elif len(states) > MOST_STATES or last > furthest:
                begin, excess = latest, Excess.SIZE if last > furthest else Excess.NESTING
                break
            while first >= next_line:
                line_start, line = next_line, line + 1
                next_line = starts[line]
            word = new_word(Token, text[first:last])
            word.type, word.start_pos, word.end_pos = terminal, first, last
            word.line, word.column = line, first - line_start + 1
            values.append(word)
            states.append(step)
            state, offset = step, last
        return Stop(offset, self.before(begin, Place(offset, states, values)), excess)

    def _reader(self, state: Any) -> Read:
        lexer = self._lexers[state]
        read = self._read_alike.get(id(lexer))
        if read is None:
            words = "|".join(
                f"(?P<{each.name}>{each.pattern.to_regexp()})" for each in lexer.terminals if each.name != _BLANK
            )
            read = self._read_alike[id(lexer)] = re.compile(f"(?:{PLAIN[_BLANK]})?+(?:{words or '(?!)'})").match
        self._readers[state] = read
        return read


def after_blanks(text: str, offset: int) -> int:
    """The offset of what follows the blanks at an offset."""
    found = _BLANKS.match(text, offset)
    return offset if found is None else found.end()
