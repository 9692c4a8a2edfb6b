"""Score signs of friction again, from the evidence that came with them, by thresholds of any version.

What a browser sent was a sign by the thresholds that it was built with. Stricter ones leave some of it out; looser ones
cannot find what was never sent. Where the evidence does not tell, the browser's own judgement stands.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from dsl.values import JsonValue
from engine.friction import friction
from widgets.sensing import THRESHOLDS, THRESHOLDS_VERSION, Thresholds

__all__ = ["JUDGES", "THRESHOLDS", "THRESHOLDS_VERSION", "Rescored", "Signal", "most_clicks", "rescore", "still_counts"]

MOST_POINTS: Final = 100
"""As much of a list is read as a sensor would ever send, and some more."""

Point: TypeAlias = tuple[float, float, float]
"""Milliseconds since the first click, and the place on the screen in px."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign of friction as it was sent; `name` without the `$`."""

    name: str
    evidence: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Rescored:
    """Signs by the thresholds asked for, each counted by name.

    friction: of what counts, 0 to 1. undecided: those of `counted` whose evidence does not tell.
    """

    friction: float
    counted: Mapping[str, int]
    left_out: Mapping[str, int]
    undecided: Mapping[str, int]


class _Untold(Exception):
    """The evidence has no such figure."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    told: Mapping[str, JsonValue]

    def number(self, name: str) -> float:
        value = self.told.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _Untold
        return value

    def flag(self, name: str) -> bool:
        return self.told.get(name) is True

    def rows(self, name: str) -> Sequence[JsonValue]:
        value = self.told.get(name)
        if not isinstance(value, list):
            raise _Untold
        return value[:MOST_POINTS]


Judge: TypeAlias = Callable[[_Evidence, Mapping[str, float]], bool | None]

JUDGES: Final[dict[str, Judge]] = {}
"""By signal: whether its evidence passes thresholds; None where it does not tell."""


def _judges(name: str) -> Callable[[Judge], Judge]:
    def keep(judge: Judge) -> Judge:
        JUDGES[name] = judge
        return judge

    return keep


def most_clicks(points: Sequence[Point], *, radius_px: float, window_ms: float) -> int:
    """The most clicks that came near enough and soon enough before one of them, itself included."""
    return max(
        (
            sum(
                ms - at < window_ms and math.hypot(x - left, y - top) <= radius_px
                for at, left, top in points[: index + 1]
            )
            for index, (ms, x, y) in enumerate(points)
        ),
        default=0,
    )


@_judges("rage_click")
def _rage_click(told: _Evidence, asked: Mapping[str, float]) -> bool | None:
    if "points" not in told.told:
        # Where the clicks were is not known, but there must have been enough of them.
        return None if told.number("clicks") >= asked["clicks"] else False
    points = [_point(row) for row in told.rows("points")]
    return most_clicks(points, radius_px=asked["radius_px"], window_ms=asked["window_ms"]) >= asked["clicks"]


def _point(row: JsonValue) -> Point:
    match row:
        case [int() | float() as ms, int() | float() as x, int() | float() as y]:
            return (ms, x, y)
        case _:
            raise _Untold


@_judges("dead_click")
def _dead_click(told: _Evidence, asked: Mapping[str, float]) -> bool | None:
    # What happened after the sensor had stopped waiting, nobody knows.
    return True if told.number("waited_ms") >= asked["wait_ms"] else None


@_judges("error_click")
def _error_click(told: _Evidence, asked: Mapping[str, float]) -> bool:
    return told.number("after_ms") <= asked["within_ms"]


@_judges("error_shown")
def _error_shown(told: _Evidence, asked: Mapping[str, float]) -> bool:
    return told.number("messages") >= asked["messages"]


@_judges("retry")
def _retry(told: _Evidence, asked: Mapping[str, float]) -> bool:
    return (
        told.number("attempts") >= asked["attempts"]
        and told.number("failed_after_ms") <= asked["failed_within_ms"]
        and told.number("again_after_ms") <= asked["again_within_ms"]
    )


@_judges("form_abandoned")
def _form_abandoned(told: _Evidence, asked: Mapping[str, float]) -> bool:
    return told.number("changed") >= asked["changed" if told.flag("form") else "changed_without_form"]


@_judges("field_reentered")
def _field_reentered(told: _Evidence, asked: Mapping[str, float]) -> bool:
    return told.number("entries") >= asked["entries"]


@_judges("hesitation")
def _hesitation(told: _Evidence, asked: Mapping[str, float]) -> bool:
    least = asked["wait_long_text_ms" if told.flag("long_text") else "wait_ms"]
    return least <= told.number("waited_ms") <= asked["away_ms"]


@_judges("loop")
def _loop(told: _Evidence, asked: Mapping[str, float]) -> bool:
    views = [_view(row) for row in told.rows("trail")]
    for pages in range(2, int(asked["pages"]) + 1):
        last = views[-pages * int(asked["rounds"]) :]
        is_circle = len(last) == pages * asked["rounds"] and all(
            path == last[place % pages][0] for place, (path, _) in enumerate(last)
        )
        if is_circle and last[-1][1] - last[0][1] <= asked["within_ms"]:
            return True
    return False


def _view(row: JsonValue) -> tuple[str, float]:
    match row:
        case {"path": str() as path, "after_ms": int() | float() as after}:
            return (path, after)
        case _:
            raise _Untold


@_judges("thrash")
def _thrash(told: _Evidence, asked: Mapping[str, float]) -> bool:
    length = told.number("length_px")
    return (
        told.number("turns") >= asked["turns"]
        and length >= asked["length_px"]
        and length >= asked["ratio"] * told.number("diagonal_px")
        and told.number("took_ms") <= asked["window_ms"]
    )


@_judges("quick_back")
def _quick_back(told: _Evidence, asked: Mapping[str, float]) -> bool:
    return told.number("stayed_ms") <= asked["within_ms"]


def still_counts(name: str, evidence: object, thresholds: Thresholds = THRESHOLDS[THRESHOLDS_VERSION]) -> bool | None:
    """Whether a signal (`rage_click`) is one by these thresholds; None where its evidence does not tell."""
    if not isinstance(evidence, Mapping):
        return None
    try:
        return JUDGES[name](_Evidence(evidence), thresholds[name])
    except _Untold:
        return None


def rescore(signals: Iterable[Signal], thresholds: Thresholds = THRESHOLDS[THRESHOLDS_VERSION]) -> Rescored:
    """The friction of one user's signals at one step by these thresholds; what is undecided counts as it was sent."""
    counted: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    undecided: Counter[str] = Counter()
    for signal in signals:
        verdict = still_counts(signal.name, signal.evidence, thresholds)
        (left_out if verdict is False else counted)[signal.name] += 1
        if verdict is None:
            undecided[signal.name] += 1
    return Rescored(friction(counted), dict(counted), dict(left_out), dict(undecided))
