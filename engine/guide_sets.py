"""Sets of guides as bits of one whole number: bit n stands for the guide of rank n.

One operation sieves all guides at once; the lowest bit is the guide that wins.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Final, TypeVar

Guides = int
"""A set of guides: bit n is set for the guide of rank n."""

NOBODY: Final[Guides] = 0

_SPARSE: Final = 12
"""Up to so many members a set is read bit by bit."""

Key = TypeVar("Key", bound=Hashable)


def members(guides: Guides) -> Iterator[int]:
    """The ranks in a set, the first first."""
    if guides.bit_count() <= _SPARSE:
        rank = -1
        while guides:
            # What lies before the next one is shifted away, so that the number gets shorter each time.
            step = (guides & -guides).bit_length()
            rank += step
            yield rank
            guides >>= step
        return
    digits = bin(guides)
    last = len(digits) - 1
    at = digits.rfind("1")
    while at >= 0:
        yield last - at
        at = digits.rfind("1", 0, at)


def first(guides: Guides) -> int | None:
    """The rank of the first guide of a set; None of none."""
    return (guides & -guides).bit_length() - 1 if guides else None


def guides_at(ranks: Iterable[int], size: int) -> Guides:
    """The set of some ranks, all below `size`."""
    digits = bytearray(size // 8 + 1)
    for rank in ranks:
        digits[rank >> 3] |= 1 << (rank & 7)
    return int.from_bytes(digits, "little")


def guides_by(pairs: Iterable[tuple[Key, int]], size: int) -> dict[Key, Guides]:
    """Sets by key."""
    ranks: dict[Key, list[int]] = {}
    for key, rank in pairs:
        ranks.setdefault(key, []).append(rank)
    return {key: guides_at(found, size) for key, found in ranks.items()}
