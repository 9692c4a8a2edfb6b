"""How hard a step is, from behaviour alone: the figure made of signals and their weights (`dsl.friction`).

A user's friction at a step is 1 − Π (1 − w)ⁿ over the signals since the step was entered, each signal counted n times:
0 without a signal, never above 1, and more of the same signal adds less and less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dsl.friction import FRICTION_VERSION, WEIGHTS

__all__ = ["FRICTION_VERSION", "SIGNAL_EVENTS", "WEIGHTS", "friction"]

SIGNAL_EVENTS: Final[frozenset[str]] = frozenset(f"${name}" for name in WEIGHTS)
"""The names of the signals as events."""


def friction(*counts: Mapping[str, int]) -> float:
    """The friction of the signals counted, 0 to 1; several mappings (of a stage's steps) are one history."""
    # In the order of the registry, so that the figure does not depend on which signal came first.
    smooth = 1.0
    for name, weight in WEIGHTS.items():
        number = sum(count.get(name, 0) for count in counts)
        smooth *= (1 - weight) ** number
    return 1 - smooth
