"""Lengths of time, as people write and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dsl.values import Duration


def read_length(text: str) -> Duration:
    """A length such as `30m` or `7d`. Raises click.BadParameter."""
    from api.lengths import ADVICE, parse_length

    found = parse_length(text.replace(" ", ""))
    if found is None:
        raise click.BadParameter(f"`{text}` is not a length: {ADVICE}")
    return found


def in_words(length: int) -> str:
    """A length in its two largest units, such as `2 h 5 min`."""
    seconds = round(length / 1_000_000)
    if seconds < 1:
        return f"{length / 1_000:.0f} ms"
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
        elif parts:
            break
    return " ".join(parts[:2])
