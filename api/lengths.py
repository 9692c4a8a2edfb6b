"""Lengths of time as requests and options write them: `30m`, `12h`, `7d`."""

from __future__ import annotations

import re
from typing import Final

from dsl.values import UNITS, Duration

PATTERN: Final = "^[0-9]{1,6}[smhdw]$"
ADVICE: Final = "a length is a number and s, m, h, d or w, such as 7d"
_UNITS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}


def parse_length(text: str) -> Duration | None:
    """A length; None for what is none."""
    if re.fullmatch(PATTERN, text) is None:
        return None
    return Duration(int(text[:-1]) * UNITS[_UNITS[text[-1]]])
