"""What surrounds a position in a text: the declaration that holds it, and the word, text or name being written there.

Looks at the text of one declaration only, so that the length of the file does not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from dsl.limits import DECLARATION_LIMIT
from dsl.scan import scan
from dsl.terminals import BACKTICKED, LONG_STRING, PATTERN, STRING, words

_DECLARING: Final = (
    "attribute", "account attribute", "event", "journey", "feature", "segment", "persona", "guide", "survey",
    "feedback", "limits", "record", "import",
)  # fmt: skip
_HEAD = re.compile(
    rf"[ \t]*(?:(?:{words('account attribute')}|{'|'.join(words(each) for each in _DECLARING if ' ' not in each)})"
    r"[ \t]+(?:[^\W\d][\w$]*|`[^`\n]+`|\"[^\"\n]*\")[ \t]*(?:from\b|[\"{:]|where\b|used\b|$)"
    r"|(?:event|import)[ \t]+\"|limits[ \t]*\{|record[ \t]+(?:at|for|sample)\b)",
    re.MULTILINE,
)
_FIRST_WORDS = re.compile(
    rf"(?P<indent>[ \t]*)(?:{'|'.join(words(each) for each in _DECLARING)})[ \t]+(?=[^\W\d]|[\"`{{])"
)
_OPERATOR_NEXT = re.compile(r"(?!record[ \t]+at\b)[^\W\d]\w*[ \t]+(?:is|in|at|matches|contains)\b")
_PIECE = re.compile(
    rf"{LONG_STRING}|{STRING}|{BACKTICKED}|(?<![\w$]){PATTERN}|#[^\n]*|\"\"\"|[\"`]",
)
_LAST_WORD = re.compile(r"(?:(?:[^\W\d]|\$)[\w$]*|`[^`\n]*`)(?:\.(?:[\w$]+|`[^`\n]*`?)?)*\Z|[<>=!]+\Z|\d[\w.:%-]*\Z")
_WORD_GOES_ON = re.compile(r"[\w$]*(?:\.[\w$]+)*")


class Within(Enum):
    """What the position is in."""

    WORDS = auto()
    TEXT = auto()
    PLACEHOLDER = auto()
    """Between `{{` and `}}` of a text."""
    COMMENT = auto()
    """Or nested so deeply that nothing there will be read."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position and what surrounds it.

    base: the offset at which the declaration begins. before: its text up to the word being written, comments blanked
    out. typed: what there is of that word. rest: what follows. start, end: what a completion takes the place of.
    begins_line: nothing stands before it on its line, not even a blank.
    """

    within: Within
    base: int
    before: str
    typed: str
    rest: str
    start: int
    end: int
    begins_line: bool


def cursor(text: str, position: int) -> Cursor:
    """What surrounds a position; one outside the text is taken to be at its end."""
    position = max(0, min(position, len(text)))
    base = declaration_start(text, position)
    shown = text[base:position]
    end = declaration_end(text, position)
    within, at = _open_at_end(shown)
    start = base + at
    stop = position
    match within:
        case Within.WORDS:
            found = _LAST_WORD.search(shown)
            start = base + (min(at, found.start()) if found is not None else at)
            following = _WORD_GOES_ON.match(text, position) if found is not None else None
            stop = following.end() if following is not None else position
        case Within.TEXT:
            stop = _end_of_text(text, start, position)
        case Within.PLACEHOLDER:
            following = _WORD_GOES_ON.match(text, position)
            stop = following.end() if following is not None else position
        case Within.COMMENT:
            pass
    begin_of_text = base + (_open_text(shown) or 0) if within is Within.PLACEHOLDER else start
    scanned = scan(text[base:begin_of_text])
    if scanned.too_deep is not None:
        within = Within.COMMENT
    line = text.rfind("\n", 0, start) + 1
    return Cursor(within, base, scanned.text, text[start:position], text[position:end], start, stop, line == start)


def declaration_start(text: str, position: int) -> int:
    """The offset of the line with which the declaration begins that holds a position.

    Where none does, 0; where none does for longer than a declaration may be, the line of the position.
    """
    line = own = text.rfind("\n", 0, position) + 1
    while True:
        if _begins_declaration(text, line, position):
            return line
        if line == 0:
            return 0
        if own - line > DECLARATION_LIMIT:
            return own
        line = text.rfind("\n", 0, line - 1) + 1


def declaration_end(text: str, position: int) -> int:
    """The offset of the first line after a position that begins another declaration, or of the end of the text."""
    for found in _HEAD.finditer(text, position):
        begins = found.start() == 0 or text[found.start() - 1] == "\n"
        if begins and _begins_declaration(text, found.start(), len(text)):
            return found.start()
    return len(text)


def _begins_declaration(text: str, line: int, position: int) -> bool:
    """Whether a declaration begins with this line, or in it and before the position."""
    found = _FIRST_WORDS.match(text, line)
    if found is None or found.end() > position or _OPERATOR_NEXT.match(text, found.end("indent")):
        return False
    is_indented, is_head = bool(found.group("indent")), _HEAD.match(text, line) is not None
    if is_head and not is_indented:
        return True
    # Prose in a long text may begin so too. An odd number of `\"\"\"` before it: it stands in one.
    return (is_head or not is_indented) and text.count('"""', 0, line) % 2 == 0


def _open_at_end(shown: str) -> tuple[Within, int]:
    """What the end of a text is in, and where that began."""
    for found in _PIECE.finditer(shown):
        sign = found.group()
        if sign[0] == "#" and found.end() == len(shown):
            return Within.COMMENT, found.start()
        is_open = sign == '"""' or (sign in {'"', "`"} and "\n" not in shown[found.end() :])
        if not is_open:
            continue
        if sign == "`":
            return Within.WORDS, found.start()
        opening = shown.rfind("{{", found.end())
        if opening >= 0 and "}}" not in shown[opening:] and "|" not in shown[opening:]:
            blanks = len(shown[opening + 2 :]) - len(shown[opening + 2 :].lstrip())
            return Within.PLACEHOLDER, opening + 2 + blanks
        return Within.TEXT, found.start()
    return Within.WORDS, len(shown)


def _open_text(shown: str) -> int | None:
    for found in _PIECE.finditer(shown):
        sign = found.group()
        if sign == '"""' or (sign == '"' and "\n" not in shown[found.end() :]):
            return found.start()
    return None


def _end_of_text(text: str, start: int, position: int) -> int:
    """Where the text that is open at a position ends, its closing quote included, if it has one."""
    if text.startswith('"', position):
        return position + 1
    line_end = text.find("\n", position)
    line = text[start : len(text) if line_end < 0 else line_end]
    closing = line.find('"', position - start)
    # With an odd number of quotes left, the next one begins another text.
    return start + closing + 1 if closing > 0 and line.count('"') % 2 == 0 else position
