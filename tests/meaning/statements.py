"""The sentences of "Meaning, exactly" and "Decided on a second reading", one statement a line, and who tests which."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

STATEMENTS = (Path(__file__).parents[1] / "corpus" / "meaning.txt").read_text(encoding="utf-8").splitlines()
"""What the language's description says of meaning; a line is a sentence, or a part of one that can be tested alone."""


def statement(beginning: str) -> str:
    """The one statement that begins like this."""
    found = [each for each in STATEMENTS if each.startswith(beginning)]
    assert len(found) == 1, f"{len(found)} statements begin with {beginning!r}"
    return found[0]


def says(*beginnings: str) -> Callable[[Test], Test]:
    """Name the statements that a test pins; `test_every_statement` reads these names off the source."""
    for beginning in beginnings:
        statement(beginning)
    return lambda test: test
