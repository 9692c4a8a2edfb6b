"""Is this text a selector: of CSS, or a role and a name (`role=button[name='Verify']`), or several of them?

Accepts the selectors of https://www.w3.org/TR/selectors-4/ in their form; whether an element is there, only the page
knows. Strict where a browser would throw: a `querySelector` that throws would be a guide that is never shown. Between
several stands `||`, which no browser knows as a combinator: they are tried in order (`widgets/targeting/selector.ts`).
"""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = r"\\(?:[0-9A-Fa-f]{1,6}[ \t]?|[^0-9A-Fa-f\n])"
_IDENTIFIER: Final = rf"(?:--|-?(?:[A-Za-z_\u0080-\U0010ffff]|{_ESCAPE}))(?:[\w\-\u0080-\U0010ffff]|{_ESCAPE})*"
_STRING: Final = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"

_TYPE = re.compile(rf"\*|{_IDENTIFIER}", re.ASCII)
_ID = re.compile(rf"#{_IDENTIFIER}", re.ASCII)
_CLASS = re.compile(rf"\.{_IDENTIFIER}", re.ASCII)
_ATTRIBUTE = re.compile(
    rf"\[\s*{_IDENTIFIER}\s*(?:[~|^$*]?=\s*(?:{_STRING}|{_IDENTIFIER})\s*(?:[iIsS]\s*)?)?\]", re.ASCII
)
_PSEUDO = re.compile(rf"::?{_IDENTIFIER}", re.ASCII)
_ROLE = re.compile(rf"role=[a-z]+(?:\[name=(?:{_STRING})\])?", re.ASCII)
_OR = re.compile(r"\s*\|\|\s*")
_COMBINATOR = re.compile(r"\s*[>+~]\s*|\s+")
_LEADING = re.compile(r"\s*[>+~]\s*")
_COMMA = re.compile(r"\s*,\s*")
_BLANKS = re.compile(r"\s*")
_NTH = re.compile(r"\s*(?:odd|even|[+-]?\d*n(?:\s*[+-]\s*\d+)?|[+-]?\d+)\s*", re.ASCII)

_TAKING_SELECTORS: Final = frozenset({":is", ":where", ":not", ":has"})
_TAKING_NTH: Final = frozenset({":nth-child", ":nth-last-child", ":nth-of-type", ":nth-last-of-type"})
_TAKING_WORDS: Final = frozenset({":lang", ":dir", ":state", "::part", "::slotted"})

MOST_CHARACTERS: Final = 500


def is_selector(text: str) -> bool:
    """True when the snippet would take the text as a selector (or a list of them, separated by commas or `||`)."""
    text = text.strip()
    return 0 < len(text) <= MOST_CHARACTERS and _ways(text) == len(text)


def _ways(text: str) -> int:
    """Where the ways to an element that begin with the text end; -1 for none."""
    at = 0
    while True:
        role = _ROLE.match(text, at)
        at = role.end() if role else _list(text, at, relative=False)
        other = _OR.match(text, at) if at >= 0 else None
        if other is None:
            return at
        at = other.end()


def _list(text: str, at: int, *, relative: bool) -> int:
    """Where a list of selectors that begins here ends; -1 for none."""
    while True:
        at = _complex(text, at, relative=relative)
        comma = _COMMA.match(text, at) if at >= 0 else None
        if comma is None:
            return at
        at = comma.end()


def _complex(text: str, at: int, *, relative: bool) -> int:
    if relative and (leading := _LEADING.match(text, at)):
        at = leading.end()
    end = _compound(text, at)
    while end > at >= 0:
        joined = _COMBINATOR.match(text, end)
        if joined is None:
            return end
        after = _compound(text, joined.end())
        if after < 0:
            # Blanks before a comma, a closing parenthesis or the end join nothing.
            return end if joined.group().isspace() else -1
        at, end = end, after
    return -1


def _compound(text: str, at: int) -> int:
    begin = at
    if found := _TYPE.match(text, at):
        at = found.end()
    while at < len(text):
        found = _ID.match(text, at) or _CLASS.match(text, at) or _ATTRIBUTE.match(text, at)
        if found is not None:
            at = found.end()
            continue
        pseudo = _PSEUDO.match(text, at)
        if pseudo is None:
            break
        at = _arguments(text, pseudo.group().lower(), pseudo.end())
        if at < 0:
            return -1
    return at if at > begin else -1


def _arguments(text: str, pseudo: str, at: int) -> int:
    """Where a pseudo-class ends, its parentheses included; -1 if they are wrong."""
    has_any = text.startswith("(", at)
    if pseudo in _TAKING_SELECTORS:
        end = _list(text, _after_blanks(text, at + 1), relative=pseudo == ":has") if has_any else -1
    elif pseudo in _TAKING_NTH:
        found = _NTH.match(text, at + 1) if has_any else None
        end = found.end() if found else -1
    elif pseudo in _TAKING_WORDS:
        word = _TYPE.match(text, at + 1) if has_any else None
        end = word.end() if word else -1
    else:
        return -1 if has_any else at
    end = _after_blanks(text, end) if end >= 0 else -1
    return end + 1 if end >= 0 and text.startswith(")", end) else -1


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at
