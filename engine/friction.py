"""How hard a step is, from behaviour alone: signals, their weights, and the figure made of them.

Version 1 of the weights. A user's friction at a step is 1 − Π (1 − w)ⁿ over the signals since the step was entered,
each signal counted n times: 0 without a signal, never above 1, and more of the same signal adds less and less.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FRICTION_VERSION: Final = 1

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "rage_click": 0.35,
        "form_abandoned": 0.35,
        "error_click": 0.30,
        "error_shown": 0.20,
        "dead_click": 0.20,
        "loop": 0.20,
        "retry": 0.15,
        "hesitation": 0.15,
        "thrash": 0.10,
        "quick_back": 0.10,
        "field_reentered": 0.05,
    }
)
"""The weight of one signal, by its name without the `$`."""

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
