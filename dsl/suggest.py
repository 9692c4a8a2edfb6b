"""What did the writer mean? The known names nearest to one that is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MOST_SHOWN = 3
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[\s_\-.]+")


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names that are nearest to a name, at most three, all equally near; none if nothing is near.

    Near are names that differ in case or in the way their words are joined (`signedUp`, `signed_up`), and those at a
    distance of a few letters: one for short names, up to three for long ones.
    """
    plain = _plain(name)
    best: list[str] = []
    reach = _reach(name)
    for candidate in dict.fromkeys(known):
        if candidate == name:
            continue
        distance = 0 if _plain(candidate) == plain else distance_within(name, candidate, reach)
        if distance is None:
            continue
        if distance < reach:
            best, reach = [], distance
        best.append(candidate)
    return tuple(sorted(best)[:MOST_SHOWN])


def either(names: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def did_you_mean(names: Sequence[str]) -> str | None:
    """`did you mean a or b?`, or None for no names. The names come in the quotes or backticks they are written in."""
    return f"did you mean {either(names)}?" if names else None


def distance_within(first: str, second: str, most: int) -> int | None:
    """The least number of letters put in, taken out, changed or swapped with their neighbour; None beyond `most`.

    Optimal string alignment distance, https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance, without regard to
    upper and lower case.
    """
    first, second = first.casefold(), second.casefold()
    if abs(len(first) - len(second)) > most:
        return None
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        before, above, row = row, before, [i]
        for j, other in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", _CAMEL.sub(" ", name)).casefold()


def _reach(name: str) -> int:
    return 1 if len(name) <= 4 else 2 if len(name) <= 8 else 3
