"""What the language means, statement by statement: the page prints them, the tests in `tests/meaning` pin each one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final


def _read() -> dict[str, tuple[str, ...]]:
    parts = Path(__file__).with_name("meaning.txt").read_text(encoding="utf-8").removeprefix("# ").split("\n# ")
    titled = (part.split("\n", 1) for part in parts)
    return {title: tuple(filter(None, lines.split("\n"))) for title, lines in titled}


MEANING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(_read())
"""By what they are about; a statement is a sentence, or a part of one that can be tested alone."""
