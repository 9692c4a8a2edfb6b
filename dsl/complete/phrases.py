"""The words of the language as a reader writes them, by terminal and in the order of the grammar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dsl.operators import OPERATORS, Shape
from dsl.terminals import ALTERNATIVES, GRAMMAR_FILE, keyword_terminals, phrase_of

_RULES: Final = re.sub(r"//[^\n]*", "", GRAMMAR_FILE.read_text(encoding="utf-8"))
_KEYWORDS: Final = frozenset(keyword_terminals(_RULES))

PHRASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{
            terminal: (phrase_of(terminal),)
            for terminal in dict.fromkeys(re.findall(r"\b[A-Z][A-Z_]+\b", _RULES))
            if terminal in _KEYWORDS
        },
        **ALTERNATIVES,
        "TIMES": ("times", "time"),
        "DAYS": ("days", "day"),
        "RESPONSES": ("responses", "response"),
        **{
            f"OP_{shape.name}": tuple(each.name for each in OPERATORS.values() if each.shape is shape)
            for shape in Shape
        },
    }
)
"""Every word or group of words of the language, by the terminal that it is. Names, values and signs are not here."""

ORDER: Final[Mapping[str, int]] = MappingProxyType({terminal: number for number, terminal in enumerate(PHRASES)})
"""The terminals in the order in which the grammar names them first."""
