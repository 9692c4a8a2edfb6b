"""Times as tables and other tools write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dsl.values import LAST, Instant, from_datetime, read_instant


def written_time(text: str, zone: ZoneInfo) -> Instant | None:
    """The time that a text names: `2026-03-01T09:30:00Z`, or without a zone `2026-03-01 09:30[:00]` or a day alone.

    None for every other text, and for what lies before 1970 or after the year 9999.
    """
    instant = read_instant(text)
    if instant is None:
        if not 10 <= len(text) <= 40 or not text[0].isdigit() or "W" in text or "-" not in text[:5]:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        instant = from_datetime(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))
    return instant if 0 <= instant <= LAST else None
