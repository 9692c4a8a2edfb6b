"""Long histories, as they are cut up and read before they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import orjson

from dsl.values import JsonValue


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
