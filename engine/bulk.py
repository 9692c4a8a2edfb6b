"""Long histories, as they are cut up and read before they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import orjson

from dsl.values import Instant, JsonValue
from engine.intake import Rejection, take_in
from engine.tracking.plans import TrackingPlan


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
    messages: Iterable[JsonValue], *, received: Instant, plan: TrackingPlan, batch: int = 5_000
) -> tuple[Rejection, ...]:
    """Which messages of a history would not be kept; nothing is. They are counted from 0 over the whole history."""
    refused: list[Rejection] = []
    read = 0
    for part in parts(messages, batch):
        taken = take_in(as_json(part), received=received, new_id=str, live=False, limit=len(part), plan=plan)
        refused += [replace(each, index=each.index + read) for each in taken.rejected]
        read += len(part)
    return tuple(refused)
