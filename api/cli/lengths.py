"""Lengths of time, as people write and read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from dsl.values import Duration

_LENGTH = re.compile(r"(\d+)\s*([smhdw])", re.ASCII)
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}


def read_length(text: str) -> Duration:
    """A length such as `30m` or `7d`. Raises click.BadParameter."""
    from dsl.values import UNITS, Duration

    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        raise click.BadParameter(f"`{text}` is not a length: write a number and s, m, h, d or w, such as 7d")
    return Duration(int(found.group(1)) * UNITS[_UNITS[found.group(2)]])


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
