"""What the snippet costs a page: bytes beside others', work at load, and the way from an event to a tooltip.

Needs npm for the others' packages, and Chromium.
"""

from __future__ import annotations

from benchmarks.measure import Report
from benchmarks.widgets import browser, bytes_loaded, event_to_tooltip, work_at_load


def reports() -> list[Report]:
    """The tables of this benchmark."""
    with browser.chromium() as chromium:
        return [
            *bytes_loaded.reports(chromium),
            work_at_load.report(chromium),
            event_to_tooltip.report(chromium),
        ]
