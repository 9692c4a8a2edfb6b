"""Links from one page to another that the reader may not open, or that is not there."""

from __future__ import annotations

from typing import Any

from api.console.desk import Desk
from api.console.registry import pages


def url_if(desk: Desk, page: str, **changes: Any) -> str | None:
    """The address of a page, as `Desk.url` gives it; None where there is none, or the reader may not open it."""
    found = next((each for each in pages() if each.name == page), None)
    return None if found is None or not desk.may(found.scope) else desk.url(page, **changes)
