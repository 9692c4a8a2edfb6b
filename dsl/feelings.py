"""The six feelings and their valence: what may stand after `feels` and `felt`.

The one list; the checker, the records and the reference page read it. How a feeling is found is in `engine.emotion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FEELINGS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "delighted": 1.0,
        "confident": 0.5,
        "neutral": 0.0,
        "confused": -0.5,
        "doubtful": -0.6,
        "frustrated": -0.9,
    }
)
"""Valence by feeling, −1 (worst) to +1 (best), from the best to the worst."""
