"""Two texts that were made of one, put together again: what either changed alone is taken, what both changed is told.

Decides line by line. Nothing is lost where both changed the same lines: one side's lines stay, and those of the other
follow as comments, so that a person can choose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from typing import Final

BEGIN: Final = "# --- also written here, at the same time:"
END: Final = "# ---"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A file in which both changed the same lines. our_lines, their_lines: the text with the one in force there, and
    the other as comments below; None where that side has deleted the file.
    """

    file: str
    our_lines: str | None
    their_lines: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """Files put together; of those in conflict, our lines are in them."""

    files: Mapping[str, str]
    conflicts: tuple[Conflict, ...] = ()


def merge(base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]) -> Merged:
    """What two people made of the same files."""
    files: dict[str, str] = {}
    conflicts: list[Conflict] = []
    for name in dict.fromkeys([*ours, *theirs]):
        old, our, their = base.get(name), ours.get(name), theirs.get(name)
        kept: str | None
        if their in (our, old):
            kept = our
        elif our == old:
            kept = their
        else:
            kept, conflict = _of_file(name, old or "", our, their)
            conflicts += [conflict] if conflict is not None else []
        if kept is not None:
            files[name] = kept
    return Merged(files, tuple(conflicts))


def _of_file(name: str, old: str, our: str | None, their: str | None) -> tuple[str | None, Conflict | None]:
    """A file that both changed. What one deleted and the other changed stays."""
    if our is None or their is None:
        return our if our is not None else their, Conflict(name, our, their)
    parts = list(_parts(*(text.splitlines(keepends=True) for text in (old, our, their))))
    together = "".join(_lines(parts, ours_first=True))
    if not any(isinstance(each, _Clash) for each in parts):
        return together, None
    return together, Conflict(name, together, "".join(_lines(parts, ours_first=False)))


@dataclass(frozen=True, slots=True)
class _Clash:
    ours: Sequence[str]
    theirs: Sequence[str]


def _parts(old: Sequence[str], our: Sequence[str], their: Sequence[str]) -> Iterator[Sequence[str] | _Clash]:
    """Stretches on which all agree, or one has changed; and those that both have.

    Lines that all three have in common hold the texts together; between them lies what was changed.
    """
    at_old = at_our = at_their = 0
    for start, in_our, in_their, length in _common(old, our, their):
        yield _between(old[at_old:start], our[at_our:in_our], their[at_their:in_their])
        yield old[start : start + length]
        at_old, at_our, at_their = start + length, in_our + length, in_their + length


def _between(old: Sequence[str], our: Sequence[str], their: Sequence[str]) -> Sequence[str] | _Clash:
    if our in (their, old):
        return their
    return our if their == old else _Clash(our, their)


def _common(old: Sequence[str], our: Sequence[str], their: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of lines that stand in all three: where in each, and how long; last an empty one at the ends."""
    left, right = _same(old, our), _same(old, their)
    first = second = 0
    while first < len(left) and second < len(right):
        one, other = left[first], right[second]
        start, end = max(one.a, other.a), min(one.a + one.size, other.a + other.size)
        if start < end:
            yield start, one.b + start - one.a, other.b + start - other.a, end - start
        if one.a + one.size < other.a + other.size:
            first += 1
        else:
            second += 1
    yield len(old), len(our), len(their), 0


def _same(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Runs of lines that stand in both. What both begin and end with is told first: to match it line by line takes
    seconds in a long file of guides that are much alike.
    """
    most = min(len(old), len(new))
    begin = next((number for number in range(most) if old[number] != new[number]), most)
    rest = most - begin
    end = next((number for number in range(rest) if old[-1 - number] != new[-1 - number]), rest)
    middle = SequenceMatcher(None, old[begin : len(old) - end], new[begin : len(new) - end], autojunk=False)
    blocks = [Match(each.a + begin, each.b + begin, each.size) for each in middle.get_matching_blocks()]
    return [Match(0, 0, begin), *blocks, Match(len(old) - end, len(new) - end, end)]


def _lines(parts: Iterable[Sequence[str] | _Clash], *, ours_first: bool) -> Iterator[str]:
    for part in parts:
        if not isinstance(part, _Clash):
            yield from part
            continue
        kept, other = (part.ours, part.theirs) if ours_first else (part.theirs, part.ours)
        yield from _ended(kept)
        yield from (f"{line}\n" for line in (BEGIN, *(f"# {each}".rstrip() for each in other), END))


def _ended(lines: Sequence[str]) -> Iterator[str]:
    """Lines of which the last has an end too."""
    yield from (line if line.endswith("\n") else f"{line}\n" for line in lines)
