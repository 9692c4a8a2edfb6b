"""The statements of what the language means, as its reference prints them, and who tests which."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dsl.reference.meaning import MEANING

Test = TypeVar("Test", bound=Callable[..., object])

STATEMENTS = [each for statements in MEANING.values() for each in statements]
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
