"""Bodies that pages pack with gzip: unpacked once for a request, and the write key in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import g

from api.serving import the_request
from engine.replay.parts import is_packed, unpack

PACKED: Final = {"application/gzip": {"schema": {"type": "string", "format": "binary"}}}
"""How the API's description tells of such a body."""


def unpacked() -> dict[str, Any]:
    """What the body says. Raises BadReplay, ReplayTooLarge."""
    found: dict[str, Any] | None = g.get("unpacked")
    if found is None:
        found = g.unpacked = unpack(the_request().get_data())
    return found


def key_within(said: Callable[[], dict[str, Any]]) -> Callable[[], object]:
    """What reads the write key of a packed body. said: `unpacked`, or what refuses in other words."""

    def key() -> object:
        # What is not packed at all brings no key; what is packed badly is told so.
        return said().get("writeKey") if is_packed(the_request().get_data()) else None

    return key
