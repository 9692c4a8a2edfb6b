"""Patterns in schemas: RE2 only, so that no text that anybody sends can make one slow.

A pattern is what RE2 takes it for. The validator has an engine of its own, as linear as RE2; a pattern is rewritten
for it, so that both mean the same: `\\w`, `\\d`, `\\s` and `\\b` know ASCII only, and `&&`, `~~` and `[` are plain
characters inside brackets.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from dsl.patterns import PatternError, expression

_CLASSES: Final = {
    "d": r"[0-9]",
    "D": r"[^0-9]",
    "w": r"[0-9A-Za-z_]",
    "W": r"[^0-9A-Za-z_]",
    "s": r"[\t\n\f\r ]",
    "S": r"[^\t\n\f\r ]",
}
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
                parts.append(pattern[place : end + 2])
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
    if letter in _CLASSES:
        return _CLASSES[letter]
    if letter == "b" and not in_class:
        return _WORD_EDGE
    if letter in {"B", "C", "Q", "E"}:
        raise BadPattern(f"`\\{letter}` is not supported in patterns of a plan; write it another way")
    return "\\" + letter


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
