"""What counts as a sign of friction in a browser, by version: the thresholds that the sensors are built with.

The one definition is `widgets/sensors/thresholds.json`; its meaning is in `docs/reference/friction.md`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

Thresholds: TypeAlias = Mapping[str, Mapping[str, float]]
"""By a signal's name without the `$` and by the threshold's name, whose ending is its unit."""

_READ: Final = json.loads((Path(__file__).parent / "sensors" / "thresholds.json").read_bytes())

THRESHOLDS_VERSION: Final[int] = _READ["version"]
"""The version that sensors send as `v`."""

THRESHOLDS: Final[Mapping[int, Thresholds]] = MappingProxyType(
    {**{int(version): found for version, found in _READ["earlier"].items()}, THRESHOLDS_VERSION: _READ["thresholds"]}
)
"""All versions that there ever were."""
