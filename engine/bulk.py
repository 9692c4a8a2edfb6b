"""Long histories, as they are cut up and read before they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import orjson

from dsl.values import Instant, JsonValue
from engine.imports.tally import TooManyProblems
from engine.intake import Rejection, take_in
from engine.tracking.plans import TrackingPlan


class Refusals:
    """The messages of a history that are refused, counted from 0 over all of it. most: None for any number."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._found: list[Rejection] = []

    def add(self, rejected: Iterable[Rejection], *, before: int) -> None:
        """Note those of a part. before: messages that came before it. Raises TooManyProblems."""
        self._found += [replace(each, index=each.index + before) for each in rejected]
        if self._most is not None and len(self._found) > self._most:
            raise TooManyProblems(self._most)

    @property
    def all(self) -> tuple[Rejection, ...]:
        """All of them."""
        return tuple(self._found)


def parts(messages: Iterable[JsonValue], size: int) -> Iterator[list[JsonValue]]:
    """The messages in lists of a size."""
    remaining = iter(messages)
    while part := list(islice(remaining, size)):
        yield part


def as_json(messages: list[JsonValue]) -> list[JsonValue]:
    """What was built in Python as it will come back from the log; what JSON cannot hold is left to be refused."""
    try:
        read: list[JsonValue] = orjson.loads(orjson.dumps(messages))
    except (TypeError, ValueError):
        return messages
    return read


def refused_of(
    messages: Iterable[JsonValue],
    *,
    received: Instant,
    plan: TrackingPlan,
    batch: int = 5_000,
    most_refused: int | None = None,
) -> tuple[Rejection, ...]:
    """Which messages of a history would not be kept; nothing is. Raises TooManyProblems."""
    refused = Refusals(most_refused)
    read = 0
    for part in parts(messages, batch):
        taken = take_in(as_json(part), received=received, new_id=str, live=False, limit=len(part), plan=plan)
        refused.add(taken.rejected, before=read)
        read += len(part)
    return refused.all
