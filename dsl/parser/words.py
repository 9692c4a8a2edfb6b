"""What may stand at a place, in words of the reader: no message shows the name of a terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final

from dsl.terminals import PLAIN, phrase_of

SHOWN: Final = re.compile(r'[^\W\d][\w$]*|"(?:[^"\\\n]|\\.)*"|[\d.,:%-]+|\S')
"""What a message shows of the text at a place."""
_LONG_WORD: Final = re.compile(r"[^\s`\"]{60,}")

_VALUES: Final = {
    "NAME": "a name",
    "PATH": "a name",
    "PLACE": "a step, such as `activation.verify_domain`",
    "SUBJECT": 'a comparison, such as `plan is "trial"`',
    "STRING": "a text in quotes",
    "LONG_STRING": 'a text between `"""`',
    "PATTERN": "a pattern between slashes",
    "NUMBER": "a number",
    "PERCENT": "a share, such as `10%`",
    "DURATION": "a length of time, such as `7 days`",
    "DAY": "a date, such as `2027-06-30`",
    "TIME": "a time, such as `2027-06-30T13:00:00Z`",
    "CLOCK": "a time of day, such as `09:00`",
    "KIND": "a type, such as `text`, `number`, `yes/no`, `time`",
    "CHANNEL": "`email`, `support`, `mobile` or `chat`",
    "SCALE_STYLE": "`stars`, `numbers` or `faces`",
    "WEEKDAY": "a day, such as `monday` or `weekdays`",
    "TIMES": "`times`",
    "DAYS": "`days`",
    "RESPONSES": "`responses`",
    "SUFFIX": "`ago`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "COMMA_TEXT": "`,`",
    "OP_RANGE": "`between`",
    "$END": "the end of the text",
}
"""Terminals that are not keywords, in words."""

_CONDITION: Final = ("GUIDE", "NAME", "LBRACE", "WHEN")
_GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ('a condition, such as `plan is "trial"` or `did "Signed Up"`', _CONDITION),
    ("a clause, such as `when`, `show`, `once every`", ("GUIDE", "NAME", "LBRACE")),
    ("content, such as `title`, `body`, `button`", ("GUIDE", "NAME", "LBRACE", "SHOW", "NAME", "LBRACE")),
    ("a declaration, such as `guide`, `segment`, `event`", ()),
    ("a comparison, such as `is`, `is one of`, `>=`, `is set`", (*_CONDITION, "SUBJECT")),
    ("a value: a text in quotes, a number, `yes` or `no`", (*_CONDITION, "SUBJECT", "OP_VALUE")),
)
"""Terminals that together are one thing: what it is called, and the terminals after which exactly they may stand."""

Accepts = Callable[[Sequence[str]], frozenset[str]]
"""Which terminals may follow a sequence of terminals that begins a file."""


def in_words(terminal: str) -> str:
    """One terminal as a reader knows it."""
    if terminal in _VALUES:
        return _VALUES[terminal]
    if terminal.startswith("OP_"):
        return "a comparison, such as `is`, `is one of`, `>=`, `is set`"
    return f"`{phrase_of(terminal)}`"


def expected(terminals: Collection[str], accepts: Accepts) -> str:
    """What may stand at a place, as the end of a sentence: `a name or `{``."""
    left = set(terminals)
    said: list[str] = []
    for words, after in _GROUPS:
        members = accepts(after) - {"RBRACE", "$END"}
        if members and members <= left:
            said.append(words)
            left -= members
    rest = sorted({in_words(terminal) for terminal in left}, key=lambda words: (words.startswith("`"), words))
    if len(rest) + len(said) > 3:
        rest = [words for words in rest if words != _VALUES["$END"]]
    said += [words for words in rest if words not in said]
    if len(said) > 7:
        said = [*said[:6], "others"]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"


def is_keyword(terminal: str) -> bool:
    """Whether the terminal is a word of the language and not a value."""
    return terminal not in PLAIN and terminal not in _VALUES and not terminal.startswith("OP_")


def shortened(text: str) -> str:
    """A sentence without words of which nobody wants to see all."""
    shorter = _LONG_WORD.sub(lambda found: f"{found.group()[:40]}…", text)
    return shorter if len(shorter) <= 300 else f"{shorter[:300]}…"


def shown_at(text: str, at: int) -> str:
    """What stands at an offset, as a message shows it."""
    found = SHOWN.match(text, at)
    if found is None:
        return "the end of the text"
    shown = found.group()
    if not shown.isprintable():
        return f"the sign U+{ord(shown[0]):04X}"
    if shown == "`":
        return "a backtick"
    if shown[0] == '"':
        return shown if len(shown) <= 40 else shown[:36] + '…"'
    return f"`{shown[:40]}`"
