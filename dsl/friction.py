"""What signs of friction weigh. The one list; the engine, the records and the reference page read it.

How a user's friction is made of them is in `engine.friction`, what counts as a sign in `docs/reference/friction.md`.
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
"""The weight of one signal, 0 to 1, by its name without the `$`; version FRICTION_VERSION."""
