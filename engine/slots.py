"""Two slots of one need as one: what is kept of two people who turn out to be one, where their events are gone.

Exact for counts, firsts, lists of times, sums and sets. Where the order between both matters (chains, neighbours, what
begins after a mark) it is what the later of them has, or the latest times of both.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, assert_never

from dsl.needs import (
    KEPT_EVENTS,
    Alone,
    Chain,
    Days,
    DayTimes,
    Different,
    First,
    Kept,
    Neighbours,
    Recent,
    Slot,
    Tally,
    Times,
    Total,
)


def added(need: Kept, earlier: Slot, later: Slot) -> Slot:  # noqa: PLR0911  (one case a kind of need)
    """The slot of both; `later` is of whoever was seen last."""
    match need:
        case Tally(since=None):
            return earlier + later
        case Days(since=None):
            return [earlier[0] + later[0], _latest(earlier[1], later[1])]
        case First():
            return min(earlier, later)
        case Times() | DayTimes():
            return sorted([*earlier, *later])[-min(need.depth, KEPT_EVENTS) :]
        case Chain(since=None):
            return [_latest(one, other) for one, other in zip(earlier, later, strict=True)]
        case Neighbours(since=None):
            return {**later, "done": _latest(earlier["done"], later["done"])}
        case Alone():
            return max(earlier, later)
        case Total(since=None):
            return _total(earlier, later)
        case Different(since=None):
            return _different(earlier, later)
        case Recent():
            return _recent(need, earlier, later)
        case Tally() | Days() | Chain() | Neighbours() | Total() | Different():
            # Counted since a mark: whose mark was the latest is not known any more.
            return later
        case _:
            assert_never(need)


def _total(earlier: Any, later: Any) -> Slot:
    whole = Fraction(int(earlier[1]), int(earlier[2])) + Fraction(int(later[1]), int(later[2]))
    lowest = [each[3] for each in (earlier, later) if each[3] is not None]
    highest = [each[4] for each in (earlier, later) if each[4] is not None]
    return [
        earlier[0] + later[0],
        str(whole.numerator),
        str(whole.denominator),
        min(lowest, default=None),
        max(highest, default=None),
    ]


def _different(earlier: Any, later: Any) -> Slot:
    values = [*earlier["values"], *(each for each in later["values"] if each not in earlier["values"])]
    return {
        "values": values[:KEPT_EVENTS],
        "over": earlier["over"] or later["over"] or len(values) > KEPT_EVENTS,
    }


def _recent(need: Recent, earlier: Any, later: Any) -> Slot:
    values = sorted([*earlier["values"], *later["values"]], key=lambda each: int(each[0]))
    past = values[-1][0] - need.length if values else 0
    values = [each for each in values if each[0] > past]
    lost = _latest(earlier["lost"], later["lost"])
    if len(values) > KEPT_EVENTS:
        lost = values[len(values) - KEPT_EVENTS - 1][0]
        values = values[-KEPT_EVENTS:]
    return {"values": values, "lost": lost}


def _latest(one: Any, other: Any) -> Any:
    return max((each for each in (one, other) if each is not None), default=None)
