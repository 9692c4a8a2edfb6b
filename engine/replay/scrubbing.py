"""The second look at what a page recorded, at the door: whatever still looks like a secret is blotted out.

Pages mask what they record; this does not replace that. It knows addresses of mail, numbers of cards, tokens, queries
and fragments of addresses, and what could load or run anything. What is blotted keeps its length, so that a page that
is played looks as it did. The same text is blotted alike everywhere: a class and its rule still meet.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import re2

from dsl.values import JsonValue

BLOT: Final = "•"
"""What stands for each letter that was blotted out."""

_MAIL: Final = re2.compile(r"[\pL\pN._%+\-]+(?:@|%40)[\pL\pN\-]+(?:\.[\pL\pN\-]+)+")
_DIGITS: Final = re2.compile(r"[0-9](?:[ \x{a0}\-]?[0-9]){12,}")
_UUID: Final = re2.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_SIGNED: Final = re2.compile(r"eyJ[A-Za-z0-9_\-]{5,}\.[A-Za-z0-9_\-]{5,}(?:\.[A-Za-z0-9_\-]*)?")
_LONG: Final = re2.compile(r"[A-Za-z0-9_\-]{16,}")
_KEYED: Final = ("sk_", "pk_", "rk_", "sk-", "ghp_", "gho_", "ghs_", "glpat-", "xox", "AKIA", "ASIA", "AIza", "wp_sec_")
"""How keys of known services begin."""
_QUERY: Final = re2.compile(r"(?i)((?:https?|wss?|ftp|file)://[^\s?#\"'<>()]*)[?#][^\s\"'<>()]*")
_LOADED: Final = re2.compile(r"(?i)url\(\s*(?:\"[^\"]*\"|'[^']*'|[^)]*)\s*\)")
_IMPORTED: Final = re2.compile(r"(?i)@import[^;]*;?")

_ADDRESSES: Final = frozenset(
    {"href", "src", "action", "formaction", "poster", "cite", "data", "background", "longdesc", "manifest", "ping"}
    | {"xlink:href", "url"}
)
"""Attributes that hold an address."""
_NEVER: Final = frozenset({"srcdoc", "srcset", "imagesrcset", "nonce", "integrity", "rr_dataURL", "rr_src"})
"""Attributes that are left out whatever they hold."""
_RUNS: Final = ("javascript:", "vbscript:", "data:", "blob:", "filesystem:")
"""How addresses begin that bring their own content."""
_DRAWING: Final = re2.compile(r"(?i)[mlhvcsqtaz0-9\s.,e+\-]*")
_DRAWN: Final = frozenset({"d", "points"})
"""Attributes that are nothing but numbers of a drawing, which may well add up to the number of a card."""
_TIMES: Final = frozenset({"timestamp", "timeOffset", "delay", "started", "ended"})
_SHORTEST: Final = 6
"""Letters of the shortest secret that is looked for: `a@b.co`."""
_LARGEST: Final = 10**12


class Scrubber:
    """Blots out in place. `count`: how many values it changed."""

    def __init__(self) -> None:
        self.count = 0
        self._known: dict[str, str] = {}

    def scrub(self, value: JsonValue) -> None:
        """Look at every text, name and number within a list or an object."""
        # Not by recursion: pages may be nested deeper than Python's stack.
        waiting: list[tuple[Any, bool]] = [(value, False)]
        while waiting:
            holder, is_attributes = waiting.pop()
            if isinstance(holder, dict):
                if is_attributes:
                    self._drop_attributes(holder)
                self._rename(holder)
                entries: Any = holder.items()
            else:
                entries = enumerate(holder)
            changed: list[tuple[Any, str | int]] = []
            for key, each in entries:
                if isinstance(each, (dict, list)):
                    waiting.append((each, key == "attributes" and isinstance(each, dict)))
                elif isinstance(each, str):
                    told = self._value(key, each)
                    if told != each:
                        changed.append((key, told))
                elif type(each) in (int, float) and key not in _TIMES and _is_card_number(each):
                    changed.append((key, 0))
            for key, new in changed:
                holder[key] = new
                self.count += 1

    def text(self, text: str) -> str:
        """A text without what looks like a secret."""
        if len(text) < _SHORTEST:
            return text
        known = self._known.get(text)
        if known is None:
            known = _blotted(text)
            if len(self._known) < 50_000:
                self._known[text] = known
        return known

    def address(self, text: str) -> str:
        """An address without query and fragment; nothing for one that brings its own content."""
        bare = text.strip()
        if bare == "#":
            return text  # a link that says nothing but that it is one
        if bare.lower().startswith(_RUNS):
            return ""
        return self.text(bare.partition("#")[0].partition("?")[0])

    def _value(self, key: object, text: str) -> str:
        if key in _ADDRESSES:
            return self.address(text)
        if key in _DRAWN and _DRAWING.fullmatch(text):
            return text
        return "" if text[:20].strip().lower().startswith(_RUNS[:2]) else self.text(text)

    def _drop_attributes(self, attributes: dict[str, Any]) -> None:
        for name in [name for name in attributes if name in _NEVER or name.lower().startswith("on")]:
            self.count += bool(attributes.pop(name))

    def _rename(self, holder: dict[str, Any]) -> None:
        renamed = [(name, told) for name in holder if (told := self.text(name)) != name]
        for name, told in renamed:
            holder[told] = holder.pop(name)
            self.count += 1


def _blotted(text: str) -> str:
    if "://" in text:
        text = _QUERY.sub(r"\1", text)
    if "(" in text:
        text = _LOADED.sub("url()", text)
    if "@" in text or "%40" in text:
        text = _IMPORTED.sub("", text)
        text = _replaced(_MAIL, text, lambda _: True)
    if len(text) < 13:
        return text
    if "eyJ" in text:
        text = _replaced(_SIGNED, text, lambda _: True)
    if any(each.isdigit() for each in text):
        text = _replaced(_UUID, text, lambda _: True)
        text = _replaced(_DIGITS, text, holds_card)
    return _replaced(_LONG, text, is_token)


def _replaced(pattern: Any, text: str, judge: Callable[[str], bool]) -> str:
    def blot(found: Any) -> str:
        what: str = found.group(0)
        return BLOT * len(what) if judge(what) else what

    replaced: str = pattern.sub(blot, text)
    return replaced


def holds_card(text: str) -> bool:
    """True for digits, with spaces or hyphens between, that are the number of a card or hold one."""
    digits = "".join(each for each in text if each.isdigit())
    if len(digits) <= 19:
        return passes_luhn(digits)
    windows = (digits[at : at + size] for size in (16, 15) for at in range(len(digits) - size + 1))
    return any(each[0] in "3456" and passes_luhn(each) for each in windows)


def passes_luhn(digits: str) -> bool:
    """True if the last digit is the check digit of the others, as on every card."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_token(text: str) -> bool:
    """True for what nobody would write or name: long, with digits among letters."""
    digits = sum(each.isdigit() for each in text)
    if text.startswith(_KEYED):
        return True
    if len(text) < 20 or digits < 3 or digits == len(text.strip("-_")):
        return False
    has_cases = any(each.islower() for each in text) and any(each.isupper() for each in text)
    longest = max(map(len, text.replace("-", "_").split("_")))
    return longest >= 20 or (has_cases and len(text) >= 24 and longest >= 12)


def _is_card_number(value: float) -> bool:
    return value >= _LARGEST and value == int(value) and len(str(int(value))) <= 19 and passes_luhn(str(int(value)))
