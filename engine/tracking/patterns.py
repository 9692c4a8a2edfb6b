"""Patterns in schemas: RE2 only, so that no text that anybody sends can make one slow.

A pattern is what RE2 takes it for. The validator has an engine of its own, as linear as RE2; a pattern is rewritten
for it, so that both mean the same: `\\w`, `\\d`, `\\s` and `\\b` know ASCII only; classes inside brackets are written
out as ranges, for there the engine takes `[` for a character; and `&&` and `~~` are plain characters inside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from dsl.patterns import PatternError, expression

_CLASSES: Final[Mapping[str, str]] = {
    "d": "09",
    "w": "09AZaz__",
    "s": "\t\n\f\r  ",
    "alnum": "09AZaz",
    "alpha": "AZaz",
    "ascii": "\0\x7f",
    "blank": "\t\t  ",
    "cntrl": "\0\x1f\x7f\x7f",
    "digit": "09",
    "graph": "!~",
    "lower": "az",
    "print": " ~",
    "punct": "!/:@[`{~",
    "space": "\t\r  ",
    "upper": "AZ",
    "word": "09AZaz__",
    "xdigit": "09AFaf",
}
"""What RE2 calls so, as the first and the last character of each range."""
_LAST: Final = 0x10FFFF
_WORD_EDGE: Final = r"(?-u:\b)"


class BadPattern(ValueError):
    """A pattern that RE2 does not know, or that we cannot promise to be the same everywhere."""


def rewritten(pattern: str) -> str:
    """The pattern for the validator's engine. Raises BadPattern, with a sentence for whoever wrote it."""
    _require_re2(pattern)
    parts: list[str] = []
    place, depth = 0, 0
    while place < len(pattern):
        letter = pattern[place]
        if letter == "\\":
            following = pattern[place + 1 : place + 2]
            parts.append(_escape(following, in_class=depth > 0))
            place += 2
        elif depth:
            if letter == "[" and pattern.startswith("[:", place) and (end := pattern.find(":]", place)) > 0:
                name = pattern[place + 2 : end]
                parts.append(_ranges(name.removeprefix("^"), negated=name.startswith("^")))
                place = end + 2
                continue
            if pattern.startswith("--", place):
                raise BadPattern("write `\\-` for the second `-` inside brackets; `--` means other things elsewhere")
            depth = 0 if letter == "]" else depth
            parts.append("\\" + letter if letter in "[&~" else letter)
            place += 1
        elif letter == "[":
            # A bracket just after the opening one is a character, not the end.
            opening = "[^" if pattern.startswith("[^", place) else "["
            place += len(opening)
            parts.append(opening)
            if pattern.startswith("]", place):
                parts.append("\\]")
                place += 1
            depth = 1
        else:
            parts.append(letter)
            place += 1
    return "".join(parts)


def _escape(letter: str, *, in_class: bool) -> str:
    if letter and letter in "dDsSwW":
        ranges = _ranges(letter.lower(), negated=letter.isupper())
        return ranges if in_class else f"[{ranges}]"
    if letter == "b" and not in_class:
        return _WORD_EDGE
    if letter in {"B", "C", "Q", "E"}:
        raise BadPattern(f"`\\{letter}` is not supported in patterns of a plan; write it another way")
    return "\\" + letter


def _ranges(name: str, *, negated: bool) -> str:
    """A class as ranges, to stand in brackets."""
    ends = [ord(letter) for letter in _CLASSES[name]]
    pairs = sorted(zip(ends[::2], ends[1::2], strict=True))
    if negated:
        edges = [-1, *(edge for pair in pairs for edge in pair), _LAST + 1]
        pairs = [(low + 1, high - 1) for low, high in zip(edges[::2], edges[1::2], strict=True) if low + 1 < high]
    return "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in pairs)


def _require_re2(pattern: str) -> None:
    try:
        expression(pattern)
    except PatternError as error:
        hint = "look-ahead, look-behind and references back to a group do not exist there"
        raise BadPattern(f"`{pattern[:80]}` is not a pattern of RE2 ({error}); {hint}") from None


@cache
def linear_patterns() -> Any:
    """The validator's option for its linear engine; by default it has one that tries again and again."""
    import jsonschema_rs  # noqa: PLC0415

    return jsonschema_rs.RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20)
