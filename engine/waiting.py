"""Live events that have woken rules and were not decided yet: kept in short with the state, the event is in the log.

Kept as the text of a JSON list, which grows at its end without being read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

import orjson

from dsl.values import JsonValue
from engine.events import Event
from engine.state import Woken

LIMIT: Final = 64
"""How many undecided events of one person are kept; the latest ones."""
_SLACK: Final = 16
"""How many more may stand in the text before it is read and cut."""
_STRIDE: Final = 1_024
"""Characters after which they are counted again: that takes longer than all else that is done here."""
_MARK: Final = '{"seq":'


def keep(woken: Woken) -> dict[str, JsonValue]:
    """An undecided event as it is stored. What says nothing is left out."""
    kept: dict[str, JsonValue] = {"seq": woken.event.seq, "before": cast("dict[str, JsonValue]", woken.stood_before)}
    if woken.stands_after is not woken.stood_before and woken.stands_after != woken.stood_before:
        kept["after"] = cast("dict[str, JsonValue]", woken.stands_after)
    if woken.started_session:
        kept["session"] = True
    if woken.firsts:
        kept["firsts"] = list[JsonValue](sorted(woken.firsts))
    return kept


def keep_unfolded(seq: int) -> dict[str, JsonValue]:
    """An event that came while the person's history was to be folded again: what it woke is told by that."""
    return {"seq": seq, "unfolded": True}


def is_unfolded(kept: Mapping[str, JsonValue]) -> bool:
    """True for what `keep_unfolded` made."""
    return kept.get("unfolded") is True


def revive(kept: Mapping[str, JsonValue], event: Event) -> Woken:
    """What `keep` made, with its event."""
    before = _steps(kept.get("before"))
    return Woken(
        event=event,
        stood_before=before,
        stands_after=_steps(kept["after"]) if "after" in kept else before,
        started_session=kept.get("session") is True,
        firsts=frozenset(each for each in _list(kept.get("firsts")) if isinstance(each, str)),
    )


def number_of(kept: Mapping[str, JsonValue]) -> int:
    """The place in the log of the event that `keep` was given."""
    number = kept["seq"]
    return number if isinstance(number, int) else 0


def read(text: str | None) -> list[Mapping[str, JsonValue]]:
    """What waits, in the order in which it came; the latest `LIMIT`."""
    if not text:
        return []
    found: list[Mapping[str, JsonValue]] = orjson.loads(text)
    return found[-LIMIT:]


def write(waiting: Iterable[Mapping[str, JsonValue]]) -> str | None:
    """The text of what waits; nothing when nothing does."""
    kept = list(waiting)[-LIMIT:]
    return orjson.dumps(kept).decode() if kept else None


def extended(text: str | None, woken: Iterable[Woken]) -> str | None:
    """The text with more events at its end."""
    new = [keep(each) for each in woken]
    if not new:
        return text
    more = orjson.dumps(new).decode()
    longer = f"{text[:-1]},{more[1:]}" if text else more
    if text and len(text) // _STRIDE == len(longer) // _STRIDE:
        return longer
    # Counted, not read: nothing else in it can spell this.
    return longer if longer.count(_MARK) <= LIMIT + _SLACK else write(read(longer))


def _steps(value: JsonValue) -> dict[str, str | None]:
    steps = value if isinstance(value, dict) else {}
    return {journey: step if isinstance(step, str) else None for journey, step in steps.items()}


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
