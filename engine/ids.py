"""Names for things that come without one: in the order of time, so that an index grows at its end."""

from __future__ import annotations

from collections.abc import Callable

from dsl.values import Instant

Entropy = Callable[[int], bytes]
"""Gives so many random bytes, like `os.urandom`."""

_MILLISECOND = 1000


def time_ordered(now: Instant, entropy: Entropy) -> str:
    """A UUID of version 7 (RFC 9562) as 32 hexadecimal digits: the time in milliseconds, then 74 random bits."""
    random = int.from_bytes(entropy(10)) & ((1 << 74) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    number = (now // _MILLISECOND & ((1 << 48) - 1)) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low
    return f"{number:032x}"


def time_of(text: str) -> Instant | None:
    """When a time-ordered name was made; None for what is none."""
    try:
        number = int(text, 16)
    except ValueError:
        return None
    return Instant((number >> 80) * _MILLISECOND) if len(text) == 32 else None


def random_letters(entropy: Entropy) -> str:
    """128 random bits as 32 hexadecimal digits, for keys."""
    return entropy(16).hex()
