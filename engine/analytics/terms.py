"""What people write of most, and whether more or less often than before. Pure.

A term is a word, or two words that stand next to each other, without words that say nothing (`stop_words`). It is
counted once for each text that has it. Texts of languages that do not put blanks between words are not read.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from engine.analytics.intervals import FEWEST_ANSWERS, Interval, difference_interval
from engine.analytics.stop_words import ANY_LANGUAGE, STOP_WORDS

MOST_TERMS: Final = 30
SHORTEST: Final = 3
"""Letters of a word that is counted."""
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_END: Final = re.compile(r"[.!?;:,()\n؟،؛]")
"""Where a sentence or a part of it ends: words on both sides do not stand next to each other."""
_ELIDED: Final = frozenset({"l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu"})
"""What French writes before an apostrophe and the word that counts."""


class Trend(StrEnum):
    """What the data themselves say of a term's share: only where the whole interval lies on one side is it a trend."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "no change to be told"
    TOO_FEW = "too few texts"


@dataclass(frozen=True, slots=True)
class Text:
    """Something that was written. language: as it was told with it; None where nobody said."""

    text: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Term:
    """How many texts have a term, of how many, in a period and in the one before it.

    change: the share of this period less that of the one before; with Newcombe's interval. Both are None where there
    are too few texts in one of the periods, or too few with the term in both together.
    """

    term: str
    count: int
    of: int
    before: int
    of_before: int
    change: float | None
    interval: Interval | None

    @property
    def share(self) -> float | None:
        """Of the texts of this period."""
        return self.count / self.of if self.of else None

    @property
    def share_before(self) -> float | None:
        """Of those of the period before."""
        return self.before / self.of_before if self.of_before else None

    @property
    def trend(self) -> Trend:
        """Which way it goes, as far as that can be told."""
        if self.interval is None:
            return Trend.TOO_FEW
        if self.interval.low > 0:
            return Trend.RISING
        return Trend.FALLING if self.interval.high < 0 else Trend.STEADY


def frequent_terms(now: Iterable[Text], before: Iterable[Text], *, limit: int = MOST_TERMS) -> tuple[Term, ...]:
    """The terms that most texts of either period have, the most frequent first."""
    texts, earlier = list(now), list(before)
    counts, counts_before = _counted(texts), _counted(earlier)
    told = {term: (counts[term], counts_before[term]) for term in counts.keys() | counts_before.keys()}
    kept = _without_parts(told)
    ranked = sorted(kept, key=lambda term: (-max(kept[term]), -kept[term][0], term))[:limit]
    return tuple(_term(term, *kept[term], len(texts), len(earlier)) for term in ranked)


def terms_in(text: str, language: str | None) -> frozenset[str]:
    """The terms of one text."""
    base = None if language is None else language.replace("_", "-").split("-", 1)[0].lower()
    silent = STOP_WORDS.get(base or "", ANY_LANGUAGE)
    found: set[str] = set()
    for part in _END.split(_plain(text)):
        telling = [word if _tells(word) and word not in silent else None for word in _words(part)]
        found.update(word for word in telling if word is not None)
        found.update(f"{one} {other}" for one, other in pairwise(telling) if one is not None and other is not None)
    return frozenset(found)


def _tells(word: str) -> bool:
    """False for what is too short to say anything, and for mere numbers."""
    return len(word) >= SHORTEST and any(char.isalpha() for char in word)


def _plain(text: str) -> str:
    """A text in small letters, without marks above and below that are written or left out at will."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return "".join(char for char in plain if unicodedata.category(char) not in {"Mn", "Cf"})


def _words(text: str) -> Iterator[str]:
    for found in _WORD.findall(text):
        first, mark, rest = found.partition("'")
        if mark and first in _ELIDED:
            yield rest
        else:
            yield found.removesuffix("'s")


def _counted(texts: Sequence[Text]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for each in texts:
        counted.update(terms_in(each.text, each.language))
    return counted


def _without_parts(told: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The terms without pairs that came up once, and without words that never come without the same other."""
    kept = {term: counts for term, counts in told.items() if " " not in term or sum(counts) > 1}
    parts = {word for pair, counts in kept.items() if " " in pair for word in pair.split(" ") if told[word] == counts}
    return {term: counts for term, counts in kept.items() if term not in parts}


def _term(term: str, count: int, before: int, of: int, of_before: int) -> Term:
    change = interval = None
    if min(of, of_before) >= FEWEST_ANSWERS and count + before >= FEWEST_ANSWERS:
        change = count / of - before / of_before
        interval = difference_interval(count, of, before, of_before)
    return Term(term, count, of, before, of_before, change, interval)
