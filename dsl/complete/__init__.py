"""What may come next at a position: words of the language and names of the project, the best first.

Works in broken and unfinished files: only the declaration that holds the position is read, as far as it can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from typing import Final

from dsl.complete.completion import Completion, Offer, Sort, Weight
from dsl.complete.cursor import Cursor, Within, cursor
from dsl.complete.names import attributes
from dsl.complete.offers import offers_at
from dsl.complete.reading import triggers
from dsl.complete.walk import Spot, spots, tables
from dsl.project import RuleProject
from dsl.values import UNITS

__all__ = ["MOST", "Completion", "Sort", "complete"]

_NUMBER_AND_UNIT = re.compile(r"(\d+)\s+(\w*)")
_FARTHER: Final = 2
"""What takes the place of words before the one being written comes after what goes on from them."""
MOST: Final = 300
"""The most completions that are given; of more, the next letter makes a choice."""
_PART: Final = re.compile(r"[\s._\-/\"`]+")


def complete(text: str, position: int, project: RuleProject) -> tuple[Completion, ...]:
    """What may stand at a position (an offset in characters), the best first.

    project: where the names come from. It need not be of this very text: a project of the text as it was a moment ago
    does as well.
    """
    here = cursor(text, position)
    match here.within:
        case Within.COMMENT:
            return ()
        case Within.PLACEHOLDER:
            found = spots(here.before, "", here.rest)
            woken = triggers(found[-1].words, project) if found else ()
            offered = _matching(attributes(project, woken), here.typed)
            return _ranked(((quality, offer, here.start) for quality, offer in offered), end=here.end)
        case Within.TEXT | Within.WORDS:
            return _ranked(_candidates(here, project), end=here.end)


_Candidate = tuple[int, Offer, int]
"""How well it continues what is written, what it is, and where what it takes the place of begins."""


def _candidates(here: Cursor, project: RuleProject) -> Iterator[_Candidate]:
    found = spots(here.before, here.typed, here.rest)
    end = len(here.before)
    for spot in found:
        typed = here.before[spot.offset :] + here.typed
        if spot.offset < end:
            # From before the word being written: only what is written in several words.
            yield from (
                (_FARTHER + quality, offer, here.base + spot.offset)
                for quality, offer in _matching(_several_words(spot, typed, project), " ".join(typed.split()))
            )
        else:
            offers = offers_at(spot, project)
            if here.within is Within.TEXT:
                offers = (offer for offer in offers if offer.insert is not None)
            yield from ((quality, offer, here.start) for quality, offer in _matching(offers, here.typed))
    ground = (tables().start,)
    if here.begins_line and here.within is Within.WORDS and all(spot.states != ground for spot in found):
        declared = _matching(offers_at(Spot(0, ground, ()), project), here.typed)
        yield from ((quality, offer._replace(weight=Weight.ELSEWHERE), here.start) for quality, offer in declared)


def _several_words(spot: Spot, typed: str, project: RuleProject) -> Iterator[Offer]:
    number = _NUMBER_AND_UNIT.fullmatch(typed)
    if number is not None and "DURATION" in tables().accepts(spot.states):
        ending = "" if number.group(1) == "1" else "s"
        for unit in UNITS:
            yield Offer(f"{number.group(1)} {unit}{ending}", Sort.UNIT, Weight.FITTING, "length of time")
    elif number is None:
        yield from (offer for offer in offers_at(spot, project) if " " in offer.label and offer.insert is None)


def _matching(offers: Iterable[Offer], typed: str) -> Iterator[tuple[int, Offer]]:
    """The offers that continue what is written: from their beginning (0), else from one of their words (1)."""
    if not typed:
        yield from ((0, offer) for offer in offers)
        return
    wanted = typed.casefold()
    plain = wanted.lstrip('"`')
    for offer in offers:
        label = offer.label.casefold()
        if label == wanted and " " in label:
            continue
        is_enclosed = offer.insert is not None or label.startswith("`")
        if label.lstrip("`").startswith(plain if is_enclosed else wanted):
            yield 0, offer
        elif plain and any(part.startswith(plain) for part in _PART.split(label)):
            yield 1, offer


def _ranked(candidates: Iterable[_Candidate], *, end: int) -> tuple[Completion, ...]:
    unique: dict[tuple[str, int], tuple[int, int, int, int, Offer]] = {}
    for number, (quality, offer, start) in enumerate(candidates):
        key = (offer.label, start)
        best = (quality, int(offer.weight), offer.order, number, offer)
        if key not in unique or best[:2] < unique[key][:2]:
            unique[key] = best
    ordered = nsmallest(MOST, unique.items(), key=lambda each: each[1][:4])
    return tuple(
        Completion(
            label=label,
            kind=offer.kind,
            insert=offer.insert if offer.insert is not None else label,
            detail=offer.detail,
            rank=rank,
            start=start,
            end=end,
        )
        for rank, ((label, start), (*_, offer)) in enumerate(ordered)
    )
