"""Answers that are kept: each for its question and the version of the data, and the latest one of each question.

Decides when an answer about earlier data will do: where the new one takes long, somebody accepts it, and it is not too
old. Knows no clock: seconds come from a timer that it is given, and without one every answer is a new one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final

KEPT: Final = 256
"""How many answers are kept for when they are asked for again."""
SLOW: Final = 1.0
"""Seconds from which an answer takes long."""
OLDEST: Final = 3_600.0
"""Seconds for which an answer about earlier data is given; after that whoever asks waits for the new one."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer. version: of the data that it is about; took: seconds; at: when it was there, by the timer."""

    found: Any
    version: int
    took: float
    at: float


@dataclass(frozen=True, slots=True)
class Served:
    """How an answer was come by. version: of the data that it is about; current: of the data that there are.

    is_stale: it is an earlier one: about earlier data, or, of what changes with the hour, of an earlier minute. took:
    seconds that it took; age: seconds since it was there.
    """

    version: int
    current: int
    is_stale: bool
    took: float
    age: float


@dataclass(slots=True)
class Asker:
    """Somebody who asks. accepts_stale: an answer about earlier data will do. served: what they were given."""

    accepts_stale: bool = False
    served: list[Served] = field(default_factory=list)


@dataclass(slots=True)
class Shelf:
    """Where answers stand."""

    answers: OrderedDict[Hashable, KeptAnswer] = field(default_factory=OrderedDict)
    latest: OrderedDict[Hashable, KeptAnswer] = field(default_factory=OrderedDict)
    memos: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)


class KeptAnswers:
    """What one analyst keeps. timer: seconds that only go forward; None: nothing is known of how long answers take."""

    def __init__(self, timer: Callable[[], float] | None = None) -> None:
        self._timer = timer
        self._shelf = Shelf()

    def now(self) -> float:
        """The timer; 0 without one."""
        return 0.0 if self._timer is None else self._timer()

    def shelf(self) -> Shelf:
        """Where an answer that is being computed now will be put: nowhere that is read, once `forget` was called."""
        return self._shelf

    def exact(self, key: Hashable) -> KeptAnswer | None:
        """The answer to a question about the data of now."""
        found = self._shelf.answers.get(key)
        if found is not None:
            _touch(self._shelf.answers, key)
        return found

    def earlier(self, question: Hashable) -> KeptAnswer | None:
        """The latest answer to a question, whatever data it is about, where it will do until there is a new one."""
        found = self._shelf.latest.get(question)
        if found is None or self._timer is None or found.took < SLOW or self.now() - found.at > OLDEST:
            return None
        return found

    def memo(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """What was computed for a key, else computed now: for parts of answers."""
        memos = self._shelf.memos
        found = memos.get(key)
        if found is None:
            found = compute()
            _put(memos, key, found)
        return found

    def forget(self) -> None:
        """Drop everything. Waits for nobody: what is being computed is kept where nobody looks any more."""
        self._shelf = Shelf()


def keep(shelf: Shelf, question: Hashable, key: Hashable, answer: KeptAnswer) -> None:
    """Put an answer on a shelf: under its question and data, and as the latest one of the question."""
    _put(shelf.answers, key, answer)
    _put(shelf.latest, question, answer)


def _put(kept: OrderedDict[Hashable, Any], key: Hashable, value: object) -> None:
    kept[key] = value
    _touch(kept, key)
    while len(kept) > KEPT:
        kept.popitem(last=False)


def _touch(kept: OrderedDict[Hashable, Any], key: Hashable) -> None:
    try:
        kept.move_to_end(key)
    except KeyError:
        # Another thread has just dropped it.
        return
