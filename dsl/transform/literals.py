"""From words to values: texts, numbers, names, times. The base of the builder in `dsl.transform`.

The methods named like rules of the grammar are called by the parser as it reduces; nothing of Lark is in what they
return. A value that cannot be read is reported, and something harmless is put in its place, so that one mistake does
not hide the next.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final, TypeAlias

from lark import Token

from dsl.codes import syntax
from dsl.diagnostics import Diagnostic, Span
from dsl.nodes import (
    DayLiteral,
    DurationLiteral,
    Name,
    Node,
    NumberLiteral,
    OtherChoice,
    Path,
    PatternLiteral,
    PlaceRef,
    ShareOf,
    TextLiteral,
    TimeLiteral,
    VersionLiteral,
    YesNoLiteral,
)
from dsl.values import Instant, read_instant, read_number

Children: TypeAlias = list[Any]
"""What the parser hands to a method: the tokens and nodes of one alternative of its rule, None for what is absent."""

NAME_LIMIT: Final = 128
TEXT_LIMIT: Final = 4096
LONG_TEXT_LIMIT: Final = 16384
PATTERN_LIMIT: Final = 256
NUMBER_LIMIT: Final = 32
"""Characters of a number: more than the shortest spelling of any double has."""
AMOUNT_LIMIT: Final = 1_000_000_000
"""Above the greatest count, and beyond any length of time that a datetime can hold in weeks, days or hours."""

_ESCAPES: Final = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r"}
_ESCAPE = re.compile(r"\\(.)")
_PATTERN_ESCAPE = re.compile(r"\\(.)")
_LEADING_ZEROS = re.compile(r"(?<![.\d])0+(?=\d)")
_WORD = re.compile(r"`[^`]*`|[^\s.`]+")


def read_long_text(raw: str) -> str:
    """The text between three quotes: without the common indentation, and the blank lines at its ends."""
    lines = raw.replace("\r\n", "\n").split("\n")
    if len(lines) == 1:
        return raw.strip()
    lead = lines[0].strip()
    rest = ["" if not line.strip() else line for line in lines[1:]]
    indents = [len(line) - len(line.lstrip(" \t")) for line in rest if line]
    indent = min(indents, default=0)
    kept = [line[indent:] for line in rest]
    return "\n".join([lead, *kept] if lead else kept).strip("\n")


class LiteralBuilder:
    """Makes values of words. `file` is the name that spans carry; `diagnostics` collects what is wrong."""

    def __init__(self) -> None:
        self.file = ""
        self.diagnostics: list[Diagnostic] = []
        self._paths: dict[str, tuple[str, ...]] = {}

    def begin(self, file: str) -> None:
        """Make ready for another file."""
        self.file = file
        self.diagnostics = []
        self._paths.clear()

    # Places

    def span(self, first: Token | Node, last: Token | Node) -> Span:
        """The stretch from the beginning of one word or node to the end of another."""
        end: Any = last.end_pos if isinstance(last, Token) else last.span.end
        if isinstance(first, Token):
            start: Any = first.start_pos
            return Span(self.file, start, end, first.line or 1, first.column or 1)
        span = first.span
        return span if span.end == end else Span(self.file, span.start, end, span.line, span.column)

    def part(self, token: Token, start: int, end: int) -> Span:
        """A stretch of one word, from `start` to `end` within it."""
        at: Any = token.start_pos
        line, column = token.line or 1, token.column or 1
        before = token[:start]
        if "\n" in before:
            line += before.count("\n")
            column = len(before) - before.rfind("\n")
        else:
            column += start
        return Span(self.file, at + start, at + end, line, column)

    # Names

    def name(self, token: Token) -> Name:
        text = str(token)
        bare = text.strip("`") if text[0] == "`" else text
        if len(bare) > NAME_LIMIT:
            self._too_long(token, "name", f"{NAME_LIMIT} characters")
        return Name(bare, span=self.span(token, token))

    def names(self, children: Children) -> tuple[Name, ...]:
        """The names of a list, without its commas."""
        return tuple(self.name(token) for token in children if token.type == "NAME")

    def parts(self, token: Token) -> tuple[Name, ...]:
        """The names between the dots of a path."""
        names = []
        for found in _WORD.finditer(token):
            text = found.group()
            bare = text.strip("`") if text[0] == "`" else text
            if len(bare) > NAME_LIMIT:
                self._too_long(token, "name", f"{NAME_LIMIT} characters")
            names.append(Name(bare, span=self.part(token, *found.span())))
        return tuple(names)

    def path(self, token: Token) -> Path:
        text = str(token)
        span = self.span(token, token)
        if "." not in text and text[0] != "`" and len(text) <= NAME_LIMIT:
            # The same name stands in a file again and again: it is kept once.
            return Path(self._paths.setdefault(text, (text,)), span=span)
        return Path(tuple(name.text for name in self.parts(token)), span=span)

    def place(self, token: Token) -> PlaceRef:
        journey, place = self.parts(token)
        return PlaceRef(journey, place, span=self.span(token, token))

    # Texts

    def literal_text(self, token: Token) -> TextLiteral:
        """A text in quotes, with its escapes read."""
        raw = token[1:-1]
        if len(raw) > TEXT_LIMIT // 4 and len(raw.encode("utf-8", "replace")) > TEXT_LIMIT:
            self._too_long(token, "text", "4 KB")
        if "\\" in raw:
            raw = _ESCAPE.sub(lambda found: self._escape(token, found), raw)
        return TextLiteral(raw, span=self.span(token, token))

    def long_text(self, token: Token) -> TextLiteral:
        """A text in three quotes, or in one pair where the language takes either."""
        long = token.type == "LONG_STRING"
        raw = token[3:-3] if long else token[1:-1]
        if len(raw) > LONG_TEXT_LIMIT // 4 and len(raw.encode("utf-8", "replace")) > LONG_TEXT_LIMIT:
            self._too_long(token, "text", "16 KB")
        if long:
            raw = read_long_text(raw)
        elif "\\" in raw:
            raw = _ESCAPE.sub(lambda found: self._escape(token, found), raw)
        return TextLiteral(raw, span=self.span(token, token))

    def optional_text(self, token: Token | None) -> TextLiteral | None:
        return None if token is None else self.literal_text(token)

    def _escape(self, token: Token, found: re.Match[str]) -> str:
        letter = found.group(1)
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        self.diagnostics.append(
            syntax.ESCAPE.at(
                self.part(token, found.start() + 1, found.end() + 1),
                f"`\\{letter}` means nothing in a text",
                help=f'write `\\\\{letter}` for a backslash; `\\n` is a new line, `\\"` a quote',
                fix=f"\\\\{letter}",
            )
        )
        return found.group()

    def _too_long(self, token: Token, what: str, limit: str) -> None:
        self.diagnostics.append(
            syntax.TOO_LARGE.at(
                self.span(token, token), f"this {what} is longer than {limit}", help=f"a {what} has at most {limit}"
            )
        )

    # Numbers

    def amount(self, token: Token) -> int | float:
        """A number as it is written."""
        text = str(token)
        value = read_number(text) if len(text) <= NUMBER_LIMIT else None
        if value is not None:
            return value
        span = self.span(token, token)
        shorter = _LEADING_ZEROS.sub("", text)
        meant = read_number(shorter) if len(shorter) <= NUMBER_LIMIT else None
        if len(text) > NUMBER_LIMIT:
            wrong = syntax.NUMBER.at(
                span, "this number is too long", help=f"a number has at most {NUMBER_LIMIT} characters"
            )
        elif meant is None:
            wrong = syntax.NUMBER.at(span, f"`{text}` is not a number", help="write a number such as 5 or 0.25")
        else:
            wrong = syntax.NUMBER.at(span, f"`{text}` begins with zeros", help=f"write {shorter}", fix=shorter)
        self.diagnostics.append(wrong)
        return meant or 0

    def whole(self, token: Token, *, low: int = 0, high: int = AMOUNT_LIMIT) -> int:
        """A whole number in a range."""
        value = self.amount(token)
        if isinstance(value, int) and low <= value <= high:
            return value
        limits = f"from {low} to {high}" if high < AMOUNT_LIMIT else f"{low} or more"
        if isinstance(value, int) and value > high == AMOUNT_LIMIT:
            limits = f"up to {high}"
        self.diagnostics.append(
            syntax.NUMBER.at(
                self.span(token, token),
                f"`{token}` cannot stand here",
                help=f"write a whole number, {limits}",
            )
        )
        return low

    def percent(self, token: Token) -> int | float:
        text = str(token)[:-1].rstrip()
        value = read_number(text) if len(text) <= NUMBER_LIMIT else None
        if value is None:
            self.diagnostics.append(
                syntax.NUMBER.at(self.span(token, token), f"`{token}` is not a share", help="write a share such as 10%")
            )
            return 0
        return value

    def duration(self, token: Token) -> DurationLiteral:
        amount, unit = str(token).split()
        count = int(amount) if len(amount) <= 9 else AMOUNT_LIMIT
        span = self.span(token, token)
        literal = DurationLiteral(count, unit.removesuffix("s"), span=span)
        if literal.length > 3_660 * 86_400_000_000:
            self.diagnostics.append(
                syntax.DURATION.at(span, f"`{token}` is more than ten years", help="write a shorter time")
            )
            return DurationLiteral(1, "day", span=span)
        return literal

    # Literals of comparisons

    def text(self, children: Children) -> TextLiteral:
        return self.literal_text(children[0])

    def number(self, children: Children) -> NumberLiteral:
        token = children[0]
        return NumberLiteral(self.amount(token), span=self.span(token, token))

    def yes(self, children: Children) -> YesNoLiteral:
        return YesNoLiteral(True, span=self.span(children[0], children[0]))

    def no(self, children: Children) -> YesNoLiteral:
        return YesNoLiteral(False, span=self.span(children[0], children[0]))

    def day(self, children: Children) -> DayLiteral:
        token = children[0]
        span = self.span(token, token)
        year, month, day = (int(part) for part in str(token).split("-"))
        try:
            date(year, month, day)
        except ValueError:
            self.diagnostics.append(
                syntax.DATE.at(span, f"there is no day `{token}`", help="write year-month-day, such as 2027-06-30")
            )
            return DayLiteral(1970, 1, 1, span=span)
        return DayLiteral(year, month, day, span=span)

    def time(self, children: Children) -> TimeLiteral:
        token = children[0]
        span = self.span(token, token)
        instant = read_instant(str(token))
        if instant is None:
            self.diagnostics.append(
                syntax.DATE.at(
                    span, f"there is no time `{token}`", help="write it like 2026-01-01T13:00:00Z or …T13:00:00+02:00"
                )
            )
            return TimeLiteral(Instant(0), "1970-01-01T00:00:00Z", span=span)
        return TimeLiteral(instant, str(token), span=span)

    def version(self, children: Children) -> VersionLiteral:
        return VersionLiteral(self.literal_text(children[1]).value, span=self.span(children[0], children[1]))

    def pattern(self, children: Children) -> PatternLiteral:
        token = children[0]
        text = _PATTERN_ESCAPE.sub(lambda found: "/" if found.group(1) == "/" else found.group(), str(token)[1:-1])
        if len(text) > PATTERN_LIMIT:
            self._too_long(token, "pattern", f"{PATTERN_LIMIT} characters")
        return PatternLiteral(text, span=self.span(token, token))

    def share(self, children: Children) -> ShareOf:
        percent, _, path = children
        return ShareOf(self.percent(percent), self.path(path), span=self.span(percent, path))

    def named_choice(self, children: Children) -> OtherChoice:
        name = self.name(children[0])
        return OtherChoice(name.text, span=name.span)
