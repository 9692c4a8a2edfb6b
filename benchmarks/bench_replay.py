"""What recording a session costs a page, beside the recorder that it is made with.

Needs npm, which fetches that recorder into `widgets/`, and Chromium.
"""

from __future__ import annotations

from benchmarks.measure import Report
from benchmarks.widgets import browser, recorded


def reports() -> list[Report]:
    """The tables of this benchmark."""
    with browser.chromium() as chromium:
        return [recorded.report(chromium)]
