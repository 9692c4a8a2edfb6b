"""What waits to be decided is kept as text: the latest of it, and never much more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine import waiting
from engine.events import Event, EventKind
from engine.state import Woken


def woken(seq: int, before: Mapping[str, str | None]) -> Woken:
    event = Event(seq, f"m{seq}", EventKind.TRACK, "Stuck", seq, seq)  # type: ignore[arg-type]
    return Woken(event, before, before)


@pytest.mark.parametrize("at_once", [1, 3, 200])
@pytest.mark.parametrize("before", [{}, {"activation": "connect", "billing": None}, {"j" * 64: "s" * 64}])
def test_the_latest_wait_however_they_came(before: Mapping[str, str | None], at_once: int) -> None:
    text: str | None = None
    for start in range(1, 1_001, at_once):
        text = waiting.extended(text, [woken(seq, before) for seq in range(start, start + at_once)])
        last = start + at_once - 1
        expected = list(range(max(1, last - waiting.LIMIT + 1), last + 1))
        assert [waiting.number_of(each) for each in waiting.read(text)] == expected
        # What it may hold beyond that is a few, and what fits into a kilobyte.
        assert text is not None
        assert len(text) <= (waiting.LIMIT + 16 + at_once) * (len(text) // text.count('{"seq":') + 2) + 1_024


def test_nothing_new_changes_nothing() -> None:
    assert waiting.extended(None, []) is None
    assert waiting.extended('[{"seq":1,"before":{}}]', []) == '[{"seq":1,"before":{}}]'
